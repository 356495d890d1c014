"""``make contracts DOCS=folder``: takes each contract of a folder the whole way, without an overlay.

The whole way: it generates, with at most a tenth of its operations omitted; the client is strictly typed; the mock
serves all of it; and the conformance suite passes. A line is printed for each contract as it goes, and the output of
each step stands in ``reports/contracts/``. Exit status 1 if a step crashed; 2 if the folder has no contract.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from contract import yaml_io
from contract.errors import PipelineError
from contract.operations import iterate_operations
from contract.sources import ROOT

_EMPTY_OVERLAY = '{"overlay": "1.1.0", "info": {"title": "Empty", "version": "1.0.0"}, "actions": []}'
_SUITE = ("pytest", "-q", "-n2", "--timeout=900", "-pno:cacheprovider", "--hypothesis-profile=contracts")
_SERVE = """
import sys
from playbook3d_mock import ContractError, Mock
try:
    print(*Mock(sys.argv[1]).engine.problems, sep="\\n")
except ContractError as error:
    sys.exit(str(error))
"""
#: The share of its operations that a contract may lose.
_OMITTED = 0.1


class Result(NamedTuple):
    """How far a contract got.

    Attributes:
        operations: The operations that it has.
        generated: Those that the client has.
        problem: The step that failed, and its last words; empty: it went the whole way.
        has_crashed: Whether that step ended with a traceback.
    """

    operations: int
    generated: int
    problem: str
    has_crashed: bool


def main(folder: Path, reports: Path = ROOT / "reports" / "contracts") -> int:
    """Take each contract the whole way; returns the exit status."""
    contracts = sorted(path for path in folder.glob("*") if path.suffix in (".json", ".yaml", ".yml"))
    if not contracts:
        print(f"{folder}: no contracts (*.json, *.yaml): name a folder with DOCS=folder.", file=sys.stderr)
        return 2
    reports.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    for path in contracts:
        result = _take(path, reports / f"{path.name}.log")
        results.append(result)
        share = f"{result.generated} of {result.operations} operations"
        print(f"{path.name}: {share}, {result.problem or 'the whole way'}", flush=True)
    done = sum(not result.problem for result in results)
    generated, operations = sum(each.generated for each in results), sum(each.operations for each in results)
    print(f"{done} of {len(results)} documents the whole way, {generated} of {operations} operations")
    return 1 if any(result.has_crashed for result in results) else 0


def _take(path: Path, log: Path) -> Result:
    """Take one contract the whole way, or as far as it goes."""
    log.unlink(missing_ok=True)
    operations, generated = _count(path), 0
    with tempfile.TemporaryDirectory() as temporary:
        for name, status, output in _steps(path, Path(temporary)):
            with log.open("a", encoding="utf-8") as file:
                file.write(f"## {name}: exit status {status}\n{output}\n")
            generated = _count(Path(temporary) / "generated" / "openapi.yaml")
            if status:
                has_failed_test = name == "suite" and status == 1  # a failed test may print a traceback
                has_crashed = not has_failed_test and (status not in (1, 2) or "Traceback (most recent" in output)
                return Result(operations, generated, f"{name} fails: {_last_line(output)}", has_crashed)
    omitted = operations - generated
    return Result(operations, generated, f"{omitted} omitted" if omitted > operations * _OMITTED else "", False)


def _steps(path: Path, folder: Path) -> Iterator[tuple[str, int, str]]:
    """The name, exit status and output of each step."""
    overlay, generated = folder / "overlay.json", folder / "generated"
    overlay.write_text(_EMPTY_OVERLAY, encoding="utf-8")
    options = ("--overlay", str(overlay), "--output", str(generated), "--omit-unsupported")
    yield "generate", *_run("-m", "contract", "generate", "--contract", str(path), *options)
    yield "mypy", *_run("-m", "mypy", "--strict", "--no-incremental", str(generated / "playbook3d_api"))
    contract = str(generated / "openapi.yaml")
    environment = {
        "PYTHONPATH": os.pathsep.join([str(generated), os.environ.get("PYTHONPATH", "")]),
        "CONFORMANCE_CONTRACT": contract,
        "CONFORMANCE_PUBLISHED": contract,  # no overlay has changed it
    }
    yield "mock", *_run("-c", _SERVE, contract)
    yield "suite", *_run("-m", *_SUITE, str(ROOT / "tests" / "playbook3d_conformance"), environment=environment)


def _run(*arguments: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
    """Run Python; returns its exit status and what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def _count(path: Path) -> int:
    try:
        return sum(1 for _ in iterate_operations(yaml_io.to_plain(yaml_io.read(path))))
    except (PipelineError, OSError):
        return 0


def _last_line(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return re.sub(r"\s+", " ", lines[-1])[:200] if lines else "no output"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path()))
