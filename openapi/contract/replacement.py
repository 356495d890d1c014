"""Replaces folders and files as a whole, or not at all, one process at a time."""

import contextlib
import fcntl
import os
import shutil
import signal
from collections.abc import Generator, Mapping
from pathlib import Path

#: What the temporary folder calls the old folder between two renames.
PREVIOUS = "previous"


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None]:
    """Within the context, no other process replaces anything here. A process that is killed releases its lock."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def replace_folder(folder: Path, new: Path) -> None:
    """Replace a folder by another one; on a failure or an interrupt the old one stays."""
    previous = new.with_name(PREVIOUS)
    try:
        if folder.exists():
            folder.rename(previous)
        new.rename(folder)
    finally:
        if previous.exists() and not folder.exists():
            previous.rename(folder)


def replace_files(texts: Mapping[Path, str | None], temporary: Path) -> None:
    """Replace all files, or none. None as a text removes the file.

    New texts and copies of the old files are ready in a temporary folder before the first is replaced.
    """
    steps = [(path, temporary / f"{n}.new", temporary / f"{n}.old") for n, path in enumerate(texts)]
    for path, new, old in steps:
        if (text := texts[path]) is not None:
            new.write_bytes(text.encode())
        if path.exists():
            shutil.copy2(path, old)
    done: list[tuple[Path, Path]] = []
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP, signal.SIGINT, signal.SIGTERM})
    try:
        for path, new, old in steps:
            _replace(path, new)
            done.append((path, old))
    except OSError:
        for path, old in done:
            _replace(path, old)
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _replace(path: Path, other: Path) -> None:
    """Replace a file by another, or remove it if there is no other."""
    if other.exists():
        other.replace(path)
    else:
        path.unlink()
