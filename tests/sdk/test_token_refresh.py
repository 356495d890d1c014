"""After a 401: the client fetches another token, and repeats the call once."""

import logging
import re
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest

from playbook3d_client import AsyncCachedToken, AuthenticationError, CachedToken, PermissionDeniedError
from support.client_styles import KEY, OWNER, THING, Call, answering, asynchronous, blocking, ok, stop
from support.fixture_client import FixtureClient
from support.http_family import httpx


class Server:
    """Accepts the token ``new`` alone, and records the tokens."""

    def __init__(self) -> None:
        self.tokens: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.tokens.append(request.headers["authorization"].removeprefix("Bearer "))
        return ok(request) if self.tokens[-1] == "new" else httpx.Response(401)


def cached(*tokens: str) -> CachedToken:
    """A cache of a function that returns one token after the other."""
    return CachedToken(Mock(side_effect=tokens))


@pytest.mark.parametrize(
    ("call", "cache_class", "mock"), [(blocking, CachedToken, Mock), (asynchronous, AsyncCachedToken, AsyncMock)]
)
def test_401_refreshes_the_token_once(call: Call, cache_class: type[Any], mock: type[Mock]) -> None:
    server, cache = Server(), cache_class(mock(side_effect=["old", "new"]))
    for _ in range(2):
        assert call(server, token=cache).message == "Stopped."
    assert server.tokens == ["old", "new", "new"]


def test_second_401_is_raised() -> None:
    server = Server()
    with pytest.raises(AuthenticationError) as raised:
        blocking(server, token=cached("t1", "t2", "t3"), max_retries=5)
    assert (server.tokens, raised.value.retries_taken) == (["t1", "t2"], 0)


@pytest.mark.usefixtures("slept")
def test_refresh_does_not_count_as_a_retry() -> None:
    statuses = iter([503, 401, 503])
    response = blocking(
        lambda request: httpx.Response(status) if (status := next(statuses, None)) else ok(request),
        lambda client: client.things.with_raw_response.stop_thing(OWNER, THING),
        token=cached("t1", "t2"),
        max_retries=2,
    )
    assert response.retries_taken == 2


def test_log_counts_the_refresh_as_an_attempt(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="playbook3d_client")
    blocking(Server(), token=cached("old", "new"))
    assert re.findall(r"attempt \d", caplog.text) == ["attempt 1", "attempt 2"]


@pytest.mark.parametrize("token", ["fixed", Mock(return_value="returned", expire=Mock())])
def test_401_is_raised_for_a_token_without_a_cache(token: object) -> None:
    server = Server()
    with pytest.raises(AuthenticationError):
        blocking(server, token=token, max_retries=5)
    assert len(server.tokens) == 1


def test_401_does_not_repeat_a_file_body() -> None:
    """The token is fetched afresh for the next call."""
    server, url, token = Server(), f"/owners/{OWNER}/things/{THING}/stop", cached("old", "new")

    def send_file(client: Any) -> Any:
        return client.generated.get_httpx_client().request("POST", url, content=b"of a file")

    with pytest.raises(AuthenticationError):
        blocking(server, send_file, token=token)
    assert server.tokens == ["old"]
    blocking(server, send_file, token=token)
    assert server.tokens == ["old", "new"]


def test_403_does_not_refresh_the_token() -> None:
    fetch = Mock(side_effect=["t1", "t2"])
    with pytest.raises(PermissionDeniedError):
        blocking(answering(403), token=CachedToken(fetch), max_retries=5)
    fetch.assert_called_once()


def test_late_401_does_not_expire_a_newer_token() -> None:
    """While one call waits for its 401, another one gets its own and refreshes the token."""
    server = Server()

    def handler(request: httpx.Request) -> httpx.Response:
        response = server(request)
        if len(server.tokens) == 1:
            stop(client)
        return response

    with httpx.Client(transport=httpx.MockTransport(handler)) as http_client:
        client = FixtureClient(api_key=KEY, token=cached("old", "new", "newer"), http_client=http_client)
        stop(client)
    assert server.tokens == ["old", "old", "new", "new"]
