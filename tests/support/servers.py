"""Servers for the SDK's tests: one that records its requests, one that refuses connections, one that answers bytes."""

import socket
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from support.client_styles import ok


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
