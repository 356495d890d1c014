"""A transport that sends the head and the body of a response together: in one system call, and mostly one segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class BufferedTransport:
    """A transport whose writes are sent at the end of the step of the event loop in which they are made.

    Args:
        transport: The transport that sends.
        call_soon: That of the event loop.
    """

    def __init__(self, transport: asyncio.Transport, call_soon: Callable[[Callable[[], None]], object]) -> None:
        self._transport = transport
        self._call_soon = call_soon
        self._parts: list[bytes | bytearray | memoryview] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send data with what is written in the same step."""
        if not self._parts:
            self._call_soon(self._flush)
        self._parts.append(data)

    def _flush(self) -> None:
        parts, self._parts = self._parts, []
        if parts and not self._transport.is_closing():
            self._transport.write(b"".join(parts))

    def write_eof(self) -> None:
        """Send what was written, and then no more."""
        self._flush()
        self._transport.write_eof()

    def close(self) -> None:
        """Send what was written, and close the connection."""
        self._flush()
        self._transport.close()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set when the protocol is asked to pause, also for what was written before."""
        self._flush()
        self._transport.set_write_buffer_limits(high, low)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
