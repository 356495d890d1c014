"""Threads share a client: their calls, retries and tokens do not mix."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any
from uuid import UUID

import httpx
import pytest

from playbook3d_client import CachedToken
from support.client_styles import OWNER, Handler, blocking, ok


def stop(client: Any, number: int) -> str:
    """Stop the thing with that number."""
    return str(client.things.stop_thing(OWNER, UUID(int=number)).message)


def number_of(request: httpx.Request) -> int:
    """The number of the thing that a request stops."""
    return UUID(request.url.path.split("/")[4]).int


def stop_in_threads(handler: Handler, **options: Any) -> list[str]:
    """Stop the things 0 to 99 in eight threads that share a client."""

    def run(client: Any) -> list[str]:
        with ThreadPoolExecutor(8) as pool:
            return [*pool.map(lambda number: stop(client, number), range(100))]

    messages: list[str] = blocking(handler, run, **options)
    return messages


@pytest.mark.usefixtures("slept")
def test_calls_get_their_own_responses() -> None:
    attempts: Counter[int] = Counter()

    def handler(request: httpx.Request) -> httpx.Response:
        attempts[number_of(request)] += 1
        is_first = attempts[number_of(request)] == 1
        return httpx.Response(503) if is_first else httpx.Response(200, json={"message": str(number_of(request))})

    assert stop_in_threads(handler, max_retries=1) == [str(number) for number in range(100)]
    assert attempts == dict.fromkeys(range(100), 2)


def test_refused_calls_share_a_refresh() -> None:
    """Eight calls are refused before one of them refreshes the token."""
    all_sent, tokens = threading.Barrier(8), iter(["old", "new"])

    def fetch() -> str:
        for _ in range(100):
            time.sleep(0)  # yields to the other threads
        return next(tokens)

    def handler(request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] == "Bearer new":
            return ok(request)
        all_sent.wait(30)
        return httpx.Response(401)

    assert stop_in_threads(handler, token=CachedToken(fetch)) == ["Stopped."] * 100


@contextmanager
def interrupted_at(line: int, interrupt: Callable[[], None]) -> Generator[None]:
    """Calls ``interrupt`` before the line that the client executes as its ``line``-th."""
    lines = iter(range(line))

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if not frame.f_globals["__name__"].startswith("playbook3d_client."):
            return None
        if event == "line" and next(lines, None) == line - 1:
            interrupt()  # in which nothing is traced
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def test_tokens_do_not_travel_between_calls() -> None:
    """Whichever line of the client a thread has reached when another one makes a call."""
    calls, sent = list[int](), dict[int, str]()

    def handler(request: httpx.Request) -> httpx.Response:
        sent[number_of(request)] = request.headers["authorization"]
        return ok(request)

    def interleave(client: Any) -> None:
        def call(number: int) -> None:
            calls.append(number)
            stop(client, number)
            calls.pop()

        line = 0
        while len(sent) != 1:  # until the call ends before that line
            line += 1
            sent.clear()
            with interrupted_at(line, lambda: call(2)):
                call(1)
            assert sent.items() <= {1: "Bearer token-1", 2: "Bearer token-2"}.items()
        assert line > 50

    blocking(handler, interleave, token=lambda: f"token-{calls[-1]}")
