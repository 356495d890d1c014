"""Threads share a client: their calls, retries and tokens do not mix."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any
from unittest.mock import Mock
from uuid import UUID

import pytest

from playbook3d_client import BadRequestError, CachedToken
from support.client_styles import OWNER, Action, Handler, blocking, ok
from support.fixture_client import FixtureClient
from support.http_family import httpx


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


OPERATIONS: dict[str, tuple[Action, set[str]]] = {
    "both": (lambda client: stop(client, 2), {"x-api-key", "authorization"}),
    "key": (lambda client: client.things.list_things(), {"x-api-key"}),
    "none": (lambda client: client.system_status.status(), set()),
}


def credentials(key: int, token: int = 1) -> dict[str, str]:
    """The headers of an operation that needs both."""
    return {"x-api-key": f"key-{key}", "authorization": f"Bearer token-{token}"}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("other_client", [False, True], ids=["same client", "other client"])
@pytest.mark.parametrize("fixed", [False, True], ids=["token function", "fixed token"])
def test_credentials_do_not_travel_between_calls(operation: str, other_client: bool, fixed: bool) -> None:
    """Whichever line of the client a thread has reached when another one makes a call."""
    action, headers = OPERATIONS[operation]
    calls, sent = list[int](), list[dict[str, str]]()

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append({name: value for name, value in request.headers.items() if name in credentials(1)})
        return httpx.Response(400)

    def make_client(number: int) -> FixtureClient:
        token = f"token-{number}" if fixed else lambda: f"token-{calls[-1]}"
        return FixtureClient(api_key=f"key-{number}", token=token, http_client=http_client, max_retries=0)

    def call(number: int, client: FixtureClient, action: Action) -> None:
        calls.append(number)
        with pytest.raises(BadRequestError):
            action(client)
        calls.pop()

    with httpx.Client(transport=httpx.MockTransport(handler)) as http_client:
        client = make_client(1)
        other = make_client(2) if other_client else client
        key, token = 1 + other_client, 1 + (other_client or not fixed)
        first = credentials(1)
        second = {name: value for name, value in credentials(key, token).items() if name in headers}
        line = 0
        while len(sent) != 1:  # until the call ends before that line
            line += 1
            sent.clear()
            with interrupted_at(line, lambda: call(2, other, action)):
                call(1, client, lambda client: stop(client, 1))
            assert sent in ([first], [first, second], [second, first])
    assert line > 50


def refresh(cache: CachedToken) -> None:
    """What another thread does after a 401 for the old token."""
    cache.expire("old")
    assert cache() == "new"


def test_late_401_keeps_the_token_of_another_thread() -> None:
    """Whichever line of ``expire`` a thread has reached when another one refreshes the token."""
    line, interrupted = 0, True
    while interrupted:
        line += 1
        fetch = Mock(side_effect=["old", "new", "newer"])
        cache = CachedToken(fetch)
        cache()
        with interrupted_at(line, partial(refresh, cache)):
            cache.expire("old")
        interrupted = fetch.call_count > 1
        assert cache() == "new"
    assert line > 2
