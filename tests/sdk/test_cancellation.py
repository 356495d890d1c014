"""Time limits, interrupts and cancelled tasks end a call at once, and its response is closed."""

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from itertools import product
from types import MethodType
from typing import Any
from unittest.mock import Mock

import anyio
import pytest

from playbook3d_client import APIConnectionError
from support.client_styles import DRIVERS, Call, Handler, LostBody, answering, asynchronous, blocking, error_of, stop
from support.fixture_client import AsyncFixtureClient
from support.http_family import httpx


class TimeLimitError(Exception):
    """A time limit of a task queue."""


@pytest.fixture(
    params=product([TimeLimitError, TimeoutError, OSError], ["function", "method"]), ids=lambda param: param[1]
)
def limit(request: pytest.FixtureRequest) -> Iterator[Exception]:
    """What a signal handler raises at ``SIGUSR1``."""
    error_class, handler_type = request.param
    limit = error_class("the job's limit")

    def handler(*_: object) -> None:
        raise limit

    before = signal.signal(signal.SIGUSR1, handler if handler_type == "function" else MethodType(handler, object()))
    yield limit
    signal.signal(signal.SIGUSR1, before)


def interrupted(*_: object, **__: object) -> Any:
    """Replaces a function that waits: the signal arrives meanwhile."""
    signal.raise_signal(signal.SIGUSR1)


HANDLERS: dict[str, Handler] = {
    "send": interrupted,
    "parse": lambda _: type("Response", (httpx.Response,), {"json": interrupted})(200),
    "sleep": answering(503),
}


@pytest.mark.parametrize("phase", HANDLERS)
def test_time_limit_ends_the_call(phase: str, limit: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = Mock(side_effect=HANDLERS[phase])
    if phase == "sleep":
        monkeypatch.setattr(time, "sleep", interrupted)
    assert error_of(type(limit), blocking, handler, max_retries=5) is limit
    handler.assert_called_once()


def test_time_limit_ends_a_wait_for_a_socket(limit: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also an ``OSError``, which httpcore maps to an error of its own."""
    recv = Mock(side_effect=interrupted)
    monkeypatch.setattr(socket.socket, "recv", recv)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert error_of(type(limit), blocking, None, base_url=url, max_retries=2) is limit
    recv.assert_called_once()


@pytest.mark.usefixtures("limit")
def test_network_error_is_not_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if Python code raises it: gevent and proxy libraries replace functions of ``socket``."""
    monkeypatch.setattr(socket, "create_connection", Mock(side_effect=ConnectionRefusedError))
    error = error_of(APIConnectionError, blocking, None, base_url="http://127.0.0.1:9")
    assert isinstance(error.__cause__, httpx.ConnectError)


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("error_class", [KeyboardInterrupt, TimeLimitError])
def test_foreign_exception_is_not_retried(call: Call, error_class: type[BaseException]) -> None:
    handler = Mock(side_effect=error_class)
    error_of(error_class, call, handler, max_retries=2)
    handler.assert_called_once()


@pytest.mark.parametrize("call", DRIVERS)
def test_interrupted_response_is_closed(call: Call) -> None:
    body = LostBody(KeyboardInterrupt())
    error_of(KeyboardInterrupt, call, answering(200, stream=body))
    assert body.closed


@pytest.mark.parametrize("phase", ["send", "read", "sleep"])
def test_cancelled_task_stops_and_closes_the_response(phase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = asyncio.Event()

    async def wait(*_: object) -> None:
        waiting.set()
        await asyncio.Event().wait()

    class Body(LostBody):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"{"
            if phase == "read":
                await wait()

    async def respond(_: httpx.Request) -> httpx.Response:
        if phase == "send":
            await wait()
        return httpx.Response(503, stream=body)

    async def stop_and_cancel(client: AsyncFixtureClient) -> None:
        task = asyncio.create_task(stop(client))
        await waiting.wait()
        task.cancel()
        await task

    body, server = Body(), Mock(side_effect=respond)
    monkeypatch.setattr(anyio, "sleep", wait)
    error_of(asyncio.CancelledError, asynchronous, server, stop_and_cancel, max_retries=2)
    assert (server.call_count, body.closed) == (1, phase != "send")
