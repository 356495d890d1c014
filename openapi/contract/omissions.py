"""Leaves out of a contract what the client could not honour: the overlay actions for it, and their record."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from contract import overlay
from contract.errors import PipelineError, UnsupportedError
from contract.operations import METHODS, Contract, Operation, iterate_operations
from contract.overlay_actions import Action, path_to, remove, render_actions, to_overlay
from contract.pointers import Location


class Omission(NamedTuple):
    """What is to be left out, and why."""

    location: Location
    errors: tuple[UnsupportedError, ...]

    @property
    def reason(self) -> str:
        """The errors, each with its JSON pointer, in one line."""
        return " ".join(" ".join(map(str, self.errors)).split())

    @property
    def action(self) -> Action:
        """The overlay action that leaves it out."""
        return remove(path_to(self.location), self.reason)


@dataclass
class Omissions:
    """Whether a run may leave something out of the contract, and what it has left out.

    Attributes:
        allowed: Whether it may.
        total: The number of operations before.
        operations: Those that were left out, with the reason.
        parts: Parts of other operations that were left out, with the reason.
        unused: Media types that the client does not use: left out in any run.
        warnings: What was read as its author meant it, although it is invalid.
        widened: Schemas that the client reads as any value, with the reason.
    """

    allowed: bool = False
    total: int = 0
    operations: list[str] = field(default_factory=list[str])
    parts: list[str] = field(default_factory=list[str])
    unused: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])
    widened: list[str] = field(default_factory=list[str])

    @property
    def summary(self) -> str:
        """How much was left out, in words; empty if nothing was."""
        count = len(self.parts)
        parts = f", and {count} part{'s' * (count > 1)} of others" if count else ""
        omitted = f"{len(self.operations)} of {self.total} operations omitted{parts}"
        return omitted if self.operations or self.parts else ""

    def apply(self, name: str, contract: Contract, errors: list[UnsupportedError], document: object) -> None:
        """Leave out of ``document``, whose plain data is ``contract``, what the errors name.

        Raises ``PipelineError`` with the actions if that is not allowed, or if no operation would be left.
        """
        omissions = plan(contract, errors)
        actions = [omission.action for omission in omissions]
        before = {operation.location: operation for operation in iterate_operations(contract)}
        self.total = self.total or len(before)
        if not self.allowed or not omissions:
            raise PipelineError(f"{name}: {_refusal(errors, actions)}")
        reasons = {omission.location: omission.reason for omission in omissions}
        for location, operation in before.items():
            if reason := reasons.get(location) or reasons.get(location[:-1]):
                self.operations.append(f"{operation.label}: {reason}")
        self.parts += [f"{path_to(each)}: {reason}" for each, reason in reasons.items() if not _is_operations(each)]
        if len(self.operations) == self.total:
            raise PipelineError(f"{name}: none of the operations is supported: {_refusal(errors, actions)}")
        overlay.apply(to_overlay(actions), document)


def _is_operations(location: Location) -> bool:
    """Whether this is the location of an operation, or of a path item."""
    return location[0] == "paths" and (len(location) == 2 or (len(location) == 3 and location[2] in METHODS))


def plan(contract: Contract, errors: Iterable[UnsupportedError]) -> list[Omission]:
    """What is to be left out for these errors: nothing twice, and path items rather than all of their operations."""
    operations = [*iterate_operations(contract)]
    by_location: dict[Location, dict[str, UnsupportedError]] = {}
    for error in errors:
        for location in [error.part] if error.part else _needed_by(operations, error.location):
            by_location.setdefault(location, {})[str(error)] = error
    for path, group in groupby(operations, lambda operation: operation.location[:2]):
        locations = [operation.location for operation in group]
        if by_location.keys() >= {*locations}:
            merged = by_location.setdefault(path, {})
            for location in locations:
                merged |= by_location.pop(location)
    outermost = [each for each in by_location if not any(each[:end] in by_location for end in range(1, len(each)))]
    # The last item of an array first: each removal leaves the others where they are.
    outermost.sort(key=lambda location: [-part if isinstance(part, int) else 0 for part in location])
    return [Omission(location, tuple(by_location[location].values())) for location in outermost]


def _needed_by(operations: Iterable[Operation], location: Location) -> list[Location]:
    """The operations that need what is at a location."""
    if location[0] != "paths":
        return [each.location for each in operations if any(location[: len(need)] == need for need in each.needs)]
    return [location[: 3 if len(location) > 2 and location[2] in METHODS else 2]]


def _refusal(errors: Iterable[UnsupportedError], actions: list[Action]) -> str:
    text = "\n  ".join(dict.fromkeys(map(str, errors)))
    if not actions:
        return text
    advice = "To leave this out, add these actions to the overlay, or run with --omit-unsupported:"
    return f"{text}\n{advice}\n{render_actions(actions)}"
