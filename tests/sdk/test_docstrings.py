"""The docstrings of the bound methods: the text of the contract."""

import inspect
import re
from typing import Any

import pytest

import playbook3d_client
from fixture_api._operations import CONTRACT
from playbook3d_client import APIStatusError
from support.client_styles import answering, blocking, error_of
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
    BadRequestError (400): Refused.
    AuthenticationError (401): Refused.
    NotFoundError (404): Refused.
    InternalServerError (500): Refused."""

UPLOAD_RAISES = """\
Raises:
    APIStatusError (304): Unchanged.
    PaymentRequiredError (402): Not paid.
    PermissionDeniedError (403): Forbidden.
    ConflictError (409): Twice.
    APIStatusError (418): A teapot.
    UnprocessableEntityError (422): Odd.
    RateLimitError (429): Too often.
    InternalServerError (599): Failed.
    APIStatusError (4XX): Another.
    InternalServerError (5XX): Failed otherwise."""


@pytest.mark.parametrize("client_type", [FixtureClient, AsyncFixtureClient])
def test_method_is_documented_with_the_contracts_text(client_type: type[Any]) -> None:
    assert inspect.getdoc(client_type().things.stop_thing) == STOP_THING


@pytest.mark.parametrize("client_type", [FixtureClient, AsyncFixtureClient])
@pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.name)
def test_every_operation_is_a_documented_method(client_type: type[Any], operation: Any) -> None:
    method = getattr(getattr(client_type(), operation.tag), operation.name)
    assert inspect.iscoroutinefunction(method) == (client_type is AsyncFixtureClient)
    assert f"``{operation.method} {operation.path}``" in (inspect.getdoc(method) or "")


@pytest.mark.parametrize("client_type", [FixtureClient, AsyncFixtureClient])
def test_each_error_status_is_documented_with_its_class(client_type: type[Any]) -> None:
    text = inspect.getdoc(client_type().things.upload) or ""
    assert text[text.index("Raises:") :] == UPLOAD_RAISES
    documented = re.findall(r"^    (\w+) \((\d+)\): ", f"{STOP_THING}\n{UPLOAD_RAISES}", re.MULTILINE)
    raised = [
        (type(error_of(APIStatusError, blocking, answering(int(status)))).__name__, status) for _, status in documented
    ]
    assert raised == documented


@pytest.mark.parametrize("client_type", [FixtureClient, AsyncFixtureClient])
def test_default_response_is_documented_as_an_error(client_type: type[Any]) -> None:
    text = inspect.getdoc(client_type().things.check_thing) or ""
    assert text.endswith("Returns:\n    200: The thing.\n\nRaises:\n    APIStatusError (default): Refused.")


def test_default_response_is_a_success_too_if_no_other_is_declared() -> None:
    text = inspect.getdoc(FixtureClient().things.add_note) or ""
    result = "What came of it."
    assert text.endswith(f"Returns:\n    default: {result}\n\nRaises:\n    APIStatusError (default): {result}")


def test_documented_classes_are_exported() -> None:
    for name in re.findall(r"\w+Error", UPLOAD_RAISES):
        assert name in playbook3d_client.__all__
