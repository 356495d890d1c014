"""``make bench``: every figure that the README names, measured in one run, in one table.

    python -m benchmarks [--scale 1.0] [ROWS ...]

The contenders of a row are measured in turn, so that its ratios hold on a busy machine, too. Exit status 1 if a bound
is exceeded.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import client, counts, generation, mock, report, suite
from benchmarks.measuring import ROOT, Figure

ROWS: dict[str, Callable[[float], Iterator[Figure]]] = {
    "blocking": client.blocking,
    "async": client.asynchronous,
    "many": client.at_once,
    "import": client.imports,
    "counts": counts.figures,
    "mock": mock.figures,
    "suite": suite.figures,
    "generation": generation.figures,
}


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write the table; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure every figure that the README names.")
    parser.add_argument("rows", nargs="*", metavar="ROWS", help=f"of {', '.join(ROWS)} (default: all)")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the rounds (default: %(default)s)")
    parser.add_argument("--reports", type=Path, default=ROOT / "reports", help="a folder (default: reports/)")
    options = parser.parse_args(arguments)
    if unknown := set(options.rows) - ROWS.keys():
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}; choose from {', '.join(ROWS)}")
    figures: list[Figure] = []
    for name in options.rows or ROWS:
        for figure in ROWS[name](options.scale):
            print(f"{figure.subject}: {report.cells(figure)[2]}", file=sys.stderr, flush=True)
            figures.append(figure)
    print(report.write(figures, options.reports))
    return int(any(figure.is_exceeded for figure in figures))


if __name__ == "__main__":
    os.environ["no_proxy"] = "*"  # the clients read the environment
    raise SystemExit(main())
