"""Rows for the pipeline: ``make generate`` against the bare generator, ``make refresh`` against reading its YAML."""

import copy
import json
import sys
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, Cost, Figure, compare, cost_of_command, measure
from contract import yaml_io

#: Operations, format, rounds, and the bound.
CASES = [(1, "yaml", 7, 2.2), (1, "json", 3, 2.2), (30, "yaml", 3, 3.5), (300, "yaml", 2, 3.5), (300, "json", 2, 3.5)]
REFRESHED, REFRESH_ROUNDS, REFRESH_BOUND = 300, 3, 1.5
#: Reads the YAML of each file of a folder.
READ = "import pathlib, sys; from contract import yaml_io; [*map(yaml_io.read, pathlib.Path(sys.argv[1]).iterdir())]"


def figures(scale: float) -> Iterator[Figure]:
    """All rows; ``scale`` multiplies the rounds."""
    for operations, suffix, rounds, bound in CASES:
        yield _generate(operations, suffix, max(1, round(rounds * scale)), bound)
    yield _refresh(REFRESHED, max(1, round(REFRESH_ROUNDS * scale)), REFRESH_BOUND)


def _generate(operations: int, suffix: str, rounds: int, bound: float) -> Figure:
    subject, against = f"make generate, {operations} operations in {suffix.upper()}", "the bare generator"
    run = [sys.executable, "-m"]
    number = count()
    with tempfile.TemporaryDirectory() as folder:
        contract, effective = Path(folder, f"contract.{suffix}"), Path(folder, f"effective.{suffix}")
        _write(_published_contract(operations), contract)

        def ours() -> Cost:
            output = Path(folder, f"ours-{next(number)}")
            cost = cost_of_command([*run, "contract", "generate", f"--contract={contract}", f"--output={output}"])
            if not effective.exists():
                _write(yaml_io.read(output / "openapi.yaml"), effective)
            return cost

        def bare() -> Cost:
            output = Path(folder, f"bare-{next(number)}")
            generate = [*run, "openapi_python_client", "generate", "--meta", "none"]
            return cost_of_command([*generate, f"--path={effective}", f"--output-path={output}"])

        samples = measure({subject: ours, against: bare}, rounds, discarded=0)
    return Figure(subject, against, *compare(samples, subject, against), at_most=bound)


def _refresh(operations: int, rounds: int, bound: float) -> Figure:
    subject, against = f"make refresh, {operations} pages", "reading their YAML once"
    document = yaml_io.read(ROOT / "openapi" / "playbook.yaml")
    [(path, item)] = document["paths"].items()
    outputs = count()
    with tempfile.TemporaryDirectory() as folder:
        (yaml := Path(folder, "yaml")).mkdir()
        (pages := Path(folder, "pages")).mkdir()
        for number in range(operations):
            item["post"]["operationId"] = f"operation_{number}"
            document["paths"] = {f"/{number}{path}": item}
            (yaml / f"{number}.yaml").write_text(text := yaml_io.dump(document), encoding="utf-8")
            (pages / f"{number}.md").write_text(f"````yaml post /{number}{path}\n{text}````\n", encoding="utf-8")

        def ours() -> Cost:
            output = Path(folder, f"ours-{next(outputs)}")
            targets = [f"--pages={output / 'pages'}", f"--contract={output / 'playbook.yaml'}"]
            return cost_of_command([sys.executable, "-m", "contract", "refresh", "--from", str(pages), *targets])

        runs = {subject: ours, against: lambda: cost_of_command([sys.executable, "-c", READ, str(yaml)])}
        samples = measure(runs, rounds, discarded=0)
    return Figure(subject, against, *compare(samples, subject, against), at_most=bound)


def _published_contract(operations: int) -> Any:
    """The published contract with so many operations, all like its first."""
    document = yaml_io.read(ROOT / "openapi" / "playbook.yaml")
    path, item = next(iter(document["paths"].items()))
    for number in range(1, operations):
        document["paths"][f"/{number}{path}"] = (another := copy.deepcopy(item))
        another["post"]["operationId"] = f"operation_{number}"
    return document


def _write(document: Any, path: Path) -> None:
    """Write a document in the format that the file's name has."""
    text = json.dumps(yaml_io.to_plain(document), indent=2) if path.suffix == ".json" else yaml_io.dump(document)
    path.write_text(text, encoding="utf-8")
