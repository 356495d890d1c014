"""Messages when a run is impossible: one line, and exit status 2."""

import errno
import io
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from playbook3d_conformance.__main__ import main
from playbook3d_conformance.server.schemathesis_cli import STRICT, read_configuration
from playbook3d_conformance.server.secret_scan import contains_secret
from playbook3d_mock import contract_path
from support.breaching_server import (
    CONTRACT,
    CREDENTIALS,
    IDS,
    KEY,
    QUICK,
    RUN,
    TOKEN,
    conformance,
    json_response,
    run_suite,
)

INVALID_URLS = [
    "api.example.com", "ftp://example.com", "http://[::1", "https://me:pass@example.com", "https://me:pass@h:99999",
    "https://:pass@example.com", "https://@example.com", "https://example..com", "https://me:pass@[::1",
    "https://example.com?pass=1", "https://e.com/?", " https://example.com",
]  # fmt: skip
URL = "https://127.0.0.1:1"
PROG = "python -m playbook3d_conformance"
CHARACTERS = "must be visible ASCII characters, at least eight letters or digits among them"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "one of the arguments --base-url --mock --print-config --print-contract is required"),
        (["--base-url", URL, "--mock"], "argument --mock: not allowed with argument --base-url"),
        (["--base-url", URL, "--dryrun"], "unrecognized arguments: --dryrun"),
        (["--mock", "--id", "team_id="], "argument --id: must be NAME=VALUE, not 'team_id='."),
        (["--mock", "--id", RUN], f"argument --id: must be NAME=VALUE, not '{RUN}'."),
        (["--mock", "--seed", "7.5"], "argument --seed: must be a number, not '7.5'."),
        (["--mock", "--rate", "fast"], "argument --rate: must be like 10/s or 100/m, not 'fast'."),
        (["--mock", "--examples", "0"], "argument --examples: must be a number from 1, not '0'."),
        (["--mock", "--max-time", "1e9"], "argument --max-time: must be a number from 1, not '1e9'."),
    ],
)
def test_invalid_option_is_reported(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"{PROG}: error: {message}"


def test_command_can_have_another_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--base-url", "example.com"], prog="playbook3d conformance") == 2
    assert capsys.readouterr().err.startswith("playbook3d conformance: error: --base-url must be like https://")


@pytest.mark.parametrize("url", INVALID_URLS)
def test_invalid_url_is_reported_and_not_shown(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert conformance("--base-url", url) == 2
    assert capsys.readouterr().err == (
        f"{PROG}: error: --base-url must be like https://api.example.com, without a user, a query or a fragment.\n"
    )


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PLAYBOOK_API_KEY": f"{KEY}\n"}, f"PLAYBOOK_API_KEY {CHARACTERS}"),
        ({"PLAYBOOK_API_KEY": "€" * 20}, f"PLAYBOOK_API_KEY {CHARACTERS}"),
        ({"PLAYBOOK_TOKEN": f"Bearer {TOKEN}"}, f"PLAYBOOK_TOKEN {CHARACTERS}"),
        ({"PLAYBOOK_TOKEN": "!" * 20}, f"PLAYBOOK_TOKEN {CHARACTERS}"),
        ({"PLAYBOOK_TOKEN": "token"}, f"PLAYBOOK_TOKEN {CHARACTERS}"),
        ({"PLAYBOOK_TOKEN": ""}, "PLAYBOOK_TOKEN must be set in the environment."),
    ],
)
def test_invalid_credential_is_reported(
    environment: dict[str, str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--base-url", URL, "--spec", str(CONTRACT), "--reports", str(tmp_path))
    assert conformance(*where, environment={**CREDENTIALS, **environment}) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"{PROG}: error: {message}")
    assert printed.count("\n") == 1
    assert not contains_secret(printed, [KEY, TOKEN])


def test_credential_in_the_url_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert conformance("--base-url", f"https://example.com/{KEY}", "--spec", str(CONTRACT)) == 2
    printed = capsys.readouterr().err
    assert printed == f"{PROG}: error: --base-url contains a credential, which each report would show.\n"


@pytest.mark.parametrize("missing", ["schemathesis", "jsonschema_rs"])
def test_missing_extra_has_an_install_hint(missing: str) -> None:
    script = (
        f"import runpy, sys; sys.modules[{missing!r}] = None; sys.argv = ['x', '--mock']; "
        "runpy.run_module('playbook3d_conformance', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    hint = f"the conformance suite needs {missing}: pip install 'playbook3d-client[conformance]'"
    assert done.stderr == f"{PROG}: error: {hint}\n"


def test_shipped_files_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--print-config"]) == 0
    assert tomllib.loads(capsys.readouterr().out) == read_configuration(STRICT)
    assert main(["--print-contract"]) == 0
    assert capsys.readouterr().out == contract_path().read_text(encoding="utf-8")


UNREADABLE = {
    "empty": "",
    "not UTF-8": "é",
    "not YAML": "a: [",
    "not a contract": "[1]",
    "no object of paths": "{openapi: 3.1.0, info: {title: t, version: '1'}, paths: [1]}",
    "no paths": "{openapi: 3.1.0, info: {title: t, version: '1'}}",
    "no operations": "{openapi: 3.1.0, info: {title: t, version: '1'}, paths: {}}",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_unusable_contract_is_reported(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "contract.yaml").write_text(text, encoding="latin-1")
    assert conformance("--base-url", URL, "--spec", str(tmp_path / "contract.yaml")) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"{PROG}: error: ")
    assert printed.count("\n") == 1


def test_contract_that_the_mock_cannot_serve_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract = tmp_path / "contract.yaml"
    contract.write_text(CONTRACT.read_text(encoding="utf-8").replace("openapi: 3.1.0", "openapi: 3.0.3"), "utf-8")
    assert conformance("--mock", "--spec", str(contract)) == 2
    assert capsys.readouterr().err.startswith(f"{PROG}: error: {contract}: #/openapi: ")


def test_missing_contract_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "missing.yaml"
    assert conformance("--base-url", URL, "--spec", str(missing)) == 2
    assert capsys.readouterr().err.startswith(f"{PROG}: error: {missing}: ")


def test_unreachable_server_does_not_break_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as unused:  # it has the port, and does not listen
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        where = ("--base-url", url, "--spec", str(CONTRACT), "--reports", str(tmp_path))
        assert conformance(*where, *QUICK, *IDS) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(f"{PROG}: error: no response of {url} could be read: is the address right")
    assert "Connection refused" in printed.out
    assert "keep the contract" not in printed.out


def test_unreadable_responses_do_not_break_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unreadable = json_response(400, None, (b"content-encoding", b"gzip"))
    assert run_suite(tmp_path, lambda *_: unreadable).status == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(f"{PROG}: error: no response of http://127.0.0.1:")
    assert "failed to decode" in printed.out


def test_unwritable_reports_folder_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in its place", encoding="utf-8")
    run = run_suite(tmp_path / "file")
    assert capsys.readouterr().err.endswith(": can the reports be written there?\n")
    assert (run.status, run.requests) == (2, [])


def test_other_files_among_the_reports_are_kept(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "random-ids").mkdir()
    (tmp_path / "random-ids" / "old.txt").write_text("of an earlier run", encoding="utf-8")
    run_suite(tmp_path)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert sorted(path.name for path in (tmp_path / "random-ids").iterdir()) == ["html", "junit.xml", "requests.har"]


def test_deeply_nested_contract_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract = tmp_path / "contract.json"
    contract.write_text("[" * 3000 + "]" * 3000, encoding="utf-8")
    assert conformance("--base-url", URL, "--spec", str(contract)) == 2
    assert capsys.readouterr().err == f"{PROG}: error: {contract}: nested too deeply.\n"


def test_output_in_ascii_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(terminal, encoding="ascii", write_through=True))
    assert conformance("--base-url", URL, "--spec", str(CONTRACT), "--dry-run") == 0
    assert b"=? sends it, once)\n" in terminal.getvalue()


def test_closed_output_is_reported(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def write(_: str) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(sys.stdout, "write", write)
    assert conformance("--base-url", URL, "--dry-run") == 2
    assert capsys.readouterr().err == f"{PROG}: error: Broken pipe.\n"
