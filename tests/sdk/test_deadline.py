"""A deadline bounds a whole call: its retries, its waits, its token, and a body that drips."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest

from playbook3d_client import APITimeoutError, ConfigurationError, InternalServerError
from support.client_styles import DRIVERS, Call, asynchronous, blocking, error_of, ok, stop
from support.http_family import httpx


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the blocking client; sleeping moves it."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    monkeypatch.setattr(time, "sleep", lambda seconds: setattr(clock, "now", clock.now + seconds))
    return clock


def slow(clock: Clock, seconds: float, status: int = 500) -> Callable[[httpx.Request], httpx.Response]:
    """A server that takes some seconds."""

    def handler(request: httpx.Request) -> httpx.Response:
        clock.now += seconds
        return httpx.Response(status, json={"message": "Stopped."})

    return handler


def test_retries_end_at_the_deadline(clock: Clock) -> None:
    error = error_of(APITimeoutError, blocking, slow(clock, 4), deadline=10, max_retries=9)
    assert str(error) == "stop_thing at api.fixture.invalid did not end within its deadline of 10 s"
    assert error.retries_taken == 2
    assert isinstance(error.__cause__, InternalServerError)
    assert (error.request.method, error.request.url.path.endswith("/stop")) == ("POST", True)


def test_wait_beyond_the_deadline_is_not_begun(clock: Clock) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, headers={"retry-after": "60"})

    error_of(APITimeoutError, blocking, handler, deadline=30, max_retries=2)
    assert clock.now == 1000.0


def test_timeouts_are_cut_to_what_remains(clock: Clock) -> None:
    timeouts: list[Any] = []

    def handler(request: httpx.Request) -> httpx.Response:
        timeout = request.extensions["timeout"]
        timeouts.append({phase: timeout.get(phase) for phase in timeout})
        return slow(clock, 4)(request)

    error_of(APITimeoutError, blocking, handler, deadline=10, timeout=httpx.Timeout(8, connect=3), max_retries=9)
    assert timeouts[0] == {"connect": 3, "read": 8, "write": 8, "pool": 8}
    assert 5 < timeouts[1]["read"] < 6
    assert timeouts[1]["connect"] == 3


def test_timeout_of_each_phase_is_cut_when_it_begins(clock: Clock) -> None:
    timeouts: list[Any] = []

    def handler(request: httpx.Request) -> httpx.Response:
        timeout = request.extensions["timeout"]
        for phase in ("connect", "read"):
            timeouts.append(timeout.get(phase))
            clock.now += 4
        return ok(request)

    blocking(handler, deadline=10, timeout=None)
    assert timeouts == [10, 6]


def test_dripping_body_ends_at_the_deadline(clock: Clock) -> None:
    class Drip(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(100):
                clock.now += 1
                yield b" "

    error = error_of(
        APITimeoutError, blocking, lambda _: httpx.Response(200, stream=Drip()), deadline=10, max_retries=9
    )
    assert "within its deadline of 10 s" in str(error)
    assert clock.now < 1012


def test_success_within_the_deadline_is_returned(clock: Clock) -> None:
    assert blocking(slow(clock, 9, 200), deadline=10).message == "Stopped."


def test_token_counts_for_the_deadline(clock: Clock) -> None:
    def token() -> str:
        clock.now += 11
        return "token-9d2f4a6c"

    error_of(APITimeoutError, blocking, ok, deadline=10, token=token)


def test_async_call_is_cancelled_at_the_deadline() -> None:
    cancelled: list[bool] = []

    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002
            try:
                await anyio.sleep_forever()
            finally:
                cancelled.append(True)
            raise AssertionError

    error = error_of(APITimeoutError, asynchronous, None, http={"transport": Silent()}, deadline=0.01, max_retries=9)
    assert str(error) == "stop_thing at api.fixture.invalid did not end within its deadline of 0.01 s"
    assert cancelled == [True]


@pytest.mark.parametrize("call", DRIVERS)
def test_deadline_of_a_copy_replaces_that_of_the_client(call: Call) -> None:
    assert call(ok, lambda client: stop(client.with_options(deadline=None)), deadline=1e-9).message == "Stopped."


@pytest.mark.parametrize("deadline", [0, -1, float("nan"), True, "3"])
def test_invalid_deadline_is_rejected(deadline: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^deadline= must be a number of seconds above 0, or None"):
        blocking(ok, deadline=deadline)
