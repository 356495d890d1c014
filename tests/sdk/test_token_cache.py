"""``CachedToken`` and ``AsyncCachedToken``: how long a token is cached, and who shares a fetch."""

import asyncio
import base64
import copy
import json
import os
import pickle
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest

from playbook3d_client import AsyncCachedToken, CachedToken, ConfigurationError

NOW = 1_800_000_000.0


def jwt(**claims: object) -> str:
    """An unsigned JWT."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"header.{payload}.signature"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """The time of day; it moves when a test sets ``return_value``."""
    clock = Mock(return_value=NOW)
    monkeypatch.setattr(time, "time", clock)
    return clock


def cached(*results: str | BaseException, **options: float) -> Callable[[], str]:
    """A blocking cache of a function that returns, or raises, each result in turn."""
    return CachedToken(Mock(side_effect=results), **options)


def cached_async(*results: str | BaseException, **options: float) -> Callable[[], str]:
    """As ``cached``, of an async function."""
    cache = AsyncCachedToken(AsyncMock(side_effect=results), **options)
    return lambda: asyncio.run(cache())


BOTH = pytest.mark.parametrize("cached", [cached, cached_async])


@pytest.mark.parametrize(
    ("tokens", "seconds"),
    [
        # Payloads with each length of base64 padding.
        ([jwt(exp=NOW + 3600), jwt(exp=int(NOW) + 3600), jwt(exp=NOW + 3600, sub="sss")], 3570),
        ([jwt(exp=NOW + 60)], 54),
        # No valid expiry: the default lifetime.
        (["opaque", "a.b.c", "a." + "9" * 40 + ".c", jwt()], 300),
        ([jwt(exp=exp) for exp in ("soon", None, [1], float("nan"), float("inf"), -1, NOW * 1000, 10**400)], 300),
    ],
)
def test_token_is_cached_until_shortly_before_exp(tokens: list[str], seconds: float, clock: Mock) -> None:
    for token in tokens:
        get_token, clock.return_value = cached(token, "next"), NOW
        assert get_token() == token
        clock.return_value = NOW + seconds - 0.5
        assert get_token() == token
        clock.return_value = NOW + seconds + 0.5
        assert get_token() == "next"


@pytest.mark.parametrize("subject", ["???>>>", "a???>>>", "aa???>>>"])
def test_exp_is_read_from_base64url(subject: str, clock: Mock) -> None:
    """The payload has the two characters in which base64url differs from base64."""
    token = jwt(sub=subject, exp=NOW + 3600)
    assert set("-_") < set(token)
    get_token = cached(token, "next")
    assert get_token() == token
    clock.return_value = NOW + 3569
    assert get_token() == token


@BOTH
def test_lifetime_applies_to_tokens_without_exp(cached: Callable[..., Any], clock: Mock) -> None:
    get_token = cached("t1", "t2", lifetime=10)
    assert [get_token(), get_token()] == ["t1", "t1"]
    clock.return_value = NOW + 10.25
    assert get_token() == "t2"


def test_expired_token_is_returned_once() -> None:
    """The clocks of two machines differ."""
    get_token = cached(jwt(exp=NOW - 5), "next")
    assert [get_token(), get_token()] == [jwt(exp=NOW - 5), "next"]


@pytest.mark.parametrize("lifetime", [0, -1, "5", True, float("nan")])
def test_invalid_lifetime_is_rejected(lifetime: Any) -> None:
    with pytest.raises(ConfigurationError, match="lifetime= must be a number of seconds above 0, not "):
        CachedToken(Mock(), lifetime=lifetime)


def test_fetch_must_be_a_function() -> None:
    token: Any = "a-token"
    with pytest.raises(ConfigurationError, match="fetch must be a function that returns a token, not str"):
        CachedToken(token)


def test_repr_shows_the_function_and_no_token() -> None:
    cache = CachedToken(Mock(return_value="secret"))
    cache()
    assert [repr(cache), repr(CachedToken(str))] == ["CachedToken(Mock)", "CachedToken(str)"]


@pytest.mark.parametrize("cache", [CachedToken(Mock()), AsyncCachedToken(AsyncMock())])
@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_cache_is_not_pickled_with_its_token(cache: object, duplicate: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="CachedToken cannot be pickled or copied: it holds a token"):
        duplicate(cache)


@BOTH
@pytest.mark.parametrize("error", [RuntimeError("no network"), KeyboardInterrupt()])
def test_failed_fetch_is_not_cached(cached: Callable[..., Any], error: BaseException) -> None:
    get_token = cached(error, "t1")
    with pytest.raises(type(error)):
        get_token()
    assert get_token() == "t1"


@pytest.mark.timeout(10)  # a deadlock fails at once
def test_fetch_that_needs_its_own_token_is_rejected() -> None:
    cache = CachedToken(lambda: cache())
    with pytest.raises(ConfigurationError, match="makes a call that needs that very token"):
        cache()


@pytest.mark.timeout(10)
def test_async_fetch_that_needs_its_own_token_is_rejected() -> None:
    async def fetch() -> str:
        return await asyncio.create_task(get_token())

    async def get_token() -> str:
        return await cache()

    cache = AsyncCachedToken(fetch)
    with pytest.raises(ConfigurationError, match="makes a call that needs that very token"):
        asyncio.run(get_token())


FORK = """
import os, sys
from playbook3d_client import CachedToken

