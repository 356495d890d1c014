"""Deprecated operations warn at the line of the user's code that made the call."""

import warnings
from typing import Any

import pytest

from fixture_api.api.system_status import version
from fixture_api.models import Version
from support.client_styles import Action, Call, answering, asynchronous, blocking, ok


async def call_async(client: Any) -> Any:
    return await client.system_status.version()


async def call_generated_async(client: Any) -> Any:
    return await version.asyncio(client=client.generated)


STYLES = [
    pytest.param(blocking, lambda client: client.system_status.version(), id="blocking"),
    pytest.param(asynchronous, call_async, id="async"),
    pytest.param(blocking, lambda client: version.sync(client=client.generated), id="generated"),
    pytest.param(asynchronous, call_generated_async, id="generated async"),
]


@pytest.mark.parametrize(("call", "action"), STYLES)
def test_deprecated_operation_warns_at_the_callers_line(call: Call, action: Action) -> None:
    with pytest.warns(DeprecationWarning, match=r"^version is deprecated by the contract of the API\.$") as caught:
        assert call(answering(200, json={"number": 7}), action) == Version(number=7)
    (warning,) = caught
    assert warning.filename == __file__


def test_other_operations_do_not_warn() -> None:
    with warnings.catch_warnings(action="error"):
        blocking(ok)
