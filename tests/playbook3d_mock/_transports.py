"""The mock in process: a transport of httpx and httpx2, blocking and async."""

from __future__ import annotations

import sys
import time
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx

from playbook3d_mock._delivery import is_immediate, plan_delivery
from playbook3d_mock._request import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from playbook3d_mock._delivery import Delivery
    from playbook3d_mock._responses import Response


class MockTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport, blocking and async, for the responses of a mock. It ignores scheme and host.

    Clients of httpx2 can use it, too; they receive responses and errors of httpx2.

    A delay, a drip and a fault are what they are over a connection: a wait longer than the read timeout is an
    ``httpx.ReadTimeout``, a reset an ``httpx.ReadError``, a truncated body an ``httpx.RemoteProtocolError``.

    Args:
        handle: The function that responds to a request, such as ``Mock.handle``.
    """

    def __init__(self, handle: Callable[[Request], Response]) -> None:
        self._handle = handle

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request of an ``httpx.Client``."""
        waits, response = self._respond(request, request.read())
        _sleep(waits)
        return response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request of an ``httpx.AsyncClient``."""
        waits, response = self._respond(request, await request.aread())
        await _sleep_async(waits)
        return response

    def _respond(self, request: httpx.Request, body: bytes) -> tuple[Iterable[float], httpx.Response]:
        """The waits before a response, and the response."""
        family = _family_of(request)
        raw_path, _, query = request.url.raw_path.partition(b"?")
        headers = tuple((name.lower(), value) for name, value in request.headers.raw)
        response = self._handle(Request(request.method, raw_path, query, headers, body))
        if response.error:
            raise response.error
        if is_immediate(response):
            # As a stream, httpx reads the body and measures `elapsed` as over a connection.
            stream = family.ByteStream(response.body)
            return (), family.Response(response.status, headers=response.headers, stream=stream)
        delivery = plan_delivery(response)
        delivered = _stream_type(family)(delivery, request)
        waits = _waits_before_head(response.delay, delivery, request)
        return waits, family.Response(response.status, headers=delivery.headers, stream=delivered)


def _family_of(request: httpx.Request) -> Any:
    """The module httpx, or httpx2, that a request is of."""
    return sys.modules[type(request.url).__module__.partition(".")[0]]


@cache
def _stream_type(family: Any) -> Any:
    """The class of bodies as a stream of httpx or httpx2, whose clients take no other."""
    return type("DeliveredStream", (_DeliveredBody, family.SyncByteStream, family.AsyncByteStream), {})


class _DeliveredBody:
    """The body of a response with a drip or a wire fault."""

    def __init__(self, delivery: Delivery, request: httpx.Request) -> None:
        self._delivery, self._request = delivery, request

    def __iter__(self) -> Iterator[bytes]:
        for waits, piece in self._pieces():
            _sleep(waits)
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for waits, piece in self._pieces():
            await _sleep_async(waits)
            yield piece

    def _pieces(self) -> Iterator[tuple[Iterable[float], bytes]]:
        """Each piece of the body after the waits before it, and then the error that a fault is."""
        delivery = self._delivery
        for piece in delivery.pieces:
            yield _waits(delivery.pause, self._request), piece
        if delivery.end and not delivery.excess:
            raise _error(delivery, self._request)


def _sleep(waits: Iterable[float]) -> None:
    for seconds in waits:
        time.sleep(seconds)


async def _sleep_async(waits: Iterable[float]) -> None:
    for seconds in waits:
        import anyio  # httpx brings it; a mock without delays does not need it

        await anyio.sleep(seconds)


def _waits_before_head(delay: float, delivery: Delivery, request: httpx.Request) -> Iterator[float]:
    yield from _waits(delay, request)
    if delivery.headers is None:
        raise _error(delivery, request)


def _waits(seconds: float, request: httpx.Request) -> Iterator[float]:
    """The seconds to wait for something to read; a wait that the client cuts short ends in its error."""
    timeout: float | None = request.extensions.get("timeout", {}).get("read")
    if timeout is not None and seconds > timeout:
        yield timeout
        raise _family_of(request).ReadTimeout("timed out", request=request)
    if seconds:
        yield seconds


def _error(delivery: Delivery, request: httpx.Request) -> Exception:
    """The error that httpx has over a connection, with its text."""
    family = _family_of(request)
    error_class, text = family.RemoteProtocolError, "Server disconnected without sending a response."
    if delivery.end == "reset":
        error_class, text = family.ReadError, "[Errno 104] Connection reset by peer"
    elif delivery.headers is not None:
        received = len(b"".join(delivery.pieces))
        expected = dict(delivery.headers).get(b"content-length", b"?").decode()
        text = "peer closed connection without sending complete message body "
        text += f"(received {received} bytes, expected {expected})"
    error: Exception = error_class(text, request=request)
    return error
