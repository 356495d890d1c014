"""What is printed: results on standard output, everything else on standard error; for people, or as JSON."""

from __future__ import annotations

import base64
import json
import math
import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Protocol, cast

from rich.console import Console
from rich.text import Text

from playbook3d_cli._failures import as_json

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator

    from playbook3d_cli._batch import Outcome

STATES = ("done", "failed", "unknown", "not started")


class Output(Protocol):
    """How a command prints."""

    def result(self, value: Any) -> None:
        """The result of the only call."""

    def error(self, error: BaseException, hint: str | None) -> None:
        """Why nothing was done, or the only call failed."""

    def outcome(self, outcome: Outcome, hint: str | None) -> None:
        """What came of one call of many."""

    def note(self, text: str) -> None:
        """What goes on."""

    def summary(self, states: Counter[str]) -> None:
        """What came of many calls."""

    def progress(self, total: int) -> AbstractContextManager[object]:
        """Show, while the context lasts, how many of the calls have ended."""
        ...


class JsonOutput:
    """For programs: a line of JSON for each result and for each error."""

    def result(self, value: Any) -> None:
        _write(_dump(value))

    def error(self, error: BaseException, hint: str | None) -> None:
        self._report(error=as_json(error, hint))

    def outcome(self, outcome: Outcome, hint: str | None) -> None:
        line: dict[str, Any] = {"id": outcome.id, "state": outcome.state}
        if outcome.error is not None:
            line["error"] = as_json(outcome.error, hint)
        elif outcome.state == "done":
            line["result"] = outcome.result
        _write_outcome(_dump(line))

    def note(self, text: str) -> None:
        self._report(note=text)

    def summary(self, states: Counter[str]) -> None:
        self._report(summary={state.replace(" ", "_"): states[state] for state in STATES})

    def progress(self, total: int) -> AbstractContextManager[object]:
        return nullcontext(total)

    @staticmethod
    def _report(**line: Any) -> None:
        print(_dump(line), file=sys.stderr, flush=True)


class TextOutput:
    """For people: colours and a progress bar on a terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._write_outcome: Callable[[str], object] = _write_outcome
        self._advance: Callable[[], object] = lambda: None
        self._hints: dict[str, None] = {}  # each once, in their order

    def result(self, value: Any) -> None:
        if hasattr(value, "payload") and not sys.stdout.isatty():
            sys.stdout.buffer.write(value.payload.read())
            sys.stdout.flush()
            return
        for line in _lines(to_json(value)):
            _write(line)

    def error(self, error: BaseException, hint: str | None) -> None:
        for line in str(error).split("\n"):
            self._console.print(Text.assemble(("error: ", "bold red"), _printable(line)))
        if hint:
            self._console.print(Text.assemble(("hint: ", "bold"), hint))

    def outcome(self, outcome: Outcome, hint: str | None) -> None:
        if outcome.state != "not started":
            self._advance()
        if outcome.error is not None:
            self._hints[hint or ""] = None
            failed = (f"{_printable(outcome.id)}: ", ("failed: ", "bold red"), _printable(str(outcome.error)))
            self._console.print(Text.assemble(*failed))
        elif outcome.state == "done":
            lines = "\n  ".join(_lines(to_json(outcome.result)))
            self._write_outcome(f"{_printable(outcome.id)}: {lines}")
        elif outcome.state == "unknown":  # the summary counts those not started
            self._console.print(Text(f"{_printable(outcome.id)}: {outcome.state}"))

    def note(self, text: str) -> None:
        self._console.print(Text(text))

    def summary(self, states: Counter[str]) -> None:
        shown = [state for state in STATES if states[state] or state == "done"]
        self._console.print(", ".join(f"{states[state]} {state}" for state in shown) + ".")
        for hint in filter(None, self._hints):
            self._console.print(Text.assemble(("hint: ", "bold"), hint))

    def progress(self, total: int) -> AbstractContextManager[object]:
        if not self._console.is_terminal:
            return nullcontext()
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        progress = Progress(*columns, console=self._console, transient=True, redirect_stdout=False)
        task = progress.add_task("", total=total)
        self._advance = lambda: progress.advance(task)
        if sys.stdout.isatty():  # the bar's own terminal: lines go above it
            self._write_outcome = lambda text: self._console.print(Text(text))
        return progress


def to_json(value: object) -> Any:
    """A result of the client as JSON: models as the API sent them, bytes in base64, NaN and infinity as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str | int | float | None):
        return value
    if isinstance(value, Mapping):
        return {str(key): to_json(member) for key, member in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list):
        return [to_json(item) for item in cast("list[object]", value)]
    if (to_dict := getattr(value, "to_dict", None)) is not None:
        return to_json(to_dict())
    if (payload := getattr(value, "payload", None)) is not None:
        return {"base64": base64.b64encode(payload.read()).decode()}
    return str(value)


def _lines(value: Any) -> Iterator[str]:
    """JSON as lines for people. The only text of an object speaks for it."""
    match value:
        case None:
            yield "Done."
        case {**members} if len(members) == 1 and isinstance(text := next(iter(members.values())), str):
            yield _printable(text)
        case dict() | list() if value:
            yield from map(_printable, json.dumps(value, indent=2, ensure_ascii=False).splitlines())
        case _:
            yield _printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _printable(text: str) -> str:
    """A text in which control characters are escaped: a server must not control the terminal."""
    return "".join(each if each.isprintable() or each == "\n" else repr(each)[1:-1] for each in text)


def _dump(value: object) -> str:
    return json.dumps(to_json(value), allow_nan=False)


def _write(line: str) -> None:
    """Write a line of a result; raises ``OSError`` if that is impossible."""
    print(line, flush=True)


def _write_outcome(text: str) -> None:
    """As ``_write``, but what standard output refuses, and all that follows, goes to standard error."""
    try:
        _write(text)
    except OSError:
        with suppress(OSError):
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
            sys.stdout.flush()  # its buffer still has the text
        raise
