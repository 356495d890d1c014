"""How a run ends before it is done: when its time is up, and when it is told to."""

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

# What the stock command has, once it is interrupted, to end; then the process does.
GRACE_SECONDS = 5.0
# To the second interrupt the stock command does not wait for a request either; by the third its reports are written.
AGAIN_SECONDS = 1.0


class Ending:
    """Why a run ends early, if it does."""

    def __init__(self) -> None:
        self.time_is_up = False
        self.interrupted = False
        self.under_way = False

    @property
    def has_come(self) -> bool:
        """Whether nothing more is to be sent."""
        return self.time_is_up or self.interrupted

    @contextmanager
    def interruptible(self) -> Generator[None]:
        """What the end of the time interrupts, or does not let begin."""
        if self.has_come:
            raise KeyboardInterrupt
        self.under_way = True
        try:
            yield
        finally:
            self.under_way = False


@contextmanager
def ending(seconds: int, room: Path) -> Generator[Ending]:
    """Interrupt what is under way when the time is up; and note who it was that interrupted.

    The stock command ends well on an interrupt, and says nothing of it. Where it does not end, the process does, and
    ``room``, with what was not yet searched for secrets, is removed before. SIGTERM ends it as Ctrl-C does, and so
    does a terminal that is closed.
    """
    end = Ending()
    main_thread = threading.get_ident()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if end.time_is_up and not end.under_way:
            return  # the command has ended meanwhile, and what it left is being searched
        end.interrupted = not end.time_is_up
        raise KeyboardInterrupt

    def time_is_up() -> None:
        end.time_is_up = True
        # A real signal, and to that thread: anything else would not wake it where it waits for an answer. Again and
        # again: one that comes just before a wait is seen after it only, and Python drops one within a finalizer.
        while end.under_way:
            signal.pthread_kill(main_thread, signal.SIGINT)
            time.sleep(AGAIN_SECONDS)

    def give_up() -> None:
        shutil.rmtree(room, ignore_errors=True)
        said = f"The time is up, and a request did not end (MAX_TIME={seconds}): there are no reports."
        print(said, file=sys.__stdout__, flush=True)  # sys.stdout is the stock command's now
        os._exit(1)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    timers = [threading.Timer(seconds, time_is_up), threading.Timer(seconds + GRACE_SECONDS, give_up)]
    for timer in timers:
        timer.daemon = True
        timer.start()
    try:
        yield end
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
