"""The mock as an ASGI application, which any ASGI server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playbook3d_mock._engine import Verdict
from playbook3d_mock._request import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from playbook3d_mock._middleware import Middleware
    from playbook3d_mock._responses import Response

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]

_MAX_BODY = 16 * 1024 * 1024


def asgi_application(middleware: Middleware) -> ASGIApplication:
    """An ASGI 3 application that responds from a mock, and closes WebSockets."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        elif response := await _respond(middleware, scope, receive):
            await send({"type": "http.response.start", "status": response.status, "headers": list(response.headers)})
            await send({"type": "http.response.body", "body": response.body})

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
        return middleware.respond(
            request, Verdict(None, 400, "is a duplicate" if hosts else "is missing", "header Host")
        )
    return middleware.handle(request)
