"""``http_client=``: which settings of the user's own httpx client are honoured, and which are ignored."""

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest

from playbook3d_client import DEFAULT_TIMEOUT, APIConnectionError, ConfigurationError, InternalServerError, __version__
from support.client_styles import DRIVERS, KEY, STOP_URL, TOKEN, Call, answering, asynchronous, blocking, never, stop
from support.fixture_client import AsyncFixtureClient, FixtureClient
from support.http_family import httpx
from support.servers import Recorder, echo_server, refusing_server

OPTIONS: dict[str, Any] = {"api_key": KEY, "token": TOKEN, "max_retries": 0}


def test_current_headers_cookies_and_params_are_sent() -> None:
    server = Recorder()
    headers = {"x-mine": "1", "User-Agent": "mine"}
    with httpx.Client(transport=httpx.MockTransport(server), headers=headers) as http_client:
        original = FixtureClient(api_key=KEY, token=TOKEN, http_client=http_client)
        client = original.with_options(headers={"X-Ours": "o"})
        stop(client)
        http_client.headers.update({"x-mine": "2", "X-API-Key": "not-this", "x-ours": "not-this"})
        stop(client)
        http_client.params = httpx.QueryParams({"debug": "1"})
        stop(client)
        http_client.params = httpx.QueryParams()
        http_client.cookies.set("session", "1")
        stop(client)
    assert server.headers("x-mine") == ["1", "2", "2", "2"]
    assert [request.url.query for request in server.requests] == [b"", b"", b"debug=1", b""]
    assert server.headers("cookie") == [None, None, None, "session=1"]
    for name, value in {"user-agent": "mine", "x-ours": "o", "x-api-key": KEY, "content-length": "0"}.items():
        assert server.headers(name) == [value] * 4


def test_user_agent_of_the_own_http_client() -> None:
    with refusing_server() as url:
        client = FixtureClient(api_key=KEY, token=TOKEN, max_retries=0, base_url=url)
        with client, pytest.raises(APIConnectionError) as raised:
            stop(client)
    assert raised.value.request.headers["user-agent"].startswith(f"playbook3d-client/{__version__} python/3.")


def test_build_request_of_a_subclass_is_used() -> None:
    class SigningClient(httpx.Client):
        def build_request(self, *arguments: Any, **options: Any) -> httpx.Request:
            request = super().build_request(*arguments, **options)
            request.headers["x-signature"] = f"signed {request.headers['x-api-key']}"
            return request

    server = Recorder()
    with SigningClient(transport=httpx.MockTransport(server)) as http_client:
        stop(FixtureClient(api_key=KEY, token=TOKEN, http_client=http_client))
    assert server.headers("x-signature") == [f"signed {KEY}"]


def test_request_hook_changes_its_request_alone() -> None:
    server, seen = Recorder(), list[list[str]]()

    def hook(request: httpx.Request) -> None:
        seen.append([request.headers.get("x-hook", ""), request.headers["x-api-key"]])
        request.headers.update({"x-hook": "1", "x-api-key": "key-of-the-hook"})

    def stop_twice(client: FixtureClient) -> None:
        stop(client)
        stop(client)

    blocking(server, stop_twice, http={"event_hooks": {"request": [hook]}})
    assert server.headers("x-api-key") == ["key-of-the-hook"] * 2
    assert seen == [["", KEY]] * 2


async def raise_for_status(response: httpx.Response) -> None:
    response.raise_for_status()


@pytest.mark.parametrize(
    ("call", "hook"), [(blocking, httpx.Response.raise_for_status), (asynchronous, raise_for_status)]
)
def test_status_raised_by_a_response_hook_is_its_error(call: Call, hook: Callable[..., Any]) -> None:
    with pytest.raises(InternalServerError) as raised:
        call(answering(500), http={"event_hooks": {"response": [hook]}})
    assert raised.value.status_code == 500
    assert isinstance(raised.value.response.content, bytes)


@pytest.mark.parametrize("status", [200, 503])
def test_status_of_another_request_in_a_hook_is_not_ours(status: int, slept: list[float]) -> None:
    def hook(_: httpx.Request) -> None:
        vault = httpx.Request("GET", "http://vault.invalid/")
        raise httpx.HTTPStatusError("no key", request=vault, response=httpx.Response(status, request=vault))

    with pytest.raises(APIConnectionError, match=r"got no usable answer from .* \(HTTPStatusError: no key\)"):
        blocking(never, http={"event_hooks": {"request": [hook]}}, max_retries=2)
    assert slept == []


@pytest.mark.parametrize("call", DRIVERS)
def test_auth_and_base_url_of_httpx_are_ignored(call: Call) -> None:
    server = Recorder()
    call(server, http={"auth": ("user", "word"), "base_url": "https://elsewhere.invalid"})
    assert server.headers("authorization") == [f"Bearer {TOKEN}"]
    assert str(server.requests[0].url) == STOP_URL


@pytest.mark.parametrize(
    ("http", "options", "expected"),
    [
        ({"timeout": 7}, {}, httpx.Timeout(7)),
        ({"timeout": 7}, {"timeout": 3}, httpx.Timeout(3)),
        ({}, {"timeout": None}, httpx.Timeout(None)),
    ],
)
def test_timeout_argument_takes_precedence(
    http: dict[str, Any], options: dict[str, Any], expected: httpx.Timeout
) -> None:
    server = Recorder()

    def stop_and_read_timeout(client: FixtureClient) -> dict[str, float | None]:
        stop(client)
        return client.timeout.as_dict()

    assert blocking(server, stop_and_read_timeout, http=http, **options) == expected.as_dict()
    assert server.requests[0].extensions["timeout"] == expected.as_dict()


@pytest.mark.parametrize(
    ("http", "timeout", "user_agent"),
    [
        ({}, DEFAULT_TIMEOUT.as_dict(), "playbook3d-client/"),
        ({"timeout": 7}, httpx.Timeout(7).as_dict(), "playbook3d-client/"),
        ({"headers": {"User-Agent": "mine"}}, DEFAULT_TIMEOUT.as_dict(), "mine"),
    ],
)
def test_bare_http_client_gets_our_defaults(http: dict[str, Any], timeout: Any, user_agent: str) -> None:
    recorder = Recorder()
    with httpx.Client(transport=httpx.MockTransport(recorder), **http) as http_client:
        client = FixtureClient(**OPTIONS, http_client=http_client)
        stop(client)
        assert client.timeout.as_dict() == timeout
    (request,) = recorder.requests
    assert request.extensions["timeout"] == timeout
    assert request.headers["user-agent"].startswith(user_agent)


def test_user_agent_that_is_set_later_is_sent() -> None:
    recorder = Recorder()
    with httpx.Client(transport=httpx.MockTransport(recorder)) as http_client:
        client = FixtureClient(**OPTIONS, http_client=http_client)
        http_client.headers["User-Agent"] = "mine"
        stop(client)
    assert recorder.headers("user-agent") == ["mine"]


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_second_event_loop_is_named() -> None:
    with echo_server() as (url, _):
        client = AsyncFixtureClient(**OPTIONS, base_url=url, http_client=httpx.AsyncClient())
        asyncio.run(stop(client))
        with pytest.raises(ConfigurationError, match=r"^The client was used in another event loop before"):
            asyncio.run(stop(client))
    del client
    gc.collect()  # its connections, which no loop can close any more


def test_request_that_httpx_cannot_build_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match=r"^stop_thing cannot be sent: URL too long"):
        blocking(never, base_url=f"https://host/{'x' * 65500}")
