"""Ends a run before it is done: when its time is up, and on SIGINT, SIGTERM and SIGHUP."""

import signal
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType

_POLL_SECONDS = 0.1
# The first interrupt lets the command finish its requests; the next ends it although a response never does.
_INTERRUPTS = 5


class RunLimit:
    """The time of a run, from now on.

    Args:
        seconds: How long it may take.
        clock: Seconds that only grow.
        grace_seconds: What a process has to end after each of five interrupts.
    """

    def __init__(
        self, seconds: int, clock: Callable[[], float] = time.monotonic, *, grace_seconds: float = 1.0
    ) -> None:
        self.has_ended_a_run = False
        self._grace_seconds = grace_seconds
        self._clock = clock
        self._end = clock() + seconds

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until a process has ended; at the end of the time it is interrupted, and finally killed."""
        while self._clock() < self._end:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_SECONDS)
                return
        self.has_ended_a_run = True
        for _ in range(_INTERRUPTS):
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(self._grace_seconds)
                return
        process.kill()


@contextmanager
def interruptible() -> Generator[None]:
    """Raise ``KeyboardInterrupt`` also on SIGTERM, and on SIGHUP, when a terminal is closed.

    Only the first signal does: the cleanup that follows cannot be interrupted.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in previous:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number in previous:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
