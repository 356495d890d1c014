"""Rows for the mock: a request against a constant ASGI application under the same server, and against Prism.

``python -m benchmarks.mock`` serves the constant application.
"""

import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Generator, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import uvicorn

from benchmarks.contenders import HEADERS, KEY, PATH, TOKEN
from benchmarks.load import CONNECTIONS, cost_of_request
from benchmarks.loopback import RESULT
from benchmarks.measuring import ROOT, Cost, Figure, compare, measure
from support import prism

CONTRACT = ROOT / "generated" / "openapi.yaml"
MOCK, CONSTANT, PRISM = "the mock", "a constant ASGI application", f"Prism {prism.VERSION}"
SECONDS, ROUNDS = 1.0, 9

_FIELDS = {**HEADERS, "Host": "127.0.0.1", "Accept": "application/json", "Content-Length": "0"}
REQUEST = "\r\n".join([f"POST {PATH} HTTP/1.1", *map(": ".join, _FIELDS.items()), "", ""]).encode()


def figures(scale: float) -> Iterator[Figure]:
    """All rows; ``scale`` multiplies the seconds of a round."""
    label = f"a request to {{}}, {CONNECTIONS} connections".format
    with ExitStack() as stack:
        servers = {
            MOCK: stack.enter_context(_printing_its_url("playbook3d_mock", "--api-key", KEY, "--token", TOKEN)),
            CONSTANT: stack.enter_context(_printing_its_url("benchmarks.mock")),
        }
        missing = ""
        try:
            servers[PRISM] = stack.enter_context(prism.serve(CONTRACT))
        except prism.PrismUnavailableError as error:
            missing = str(error)
        seconds = max(0.05, SECONDS * scale)
        runs: dict[str, Callable[[], Cost]] = {
            name: partial(cost_of_request, server.url, REQUEST, server.process, seconds)
            for name, server in servers.items()
        }
        samples = measure(runs, ROUNDS, discarded=2)
    yield Figure(label(MOCK), CONSTANT, *compare(samples, MOCK, CONSTANT))
    yield (
        Figure(label(PRISM), MOCK, note=missing)
        if missing
        else Figure(label(PRISM), MOCK, *compare(samples, PRISM, MOCK))
    )


@contextmanager
def _printing_its_url(module: str, *options: str) -> Generator[prism.Server]:
    """A server in a process of its own; its first line ends with its URL."""
    command = [sys.executable, "-m", module, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield prism.Server(process.stdout.readline().strip().rpartition("=")[2], process.pid)
        finally:
            process.terminate()


async def constant(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """An ASGI application with one response."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(RESULT))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": RESULT})


def serve() -> None:
    """Serve it with the options of the mock's server, and print the URL."""
    config = uvicorn.Config(
        constant, lifespan="off", ws="none", access_log=False, proxy_headers=False, log_level="error"
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # asyncio sets this on sockets of IPPROTO_TCP only; without it, a response waits for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print("http://{}:{}".format(*listener.getsockname()), flush=True)
        uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    serve()
