"""``playbook3d`` and ``python -m playbook3d_cli``."""

from __future__ import annotations

import io
import json
import os
import sys
import warnings
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The packages that run subcommands with arguments of their own. Each says which extra it lacks.
TOOLS = {"conformance": "playbook3d_conformance", "mock": "playbook3d_mock"}

_MIN_COLUMNS = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    words = [*(sys.argv[1:] if arguments is None else arguments)]
    if words and words[0] in TOOLS:
        tool = import_module(f"{TOOLS[words[0]]}.__main__")
        status: int = tool.main(words[1:], prog=f"playbook3d {words[0]}")
        return status
    missing = [package for package in ("cyclopts", "rich") if find_spec(package) is None]
    if missing:
        print(f"playbook3d needs {missing[0]}: pip install 'playbook3d-client[cli]'", file=sys.stderr)
        return 2
    _prepare_streams()
    warnings.formatwarning = _format_warning
    try:
        from playbook3d_cli._app import run
        from playbook3d_cli._operations import PLAYBOOK

        return run(PLAYBOOK, words)
    except KeyboardInterrupt:  # while the modules are imported
        message = "Interrupted: nothing was sent."
        error = {"type": "KeyboardInterrupt", "message": message, "hint": None}
        print(json.dumps({"error": error}) if "--json" in words else f"error: {message}", file=sys.stderr)
        return 130


class _Diagnostics(io.TextIOWrapper):
    """Standard error. If it cannot be written, the exit status is as without it."""

    def write(self, text: str, /) -> int:
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()


def _prepare_streams() -> None:
    # Python has None for a stream that the caller has closed.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 (to the end)
    # Rich takes this width for the terminal's, however small it is.
    if (columns := os.environ.get("COLUMNS", "")).isdecimal() and int(columns) < _MIN_COLUMNS:
        del os.environ["COLUMNS"]
    # What cannot be encoded is escaped: no output is lost in a terminal of another encoding.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.stderr = _Diagnostics(sys.stderr.buffer, sys.stderr.encoding, sys.stderr.errors, line_buffering=True)


def _format_warning(message: Warning | str, *_: object, **__: object) -> str:
    return f"warning: {message}\n"


if __name__ == "__main__":
    sys.exit(main())
