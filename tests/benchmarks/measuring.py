"""Measuring: contenders in turn, in many short rounds, by processor time and wall time."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Cost(NamedTuple):
    """Seconds of processor time, if it could be measured, and of wall time."""

    processor: float | None
    wall: float

    def per(self, count: float) -> "Cost":
        """The cost of one of so many."""
        return Cost(None if self.processor is None else self.processor / count, self.wall / count)


class Spread(NamedTuple):
    """A median and the quartiles around it."""

    median: float
    low: float
    high: float


class Figure(NamedTuple):
    """A row of the table.

    Attributes:
        subject: What was measured.
        against: What it is compared with: the figures are ratios. Empty if they are not.
        processor: By processor time, or a count.
        wall: By wall time.
        at_most: The bound of the median of ``processor``.
        unit: The unit of figures that are no ratios.
        note: Why there are no figures.
    """

    subject: str
    against: str = ""
    processor: Spread | None = None
    wall: Spread | None = None
    at_most: float | None = None
    unit: str = ""
    note: str = ""

    @property
    def is_exceeded(self) -> bool:
        """Whether the median is above the bound."""
        return self.at_most is not None and self.processor is not None and self.processor.median > self.at_most


#: The costs of each contender, round by round.
Samples = Mapping[str, list[Cost]]


def measure(contenders: Mapping[str, Callable[[], Cost]], rounds: int, discarded: int = 1) -> Samples:
    """Run each contender once a round, after rounds that are discarded: what is done only once is not measured."""
    samples: dict[str, list[Cost]] = {name: [] for name in contenders}
    for number in range(discarded + rounds):
        for name, run in contenders.items():
            cost = run()
            if number >= discarded:
                samples[name].append(cost)
    return samples


def compare(samples: Samples, subject: str, against: str) -> tuple[Spread | None, Spread]:
    """How many times as much one contender costs as another, by processor time and by wall time."""
    pairs = [*zip(samples[subject], samples[against], strict=True)]
    # A clock may be too coarse for one round, so a round without processor time is left out.
    processor = [ours.processor / theirs.processor for ours, theirs in pairs if ours.processor and theirs.processor]
    return spread(processor) if processor else None, spread(ours.wall / theirs.wall for ours, theirs in pairs)


def spread(values: Iterable[float]) -> Spread:
    """The median and the quartiles of values."""
    ordered = sorted(values)
    low, _, high = quantiles(ordered, n=4, method="inclusive") if len(ordered) > 1 else ordered * 3
    return Spread(median(ordered), low, high)


def count(number: float) -> Spread:
    """A number without a spread."""
    return Spread(number, number, number)


def cost_of(run: Callable[[], object]) -> Cost:
    """What it costs this process to run something."""
    processor, wall = time.process_time(), time.perf_counter()
    run()
    return Cost(time.process_time() - processor, time.perf_counter() - wall)


def cost_of_command(command: list[str], environment: Mapping[str, str] | None = None) -> Cost:
    """The cost of a command and its children, with the tools of this environment on its PATH."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "PATH": tools, **(environment or {})}
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, check=True)
    after, end = os.times(), time.perf_counter()
    processor = after.children_user - before.children_user + after.children_system - before.children_system
    return Cost(processor, end - start)


def in_threads(pool: ThreadPoolExecutor, call: Callable[[], object], calls: int, concurrency: int) -> Cost:
    """The cost of a call, when so many threads make so many calls together; with one, it is this thread."""

    def one_by_one(_: int = 0) -> None:
        for _ in range(calls // concurrency):
            call()

    if concurrency == 1:
        return cost_of(one_by_one).per(calls)
    return cost_of(lambda: [*pool.map(one_by_one, range(concurrency))]).per(calls)


def in_tasks(runner: asyncio.Runner, call: Callable[[], Awaitable[object]], calls: int, concurrency: int) -> Cost:
    """As ``in_threads``, with tasks."""

    async def one_by_one() -> None:
        for _ in range(calls // concurrency):
            await call()

    async def together() -> None:
        await asyncio.gather(*(one_by_one() for _ in range(concurrency)))

    return cost_of(lambda: runner.run(together())).per(calls)
