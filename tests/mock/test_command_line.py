"""``python -m playbook3d_mock``: what it prints, and how it ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import httpx
import pytest

from playbook3d_mock.__main__ import main
from support.mock_requests import CONTRACTS, GET, JSON, STOP, STOPPED, read_contract

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
COMMAND = [sys.executable, "-m", "playbook3d_mock"]
SPEC = ["--spec", str(CONTRACTS / "runs.yaml")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal(number: signal.Signals) -> None:
    command = [*COMMAND, *SPEC, "--credential", "key=K", "--token", "it's"]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True, env=ENVIRONMENT) as process:
        try:
            assert process.stdout
            lines = [process.stdout.readline() for _ in range(4)]
            script = "".join(lines) + 'printf "%s\\n" "$PLAYBOOK_BASE_URL" "$PLAYBOOK_KEY" "$PLAYBOOK_TOKEN"'
            url, api_key, token = subprocess.check_output(["sh", "-c", script], text=True).splitlines()
            assert (api_key, token) == ("K", "it's")
            with httpx.Client(base_url=url, headers={"X-Key": api_key, "Authorization": f"Bearer {token}"}) as client:
                assert client.post(STOP).json() == STOPPED
                process.send_signal(number)
                out, err = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--por", "1"], "unrecognized arguments: --por 1"),
        (["--port", "65536"], "argument --port: '65536' is not a port: 0 to 65535"),
        (["--port", "-1"], "argument --port: '-1' is not a port: 0 to 65535"),
        ([*SPEC, "--token", "two words"], "token must be visible ASCII characters, without spaces, and not empty"),
        ([*SPEC, "--host", "192.0.2.1"], "cannot listen on 192.0.2.1 port 0: Cannot assign requested address"),
        (["--spec", "/no/such/file"], "/no/such/file: cannot be read: No such file or directory"),
    ],
)
def test_invalid_argument_is_one_line_and_status_2(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the handlers of the test run stay
    try:
        status: object = main(arguments)
    except SystemExit as error:  # from argparse
        status = error.code
    out, err = capsys.readouterr()
    *usage, line = err.splitlines()
    assert (status, out, line) == (2, "", f"python -m playbook3d_mock: error: {message}")
    assert not usage or usage[0].startswith("usage: python -m playbook3d_mock")


def test_problems_of_a_contract_are_printed_at_start(tmp_path: Path) -> None:
    contract = tmp_path / "contract.json"
    contract.write_text(json.dumps(read_contract("minimal", {f"{JSON}/example": {"result": 1}})))
    command = [*COMMAND, "--spec", str(contract)]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True, env=ENVIRONMENT) as process:
        try:
            assert process.stderr
            warning = process.stderr.readline()
        finally:
            process.kill()
    assert warning.startswith(f"python -m playbook3d_mock: warning: {JSON}/example: the example does not match")
    strict = subprocess.run([*command, "--strict"], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert (strict.returncode, strict.stdout) == (2, "")
    assert f"error: {contract}: {JSON}/example: the example does not match its schema" in strict.stderr


def test_requests_are_logged_and_a_changed_contract_is_served(tmp_path: Path) -> None:
    contract, example = tmp_path / "contract.json", f"{JSON}/example"
    contract.write_text(json.dumps(read_contract("minimal")))
    command = [*COMMAND, "--spec", str(contract), "--log", "--reload"]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True, env=ENVIRONMENT) as process:
        try:
            assert process.stdout
            assert process.stderr
            url = process.stdout.readline().strip().removeprefix("PLAYBOOK_BASE_URL=")
            httpx.get(f"{url}/items/1")
            assert process.stderr.readline() == "GET /items/1 200 GET /items/{id}\n"
            (tmp_path / "invalid").write_text("{}")
            (tmp_path / "invalid").replace(contract)
            line = process.stderr.readline()
            assert line.startswith(f"python -m playbook3d_mock: {contract}: #: is not an OpenAPI document")
            assert line.endswith("the mock serves the contract that it had before\n")
            scheme = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
            changes = {example: {"result": 1}, f"{GET}/security": [{"key": []}]}
            changed = read_contract("minimal", {**changes, "#/components/securitySchemes": scheme})
            (tmp_path / "new").write_text(json.dumps(changed))
            (tmp_path / "new").replace(contract)
            assert "warning: " in process.stderr.readline()
            served = f"python -m playbook3d_mock: {contract}: the mock serves the changed contract\n"
            assert process.stderr.readline() == served
            key = process.stdout.readline().strip().removeprefix("PLAYBOOK_API_KEY=")
            assert httpx.get(f"{url}/items/1", headers={"X-Key": key}).status_code == 200
        finally:
            process.kill()


def test_seed_repeats_the_bodies() -> None:
    def body(seed: str) -> bytes:
        with subprocess.Popen([*COMMAND, *SPEC, "--seed", seed], stdout=PIPE, text=True, env=ENVIRONMENT) as process:
            try:
                assert process.stdout
                printed = dict(process.stdout.readline().strip().split("=", 1) for _ in range(4))
                headers = {"X-Key": printed["PLAYBOOK_KEY"]}
                return httpx.get(f"{printed['PLAYBOOK_BASE_URL']}/runs?state=queued", headers=headers).content
            finally:
                process.kill()

    assert body("1") == body("1") != body("2")


@pytest.mark.parametrize(
    ("arguments", "has_cors", "has_control"),
    [
        ([], True, True),
        (["--no-cors", "--no-control"], False, False),
        (["--host", "0.0.0.0"], False, False),  # noqa: S104
        (["--host", "0.0.0.0", "--cors", "--control"], True, True),  # noqa: S104
    ],
)
def test_cors_and_control_paths_can_be_chosen(arguments: list[str], has_cors: bool, has_control: bool) -> None:
    with subprocess.Popen([*COMMAND, *SPEC, *arguments], stdout=PIPE, text=True, env=ENVIRONMENT) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().strip().removeprefix("PLAYBOOK_BASE_URL=")
            response = httpx.get(f"{url}/runs/latest", headers={"origin": "https://page.invalid"})
            assert ("access-control-allow-origin" in response.headers) == has_cors
            assert (httpx.get(f"{url}/__mock__/health").status_code == 200) == has_control
        finally:
            process.kill()


@pytest.mark.parametrize("missing", ["jsonschema_rs", "python_multipart", "ruamel.yaml", "uvicorn"])
def test_missing_extra_has_an_install_hint(missing: str) -> None:
    script = (
        f"import runpy, sys; sys.modules[{missing!r}] = None; sys.argv = ['x', *{SPEC!r}]; "
        "runpy.run_module('playbook3d_mock', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"python -m playbook3d_mock: error: the mock needs {missing}: pip install 'playbook3d-client[mock]'\n"
    )
