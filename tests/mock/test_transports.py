"""The mock in process: as httpx transport, blocking and async, and as ASGI application."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from playbook3d_mock import Mock
from support.http_family import httpx
from support.mock_requests import CREDENTIALS, RUNS, SECRETS, STOP, STOPPED, read_contract

OPTIONS: Any = {"base_url": "https://any.invalid", "headers": CREDENTIALS}


def test_blocking_client_needs_no_network() -> None:
    with httpx.Client(transport=RUNS.transport, **OPTIONS) as client:
        response = client.post(STOP, content=b"ignored")
        assert (response.status_code, response.json()) == (200, STOPPED)
        assert response.elapsed > timedelta(0)
        with client.stream("POST", STOP) as streamed:
            assert b"".join(streamed.iter_bytes()) == response.content


def test_client_of_httpx2_receives_responses_and_errors_of_httpx2() -> None:
    httpx2: Any = pytest.importorskip("httpx2")
    mock = Mock(read_contract("runs"), credentials=SECRETS)
    mock.on("stop_run").reply(fault="reset-in-body")
    with httpx2.Client(transport=mock.transport, **OPTIONS) as client:
        with pytest.raises(httpx2.ReadError):
            client.post(STOP)
        assert type(client.post(STOP)) is httpx2.Response


@pytest.mark.parametrize("transport", [RUNS.transport, httpx.ASGITransport(RUNS.asgi)], ids=["httpx", "ASGI"])
@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("POST", STOP, b""),
        ("HEAD", STOP, b""),
        ("POST", "/teams/%zz/runs/%2F?q=%ff", b""),
        ("GET", "/runs?state=queued&tag=a,b%2Cc", b""),
        ("POST", "/runs", b'{"origin": "x"}'),
    ],
)
def test_every_transport_has_the_same_response(transport: Any, method: str, target: str, body: bytes) -> None:
    headers = {"content-type": "application/json"}

    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, **OPTIONS) as client:
            return await client.request(method, target, content=body, headers=headers)

    with httpx.Client(transport=RUNS.transport, **OPTIONS) as client:
        expected = client.request(method, target, content=body, headers=headers)
    response = asyncio.run(call())
    for attribute in ("status_code", "headers", "content"):
        assert getattr(response, attribute) == getattr(expected, attribute)


HTTP: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": STOP,
    "raw_path": STOP.encode(),
    "query_string": b"",
    "headers": [(name.lower().encode(), value.encode()) for name, value in CREDENTIALS.items()],
}


def run_asgi(scope: dict[str, Any], *received: dict[str, Any]) -> list[Any]:
    """What the application sends after it received these messages."""
    sent: list[Any] = []
    messages = iter(received)

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    async def call() -> None:
        await RUNS.asgi(scope, receive, send)

    asyncio.run(call())
    return sent


def test_lifespan_is_completed() -> None:
    sent = run_asgi({"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    assert sent == [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]


def test_websocket_is_closed() -> None:
    assert run_asgi({"type": "websocket"}, {"type": "websocket.connect"}) == [{"type": "websocket.close", "code": 1000}]


def test_disconnected_client_gets_no_response() -> None:
    assert run_asgi(HTTP, {"type": "http.request", "more_body": True}, {"type": "http.disconnect"}) == []


@pytest.mark.parametrize(
    "scope",
    [
        {**HTTP, "raw_path": f"{STOP}?a=b".encode(), "query_string": b"a=b"},
        {key: value for key, value in HTTP.items() if key != "raw_path"},
    ],
    ids=["query in raw_path", "no raw_path"],
)
def test_unusual_scope_is_read(scope: Any) -> None:
    assert run_asgi(scope, {"type": "http.request"})[0]["status"] == 200


def test_body_in_parts_is_read() -> None:
    scope = {**HTTP, "raw_path": b"/runs", "headers": [*HTTP["headers"], (b"content-type", b"application/json")]}
    parts = [{"type": "http.request", "body": part, "more_body": True} for part in (b'{"origin"', b': "x')]
    assert run_asgi(scope, *parts, {"type": "http.request", "body": b'"}'})[0]["status"] == 201
