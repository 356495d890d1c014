"""``make bench``: what a call, an import and a thousand calls at once cost, against the same with bare httpx.

Calls go over loopback, through kept connections, to a server in a process of its own; what counts is the processor
time of this process. Ours and theirs are measured in turn, in many short rounds, and the median of the rounds' ratios
is compared with the bound. Exit status 1 if a bound is exceeded.
"""

import asyncio
import gc
import operator
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from statistics import median

import httpx

from playbook3d_client import AsyncPlaybookClient, PlaybookClient

KEY, TOKEN = "key-5b1c9f7e", "token-9d2f4a6c"
TEAM, RUN = "7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11", "c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22"
PATH = f"/cancel/{TEAM}/{RUN}"
HEADERS = {"x-api-key": KEY, "Authorization": f"Bearer {TOKEN}"}
BODY = b'{"message": "Run successfully canceled."}'

HOLDS = {"at most": operator.le, "at least": operator.ge, "exactly": operator.eq}
#: What was measured, the figure, and its bound.
Figure = tuple[str, float, str, float]


def figures() -> Iterator[Figure]:
    """All that is measured."""
    yield call()
    yield async_call()
    yield imports()
    yield throughput()
    yield fan_out()
    yield fan_out(0.05)
    yield growth()
    yield from traffic()


def ratio(ours: Callable[[], float], theirs: Callable[[], float], rounds: int) -> float:
    """How many times as much ours costs as theirs; each call of either returns the seconds of one round."""
    ours()  # and theirs, once before: what is done only once is not measured
    before = theirs()
    ratios: list[float] = []
    for _ in range(rounds):
        now = ours()
        ratios.append(now / before)
        before = theirs()
        ratios.append(now / before)
    return median(ratios)


def one_by_one(call: Callable[[], object], times: int) -> float:
    """The seconds of processor time that so many calls take."""
    start = time.process_time()
    for _ in range(times):
        call()
    return time.process_time() - start


async def async_one_by_one(call: Callable[[], Awaitable[object]], times: int) -> float:
    """As ``one_by_one``."""
    start = time.process_time()
    for _ in range(times):
        await call()
    return time.process_time() - start


async def all_at_once(call: Callable[[], Awaitable[object]], times: int) -> float:
    """As ``one_by_one``, but concurrently."""
    start = time.process_time()
    await asyncio.gather(*(call() for _ in range(times)))
    return time.process_time() - start


def call() -> Figure:
    """A blocking call."""
    with server() as url, httpx.Client() as http:
        client = PlaybookClient(api_key=KEY, token=TOKEN, base_url=url, http_client=http)
        measured = ratio(
            lambda: one_by_one(lambda: client.workflows.cancel_run(TEAM, RUN), 20),
            lambda: one_by_one(lambda: http.post(url + PATH, headers=HEADERS).json(), 20),
            150,
        )
    return "processor time of a call, against httpx", measured, "at most", 1.20


def async_call() -> Figure:
    """An async call."""

    async def theirs(http: httpx.AsyncClient, url: str) -> object:
        return (await http.post(url, headers=HEADERS)).json()

    with server() as url, asyncio.Runner() as runner:
        http = httpx.AsyncClient()
        client = AsyncPlaybookClient(api_key=KEY, token=TOKEN, base_url=url, http_client=http)
        measured = ratio(
            lambda: runner.run(async_one_by_one(lambda: client.workflows.cancel_run(TEAM, RUN), 20)),
            lambda: runner.run(async_one_by_one(lambda: theirs(http, url + PATH), 20)),
            150,
        )
        runner.run(http.aclose())
    return "processor time of an async call, against httpx", measured, "at most", 1.20


def imports() -> Figure:
    """The import, in fresh processes with warm bytecode: -I has them ignore PYTHONDONTWRITEBYTECODE.

    It is that of httpx and what comes after; taken in one process, both have the same share of the noise.
    """
    code = """if True:
        from time import perf_counter as now
        start = now()
        import httpx
        theirs = now() - start
        import playbook3d_client
        print((now() - start) / theirs)
    """
    measured = median(float(subprocess.check_output([sys.executable, "-I", "-c", code])) for _ in range(25))
    return "time of the import, against httpx", measured, "at most", 1.40


def throughput() -> Figure:
    """A thousand calls at once, through the same httpx client, hence with the same limits.

    Few connections, all of them kept: httpx looks at each one for each of the calls that wait, again and again.
    """
    limits = httpx.Limits(max_connections=20)

    async def theirs(http: httpx.AsyncClient, url: str) -> object:
        return (await http.post(url, headers=HEADERS)).json()

    with server() as url, asyncio.Runner() as runner:
        http = httpx.AsyncClient(limits=limits, timeout=None)  # noqa: S113 (they wait for a connection)
        client = AsyncPlaybookClient(api_key=KEY, token=TOKEN, base_url=url, http_client=http)
        measured = ratio(
            lambda: runner.run(all_at_once(lambda: client.workflows.cancel_run(TEAM, RUN), 1000)),
            lambda: runner.run(all_at_once(lambda: theirs(http, url + PATH), 1000)),
            5,
        )
        runner.run(http.aclose())
    return "processor time of 1,000 calls at once, against httpx", measured, "at most", 1.10


