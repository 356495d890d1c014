"""The request log: a line for each request, coloured on a terminal."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from playbook3d_mock._journal import JournalEntry

# By the first digit of the status: green, cyan, yellow, red.
_COLORS = {2: 32, 3: 36, 4: 33, 5: 31}


def request_log(stream: TextIO) -> Callable[[JournalEntry], None]:
    """A function that writes a line for each request. ``NO_COLOR`` disables colours (https://no-color.org)."""
    is_colored = stream.isatty() and not os.environ.get("NO_COLOR")

    def write(entry: JournalEntry) -> None:
        # A closed stream must not fail the request.
        with suppress(OSError, ValueError):
            print(_colored(entry) if is_colored else entry, file=stream, flush=True)

    return write


def _colored(entry: JournalEntry) -> str:
    status = f" {entry.status} "
    return str(entry).replace(status, f" \x1b[{_COLORS[entry.status // 100]}m{entry.status}\x1b[0m ", 1)
