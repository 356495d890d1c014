"""A server: the mock on a socket, run by uvicorn in a thread of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Generator

# Replies are immediate: a request that is unfinished for so long when the server stops is not going to end.
_GRACE_SECONDS = 0.5
_START_SECONDS = 10.0


class _Server(uvicorn.Server):
    """uvicorn that says when it has started, and stops at once when it is told to.

    uvicorn looks ten times a second whether it is to stop, then for its connections as often: a test that starts a
    server of its own would wait 0.2 s for the end of it. Nor does this one wait forever for its clients.
    """

    def __init__(self, app: Any) -> None:
        super().__init__(
            uvicorn.Config(app, lifespan="off", ws="none", access_log=False, log_config=None, log_level="error")
        )
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop, self._told = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # once a second, for the Date header
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 (uvicorn's)
        for server in self.servers:
            server.close()
        await asyncio.sleep(0.001)  # for those that are just being accepted
        for connection in list(self.server_state.connections):
            connection.shutdown()
        late = self._loop.call_later(_GRACE_SECONDS, self._hang_up)
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 (sets, which tell nothing)
            await asyncio.sleep(0.001)
        late.cancel()

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    def stop(self) -> None:
        """Have it stop, from another thread."""
        self.should_exit = True
        if self.ready.is_set():
            self._loop.call_soon_threadsafe(self._told.set)


@contextmanager
def serve(app: Any, host: str, port: int) -> Generator[str]:
    """Serve an ASGI application at a URL while the context lasts; port 0 takes a free one.

    Raises OSError, saying where and why, if nothing can listen there.
    """
    listener = _listen(host, port)
    server = _Server(app)
    thread = threading.Thread(target=server.run, args=([listener],), name="playbook3d-mock", daemon=True)
    with listener:
        thread.start()
        try:
            if not server.ready.wait(_START_SECONDS):
                raise RuntimeError(f"the mock did not start within {_START_SECONDS:.0f} s")
            shown = f"[{host}]" if ":" in host else host
            yield f"http://{shown}:{listener.getsockname()[1]}"
        finally:
            server.stop()
            thread.join()


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise ValueError(f"port {port} is not between 0 and 65535")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=2048)
        # asyncio sets this only on sockets made with IPPROTO_TCP, which create_server's are not; without it a
        # reply of two segments waits some 40 ms for the delayed acknowledgement of the first.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        # create_server() adds words of its own to strerror; a name that is not found has no other.
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise OSError(error.errno, f"cannot listen on {host} port {port}: {reason}") from error
