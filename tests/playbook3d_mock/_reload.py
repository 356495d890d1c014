"""Reload: the mock reads its contract again whenever the file changes."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playbook3d_mock._document import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

_SECONDS = 0.5


@contextmanager
def reload_on_change(
    path: Path, reload: Callable[[], tuple[str, ...]], report: Callable[[str], None], seconds: float = _SECONDS
) -> Generator[None]:
    """Watch a file while the context lasts.

    Args:
        path: The file.
        reload: What to do after a change; returns the operations whose replies it dropped, or raises ``ContractError``.
        report: Gets a line about each change.
        seconds: How often to look.
    """
    stop = threading.Event()

    def watch(version: tuple[int, ...]) -> None:
        while not stop.wait(seconds):
            if version != (version := _version(path)):
                try:
                    dropped = reload()
                except ContractError as error:
                    report(f"{path}: {error}; the mock serves the contract that it had before")
                else:
                    line = f"{path}: the mock serves the changed contract"
                    gone = f", without {', '.join(dropped)}, whose replies were dropped" if dropped else ""
                    report(f"{line}{gone}")

    thread = threading.Thread(target=watch, args=(_version(path),), name="playbook3d-mock-reload", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _version(path: Path) -> tuple[int, ...]:
    """What differs after a change; empty if the file is missing."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino
