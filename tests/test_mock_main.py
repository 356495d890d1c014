"""`python -m playbook3d_mock` as a process: what it prints, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from playbook3d_mock import __main__ as command

PATH = "/cancel/3fa85f64-5717-4562-b3fc-2c963f66afa6/0b8f7a0e-8d4f-4a53-9a0d-3c4f5a6b7c8d"
HERE = Path(__file__).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(HERE)}
COMMAND = [sys.executable, "-m", "playbook3d_mock"]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal_and_ends_well(sent: signal.Signals) -> None:
    arguments = ["--port", "0", "--api-key", "K", "--token", "it's"]
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as process:
        try:
            assert process.stdout
            lines = [process.stdout.readline() for _ in range(3)]
            # What it prints is meant to be read back by a shell.
            script = "".join(lines) + 'printf "%s\\n" "$PLAYBOOK_BASE_URL" "$PLAYBOOK_API_KEY" "$PLAYBOOK_TOKEN"'
            url, api_key, token = subprocess.check_output(["sh", "-c", script], text=True).splitlines()
            assert (api_key, token) == ("K", "it's")
            headers = {"x-api-key": api_key, "Authorization": f"Bearer {token}"}
            with httpx.Client(base_url=url, headers=headers) as client:
                assert client.post(PATH).json() == {"message": "Run successfully canceled."}
                process.send_signal(sent)
                out, err = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (0, "", "")


@pytest.fixture(autouse=True)
def _signal_handlers() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """What the command does to the handlers of this process is undone."""
    before = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    for number, handler in before:
        signal.signal(number, handler)


def failure(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The last line on standard error of a command that fails with status 2."""
    try:
        status: object = command.main(arguments)
    except SystemExit as error:  # from argparse
        status = error.code
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    *usage, line = err.splitlines()
    assert not usage or usage[0].startswith("usage: python -m playbook3d_mock")
    return line.removeprefix("python -m playbook3d_mock: error: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--nope"], "unrecognized arguments: --nope"),
        (["--por", "1"], "unrecognized arguments: --por 1"),
        (["--port", "65536"], "argument --port: '65536' is not a port: 0 to 65535"),
        (["--port", "-1"], "argument --port: '-1' is not a port: 0 to 65535"),
        (["--port", "http"], "argument --port: 'http' is not a port: 0 to 65535"),
        (["--token", "two words"], "token must be visible ASCII characters, without spaces, and not empty"),
        (["--spec", "/no/such/file"], "/no/such/file: cannot be read: No such file or directory"),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1 port 0: Cannot assign requested address"),
    ],
)
def test_a_wrong_argument_is_one_line_and_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failure(arguments, capsys) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [", "is not YAML 1.2: line 1, column 5: expected the node content, but found '<stream end>'"),
        ("openapi: 3.0.3", "#/openapi: is '3.0.3'; this mock reads OpenAPI 3.1 ('3.1.0', '3.1.1', …)"),
        ("openapi: 3.1.0", "#: declares no operation, so there is nothing to serve"),
    ],
)
def test_a_contract_that_cannot_be_served_is_named_with_the_place(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(content, "utf-8")
    assert failure(["--spec", str(path)], capsys) == f"{path}: {said}"


def test_a_port_in_use_is_one_line_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = failure(["--port", str(port)], capsys)
    assert said == f"cannot listen on 127.0.0.1 port {port}: Address already in use"


@pytest.mark.parametrize("missing", ["jsonschema_rs", "ruamel.yaml", "uvicorn"])
def test_a_missing_extra_is_one_line_that_says_what_to_install(missing: str) -> None:
    script = (
        f"import runpy, sys; sys.modules[{missing!r}] = None; sys.argv = ['x']; "
        "runpy.run_module('playbook3d_mock', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"python -m playbook3d_mock: error: the mock needs {missing}: pip install 'playbook3d-client[mock]'\n"
    )
