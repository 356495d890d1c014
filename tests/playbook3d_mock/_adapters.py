"""Adapters: the engine in-process, as an httpx transport, and for servers, as an ASGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from ._request import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from ._engine import Engine

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class MockTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """An httpx transport, blocking and async, that answers from an engine; host and scheme do not matter."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an `httpx.Client`."""
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an `httpx.AsyncClient`."""
        return self._answer(request, await request.aread())

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        raw_path, _, query = request.url.raw_path.partition(b"?")
        headers = tuple((name.lower(), value) for name, value in request.headers.raw)
        reply = self._engine.handle(Request(request.method, raw_path, query, headers, body))
        # A stream, as of a connection, lets httpx read the body, and measure `elapsed`, as it always does.
        return httpx.Response(reply.status, headers=reply.headers, stream=httpx.ByteStream(reply.body))


def asgi(engine: Engine) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """An ASGI 3 application that answers from an engine. WebSockets are refused."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            body = await _body(receive)
            if body is not None:
                reply = engine.handle(_request(scope, body))
                await send({"type": "http.response.start", "status": reply.status, "headers": list(reply.headers)})
                await send({"type": "http.response.body", "body": reply.body})

    return app


def _request(scope: Scope, body: bytes) -> Request:
    headers = tuple((bytes(name), bytes(value)) for name, value in scope["headers"])
    # `raw_path` is optional (ASGI 2.3 §HTTP): without it, what was encoded is lost.
    raw_path = scope.get("raw_path") or scope["path"].encode("utf-8")
    # Some servers and clients leave the query in it.
    return Request(scope["method"], raw_path.partition(b"?")[0], scope["query_string"], headers, body)


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None where the client hung up before it had sent it."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
