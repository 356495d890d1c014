"""The differences of the two servers, and the table that explains each."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from second_opinion.servers import Outcome

EXPLANATIONS = Path(__file__).with_name("differences.toml")


class Difference(NamedTuple):
    """A kind of request, and the two results."""

    request: str
    mock: str
    prism: str


class Explanation(NamedTuple):
    """Whose the difference is, and the reason."""

    whose: str
    reason: str


class Row(NamedTuple):
    """A row of the table. ``problem`` is empty if it is as it should be."""

    difference: Difference
    cases: int
    explanation: Explanation
    problem: str = ""


def read_explanations(path: Path = EXPLANATIONS) -> dict[Difference, Explanation]:
    """The differences that are known."""
    entries: list[dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))["difference"]
    return {
        Difference(entry["request"], entry["mock"], entry["prism"]): Explanation(entry["whose"], entry["reason"])
        for entry in entries
    }


def find_differences(mock: Sequence[Outcome], prism: Sequence[Outcome]) -> dict[Difference, list[str]]:
    """The differences of the same requests to both, with the details of each request."""
    differences: dict[Difference, list[str]] = defaultdict(list)
    for ours, theirs in zip(mock, prism, strict=True):
        assert ours[:2] == theirs[:2], f"two requests: {ours} and {theirs}"
        if ours.result != theirs.result:
            differences[Difference(ours.request, ours.result, theirs.result)].append(ours.detail)
    return differences


def explain(differences: dict[Difference, list[str]], explanations: dict[Difference, Explanation]) -> list[Row]:
    """A row for each difference that was found or is known."""
    rows: list[Row] = []
    for difference, details in differences.items():
        explanation = explanations.get(difference)
        if explanation:
            rows.append(Row(difference, len(details), explanation))
        else:
            example = Explanation("", f"For example: {details[0][:200]}" if details[0] else "")
            rows.append(Row(difference, len(details), example, "UNEXPLAINED"))
    gone = (known for known in explanations if known not in differences)
    rows += [Row(known, 0, explanations[known], "GONE: remove the explanation") for known in gone]
    return rows


def table(rows: Iterable[Row]) -> list[str]:
    """The lines of a Markdown table."""
    lines = ["| request | the mock | Prism | cases | whose | reason |", "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        whose = row.problem or row.explanation.whose
        cells = (*row.difference, str(row.cases), whose, row.explanation.reason)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines
