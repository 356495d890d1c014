"""The mock behind a server: an ASGI application run by uvicorn, in a thread."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

    from playbook3d_mock._asgi import ASGIApplication, Receive, Scope, Send

_START_SECONDS = 10.0
# Only a client that does not finish its request lasts longer, or a delay.
_STOP_SECONDS = 1
# For clients, the address of this machine instead of "any address".
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


@contextmanager
def serve(application: ASGIApplication, host: str, port: int, request_timeout: float = 30.0) -> Generator[str]:
    """Serve an ASGI application with uvicorn, in a thread, while the context lasts.

    Args:
        application: The application. It gets no lifespan events.
        host: The address to listen on, or a name: all of its addresses.
        port: The port; 0 for a free one.
        request_timeout: The seconds that a client has to finish a request.

    Yields:
        The URL.

    Raises:
        OSError: Nothing can listen there; the message has the reason.
        ValueError: The port is out of range.
        ModuleNotFoundError: uvicorn is not installed.
    """
    # In-process use needs no server.
    import uvicorn

    from playbook3d_mock._protocol import LimitedProtocol

    config = uvicorn.Config(
        _with_request_timeout(application),
        http=type("Protocol", (LimitedProtocol,), {"request_timeout": request_timeout}),
        lifespan="off",
        ws="none",
        access_log=False,
        proxy_headers=False,
        log_config=None,
        log_level="error",
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    server = uvicorn.Server(config)
    with ExitStack() as stack:
        listeners = [stack.enter_context(listener) for listener in _listen(host, port)]
        thread = threading.Thread(target=server.run, args=(listeners,), name="playbook3d-mock", daemon=True)
        thread.start()
        try:
            _wait_until_started(server, thread)
            name = _LOOPBACK.get(host, host)
            yield f"http://{f'[{name}]' if ':' in name else name}:{listeners[0].getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _with_request_timeout(application: ASGIApplication) -> ASGIApplication:
    """Respond with 408 to an unfinished request, which uvicorn cancels when it stops (RFC 9110 §15.5.9)."""

    async def wrapper(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await application(scope, receive, send)
        except asyncio.CancelledError:
            await send({"type": "http.response.start", "status": 408, "headers": [(b"connection", b"close")]})
            await send({"type": "http.response.body"})

    return wrapper


def _wait_until_started(server: Any, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("uvicorn did not start")
        time.sleep(0.005)


def _listen(host: str, port: int) -> list[socket.socket]:
    """A listener for each address of a host, all on the same port."""
    if not 0 <= port <= 65535:
        raise ValueError(f"port {port} is not between 0 and 65535")
    listeners: list[socket.socket] = []
    reason = "the host has no address"
    try:
        # RFC 6761 §6.3: "localhost" is both loopback addresses, whatever the hosts file says.
        names = ("127.0.0.1", "::1") if host == "localhost" else (host,)
        found = [info for name in names for info in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)]
        for family, address in dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found):
            try:
                listeners.append(_listener(family, address, listeners[0].getsockname()[1] if listeners else port))
            except OSError as error:
                # create_server() extends strerror.
                reason = os.strerror(error.errno or 0)
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    while listeners:
                        listeners.pop().close()
                    break
    except OSError as error:  # the name cannot be resolved
        reason = str(error.strerror)
    except UnicodeError:
        reason = "the host is not a name or an address"
    if not listeners:
        raise OSError(f"cannot listen on {host} port {port}: {reason}")
    return listeners


def _listener(family: int, address: str, port: int) -> socket.socket:
    dualstack = address == "::" and socket.has_dualstack_ipv6()
    listener = socket.create_server((address, port), family=family, backlog=2048, dualstack_ipv6=dualstack)
    # asyncio sets this on sockets of IPPROTO_TCP only; without it, a response in two segments waits some 40 ms for
    # the delayed acknowledgement of the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
