"""Compares two generated clients, and reports what their difference means for callers and for the next version."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from contract import yaml_io
from contract.errors import PipelineError
from contract.operation_changes import RULES, NamedOperation, Pair
from contract.operations import iterate_operations
from contract.prepared import with_texts
from contract.reading import read_contract
from contract.schema_changes import Change, Impact
from contract.surface import breaking_changes, read_names

LABELS = {Impact.BREAKING: "**Breaking:** ", Impact.ADDITION: "Addition: ", Impact.NEITHER: ""}
_GONE, _NEW = Change(Impact.BREAKING, " is gone"), Change(Impact.ADDITION, " is new")


class Report(NamedTuple):
    """The difference between two clients. Its texts are Markdown, each on one line."""

    felt: dict[str, Impact]
    """What callers feel, in their words."""
    operations: list[str]
    deprecations: list[str]
    surface: list[str]
    """What breaks callers of the Python package, as griffe words it."""
    is_same: bool
    """Whether the contracts are equal, descriptions included."""

    @property
    def impact(self) -> Impact:
        """The greatest impact of all changes."""
        return Impact.BREAKING if self.surface else max(self.felt.values(), default=Impact.NEITHER)

    @property
    def entry(self) -> dict[str, list[str]]:
        """The lines for the changelog, by kinds of changes, as Keep a Changelog names them."""
        is_in_surface_only = self.surface and self.impact not in self.felt.values()
        felt = [(impact, text) for text, impact in self.felt.items()]
        felt += [(self.impact, text) for text in self.surface if is_in_surface_only]
        texts = {
            "Added": [text for impact, text in felt if impact is Impact.ADDITION],
            "Changed": [f"{LABELS[impact]}{text}" for impact, text in felt if impact is not Impact.ADDITION],
            "Deprecated": self.deprecations,
        }
        if not (self.is_same or any(texts.values())):
            texts["Changed"] = ["The contract changed in nothing that callers feel"]
        return {kind: [f"- {text}." for text in its_texts] for kind, its_texts in texts.items() if its_texts}


def compare(before: Path, after: Path) -> Report:
    """Compare the contracts and the Python surfaces of two folders that ``make generate`` wrote."""
    (old, was), (new, now) = _read(before), _read(after)
    label = _labels(old, new)
    pairs, removed, added = _match(old, new)
    changes_of = [(pair, [change for rule in RULES for change in rule(pair)]) for pair in pairs]
    changes = [(label(pair.before), change) for pair, its_changes in changes_of for change in its_changes]
    changes += [(label(each), _GONE) for each in removed] + [(label(each), _NEW) for each in added]
    texts = sorted(_join(changes), key=lambda each: each[1].impact)  # of a text with several impacts, the greatest
    felt = {text: change.impact for text, change in texts if not change.deprecation}
    return Report(
        felt=dict(sorted(felt.items(), key=lambda each: -each[1])),
        operations=[
            *(f"added: {_name(each)}" for each in added),
            *(f"removed: {_name(each)}" for each in removed),
            *(f"changed: {_name(pair.after)}" for pair, its_changes in changes_of if its_changes),
        ],
        deprecations=[text for text, change in texts if change.deprecation],
        surface=breaking_changes(_package(before), _package(after)),
        is_same=was == now,
    )


def _read(folder: Path) -> tuple[list[NamedOperation], Any]:
    path = folder / "openapi.yaml"
    contract = read_contract(str(path), yaml_io.read(path)).contract
    names = read_names(_package(folder))
    operations = {(each.method, each.path): each for each in iterate_operations(with_texts(contract))}
    if names.keys() != operations.keys():
        raise PipelineError(f"{path}: has other operations than the client beside it: run `make generate`.")
    return [NamedOperation(*names[key], operations[key]) for key in names], contract


def _package(folder: Path) -> Path:
    packages = list(folder.glob("*/_operations.py"))
    if len(packages) != 1:
        raise PipelineError(f"{folder}: not a folder that `make generate` wrote: it has no client.")
    return packages[0].parent


def _match(
    old: list[NamedOperation], new: list[NamedOperation]
) -> tuple[list[Pair], list[NamedOperation], list[NamedOperation]]:
    """The operations of both, matched by name or else by method and path; those that are gone; those that are new."""
    keys: tuple[Callable[[NamedOperation], object], ...] = (
        lambda each: (each.tag, each.name),
        lambda each: each.name,
        lambda each: each.declared.route,
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


def _name(operation: NamedOperation) -> str:
    return f"`client.{operation.tag}.{operation.name}`, `{operation.declared.endpoint}`"


def _labels(*sides: list[NamedOperation]) -> Callable[[NamedOperation], str]:
    """How texts name an operation: by its method, with its tag where another tag has the same."""
    counts = [Counter(each.name for each in side) for side in sides]
    return lambda each: f"{each.tag}.{each.name}" if any(count[each.name] > 1 for count in counts) else each.name


def _join(changes: Iterable[tuple[str, Change]]) -> Iterator[tuple[str, Change]]:
    """The text of each change; a change of several operations has one, which names few of many."""
    operations: dict[Change, list[str]] = {}
    for operation, change in changes:
        operations.setdefault(change, []).append(f"`{operation}`")
    for change, names in operations.items():
        names = list(dict.fromkeys(names))
        listed = (
            names if len(names) <= 4 or change in (_GONE, _NEW) else [*names[:3], f"{len(names) - 3} other operations"]
        )
        subject = names[0] if len(names) == 1 else f"Each of {', '.join(listed[:-1])} and {listed[-1]}"
        yield f"{subject}{change.predicate}", change
