"""The code samples of ``cancel_run`` work: each makes the right request."""

import json
import logging
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contract import yaml_io
from contract.sources import ROOT
from playbook3d_mock import Mock

TEAM, RUN = "7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11", "c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22"
CREDENTIALS = {"PLAYBOOK_API_KEY": "my-key", "PLAYBOOK_TOKEN": "my-token"}
CONTRACT: Any = yaml_io.to_plain(yaml_io.read(ROOT / "generated" / "openapi.yaml"))
PATH = f"/cancel/{TEAM}/{RUN}"


def samples() -> dict[str, str]:
    """The source of each sample, by its language."""
    operation = CONTRACT["paths"]["/cancel/{team_id}/{run_id}"]["post"]
    return {sample["lang"]: sample["source"] for sample in operation["x-codeSamples"]}


def test_each_sample_is_in_a_language_tested_here() -> None:
    assert list(samples()) == ["cURL", "Python"]


@pytest.mark.parametrize(
    ("environment", "server"),
    [({"PLAYBOOK_BASE_URL": "http://127.0.0.1:1"}, "http://127.0.0.1:1"), ({}, CONTRACT["servers"][0]["url"])],
)
def test_curl_sample_sends_both_credentials(environment: dict[str, str], server: str, tmp_path: Path) -> None:
    """A stand-in for curl prints its arguments, as the shell expands them."""
    curl = tmp_path / "curl"
    program = shlex.quote("import json, sys; print(json.dumps(sys.argv[1:]))")
    curl.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {program} "$@"\n', encoding="utf-8")
    curl.chmod(0o755)
    environment |= {**CREDENTIALS, "PATH": str(tmp_path), "TEAM_ID": TEAM, "RUN_ID": RUN}
    command = ["/bin/sh", "-c", samples()["cURL"]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    headers = ["-H", "Authorization: Bearer my-token", "-H", "x-api-key: my-key", "-H", "Accept: application/json"]
    assert json.loads(done.stdout) == ["-X", "POST", server + PATH, *headers]


def test_python_sample_cancels_a_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    mock = Mock()
    caplog.set_level(logging.INFO, "httpx")
    with mock.serve() as url:
        environment = {"PLAYBOOK_BASE_URL": url, "PLAYBOOK_API_KEY": mock.api_key, "PLAYBOOK_TOKEN": mock.token}
        for name, value in {**environment, "TEAM_ID": TEAM, "RUN_ID": RUN}.items():
            monkeypatch.setenv(name, value)
        exec(samples()["Python"], {})  # noqa: S102 (the overlay's own text)
    printed = capsys.readouterr().out
    assert printed == "CancelRunResult(message='Run successfully canceled.', additional_properties={})\n"
    assert f"HTTP Request: POST {url}{PATH} " in caplog.text
