"""Calls with bounded concurrency, each of which ends with an outcome, whatever happens."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")

#: ``unknown``: it was started, and abandoned before its end.
State = Literal["done", "failed", "unknown", "not started"]


class Outcome(NamedTuple):
    """What came of the call for an id."""

    id: str
    state: State
    result: Any = None
    error: Exception | None = None


class Batch:
    """Makes a call for each id, so many at a time, and reports the outcome of each.

    Args:
        report: Called with each outcome as soon as it is known. If it raises ``OSError``, the outcomes cannot be
            written, and no further call is started.
        on_interrupt: Called after a signal with the number of calls that are waited for. A second one abandons them.
            If it is ``None``, the first one does.
        concurrency: How many calls are made at a time.
        keep_going: Whether further calls are started after one that failed.

    Attributes:
        signal: The signal that has stopped the batch, such as that of Ctrl-C.
        states: How many outcomes have each state.
        report_error: Why outcomes could not be written.
    """

    def __init__(
        self,
        report: Callable[[Outcome], object],
        on_interrupt: Callable[[int], object] | None,
        *,
        concurrency: int,
        keep_going: bool,
    ) -> None:
        self._report = report
        self._on_interrupt = on_interrupt
        self._concurrency = concurrency
        self._keep_going = keep_going
        self._stopped = asyncio.Event()
        self._in_flight: set[asyncio.Future[Any]] = set()
        self.signal: int | None = None
        self.states: Counter[str] = Counter()
        self.report_error: OSError | None = None

    async def run(self, ids: Sequence[str], call: Callable[[str], Awaitable[Any]], pause: Callable[[], float]) -> None:
        """Make the calls.

        Args:
            ids: What is called.
            call: Makes the call for an id.
            pause: Returns the seconds for which no call is to be started.
        """
        waiting = iter(ids)
        async with asyncio.TaskGroup() as workers:
            for _ in range(min(self._concurrency, len(ids))):
                workers.create_task(self._work(waiting, call, pause))
        for each in waiting:
            self._tell(Outcome(each, "not started"))

    async def _work(
        self, waiting: Iterator[str], call: Callable[[str], Awaitable[Any]], pause: Callable[[], float]
    ) -> None:
        while True:
            while (seconds := pause()) and not self._stopped.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), seconds)
            each = None if self._stopped.is_set() else next(waiting, None)
            if each is None:
                return
            self._tell(await self._outcome(each, asyncio.ensure_future(call(each))))

    async def _outcome(self, each: str, call: asyncio.Future[Any]) -> Outcome:
        self._in_flight.add(call)
        try:
            return Outcome(each, "done", result=await call)
        except Exception as error:  # no failure of a call ends the others
            if not self._keep_going:
                self._stopped.set()
            return Outcome(each, "failed", error=error)
        except asyncio.CancelledError:  # after a signal: nothing else cancels
            return Outcome(each, "unknown")
        finally:
            self._in_flight.discard(call)

    def _tell(self, outcome: Outcome) -> None:
        try:
            self._report(outcome)
        except OSError as error:
            self.report_error = error
            self._stopped.set()
        except Exception as error:  # such as a response that is nested too deeply
            self._tell(Outcome(outcome.id, "failed", error=error))
            return
        self.states[outcome.state] += 1

    @contextmanager
    def handle_signals(self) -> Generator[None]:
        """Have signals stop the batch: also before it runs. Those that the caller ignores stay ignored."""
        numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}
        handled = [number for number in numbers if before[number] is not signal.SIG_IGN]
        for number in handled:
            signal.signal(number, self._receive)
        try:
            yield
        finally:
            for number in handled:
                signal.signal(number, before[number])

    def _receive(self, number: int, _: object) -> None:
        try:
            asyncio.get_running_loop().call_soon_threadsafe(self._interrupt, number)
        except RuntimeError:  # no loop runs
            self._interrupt(number)

    def _interrupt(self, number: int) -> None:
        abandon = self.signal is not None or self._on_interrupt is None
        self.signal = number
        self._stopped.set()
        if abandon:
            for call in self._in_flight:
                call.cancel()
        elif self._on_interrupt is not None and self._in_flight:
            self._on_interrupt(len(self._in_flight))
