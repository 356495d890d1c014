"""uvicorn's HTTP protocol with limits, and with what wire faults need.

Malformed, too large and unfinished requests get a response in JSON. Each request has an extension in its scope by which
the application can reset and close the connection.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import weakref
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from httptools import HttpParserInvalidMethodError
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from playbook3d_mock._asgi import CONNECTION
from playbook3d_mock._write_buffer import BufferedTransport

if TYPE_CHECKING:
    import asyncio

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

MAX_HEADERS = 65536
# How long a client is read from after the last response: closed at once, it would be reset, and might not see that.
_LINGER_SECONDS = 1.0
# On, 0 seconds: closing the socket resets the connection.
_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class _TooLargeError(Exception):
    """The headers of a request are too large."""


class LimitedProtocol(HttpToolsProtocol):
    """The protocol of a connection.

    Attributes:
        request_timeout: The seconds that a client has to finish a request.
    """

    request_timeout: float

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timer: asyncio.TimerHandle | None = None
        self._is_unfinished = False
        self._is_head_complete = False
        self._head_size = 0
        self._is_ending = False
        # uvicorn's `cycle` is that of the last request, which may wait for an earlier one.
        self._cycle_in_progress: RequestResponseCycle | None = None
        # Weak, as a scope belongs to its protocol.
        self._extensions: dict[str, dict[object, object]] = {CONNECTION: {"find": weakref.ref(self)}}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the client a time limit for its first request."""
        buffered: Any = BufferedTransport(transport, self.loop.call_soon)
        super().connection_made(buffered)
        self._start_timer(self.request_timeout)

    def eof_received(self) -> None:
        """Send what was written: the transport beneath closes."""
        super().eof_received()
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer and the response in progress."""
        self._stop_timer()
        super().connection_lost(exc)
        self._disconnect()

    def data_received(self, data: bytes) -> None:
        """Parse more of a request."""
        if self._is_ending:
            return
        self._head_size += len(data)
        super().data_received(data)
        # Only now: most requests arrive as a whole, and need no timer.
        if self._is_unfinished and not self._timer:
            self._start_timer(self.request_timeout)
        # The parser keeps the bytes of an unfinished header.
        if self._is_head_complete:
            self._head_size = 0
        if self._head_size > MAX_HEADERS:
            self._reject(431, "the headers are too large")

    def on_message_begin(self) -> None:
        """Start a request."""
        super().on_message_begin()
        self.scope["extensions"] = self._extensions
        self._is_head_complete = False
        self._is_unfinished = True
        self._stop_timer()

    def on_headers_complete(self) -> None:
        """Pass the request on, or reject its headers."""
        self._is_head_complete = True
        if self._head_size > MAX_HEADERS and self._is_head_too_large():  # the size includes what follows
            raise _TooLargeError
        super().on_headers_complete()
        if not self.pipeline:
            self._cycle_in_progress = self.cycle

    def on_response_complete(self) -> None:
        """Continue with the next request."""
        if self.pipeline:
            self._cycle_in_progress = self.pipeline[-1][0]
        super().on_response_complete()

    def shutdown(self) -> None:
        """Close the connection as soon as nothing more is to be sent, because the server stops."""
        super().shutdown()
        if self._is_ending:
            self.transport.close()

    async def reset(self) -> None:
        """Send what was written, and reset the connection."""
        self.transport.set_write_buffer_limits(high=0)  # drained is then empty
        await self.flow.drain()
        if self.transport.is_closing():
            return
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.abort()

    async def finish(self, content: bytes) -> None:
        """Send bytes as they are, and close the connection."""
        if not self.transport.is_closing():
            self._finish(content)

    def abort(self) -> None:
        """End the connection at once."""
        self._disconnect()
        self.transport.abort()

    def _disconnect(self) -> None:
        """Let the response in progress end without an error."""
        if (cycle := self._cycle_in_progress) and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()

    def _finish(self, content: bytes) -> None:
        """Send the last bytes, and wait for the client to close the connection."""
        self._is_ending = True
        self._disconnect()
        self.transport.write(content)
        with suppress(OSError):  # the client has left
            self.transport.write_eof()
        self.flow.resume_reading()
        self._start_timer(_LINGER_SECONDS)

    def _is_head_too_large(self) -> bool:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MAX_HEADERS

    def on_message_complete(self) -> None:
        """Stop the timer."""
        self._is_unfinished = False
        self._stop_timer()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Reject a request that the parser rejects."""
        error = sys.exception()
        if isinstance(error, HttpParserInvalidMethodError):
            self._reject(501, "the method is unknown")  # RFC 9110 §15.6.2
        elif isinstance(error, Exception) and isinstance(error.__context__, _TooLargeError):
            self._reject(431, "the headers are too large")
        else:
            self._reject(400, f"the request is malformed: {error or msg}")

    def _start_timer(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._expire)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        if self._is_ending:
            self.transport.close()
        else:
            self._reject(408, f"the request was not finished within {self.request_timeout:g} seconds")

    def _reject(self, status: int, message: str) -> None:
        if self._is_ending or self.transport.is_closing():
            return
        content = json.dumps({"message": message}).encode("ascii")
        lines = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            "content-type: application/json",
            f"content-length: {len(content)}",
            "connection: close",
            "\r\n",
        )
        self._finish("\r\n".join(lines).encode("ascii") + content)
