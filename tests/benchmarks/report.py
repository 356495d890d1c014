"""The report of a run: one table, for the terminal and as Markdown and JSON in ``reports/``."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.measuring import Figure, Spread

_COLUMNS = ("measured", "against", "processor time", "wall time", "at most")
_PACKAGES = ("httpx", "httpx2", "pyreqwest", "requests", "uvicorn", "openapi-python-client", "schemathesis")


def write(figures: Sequence[Figure], folder: Path) -> str:
    """Write ``benchmarks.md`` and ``benchmarks.json``; returns the Markdown."""
    environment = _environment()
    text = "\n".join([environment, "", *table(figures), ""])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmarks.md").write_text(text, encoding="utf-8")
    rows = [
        {name: value._asdict() if isinstance(value, Spread) else value for name, value in figure._asdict().items()}
        for figure in figures
    ]
    content = json.dumps({"environment": environment, "figures": rows}, indent=2)
    (folder / "benchmarks.json").write_text(content + "\n", encoding="utf-8")
    return text


def table(figures: Iterable[Figure]) -> list[str]:
    """The lines of a Markdown table whose columns are aligned."""
    rows = [_COLUMNS, *map(cells, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return lines


def cells(figure: Figure) -> tuple[str, str, str, str, str]:
    """The cells of a row: medians, and the quartiles in parentheses."""
    bound = "" if figure.at_most is None else f"{figure.at_most:g}" + (" EXCEEDED" if figure.is_exceeded else "")
    processor = figure.note or _cell(figure.processor, figure.unit)
    return figure.subject, figure.against, processor, _cell(figure.wall, figure.unit), bound


def _cell(spread: Spread | None, unit: str) -> str:
    if spread is None:
        return ""
    median, low, high = (f"{value:.3g}" if value < 1000 else f"{value:,.0f}" for value in spread)
    return (median if low == median == high else f"{median} ({low} to {high})") + (unit and f" {unit}")


def _environment() -> str:
    """When, on what and with which versions the figures were measured, and how busy the machine was."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    versions: list[str] = []
    for name in _PACKAGES:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            versions.append(f"{name} missing")
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()} on {platform.machine()} with "
        f"{os.cpu_count()} processors, load {load}; {', '.join(versions)}.\n"
        "A ratio is what the first costs, divided by what the second costs: median (quartiles) of rounds in turn."
    )
