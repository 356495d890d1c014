"""The docstrings of the bound methods: the text of the contract."""

import inspect
from typing import Any

import pytest

from fixture_api._operations import CONTRACT
from support.fixture_client import AsyncFixtureClient, FixtureClient

STOP_THING = """\
Stop a thing

Both credentials, two UUIDs in the path, no body, and safe to repeat.

``POST /owners/{owner_id}/things/{thing_id}/stop``

Args:
    owner_id: Whose thing.
    thing_id: Which thing.

Returns:
    200: It was stopped.

Raises:
    400: Refused.
    401: Refused.
    404: Refused.
    500: Refused."""


@pytest.mark.parametrize("client_type", [FixtureClient, AsyncFixtureClient])
def test_method_is_documented_with_the_contracts_text(client_type: type[Any]) -> None:
    assert inspect.getdoc(client_type().things.stop_thing) == STOP_THING


@pytest.mark.parametrize("client_type", [FixtureClient, AsyncFixtureClient])
@pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.name)
def test_every_operation_is_a_documented_method(client_type: type[Any], operation: Any) -> None:
    method = getattr(getattr(client_type(), operation.tag), operation.name)
    assert inspect.iscoroutinefunction(method) == (client_type is AsyncFixtureClient)
    assert f"``{operation.method} {operation.path}``" in (inspect.getdoc(method) or "")
