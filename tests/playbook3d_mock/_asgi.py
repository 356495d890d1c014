"""The mock as an ASGI application, which any ASGI server runs."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Protocol

from playbook3d_mock._delivery import is_immediate, plan_delivery
from playbook3d_mock._engine import Verdict
from playbook3d_mock._request import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from playbook3d_mock._delivery import Delivery
    from playbook3d_mock._middleware import Middleware
    from playbook3d_mock._responses import Response

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]

#: The extension of the scope with a function that returns the ``Connection``, or ``None`` if it is lost.
CONNECTION = "playbook3d_mock.connection"
_LOGGER = logging.getLogger("playbook3d_mock")
_MAX_BODY = 16 * 1024 * 1024


class Connection(Protocol):
    """What a server must be able to do with a connection, beyond ASGI, to act out wire faults."""

    async def reset(self) -> None:
        """Send what was written, and reset the connection."""

    async def finish(self, content: bytes) -> None:
        """Send bytes as they are, and close the connection."""

    def abort(self) -> None:
        """End the connection at once."""


def asgi_application(middleware: Middleware) -> ASGIApplication:
    """An ASGI 3 application that responds from a mock, and closes WebSockets.

    ASGI can neither reset a connection nor send a wrong ``Content-Length``. Behind another server than that of
    ``Mock.serve``, wire faults end as near as ASGI allows: ``wrong-content-length`` with the first half of the body,
    the others with an exception, after what they send of the response.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        elif response := await _respond(middleware, scope, receive):
            if is_immediate(response):
                start = {"type": "http.response.start", "status": response.status, "headers": list(response.headers)}
                await send(start)
                await send({"type": "http.response.body", "body": response.body})
            else:
                await _deliver(response, scope, receive, send)

    return application


async def _respond(middleware: Middleware, scope: Scope, receive: Receive) -> Response | None:
    """The response to a request, or ``None`` if the client disconnects before its end."""
    body, more_body, size = bytearray(), True, 0
    while more_body:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part, more_body = message.get("body", b""), message.get("more_body", False)
        size += len(part)
        # The rest is read, but not kept: a client that is still sending would not see a response.
        body += part if size <= _MAX_BODY else b""
    # `raw_path` is optional (ASGI 2.3, HTTP scope), and some servers leave the query in it.
    raw_path = (scope.get("raw_path") or scope["path"].encode("utf-8")).partition(b"?")[0]
    headers = tuple((bytes(name), bytes(value)) for name, value in scope["headers"])
    request = Request(scope["method"], raw_path, scope["query_string"], headers, bytes(body))
    if size > _MAX_BODY:
        return middleware.respond(request, Verdict(None, 413, f"is larger than {_MAX_BODY} bytes", "body"))
    hosts = [name for name, _ in headers].count(b"host")
    if hosts != 1 and scope.get("http_version") == "1.1":  # RFC 9112 §3.2
        problem = "is a duplicate" if hosts else "is missing"
        return middleware.respond(request, Verdict(None, 400, problem, "header Host"))
    response = middleware.handle(request)
    if response.error:
        target = middleware.redact(request, f"{request.method} {raw_path.decode('latin-1')}")
        _LOGGER.error("the function that replies to %s failed", target, exc_info=response.error)
    return response


async def _deliver(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a response with its delay, its drip and its fault, as long as the client is connected."""
    extensions: dict[str, Any] = scope.get("extensions") or {}
    connection: Connection | None = (
        extensions[CONNECTION]["find"]() if CONNECTION in extensions else _OtherConnection(send)
    )
    if connection is None:
        return
    delivery = plan_delivery(response)
    try:
        if not await _has_left(response.delay, receive):
            await _send(response.status, delivery, connection, receive, send)
    except asyncio.CancelledError:  # the server stops
        connection.abort()
        raise


async def _send(status: int, delivery: Delivery, connection: Connection, receive: Receive, send: Send) -> None:
    if delivery.headers is not None:
        await send({"type": "http.response.start", "status": status, "headers": list(delivery.headers)})
    for piece in delivery.pieces:
        if await _has_left(delivery.pause, receive):
            return
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if delivery.end == "reset":
        await connection.reset()
    elif delivery.end == "close":
        await connection.finish(delivery.excess)
    else:
        await send({"type": "http.response.body"})


async def _has_left(seconds: float, receive: Receive) -> bool:
    """Wait, and return whether the client has disconnected."""
    if not seconds:
        return False
    import anyio  # httpx brings it; a mock without delays does not need it

    with anyio.move_on_after(seconds):
        while (await receive())["type"] != "http.disconnect":
            pass
        return True
    return False


class _OtherConnection:
    """A connection of a server that hands out none: what ASGI can do with it."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def reset(self) -> None:
        raise RuntimeError("the fault resets the connection, which this ASGI server cannot do: use Mock.serve()")

    async def finish(self, content: bytes) -> None:
        if not content:
            raise RuntimeError("the fault cuts the response, which this ASGI server cannot do: use Mock.serve()")
        await self._send({"type": "http.response.body"})

    def abort(self) -> None:
        pass
