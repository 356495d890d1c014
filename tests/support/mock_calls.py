"""Calls of a mock with httpx, in process and over a socket, and bytes over a socket."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from playbook3d_mock import Mock
from support.http_family import httpx
from support.mock_requests import CREDENTIALS, STOP

#: Seconds: a timeout that is met soon, one that is not met, and a delay that no test waits for.
SOON, NEVER, LONG = 0.05, 20.0, 300.0
ANY_URL = "http://any.invalid"


def served(mock: Mock) -> tuple[Any, Any]:
    """Two fixtures of a module: the URL of a mock, and its reset after each test."""

    @pytest.fixture(scope="module")
    def url() -> Iterator[str]:
        with mock.serve() as url:
            yield url

    @pytest.fixture(autouse=True)
    def reset() -> Iterator[None]:
        yield
        mock.reset()

    return url, reset


class Result(NamedTuple):
    """What a client receives of the body, and the error that it raises."""

    body: bytes
    error: type[httpx.TransportError] | None = None


def call(url: str, read_timeout: float = NEVER, transport: Any = None) -> Result:
    """Stop a run, and read the body in parts."""
    body = b""
    with httpx.Client(
        transport=transport, timeout=httpx.Timeout(NEVER, read=read_timeout), headers=CREDENTIALS
    ) as client:
        try:
            with client.stream("POST", url + STOP) as response:
                for part in response.iter_raw():
                    body += part
        except httpx.TransportError as error:
            return Result(body, type(error))
    return Result(body)


def call_async(url: str, read_timeout: float = NEVER, transport: Any = None) -> Result:
    """As ``call``, with an async client."""

    async def run() -> Result:
        body = b""
        async with httpx.AsyncClient(
            transport=transport, timeout=httpx.Timeout(NEVER, read=read_timeout), headers=CREDENTIALS
        ) as client:
            try:
                async with client.stream("POST", url + STOP) as response:
                    async for part in response.aiter_raw():
                        body += part
            except httpx.TransportError as error:
                return Result(body, type(error))
        return Result(body)

    return asyncio.run(run())


Call = Callable[..., Result]
#: By blocking and async clients.
DRIVERS: list[Call] = [call, call_async]


def raw_request(method: str = "POST", target: str = STOP, **headers: str) -> bytes:
    """The bytes of a request, by default a valid one to ``stop_run`` of ``runs``."""
    fields = {"Host": "a", **CREDENTIALS, **headers}
    return "\r\n".join([f"{method} {target} HTTP/1.1", *map(": ".join, fields.items()), "", ""]).encode()


def connect(url: str) -> socket.socket:
    """A connection to a server."""
    parts = httpx.URL(url)
    return socket.create_connection((parts.host, parts.port), timeout=NEVER)


def exchange(url: str, *requests: bytes) -> tuple[bytes, str]:
    """What is received until the end of the connection, and how it ends: by FIN or RST."""
    received = b""
    with connect(url) as connection:
        connection.sendall(b"".join(requests))
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionResetError:
            return received, "RST"
    return received, "FIN"
