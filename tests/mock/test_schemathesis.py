"""The mock passes every check of Schemathesis on the contract of its tests."""

import subprocess
import sys
from pathlib import Path

from support.mock_requests import CONTRACTS, CREDENTIALS, RUNS


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    program = str(Path(sys.executable).parent / "schemathesis")
    options = ["--generation-deterministic", "--max-examples=5", "--no-color"]
    # The mock has no memory: what was deleted is still there.
    checks = ["--checks=all", "--exclude-checks=use_after_free"]
    headers = [f"--header={name}: {value}" for name, value in CREDENTIALS.items()]
    with RUNS.serve() as url:
        command = [program, "run", str(CONTRACTS / "runs.yaml"), f"--url={url}", *options, *checks, *headers]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert f"Tested: {len(RUNS.engine.operations)}\n" in done.stdout