def fan_out(delay: float = 0.0) -> Figure:
    """1,500 calls at once with connections of our own, against the same calls 20 at a time.

    A server that answers at once needs few connections; one that takes its time needs all.
    """
    with server(delay) as url, asyncio.Runner() as runner:
        client = AsyncPlaybookClient(api_key=KEY, token=TOKEN, base_url=url)

        async def twenty_at_a_time() -> float:
            start = time.process_time()
            for _ in range(75):
                await asyncio.gather(*(client.workflows.cancel_run(TEAM, RUN) for _ in range(20)))
            return time.process_time() - start

        measured = ratio(
            lambda: runner.run(all_at_once(lambda: client.workflows.cancel_run(TEAM, RUN), 1500)),
            lambda: runner.run(twenty_at_a_time()),
            3,
        )
        runner.run(client.aclose())
    what = f"processor time of 1,500 calls of {delay * 1000:g} ms at once, against 20 at a time"
    return what, measured, "at most", 1.5


def growth() -> Figure:
    """How much more memory is in use after many calls, when each of Python's blocks counts as the largest, 512 bytes.

    Counting blocks costs nothing, where tracemalloc would take four times as long.
    """
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=BODY))
    with httpx.Client(transport=transport) as http:
        client = PlaybookClient(api_key=KEY, token=TOKEN, http_client=http)
        blocks: list[int] = []
        for times in (5_000, 50_000):
            one_by_one(lambda: client.workflows.cancel_run(TEAM, RUN), times)
            gc.collect()
            blocks.append(sys.getallocatedblocks())
    return "bytes kept of each of 50,000 calls", 512 * (blocks[1] - blocks[0]) / 50_000, "at most", 1


def traffic() -> Iterator[Figure]:
    """What a hundred calls are on the wire."""

    def counts(url: str) -> dict[str, int]:
        own = httpx.get(url).headers  # itself a request on a connection of its own
        return {what: int(own[what]) - 1 for what in ("requests", "connections")}

    with server() as url:
        with PlaybookClient(api_key=KEY, token=TOKEN, base_url=url) as client:
            one_by_one(lambda: client.workflows.cancel_run(TEAM, RUN), 100)
        measured = counts(url)
    yield "requests of 100 calls", measured["requests"], "exactly", 100
    yield "connections of 100 calls", measured["connections"], "exactly", 1

    async def calls(url: str) -> None:
        async with AsyncPlaybookClient(api_key=KEY, token=TOKEN, base_url=url) as client:
            await async_one_by_one(lambda: client.workflows.cancel_run(TEAM, RUN), 100)

    with server() as url:
        asyncio.run(calls(url))
        measured = counts(url)
    yield "requests of 100 async calls", measured["requests"], "exactly", 100
    yield "connections of 100 async calls", measured["connections"], "exactly", 1


@contextmanager
def server(delay: float = 0.0) -> Generator[str]:
    """The URL of a server in a process of its own, which ends when its standard input does: with this one, too."""
    command = [sys.executable, __file__, "serve", str(delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()


class Serving(asyncio.Protocol):
    """Answers each request alike, without reading it, and counts them in its headers."""

    requests = connections = 0
    delay = 0.0  # seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._rest = transport, b""
        Serving.connections += 1

    def data_received(self, data: bytes) -> None:
        *heads, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for _ in heads:
            Serving.requests += 1
            counts = f"requests: {self.requests}\r\nconnections: {self.connections}"
            content = f"content-type: application/json\r\ncontent-length: {len(BODY)}"
            response = f"HTTP/1.1 200 OK\r\n{counts}\r\n{content}\r\n\r\n".encode() + BODY
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, self._transport.write, response)
            else:
                self._transport.write(response)


async def serve() -> None:
    """Print a URL of loopback, and serve there until standard input ends."""
    listening = await asyncio.get_running_loop().create_server(Serving, "127.0.0.1", 0, backlog=1000)
    print("http://{}:{}".format(*listening.sockets[0].getsockname()), flush=True)
    await asyncio.to_thread(sys.stdin.read)


def main() -> int:
    os.environ["no_proxy"] = "*"  # the clients read the environment
    exceeded = False
    for what, figure, word, bound in figures():
        print(f"{what}: {figure:.3g} ({word} {bound:g})", flush=True)
        exceeded = exceeded or not HOLDS[word](figure, bound)
    return int(exceeded)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        Serving.delay = float(sys.argv[2])
        asyncio.run(serve())
    else:
        raise SystemExit(main())
