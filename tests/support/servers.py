"""Servers for the SDK's tests: a recorder, one that refuses connections, one that answers bytes, an echo."""

import asyncio
import re
import socket
import threading
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from support.client_styles import ok
from support.http_family import httpx


class Recorder:
    """Stops each thing, and records the requests."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return ok(request)

    def headers(self, name: str) -> list[str | None]:
        """A header of each request."""
        return [request.headers.get(name) for request in self.requests]


@contextmanager
def refusing_server() -> Generator[str]:
    """The URL of a server that refuses connections."""
    with socket.socket() as bound:  # and not listening
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@contextmanager
def answering_bytes(content: bytes) -> Generator[str]:
    """The URL of a server that answers one request, without a body, with these bytes, and ends the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as thread:
        listener.settimeout(20)
        answered = thread.submit(_answer, listener, content)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        answered.result()


def _answer(listener: socket.socket, content: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(20)
        received = b""
        while not received.endswith(b"\r\n\r\n"):
            received += connection.recv(65536)
        connection.sendall(content)


class Echo(asyncio.Protocol):
    """Answers with the id of the thing, and counts the requests for each."""

    requests: Counter[str]
    transports: set[asyncio.Transport]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.transports.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.transports.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        for thing in re.findall(rb"^POST /owners/[^/]+/things/([^/]+)/stop ", data, re.MULTILINE):
            self.requests[thing.decode()] += 1
            body = b'{"message": "%s"}' % thing
            self._transport.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
            )


@contextmanager
def echo_server() -> Generator[tuple[str, Counter[str]]]:
    """The URL of a server in a thread of its own, and the requests that it received."""
    requests: Counter[str] = Counter()
    transports: set[asyncio.Transport] = set()
    loop = asyncio.new_event_loop()
    protocol = type("Protocol", (Echo,), {"requests": requests, "transports": transports})
    server = loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", 0, backlog=1000))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield "http://{}:{}".format(*server.sockets[0].getsockname()), requests
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for transport in transports:
            transport.abort()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