parent = os.getpid()
def fetch():
    if os.getpid() == parent:
        if (child := os.fork()) == 0:
            os._exit(int(cache() != "t1"))
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    return "t1"

cache = CachedToken(fetch)
cache()
"""

ASYNC_FORK = """
import asyncio, os, sys
from concurrent.futures import ThreadPoolExecutor
from playbook3d_client import AsyncCachedToken

parent = os.getpid()
async def fetch():
    if os.getpid() == parent:
        if (child := os.fork()) == 0:
            with ThreadPoolExecutor(1) as thread:  # which has no event loop yet
                os._exit(int(thread.submit(asyncio.run, get_token()).result() != "t1"))
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    return "t1"

async def get_token():
    return await cache()

cache = AsyncCachedToken(fetch)
asyncio.run(get_token())
"""


@pytest.mark.parametrize("program", [FORK, ASYNC_FORK], ids=["blocking", "async"])
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.timeout(60)
def test_fork_during_a_fetch_does_not_block_the_child(program: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 0, done.stderr


@pytest.mark.timeout(10)
def test_abandoned_event_loop_does_not_block_the_next() -> None:
    async def fetch() -> str:
        await started.put(None)
        return await fetched.get()

    async def begin_fetch() -> None:
        tasks.append(asyncio.create_task(get_token()))
        await started.get()

    async def get_token() -> str:
        return await cache()

    cache = AsyncCachedToken(fetch)
    started: asyncio.Queue[None] = asyncio.Queue()
    fetched: asyncio.Queue[str] = asyncio.Queue()
    tasks: list[asyncio.Task[str]] = []
    loop = asyncio.new_event_loop()
    loop.run_until_complete(begin_fetch())
    started, fetched = asyncio.Queue(), asyncio.Queue()
    fetched.put_nowait("t1")
    assert asyncio.run(get_token()) == "t1"
    tasks[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(tasks[0])
    loop.close()


def test_fetch_may_need_the_token_of_another_cache() -> None:
    assert CachedToken(cached("t1"))() == "t1"


@pytest.mark.parametrize(
    ("first", "expected", "calls"),
    [
        ("t1", {"t1": 8}, 1),
        (RuntimeError("no network"), {"RuntimeError": 8}, 1),
        (asyncio.CancelledError(), {"CancelledError": 1, "t2": 7}, 2),
    ],
)
def test_concurrent_calls_share_a_fetch(first: object, expected: object, calls: int) -> None:
    """They share its token, or its error; they repeat an interrupted fetch."""
    fetch = Mock(side_effect=[first, "t2"])

    async def fetch_slowly() -> Any:
        await asyncio.sleep(0)
        return fetch()

    async def run() -> list[object]:
        cache = AsyncCachedToken(fetch_slowly)
        return [*await asyncio.gather(*(cache() for _ in range(8)), return_exceptions=True)]

    results = asyncio.run(run())
    assert Counter(each if isinstance(each, str) else type(each).__name__ for each in results) == expected
    assert fetch.call_count == calls


def test_fetch_that_ends_during_a_look_is_used(clock: Mock) -> None:
    """Another thread fetches after this one has read the cached token."""
    fetch = Mock(side_effect=["t1", "t2"])
    cache = CachedToken(fetch)

    def fetch_elsewhere() -> float:
        clock.side_effect = None
        cache()
        return NOW

    clock.side_effect = fetch_elsewhere
    assert cache() == "t1"
    fetch.assert_called_once()
