"""A function as ``token=``: when it is called, which values are valid, and how its tokens are masked."""

import pickle
from collections.abc import Callable
from typing import Any
from unittest.mock import AsyncMock, Mock

import httpx
import pytest

from playbook3d_client import AsyncCachedToken, AuthenticationError, CachedToken, ConfigurationError, PlaybookError
from support.client_styles import KEY, Call, answering, awaited, blocking, never, ok, stop
from support.fixture_client import FixtureClient

Wrapper = Callable[[Any], Any]


def not_cached(fetch: Any) -> Any:
    return fetch


class Server:
    """Records the credentials of each request; answers 503 to the first ``failures`` ones."""

    def __init__(self, failures: int = 0) -> None:
        self._failures = failures
        self.credentials: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.credentials.append((request.headers["authorization"], request.headers["x-api-key"]))
        return httpx.Response(503) if len(self.credentials) <= self._failures else ok(request)


@pytest.mark.parametrize(("call", "mock"), [(blocking, Mock), (awaited, Mock), (awaited, AsyncMock)])
@pytest.mark.usefixtures("slept")
def test_function_is_called_for_each_attempt(call: Call, mock: type[Mock]) -> None:
    server = Server(failures=2)
    call(server, token=mock(side_effect=["t1", "Bearer t2", "t3"]), max_retries=2)
    assert server.credentials == [("Bearer t1", KEY), ("Bearer t2", KEY), ("Bearer t3", KEY)]


def test_constructor_does_not_call_the_function() -> None:
    fetch = Mock(return_value="t1")
    FixtureClient(token=fetch).close()
    fetch.assert_not_called()


def test_function_takes_precedence_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYBOOK_TOKEN", "of-environment")
    server = Server()
    blocking(server, token=Mock(return_value="t1"))
    assert server.credentials == [("Bearer t1", KEY)]


@pytest.mark.parametrize("wrapper", [not_cached, CachedToken, AsyncCachedToken])
def test_blocking_client_rejects_an_async_function(wrapper: Wrapper) -> None:
    with pytest.raises(ConfigurationError, match="to be awaited: AsyncPlaybookClient and AsyncCachedToken do that"):
        blocking(never, token=wrapper(AsyncMock(return_value="t1")))


@pytest.mark.parametrize("wrapper", [not_cached, CachedToken])
@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "is empty"),
        ("Bearer ", "is empty"),
        ("a b", "not visible ASCII, at position 1 of 3"),
        ("a\nb", "not visible ASCII, at position 1 of 3"),
        (None, "must be a string, not NoneType"),
        (b"t", "must be a string, not bytes"),
        (7, "must be a string, not int"),
    ],
)
def test_invalid_token_is_not_sent(wrapper: Wrapper, token: object, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^token= \(what its function returned\) .*{reason}"):
        blocking(never, token=wrapper(Mock(return_value=token)))


@pytest.mark.parametrize(
    ("call", "mock", "wrapper"),
    [
        (blocking, Mock, not_cached),
        (blocking, Mock, CachedToken),
        (awaited, Mock, not_cached),
        (awaited, AsyncMock, not_cached),
        (awaited, AsyncMock, AsyncCachedToken),
    ],
)
@pytest.mark.parametrize("error_class", [RuntimeError, httpx.ConnectError, KeyboardInterrupt])
def test_error_of_the_function_is_raised_unchanged(
    call: Call, mock: type[Mock], wrapper: Wrapper, error_class: type[BaseException]
) -> None:
    error = error_class("no network")
    fetch = mock(side_effect=error)
    with pytest.raises(error_class) as raised:
        call(never, token=wrapper(fetch), max_retries=5)
    assert raised.value is error
    fetch.assert_called_once()


def test_token_of_a_function_is_masked() -> None:
    def refused(client: Any) -> tuple[AuthenticationError, str]:
        with pytest.raises(AuthenticationError) as raised:
            stop(client)
        return raised.value, repr(vars(client))

    server = answering(401, json={"result": "secret is not valid."})
    error, client_state = blocking(server, refused, token=Mock(return_value="secret"))
    assert str(error) == "stop_thing answered 401: *** is not valid."
    assert b"secret" not in pickle.dumps(error)
    assert "secret" not in client_state


def test_last_eight_tokens_are_masked() -> None:
    tokens = [f"token-{number}" for number in range(9)]

    def messages(client: Any) -> list[str]:
        errors: list[str] = []
        for _ in tokens:
            with pytest.raises(PlaybookError) as raised:
                stop(client)
            errors.append(str(raised.value))
        return errors

    server = answering(403, json={"result": " ".join(tokens)})
    assert blocking(server, messages, token=Mock(side_effect=tokens))[-2:] == [
        "stop_thing answered 403: " + "*** " * 8 + "token-8",
        "stop_thing answered 403: token-0" + " ***" * 8,
    ]
