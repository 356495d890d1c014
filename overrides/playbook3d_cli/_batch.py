"""Calls with bounded concurrency, each of which ends with an outcome, whatever happens."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from playbook3d_client import PlaybookError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence

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
        call: Makes the call for an id.
        report: Called with each outcome as soon as it is known. If it raises ``OSError``, the outcomes cannot be
            written, and no further call is started.
        on_interrupt: Called after Ctrl-C with the number of calls that are waited for. A second Ctrl-C abandons them.
            If it is ``None``, the first one does.
        pause: Returns the seconds for which no call is to be started.
        concurrency: How many calls are made at a time.
        keep_going: Whether further calls are started after one that failed.

    Attributes:
        interrupted: Whether Ctrl-C was pressed.
        report_error: Why outcomes could not be written.
    """

    def __init__(
        self,
        call: Callable[[str], Awaitable[Any]],
        report: Callable[[Outcome], object],
        on_interrupt: Callable[[int], object] | None,
        *,
        pause: Callable[[], float],
        concurrency: int,
        keep_going: bool,
    ) -> None:
        self._call = call
        self._report = report
        self._on_interrupt = on_interrupt
        self._pause = pause
        self._concurrency = concurrency
        self._keep_going = keep_going
        self._stopped = asyncio.Event()
        self._in_flight: set[asyncio.Future[Any]] = set()
        self.interrupted = False
        self.report_error: OSError | None = None

    async def run(self, ids: Sequence[str]) -> None:
        """Make the calls."""
        waiting = iter(ids)
        with _handle_sigint(self._interrupt):
            async with asyncio.TaskGroup() as workers:
                for _ in range(min(self._concurrency, len(ids))):
                    workers.create_task(self._work(waiting))
        for each in waiting:
            self._tell(Outcome(each, "not started"))

    async def _work(self, waiting: Iterator[str]) -> None:
        while True:
            while (seconds := self._pause()) and not self._stopped.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), seconds)
            each = None if self._stopped.is_set() else next(waiting, None)
            if each is None:
                return
            self._tell(await self._outcome(each))

    async def _outcome(self, each: str) -> Outcome:
        call = asyncio.ensure_future(self._call(each))
        self._in_flight.add(call)
        try:
            return Outcome(each, "done", result=await call)
        except (PlaybookError, ValueError, TypeError) as error:
            if not self._keep_going:
                self._stopped.set()
            return Outcome(each, "failed", error=error)
        except asyncio.CancelledError:  # after Ctrl-C, which nothing else cancels
            return Outcome(each, "unknown")
        finally:
            self._in_flight.discard(call)

    def _tell(self, outcome: Outcome) -> None:
        try:
            self._report(outcome)
        except OSError as error:
            self.report_error = error
            self._stopped.set()

    def _interrupt(self) -> None:
        abandon = self.interrupted or self._on_interrupt is None
        self.interrupted = True
        self._stopped.set()
        if abandon:
            for call in self._in_flight:
                call.cancel()
        elif self._on_interrupt is not None:
            self._on_interrupt(len(self._in_flight))


@contextmanager
def _handle_sigint(handler: Callable[[], object]) -> Generator[None]:
    """Have the event loop call a function after Ctrl-C."""
    loop = asyncio.get_running_loop()

    def wake(*_: object) -> None:
        loop.call_soon_threadsafe(handler)

    before = signal.signal(signal.SIGINT, wake)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
