"""``make bench``: the time of ``make generate`` against that of the bare generator on the same contract.

Both are run in turn, as processes of their own, and their medians compared: a ratio within one run says something
on any machine, a number of seconds does not. Exit status 1 when a bound is exceeded.
"""

import copy
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from contract import yaml_io
from contract.sources import ROOT

#: Operations, rounds, and the bound.
CASES = [(1, 9, 1.8), (300, 3, 3.0)]


def seconds(command: list[str]) -> float:
    """How long a command takes, with the tools of this environment on its PATH."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    start = time.perf_counter()
    subprocess.run(command, env={**os.environ, "PATH": tools}, cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - start


def published_contract(operations: int) -> str:
    """The published contract with so many operations, all like its first."""
    document = yaml_io.read(ROOT / "openapi" / "playbook.yaml")
    path, item = next(iter(document["paths"].items()))
    for number in range(1, operations):
        document["paths"][f"/{number}{path}"] = (another := copy.deepcopy(item))
        another["post"]["operationId"] = f"operation_{number}"
    return yaml_io.dump(document)


def ratio(operations: int, rounds: int) -> float:
    """How many times as long as the bare generator ours takes."""
    ours: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        contract = Path(folder, "contract.yaml")
        contract.write_text(published_contract(operations), encoding="utf-8")
        for number in range(rounds):
            run = [sys.executable, "-m"]
            output = f"{folder}/{number}/generated"
            ours.append(seconds([*run, "contract", "generate", f"--contract={contract}", f"--output={output}"]))
            generator = [*run, "openapi_python_client", "generate", "--meta", "none"]
            bare.append(seconds([*generator, f"--path={output}/openapi.yaml", f"--output-path={folder}/{number}/bare"]))
    return statistics.median(ours) / statistics.median(bare)


def main() -> int:
    exceeded = False
    for operations, rounds, bound in CASES:
        measured = ratio(operations, rounds)
        print(
            f"make generate takes {measured:.2f} times as long as the bare generator at {operations} operations "
            f"(at most {bound})",
            flush=True,
        )
        exceeded = exceeded or measured > bound
    return int(exceeded)


if __name__ == "__main__":
    raise SystemExit(main())
