"""``playbook3d`` and ``python -m playbook3d_cli``."""

from __future__ import annotations

import io
import os
import runpy
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Subcommands that another package runs, with its own arguments: its name, and the extra it is installed with.
TOOLS = {"conformance": "playbook3d_conformance", "mock": "playbook3d_mock"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    words = [*(sys.argv[1:] if arguments is None else arguments)]
    if words and words[0] in TOOLS:
        return _run_tool(*words)
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
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


def _prepare_streams() -> None:
    # Python has None for a stream that the caller has closed.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))
    # What cannot be encoded is escaped: no output is lost in a terminal of another encoding.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _format_warning(message: Warning | str, *_: object, **__: object) -> str:
    return f"warning: {message}\n"


def _run_tool(name: str, *arguments: str) -> int:
    package = TOOLS[name]
    if find_spec(package) is None:
        print(f"playbook3d {name} needs {package}: pip install 'playbook3d-client[{name}]'", file=sys.stderr)
        return 2
    sys.argv = [name, *arguments]
    runpy.run_module(package, run_name="__main__", alter_sys=True)  # ends with SystemExit
    return 0


if __name__ == "__main__":
    sys.exit(main())
