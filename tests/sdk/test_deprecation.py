"""Deprecated operations warn at the line of the user's code that made the call."""

import warnings
from typing import Any

import httpx
import pytest

from fixture_api.api.system_status import version
from fixture_api.models import Version
from support.client_styles import Action, Call, awaited, blocking, ok


async def call_async(client: Any) -> Any:
    return await client.system_status.version()


async def call_generated_async(client: Any) -> Any:
    return await version.asyncio(client=client.generated)


STYLES = [
    pytest.param(blocking, lambda client: client.system_status.version(), id="blocking"),
    pytest.param(awaited, call_async, id="awaited"),
    pytest.param(blocking, lambda client: version.sync(client=client.generated), id="generated"),
    pytest.param(awaited, call_generated_async, id="generated awaited"),
]


@pytest.mark.parametrize(("call", "action"), STYLES)
def test_deprecated_operation_warns_at_the_callers_line(call: Call, action: Action) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"number": 7})

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert call(handler, action) == Version(number=7)
    (warning,) = caught
    assert warning.category is DeprecationWarning
    assert str(warning.message) == "version is deprecated by the contract of the API."
    assert warning.filename == __file__


def test_other_operations_do_not_warn() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        blocking(ok)
    assert caught == []
