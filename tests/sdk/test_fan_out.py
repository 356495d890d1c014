"""Many calls at once: they wait for their turn, and cancelled ones leave nothing behind."""

import asyncio
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import httpx
import pytest

from playbook3d_client import APITimeoutError, DefaultHttpxClient
from support.client_styles import KEY, OWNER, TOKEN, ok
from support.client_styles import stop as stop_thing
from support.fixture_client import AsyncFixtureClient, FixtureClient
from support.servers import echo_server


async def stop(client: AsyncFixtureClient, thing: UUID) -> str:
    return str((await client.things.stop_thing(OWNER, thing)).message)


def test_calls_that_are_cancelled_at_once_leave_nothing_behind() -> None:
    async def run(url: str) -> None:
        async with AsyncFixtureClient(api_key=KEY, token=TOKEN, base_url=url, timeout=60, max_retries=0) as client:
            tasks = [asyncio.create_task(stop(client, uuid4())) for _ in range(250)]
            await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            thing = uuid4()
            assert await stop(client, thing) == str(thing)

    with echo_server() as (url, _):
        asyncio.run(run(url))


# Bare httpx, too, leaves a socket behind now and then, when a call is cancelled at the moment it connects.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_storms_of_cancellations_lose_and_double_nothing() -> None:
    random_moments = random.Random(17)  # noqa: S311

    async def storm(client: AsyncFixtureClient) -> None:
        things = [uuid4() for _ in range(300)]
        tasks = [asyncio.create_task(stop(client, thing)) for thing in things]
        victims = random_moments.sample(tasks, 150)
        while victims:
            for _ in range(random_moments.randrange(5)):
                await asyncio.sleep(0)
            for task in [victims.pop() for _ in range(min(len(victims), random_moments.randrange(1, 30)))]:
                task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for thing, result in zip(things, results, strict=True):
            assert result == str(thing) or isinstance(result, asyncio.CancelledError), result

    async def run(url: str) -> None:
        async with AsyncFixtureClient(api_key=KEY, token=TOKEN, base_url=url, timeout=60, max_retries=0) as client:
            for _ in range(25):
                await storm(client)
            thing = uuid4()
            assert await stop(client, thing) == str(thing)

    with echo_server() as (url, requests):
        asyncio.run(run(url))
    assert set(requests.values()) == {1}


def test_waiting_for_a_turn_is_not_bounded_by_the_timeout() -> None:
    """Httpx's own pool would fail a call that waits a thousandth of a second in it."""
    timeout = httpx.Timeout(30, pool=0.001)

    async def run(url: str) -> list[str]:
        async with AsyncFixtureClient(api_key=KEY, token=TOKEN, base_url=url, timeout=timeout, max_retries=0) as client:
            return await asyncio.gather(*(stop(client, uuid4()) for _ in range(400)))

    with echo_server() as (url, requests):
        assert sorted(asyncio.run(run(url))) == sorted(requests)
        with FixtureClient(api_key=KEY, token=TOKEN, base_url=url, timeout=timeout, max_retries=0) as client:
            with ThreadPoolExecutor(150) as pool:
                results = [pool.submit(client.things.stop_thing, OWNER, uuid4()) for _ in range(150)]
            assert len({result.result().message for result in results}) == 150


def test_turns_are_given_first_come_first_served() -> None:
    """Without order, the thread whose turn ended gets the next, again and again."""
    calls: Counter[int] = Counter()

    def handler(request: httpx.Request) -> httpx.Response:
        calls[threading.get_ident()] += 1
        time.sleep(0)  # lets another thread run
        return ok(request)

    def call_until_all_are_done(client: FixtureClient) -> None:
        while calls.total() < 800:
            stop_thing(client)

    transport, limits = httpx.MockTransport(handler), httpx.Limits(max_connections=1)
    with DefaultHttpxClient(transport=transport, limits=limits) as http, ThreadPoolExecutor(8) as pool:
        client = FixtureClient(api_key=KEY, token=TOKEN, http_client=http)
        done = [pool.submit(call_until_all_are_done, client) for _ in range(8)]
    assert [each.result() for each in done] == [None] * 8
    assert min(calls.values()) > 50
    assert len(calls) == 8


def test_turn_that_was_not_taken_is_given_on() -> None:
    """Ten calls at a time that give up, and one that never has to wait for another."""
    started, may_end = threading.Event(), threading.Event()

    def handler(request: httpx.Request) -> httpx.Response:
        started.set()
        may_end.wait(20)
        return ok(request)

    transport, limits = httpx.MockTransport(handler), httpx.Limits(max_connections=1)
    with DefaultHttpxClient(transport=transport, limits=limits) as http, ThreadPoolExecutor(12) as pool:
        client = FixtureClient(api_key=KEY, token=TOKEN, http_client=http)
        first = pool.submit(stop_thing, client)
        started.wait(20)
        late = [pool.submit(stop_thing, client.with_options(deadline=0.01)) for _ in range(10)]
        assert {type(each.exception()) for each in late} == {APITimeoutError}
        last = pool.submit(stop_thing, client)
        may_end.set()
        assert first.result() == last.result()
