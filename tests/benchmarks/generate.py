"""``make bench``: the time of ``make generate`` against that of the bare generator on the same contract.

Both are run in turn, as processes of their own, and their medians compared: a ratio within one run says something
on any machine, a number of seconds does not. Exit status 1 when the bound is exceeded.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROUNDS = 9
BOUND = 1.5


def seconds(command: list[str]) -> float:
    """How long a command takes, with the tools of this environment on its PATH."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    start = time.perf_counter()
    subprocess.run(command, env={**os.environ, "PATH": tools}, cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - start


def main() -> int:
    contract = str(ROOT / "generated" / "openapi.yaml")
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            run = [sys.executable, "-m"]
            ours.append(seconds([*run, "contract", "generate", "--output", f"{folder}/ours/generated"]))
            generator = [*run, "openapi_python_client", "generate", "--meta", "none"]
            bare.append(seconds([*generator, "--path", contract, "--output-path", f"{folder}/bare"]))
    ratio = statistics.median(ours) / statistics.median(bare)
    print(f"make generate takes {ratio:.2f} times as long as the bare generator (at most {BOUND})")
    return int(ratio > BOUND)


if __name__ == "__main__":
    raise SystemExit(main())
