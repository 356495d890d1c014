"""uvicorn's HTTP protocol with limits: malformed, too large and unfinished requests get a response in JSON."""

from __future__ import annotations

import json
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from httptools import HttpParserInvalidMethodError
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

MAX_HEADERS = 65536
# How long a rejected client is read from: closed at once, it would be reset, and might not see its response.
_LINGER_SECONDS = 1.0


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
        self._is_rejected = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the client a time limit for its first request."""
        super().connection_made(transport)
        self._start_timer(self.request_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse more of a request."""
        if self._is_rejected:
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
        self._is_head_complete = False
        self._is_unfinished = True
        self._stop_timer()

    def on_headers_complete(self) -> None:
        """Pass the request on, or reject its headers."""
        self._is_head_complete = True
        if self._head_size > MAX_HEADERS and self._is_head_too_large():  # the size includes what follows
            raise _TooLargeError
        super().on_headers_complete()

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
        if self._is_rejected:
            self.transport.close()
        else:
            self._reject(408, f"the request was not finished within {self.request_timeout:g} seconds")

    def _reject(self, status: int, message: str) -> None:
        if self._is_rejected or self.transport.is_closing():
            return
        self._is_rejected = True
        if self.cycle and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        content = json.dumps({"message": message}).encode("ascii")
        lines = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            "content-type: application/json",
            f"content-length: {len(content)}",
            "connection: close",
            "\r\n",
        )
        self.transport.write("\r\n".join(lines).encode("ascii") + content)
        self.transport.write_eof()
        self._start_timer(_LINGER_SECONDS)
