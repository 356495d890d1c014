"""Compares two generated clients, and reports what their difference means for callers and for the next version."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from contract import yaml_io
from contract.errors import PipelineError
from contract.operation_changes import RULES, Operation, Pair
from contract.operations import normalize_path
from contract.schema_changes import Change, Impact
from contract.surface import breaking_changes, read_names

LABELS = {Impact.BREAKING: "**Breaking:** ", Impact.ADDITION: "Addition: ", Impact.NEITHER: ""}


class Report(NamedTuple):
    """The difference between two clients. Its texts are Markdown, each on one line."""

    felt: dict[str, Impact]
    """What callers feel, in their words."""
    operations: list[str]
    deprecations: list[str]
    surface: list[str]
    """What breaks callers of the Python package, as griffe words it."""
    is_same: bool
    """Whether nothing differs, not even a description."""

    @property
    def impact(self) -> Impact:
        """The greatest impact of all changes."""
        return Impact.BREAKING if self.surface else max(self.felt.values(), default=Impact.NEITHER)

    @property
    def entry(self) -> list[str]:
        """The lines for the changelog."""
        lines = [f"- {LABELS[impact]}{text}." for text, impact in self.felt.items()]
        lines += [f"- Deprecated: {text}." for text in self.deprecations]
        if self.surface and self.impact not in self.felt.values():
            lines += [f"- {LABELS[self.impact]}{text}." for text in self.surface]
        return lines or ([] if self.is_same else ["- Descriptions and examples of the API's documentation."])


def compare(before: Path, after: Path) -> Report:
    """Compare the contracts and the Python surfaces of two folders that ``make generate`` wrote."""
    (old, was), (new, now) = _read(before), _read(after)
    label = _labels([*old, *new])
    pairs, removed, added = _match(old, new)
    changes = [(label(pair.before), change) for pair in pairs for change in _changes(pair)]
    changes += [(label(each), Change(Impact.BREAKING, " is gone")) for each in removed]
    changes += [(label(each), Change(Impact.ADDITION, " is new")) for each in added]
    texts = _join(changes)
    felt = sorted(
        ((text, change.impact) for text, change in texts if not change.deprecation), key=lambda each: -each[1]
    )
    return Report(
        felt=dict(felt),
        operations=[
            *(f"added: {_name(each)}" for each in added),
            *(f"removed: {_name(each)}" for each in removed),
            *(f"changed: {_name(pair.after)}" for pair in pairs if _changes(pair)),
        ],
        deprecations=[text for text, change in texts if change.deprecation],
        surface=breaking_changes(_package(before), _package(after)),
        is_same=was == now,
    )


def _read(folder: Path) -> tuple[list[Operation], Any]:
    contract = yaml_io.to_plain(yaml_io.read(folder / "openapi.yaml"))
    names = read_names(_package(folder))
    return [Operation(*names[method, path], method, path, contract) for method, path in names], contract


def _package(folder: Path) -> Path:
    packages = list(folder.glob("*/_operations.py"))
    if len(packages) != 1:
        raise PipelineError(f"{folder}: not a folder that `make generate` wrote: it has no client.")
    return packages[0].parent


def _match(old: list[Operation], new: list[Operation]) -> tuple[list[Pair], list[Operation], list[Operation]]:
    """The operations of both, matched by name or else by method and path; those that are gone; those that are new."""
    keys: tuple[Callable[[Operation], object], ...] = (
        lambda each: (each.tag, each.name),
        lambda each: each.name,
        lambda each: (each.method, normalize_path(each.path)),
    )
    pairs: list[Pair] = []
    removed, added = list(old), list(new)
    for key in keys:
        candidates = {key(each): each for each in added}
        matched = [Pair(each, match) for each in removed if (match := candidates.pop(key(each), None))]
        removed = [each for each in removed if all(each is not pair.before for pair in matched)]
        added = [each for each in added if all(each is not pair.after for pair in matched)]
        pairs += matched
    return pairs, removed, added


def _name(operation: Operation) -> str:
    return f"`client.{operation.tag}.{operation.name}`, `{operation.endpoint}`"


def _changes(pair: Pair) -> list[Change]:
    return [change for rule in RULES for change in rule(pair)]


def _labels(operations: Iterable[Operation]) -> Callable[[Operation], str]:
    """How texts name an operation: by its method, with its tag where another tag has the same."""
    tags: dict[str, set[str]] = {}
    for each in operations:
        tags.setdefault(each.name, set()).add(each.tag)
    return lambda each: each.name if len(tags[each.name]) == 1 else f"{each.tag}.{each.name}"


def _join(changes: Iterable[tuple[str, Change]]) -> Iterator[tuple[str, Change]]:
    """The text of each change; a change of several operations has one."""
    operations: dict[Change, list[str]] = {}
    for operation, change in changes:
        operations.setdefault(change, []).append(f"`{operation}`")
    for change, names in operations.items():
        names = list(dict.fromkeys(names))
        listed = names if len(names) <= 4 else [*names[:3], f"{len(names) - 3} other operations"]
        subject = names[0] if len(names) == 1 else f"Each of {', '.join(listed[:-1])} and {listed[-1]}"
        yield f"{subject}{change.predicate}", change
