"""An operation as a command: its signature for cyclopts, and the calls that its arguments describe."""

from __future__ import annotations

import inspect
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Optional

from cyclopts import CycloptsError, Group, Parameter, convert, default_name_transform

from playbook3d_cli._inputs import Input, body_input, input_of
from playbook3d_cli._settings import BatchSettings, Settings, UsageError, read_text
from playbook3d_cli._usage import unknown_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playbook3d_api._runtime import Operation
    from playbook3d_cli._operations import Api

# Generated names of parameters do not begin with an underscore.
_SETTINGS, _BATCH = "_settings", "_batch"
_OWN_OPTIONS = {"help", "version", *Settings.__dataclass_fields__, *BatchSettings.__dataclass_fields__}

_BODY_HELP = "What the request carries: a file, or - for standard input."
#: Of a command with ids.
ARGUMENTS = Group("Arguments", sort_key=0, help="The last one repeats; - reads it from standard input, one per line.")


class Calls(NamedTuple):
    """The calls that a command line asks for.

    Attributes:
        operation: What is called.
        ids: The last parameter of the path, of each call; empty texts if the path has none.
        origins: Where each of them was given, for messages: ``line 2: `` of standard input.
        is_batch: Whether there may be several.
        arguments: Makes the arguments of the call for an id.
    """

    operation: Operation
    settings: Settings
    batch: BatchSettings
    ids: Sequence[str]
    origins: Sequence[str]
    is_batch: bool
    arguments: Callable[[str], tuple[list[Any], dict[str, Any]]]


class Command:
    """A function for cyclopts. Its signature is made when it is asked for, because that imports an endpoint module.

    Args:
        api: What the operation belongs to.
        operation: The operation.
        run: Makes the calls; returns the exit status.
        note: Shows what goes on.
        has_separator: Whether ``--`` is on the command line, after which nothing is an option.
    """

    def __init__(
        self,
        api: Api,
        operation: Operation,
        run: Callable[[Calls], int],
        note: Callable[[str], object],
        has_separator: bool,
    ) -> None:
        self._api = api
        self._operation = operation
        self._run = run
        self._note = note
        self._has_separator = has_separator
        self.__name__ = operation.name
        self.__doc__ = api.method(operation).__doc__

    @cached_property
    def _inputs(self) -> dict[str, Input]:
        hints, types = self._api.hints(self._operation), self._api.types
        return {
            name: body_input(hints[name], types)
            if name == "body"
            else input_of(name if name in self._path else _option_name(name), hints[name], types)
            for name in self._parameters
        }

    @cached_property
    def _parameters(self) -> dict[str, inspect.Parameter]:
        return {parameter.name: parameter for parameter in self._api.parameters(self._operation)}

    @property
    def _path(self) -> list[str]:
        return [name for name, parameter in self._parameters.items() if parameter.kind != parameter.KEYWORD_ONLY]

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.Signature([*self._signature()])

    @property
    def __annotations__(self) -> dict[str, Any]:  # type: ignore[override]
        return {parameter.name: parameter.annotation for parameter in self._signature()}

    def _signature(self) -> Iterator[inspect.Parameter]:
        path = self._path
        for name in path[:-1]:
            yield inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY, annotation=self._inputs[name].hint)
        for name in path[-1:]:
            ids = Parameter(required=True, allow_leading_hyphen=True)  # "-" is no option
            yield inspect.Parameter(name, inspect.Parameter.VAR_POSITIONAL, annotation=Annotated[str, ids])
        for name, parameter in self._parameters.items():
            if name not in path:
                yield self._option(name, parameter.default)
        if path:
            yield _own(_BATCH, BatchSettings)
        yield _own(_SETTINGS, Settings)

    def _option(self, name: str, default: Any) -> inspect.Parameter:
        """An option: required, or with the contract's default, or left out if it is not given."""
        marks = Parameter(
            name=_option_name(name),
            allow_leading_hyphen=name == "body",
            help=_BODY_HELP if name == "body" else None,
            negative_iterable=(),
            required=default is inspect.Parameter.empty,
        )
        # Only shown: what is not given is not passed.
        shown = default if isinstance(default, str | int | float) else None
        hint: Any = Optional[self._inputs[name].hint]  # noqa: UP045 (of a value)
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[hint, marks], default=shown)

    def __call__(self, *values: Any, **given: Any) -> int:
        settings, batch = given.pop(_SETTINGS, Settings()), given.pop(_BATCH, BatchSettings())
        path = self._path
        before, ids = values[: max(len(path) - 1, 0)], list(values[max(len(path) - 1, 0) :])
        _check_standard_input([*ids, given.get("body"), settings.api_key_file, settings.token_file])
        self._check_ids(ids)
        is_batch = len(ids) > 1 or ids == ["-"]
        reads = self._inputs
        fixed = [reads[name].read(value) for name, value in zip(path, before, strict=False)]
        options = {name: reads[name].read(value) for name, value in given.items()}

        def arguments(each: str) -> tuple[list[Any], dict[str, Any]]:
            last = [_read_id(path[-1], reads[path[-1]], each)] if path else []
            body = {"body": options["body"]()} if "body" in options else {}
            return [*fixed, *last], {**options, **body}

        expanded = [each for text in ids for each in self._expand(text)] if path else [("", "")]
        origins, texts = [origin for origin, _ in expanded], [text for _, text in expanded]
        return self._run(Calls(self._operation, settings, batch, texts, origins, is_batch, arguments))

    def _check_ids(self, ids: Sequence[str]) -> None:
        """Cyclopts does not know that only ``-`` is an id."""
        for text in ids:
            if text.startswith("-") and text != "-" and not self._has_separator:
                otherwise = UsageError(f"Unknown option: {text}.", "An id that begins with a hyphen comes after --.")
                raise unknown_option(text, otherwise)

    def _expand(self, text: str) -> Iterator[tuple[str, str]]:
        """The ids that a word stands for, each after its origin."""
        if text != "-":
            yield "", text
            return
        if sys.stdin.isatty():
            self._note("Reading ids from the terminal, one per line; Ctrl-D ends.")
        lines = read_text("Standard input", "-").split("\n")
        if not any(map(str.strip, lines)):
            self._note("Standard input had no ids.")
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield f"line {number}: ", line.strip()


def _option_name(name: str) -> str:
    """Of a parameter; one with the name of an option of ours has a prefix."""
    return f"--{'param-' * (name.strip('_') in _OWN_OPTIONS)}{default_name_transform(name)}"


def _own(name: str, settings: type) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=settings, default=settings())


def _check_standard_input(texts: Sequence[str | None]) -> None:
    if texts.count("-") > 1:
        raise UsageError("Standard input can be read once: give - once.")


def _read_id(name: str, reading: Input, text: str) -> Any:
    try:
        return reading.read(convert(reading.hint, [text]))
    except CycloptsError as error:
        error.verbose = False
        raise UsageError(f"{name}: {error}") from None
