"""The stock command, `schemathesis run`, in this process: what a tester of a server would start."""

import contextlib
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from schemathesis.cli import schemathesis as command


def run(
    contract: Path,
    url: str,
    headers: Mapping[str, str],
    *,
    examples: int,
    phases: str = "examples,coverage,fuzzing,stateful",
) -> int:
    """Have stock Schemathesis try a server with all of its checks; the number of cases that it drew.

    The credentials are given in the configuration: a case in which one is missing is then not drawn as
    invalid, only for it to be sent with both.
    """
    options = [f"--header={name}: {value}" for name, value in headers.items()]
    options += [
        f"--url={url}",
        "--checks=all",
        f"--phases={phases}",
        f"--max-examples={examples}",
        "--generation-deterministic",
    ]
    # The command keeps files where it is run.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        done = CliRunner().invoke(command, ["run", str(contract), "--no-color", *options])
    if done.exit_code:
        pytest.fail(done.output)
    drawn = re.search(r"(\d+) generated", done.output)
    assert drawn, done.output
    return int(drawn[1])
