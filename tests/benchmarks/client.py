"""Rows for the client: a call, many at once, and the import."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, contextmanager
from functools import partial

from benchmarks.contenders import ASYNCHRONOUS, BLOCKING, CLIENT, HANDWRITTEN, HTTPX, HTTPX2, PYREQWEST
from benchmarks.loopback import loopback_server
from benchmarks.measuring import Cost, Figure, Samples, compare, in_tasks, in_threads, measure

#: So many at a time, the calls of a round, and the rounds.
CONCURRENCY = ((1, 20, 100), (16, 128, 30), (64, 256, 15))
_ALONE = f"{HANDWRITTEN}, one at a time"

_IMPORT = """if True:
    import json, time
    def now():
        return time.process_time(), time.perf_counter()
    start = now()
    import httpx
    theirs = now()
    import playbook3d_client
    print(json.dumps([start, theirs, now()]))
"""


def _rounds(number: int, scale: float) -> int:
    return max(2, round(number * scale))


def _rows(samples: Samples, label: str, against: str, bounds: dict[str, float]) -> Iterator[Figure]:
    for name in samples:
        if name not in (against, _ALONE):
            processor, wall = compare(samples, name, against)
            yield Figure(f"{label}: {name}", against, processor, wall, bounds.get(name))


def blocking(scale: float) -> Iterator[Figure]:
    """Blocking calls, alone and in threads; ``scale`` multiplies the rounds, here and below."""
    with loopback_server() as url, ExitStack() as stack:
        calls = {name: stack.enter_context(contender(url)) for name, contender in BLOCKING.items()}
        for concurrency, times, rounds in CONCURRENCY:
            with ThreadPoolExecutor(concurrency) as pool:
                runs = {name: partial(in_threads, pool, call, times, concurrency) for name, call in calls.items()}
                samples = measure(runs, _rounds(rounds, scale))
            bounds = {HTTPX: 1.2} if concurrency == 1 else {}
            yield from _rows(samples, f"blocking, {concurrency} at a time", HANDWRITTEN, bounds)


@contextmanager
def _async_calls(
    url: str, names: Iterable[str]
) -> Generator[tuple[asyncio.Runner, dict[str, Callable[[], Awaitable[object]]]]]:
    """A loop, and the calls of contenders in it."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def enter() -> dict[str, Callable[[], Awaitable[object]]]:
            installed = [name for name in names if name in ASYNCHRONOUS]
            return {name: await stack.enter_async_context(ASYNCHRONOUS[name](url)) for name in installed}

        yield runner, runner.run(enter())
        runner.run(stack.aclose())


def asynchronous(scale: float) -> Iterator[Figure]:
    """Async calls, alone and in tasks."""
    with loopback_server() as url, _async_calls(url, ASYNCHRONOUS) as (runner, calls):
        for concurrency, times, rounds in CONCURRENCY:
            runs = {name: partial(in_tasks, runner, call, times, concurrency) for name, call in calls.items()}
            if concurrency > 1:
                runs[_ALONE] = partial(in_tasks, runner, calls[HANDWRITTEN], times, 1)
            samples = measure(runs, _rounds(rounds, scale))
            label = f"async, {concurrency} at a time"
            yield from _rows(samples, label, HANDWRITTEN, {HTTPX: 1.2} if concurrency == 1 else {})
            if concurrency > 1:
                yield Figure(f"{label}: {HANDWRITTEN}", _ALONE, *compare(samples, HANDWRITTEN, _ALONE))


def at_once(scale: float) -> Iterator[Figure]:
    """Many async calls at once. Bare httpx takes minutes for 1,500, so it is measured with 300."""
    with (
        loopback_server() as url,
        _async_calls(url, (HANDWRITTEN, CLIENT, HTTPX, HTTPX2, PYREQWEST)) as (runner, calls),
    ):
        runs = {name: partial(in_tasks, runner, call, 300, 300) for name, call in calls.items()}
        samples = measure(runs, _rounds(5, scale))
        yield from _rows(samples, "300 at once", HANDWRITTEN, {HTTPX: 1.1})
    for delay in (0.0, 0.05):
        yield from _fifteen_hundred(delay, scale)


def _fifteen_hundred(delay: float, scale: float) -> Iterator[Figure]:
    """A server that answers at once needs few connections; one that takes its time needs all."""
    twenty = "the client, 20 at a time"
    with loopback_server(delay) as url, _async_calls(url, (CLIENT, HTTPX2)) as (runner, calls):
        runs: dict[str, Callable[[], Cost]] = {
            name: partial(in_tasks, runner, call, 1500, 1500) for name, call in calls.items()
        }
        runs[twenty] = partial(in_tasks, runner, calls[CLIENT], 1500, 20)
        samples = measure(runs, _rounds(3, scale))
        label = f"1,500 at once, {delay * 1000:g} ms each"
        yield from _rows(samples, label, twenty, {CLIENT: 1.5})


def imports(scale: float) -> Iterator[Figure]:
    """The import, in fresh processes with warm bytecode; ``-I`` has them ignore PYTHONDONTWRITEBYTECODE.

    The time is that of httpx and what comes after: in one process, both have the same share of the noise.
    """
    samples: dict[str, list[Cost]] = {"import playbook3d_client": [], "import httpx": []}
    for _ in range(_rounds(25, scale)):
        start, theirs, end = json.loads(subprocess.check_output([sys.executable, "-I", "-c", _IMPORT]))
        for name, stop in zip(samples, (end, theirs), strict=True):
            samples[name].append(Cost(stop[0] - start[0], stop[1] - start[1]))
    ours, theirs = samples
    yield Figure(ours, theirs, *compare(samples, ours, theirs), at_most=1.4)
