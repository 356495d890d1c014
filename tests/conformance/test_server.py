"""A server keeps the contract: stock Schemathesis, all of its checks, against the mock."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from schemathesis.cli import schemathesis as command

from conformance.subject import CONTRACT, SUBJECTS, drawn, load, schema
from conformance.wire import AnyCase
from playbook3d_mock import Mock

MOCK = Mock(CONTRACT)
CREDENTIALS = {"Authorization": f"Bearer {MOCK.token}", "x-api-key": MOCK.api_key}

# In the configuration, as the command has them: a case in which one is missing is then not drawn as invalid,
# only for it to be sent with both.
in_process = schema(load(CONTRACT), headers=CREDENTIALS)
in_process.app = MOCK.asgi


@in_process.parametrize()
def test_the_mock_passes_every_check_in_process(case: AnyCase) -> None:
    case.call_and_validate()
    drawn[f"stock checks, in process: {case.operation.label}"] += 1


def test_the_mock_passes_every_check_over_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the command keeps files where it is run
    with MOCK.serve() as url:
        options = [f"--header={name}: {value}" for name, value in CREDENTIALS.items()]
        options += [f"--url={url}", "--checks=all", "--max-examples=30", "--generation-deterministic", "--no-color"]
        done = CliRunner().invoke(command, ["run", str(CONTRACT), *options])
    assert done.exit_code == 0, done.output
    tested = re.search(r"(\d+) generated", done.output)
    assert tested, done.output
    drawn[f"stock checks, over a socket: {len(SUBJECTS)} operation(s)"] += int(tested[1])
