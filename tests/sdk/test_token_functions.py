"""A function as ``token=``: when it is called, which values are valid, and how its tokens are redacted."""

import pickle
from collections.abc import Callable
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest

from playbook3d_client import (
    AsyncCachedToken,
    CachedToken,
    ConfigurationError,
    InternalServerError,
    PermissionDeniedError,
)
from support.client_styles import KEY, Call, answering, asynchronous, blocking, never, stop
from support.http_family import httpx

Wrapper = Callable[[Any], Any]


def not_cached(fetch: Any) -> Any:
    return fetch


@pytest.mark.parametrize(("call", "mock"), [(blocking, Mock), (asynchronous, Mock), (asynchronous, AsyncMock)])
@pytest.mark.usefixtures("slept")
def test_function_is_called_for_each_attempt(call: Call, mock: type[Mock]) -> None:
    sent: list[tuple[str, str]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append((request.headers["authorization"], request.headers["x-api-key"]))
        return httpx.Response(503)

    with pytest.raises(InternalServerError):
        call(handler, token=mock(side_effect=["t1", "Bearer t2", "t3"]), max_retries=2)
    assert sent == [("Bearer t1", KEY), ("Bearer t2", KEY), ("Bearer t3", KEY)]


@pytest.mark.parametrize("wrapper", [not_cached, CachedToken, AsyncCachedToken])
def test_blocking_client_rejects_an_async_function(wrapper: Wrapper) -> None:
    with pytest.raises(ConfigurationError, match="is an async function: use AsyncPlaybookClient, or AsyncCachedToken"):
        blocking(never, token=wrapper(AsyncMock(return_value="t1")))


@pytest.mark.parametrize("wrapper", [not_cached, CachedToken])
@pytest.mark.parametrize(
    ("token", "reason"), [("a b", "not visible ASCII, at position 1 of 3"), (None, "must be a string, not NoneType")]
)
def test_invalid_token_is_not_sent(wrapper: Wrapper, token: object, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^token= \(what its function returned\) .*{reason}"):
        blocking(never, token=wrapper(Mock(return_value=token)))


@pytest.mark.parametrize(
    ("call", "mock", "wrapper"),
    [(blocking, Mock, not_cached), (blocking, Mock, CachedToken), (asynchronous, AsyncMock, AsyncCachedToken)],
)
@pytest.mark.parametrize("error_class", [httpx.ConnectError, KeyboardInterrupt])
def test_error_of_the_function_is_raised_unchanged(
    call: Call, mock: type[Mock], wrapper: Wrapper, error_class: type[BaseException]
) -> None:
    error = error_class("no network")
    fetch = mock(side_effect=error)
    with pytest.raises(error_class) as raised:
        call(never, token=wrapper(fetch), max_retries=5)
    assert raised.value is error
    fetch.assert_called_once()


def test_last_eight_tokens_are_redacted() -> None:
    tokens = [f"token-{number}" for number in range(10, 19)]

    def errors(client: Any) -> list[PermissionDeniedError]:
        errors: list[PermissionDeniedError] = []
        for _ in tokens:
            with pytest.raises(PermissionDeniedError) as raised:
                stop(client)
            errors.append(raised.value)
        assert "token-18" not in repr(vars(client))
        return errors

    server = answering(403, json={"result": " ".join(tokens)})
    *_, eighth, ninth = blocking(server, errors, token=Mock(side_effect=tokens))
    assert str(eighth) == "stop_thing answered 403: " + "*** " * 8 + "token-18"
    assert str(ninth) == "stop_thing answered 403: token-10" + " ***" * 8
    assert b"token-18" not in pickle.dumps(ninth)
