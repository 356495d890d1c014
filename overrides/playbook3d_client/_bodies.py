"""Bodies that httpx sends and receives: streams of ours around its own, for either family of httpx."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx

    from playbook3d_client._http_family import HttpFamily


class _BodyInTime:
    def __init__(self, family: HttpFamily, stream: httpx.SyncByteStream, ends: float) -> None:
        self._family, self._stream, self._ends = family, stream, ends

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() >= self._ends:
                raise self._family.ReadTimeout("the deadline has passed")
            yield chunk

    @property
    def elapsed(self) -> object:
        """What httpx2 reads for ``Response.elapsed``."""
        return getattr(self._stream, "elapsed", None)

    def close(self) -> None:
        self._stream.close()


class _AwaitedBody:
    def __init__(self, blocking: httpx.SyncByteStream) -> None:
        self._blocking = blocking

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._blocking:
            yield chunk


def body_in_time(family: HttpFamily, stream: httpx.SyncByteStream, ends: float) -> httpx.SyncByteStream:
    """A body that ends in an error when a chunk comes after the deadline."""
    family_type: Any = family.SyncByteStream
    body: httpx.SyncByteStream = _stream_type(_BodyInTime, family_type)(family, stream, ends)
    return body


def awaited_body(family: HttpFamily, blocking: httpx.SyncByteStream) -> httpx.AsyncByteStream:
    """The body of a file, which httpx refuses to send from an async client; read in the event loop, as in a form."""
    family_type: Any = family.AsyncByteStream
    body: httpx.AsyncByteStream = _stream_type(_AwaitedBody, family_type)(blocking)
    return body


@cache
def _stream_type(body_type: Any, family_type: Any) -> Any:
    """``body_type`` as a stream of the family, whose clients take no other."""
    return type(body_type.__name__, (body_type, family_type), {})
