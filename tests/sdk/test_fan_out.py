"""Many calls at once: they wait for their turn, and cancelled ones leave nothing behind."""

import asyncio
import random
import re
import threading
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID, uuid4

import httpx
import pytest

from support.client_styles import KEY, OWNER, TOKEN
from support.fixture_client import AsyncFixtureClient, FixtureClient


class Server(asyncio.Protocol):
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
def serve() -> Generator[tuple[str, Counter[str]]]:
    """The URL of a server in a thread of its own, and the requests that it received."""
    requests: Counter[str] = Counter()
    transports: set[asyncio.Transport] = set()
    loop = asyncio.new_event_loop()
    protocol = type("Protocol", (Server,), {"requests": requests, "transports": transports})
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

    with serve() as (url, _):
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

    with serve() as (url, requests):
        asyncio.run(run(url))
    assert set(requests.values()) == {1}


def test_waiting_for_a_turn_is_not_bounded_by_the_timeout() -> None:
    """Httpx's own pool would fail a call that waits a thousandth of a second in it."""
    timeout = httpx.Timeout(30, pool=0.001)

    async def run(url: str) -> list[str]:
        async with AsyncFixtureClient(api_key=KEY, token=TOKEN, base_url=url, timeout=timeout, max_retries=0) as client:
            return await asyncio.gather(*(stop(client, uuid4()) for _ in range(400)))

    with serve() as (url, requests):
        assert sorted(asyncio.run(run(url))) == sorted(requests)
        with FixtureClient(api_key=KEY, token=TOKEN, base_url=url, timeout=timeout, max_retries=0) as client:
            with ThreadPoolExecutor(150) as pool:
                results = [pool.submit(client.things.stop_thing, OWNER, uuid4()) for _ in range(150)]
            assert len({result.result().message for result in results}) == 150
