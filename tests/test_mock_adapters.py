"""The mock as users reach it: httpx in-process, blocking and async, an ASGI application, a socket."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from playbook3d_mock import Mock

PATH = "/cancel/3fa85f64-5717-4562-b3fc-2c963f66afa6/0b8f7a0e-8d4f-4a53-9a0d-3c4f5a6b7c8d"
GOOD = {"message": "Run successfully canceled."}

mock = Mock()
AUTH = {"x-api-key": mock.api_key, "Authorization": f"Bearer {mock.token}"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with mock.serve() as url:
        yield url


def test_a_blocking_client_is_answered_without_a_network() -> None:
    with httpx.Client(transport=mock.transport, base_url="https://api.playbook3d.com", headers=AUTH) as client:
        response = client.post(PATH, content=b"ignored")
        assert (response.status_code, response.json()) == (200, GOOD)
        assert response.elapsed > timedelta(0)
        with client.stream("POST", PATH) as streamed:
            assert b"".join(streamed.iter_bytes()) == response.content


def test_an_async_client_is_answered_by_the_same_transport() -> None:
    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=mock.transport, base_url="http://any", headers=AUTH) as client:
            return await client.post(PATH)

    assert asyncio.run(call()).json() == GOOD


def test_the_asgi_application_answers_as_the_transport_does() -> None:
    async def call(method: str, path: str) -> httpx.Response:
        transport = httpx.ASGITransport(mock.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://any", headers=AUTH) as client:
            return await client.request(method, path)

    with httpx.Client(transport=mock.transport, base_url="http://any", headers=AUTH) as client:
        for method, path in [("POST", PATH), ("GET", PATH), ("HEAD", PATH), ("POST", "/cancel/%zz/%2F?q=%ff")]:
            there, here = asyncio.run(call(method, path)), client.request(method, path)
            assert (there.status_code, there.content) == (here.status_code, here.content)
            assert there.headers == here.headers


def run_asgi(scope: dict[str, Any], *received: dict[str, Any]) -> list[Any]:
    """What the application sends, when it receives these messages and no more."""
    sent: list[Any] = []
    messages = iter(received)

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(_call(scope, receive, send))
    return sent


async def _call(scope: Any, receive: Any, send: Any) -> None:
    await mock.asgi(scope, receive, send)


HTTP: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": "/",
    "raw_path": b"/",
    "query_string": b"",
    "headers": [],
}


def test_lifespan_is_followed() -> None:
    sent = run_asgi({"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    assert sent == [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]


def test_a_websocket_is_closed() -> None:
    assert run_asgi({"type": "websocket"}, {"type": "websocket.connect"}) == [{"type": "websocket.close", "code": 1000}]


def test_a_client_that_hangs_up_is_not_answered() -> None:
    assert run_asgi(HTTP, {"type": "http.request", "more_body": True}, {"type": "http.disconnect"}) == []


def test_a_query_in_the_raw_path_is_no_part_of_it() -> None:
    scope = HTTP | {"raw_path": PATH.encode() + b"?a=b", "query_string": b"a=b"}
    assert run_asgi(scope, {"type": "http.request"})[0]["status"] == 401


def test_a_body_in_parts_and_a_path_that_is_not_raw_are_read() -> None:
    scope = {key: value for key, value in HTTP.items() if key != "raw_path"} | {"path": PATH}
    scope["headers"] = [(key.lower().encode(), value.encode()) for key, value in AUTH.items()]
    parts = {"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.request", "body": b"}"}
    assert [message.get("status") for message in run_asgi(scope, *parts)] == [200, None]


def exchange(url: str, request: bytes) -> bytes:
    """What comes back for raw bytes, until the server closes."""
    host = httpx.URL(url)
    with socket.create_connection((host.host, host.port), timeout=5) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"/cancel/%zz/x", 401),
        (b"/cancel/%ff/x", 401),
        (b"//", 404),
        (b"/%2F", 404),
        (b"http://other.example/cancel/a/b", 401),
        (b"/\xff", 400),
        (b"nonsense", 400),
        (b"/" + b"a" * 50_000, 404),
    ],
)
def test_odd_targets_are_answered_on_a_socket(url: str, target: bytes, status: int) -> None:
    answer = exchange(url, b"POST " + target + b" HTTP/1.1\r\nHost: x\r\nAccept: ;;;\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert httpx.post(url + PATH, headers=AUTH).json() == GOOD


def test_head_has_no_body_on_a_socket(url: str) -> None:
    answer = exchange(url, b"HEAD " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"\r\nallow: POST\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


def test_a_body_that_nobody_asked_for_is_read_and_ignored(url: str) -> None:
    response = httpx.post(url + PATH, headers=AUTH | {"content-type": "application/json"}, content=b"{" * 1_000_000)
    assert response.json() == GOOD


def test_a_server_stops_though_a_client_does_not_finish() -> None:
    with mock.serve() as url:
        assert httpx.post(url + PATH, headers=AUTH).status_code == 200
        slow = socket.create_connection((httpx.URL(url).host, httpx.URL(url).port), timeout=5)
        slow.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        assert slow.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"  # the server has begun to wait for the body
    with slow:
        assert slow.recv(1) == b""


def test_a_port_in_use_is_an_error_that_says_where() -> None:
    with mock.serve() as url:
        port = httpx.URL(url).port
        assert port
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1 port {port}: Address already in use"):
            mock.serve(port=port).__enter__()


def test_a_port_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="port 65536 is not between 0 and 65535"):
        mock.serve(port=65536).__enter__()
