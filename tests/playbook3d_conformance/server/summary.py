"""The violations in a few lines: Schemathesis prints each by itself, and there may be hundreds."""

from __future__ import annotations

from collections import defaultdict
from textwrap import shorten
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playbook3d_conformance.checks.observations import Observation

_MAX_LINES, _MAX_EXAMPLE = 20, 160


def summarize(observations: Sequence[Observation]) -> list[str]:
    """A line for the violations that are alike, with their number and the first of them; the most frequent first."""
    examples: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in observations:
        if each.kind == "violation":
            examples[each.operation, each.text].append(each.example.removeprefix(f"{each.operation} {each.text}: "))
    groups = sorted(examples.items(), key=lambda group: -len(group[1]))
    lines = [
        f"{len(alike)} x {operation}: {text}" + (f" (first: {_shorten(alike[0])})" if alike[0] else "")
        for (operation, text), alike in groups[:_MAX_LINES]
    ]
    more = [f"and {len(groups) - _MAX_LINES} other kinds"] if len(groups) > _MAX_LINES else []
    return ["Violations:", *lines, *more] if lines else []


def _shorten(text: str) -> str:
    return shorten(text, _MAX_EXAMPLE, placeholder=" …")
