"""Servers for the SDK's tests: one that records its requests, and one that refuses connections."""

import socket
from collections.abc import Generator
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
