"""A server keeps the contract: stock Schemathesis, all of its checks, against the mock."""

import os
import re
import subprocess
import sys
from pathlib import Path

from conformance.subject import CONTRACT, SUBJECTS, drawn, load, schema
from conformance.wire import AnyCase
from playbook3d_mock import Mock

MOCK = Mock(CONTRACT)
CREDENTIALS = {"Authorization": f"Bearer {MOCK.token}", "x-api-key": MOCK.api_key}

in_process = schema(load(CONTRACT))
in_process.app = MOCK.asgi


@in_process.parametrize()
def test_the_mock_passes_every_check_in_process(case: AnyCase) -> None:
    case.call_and_validate(headers=CREDENTIALS)
    drawn[f"stock checks, in process: {case.operation.label}"] += 1


def test_the_mock_passes_every_check_over_a_socket(tmp_path: Path) -> None:
    with MOCK.serve() as url:
        options = [f"--header={name}: {value}" for name, value in CREDENTIALS.items()]
        command = [sys.executable, "-m", "schemathesis.cli", "run", str(CONTRACT), f"--url={url}", *options]
        command += ["--checks=all", "--max-examples=30", "--generation-deterministic", "--no-color"]
        done = subprocess.run(
            command, cwd=tmp_path, env={**os.environ, "COLUMNS": "120"}, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stdout + done.stderr
    tested = re.search(r"(\d+) generated", done.stdout)
    assert tested, done.stdout
    drawn[f"stock checks, over a socket: {len(SUBJECTS)} operation(s)"] += int(tested[1])
