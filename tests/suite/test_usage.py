"""Messages of ``make conformance`` when a run is impossible: one line, and exit status 2."""

import errno
import io
import socket
import sys
from pathlib import Path

import pytest

from playbook3d_conformance.server.run import main
from playbook3d_conformance.server.secret_scan import contains_secret
from support.breaching_server import CONTRACT, CREDENTIALS, IDS, KEY, RUN, TOKEN, json_response, run_suite

INVALID_URLS = [
    "api.example.com", "ftp://example.com", "http://[::1", "https://me:pass@example.com", "https://me:pass@h:99999",
    "https://:pass@example.com", "https://@example.com", "https://example..com", "https://me:pass@[::1",
    "https://example.com?pass=1", "https://e.com/?", " https://example.com",
]  # fmt: skip
CHARACTERS = "must be visible ASCII characters, at least eight letters or digits among them"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        *(
            ({"BASE_URL": url}, "BASE_URL must be like https://api.example.com, without a user, a query or a fragment.")
            for url in INVALID_URLS
        ),
        ({"BASE_URL": f"https://example.com/{KEY}"}, "BASE_URL contains a credential"),
        ({"PLAYBOOK_API_KEY": f"{KEY}\n"}, f"PLAYBOOK_API_KEY {CHARACTERS}"),
        ({"PLAYBOOK_API_KEY": "€" * 20}, f"PLAYBOOK_API_KEY {CHARACTERS}"),
        ({"PLAYBOOK_TOKEN": f"Bearer {TOKEN}"}, f"PLAYBOOK_TOKEN {CHARACTERS}"),
        ({"PLAYBOOK_TOKEN": "!" * 20}, f"PLAYBOOK_TOKEN {CHARACTERS}"),
        ({"PLAYBOOK_TOKEN": "token"}, f"PLAYBOOK_TOKEN {CHARACTERS}"),
        ({"PLAYBOOK_TOKEN": ""}, "PLAYBOOK_TOKEN must be set in the environment."),
        (
            {"BASE_URL": "", "BASEURL": "https://127.0.0.1:1"},
            "name the server with BASE_URL=https://…, or test the mock",
        ),
        ({"MOCK": "1"}, "BASE_URL and MOCK=1 name two servers: leave one of them out."),
        ({"BASE_URL": "", "MOCK": "0"}, "name the server with BASE_URL=https://…, or test the mock with MOCK=1."),
        ({"DRYRUN": "1"}, "DRYRUN is not read: DRY_RUN is meant, or leave it out."),
        ({"EXAMPLE": "1"}, "EXAMPLE is not read: EXAMPLES is meant, or leave it out."),
        ({"TEAMID": RUN}, "TEAMID is not read: TEAM_ID is meant, or leave it out."),
        ({"TEAM_ID": RUN.replace("-", ""), "RUN_ID": RUN}, "TEAM_ID must be a UUID, not "),
        ({"UNSAFE": "maybe"}, "UNSAFE must be 1 or 0, not 'maybe'."),
        ({"SEED": "-1"}, "SEED must be a number, not '-1'."),
        ({"TEAM_ID": "mine", "RUN_ID": RUN}, "TEAM_ID must be a UUID, not 'mine'."),
        ({"RATE": "fast"}, "RATE must be like 10/s or 100/m, not 'fast'."),
        ({"EXAMPLES": "0"}, "EXAMPLES must be a number from 1, not '0'."),
        ({"MAX_TIME": "-1"}, "MAX_TIME must be a number from 1, not '-1'."),
    ],
)
def test_invalid_variable_is_reported(
    environment: dict[str, str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main({"BASE_URL": "https://127.0.0.1:1", **CREDENTIALS, **environment}, tmp_path, contract=CONTRACT) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"make conformance: {message}")
    assert printed.count("\n") == 1
    assert "pass" not in printed
    assert not contains_secret(printed, [KEY, TOKEN])


def test_missing_contract_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "missing.yaml"
    assert main({"BASE_URL": "https://127.0.0.1:1", **CREDENTIALS}, tmp_path, contract=missing) == 2
    assert capsys.readouterr().err.startswith(f"make conformance: {missing}: ")


def test_unreachable_server_does_not_break_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as unused:  # it has the port, and does not listen
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        options = {"RATE": "1000/s", "EXAMPLES": "1", **IDS, **CREDENTIALS}
        assert main({"BASE_URL": url, **options}, tmp_path, contract=CONTRACT) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(f"make conformance: no response of {url} could be read: is the address right")
    assert "Connection refused" in printed.out
    assert "keep the contract" not in printed.out


def test_unreadable_responses_do_not_break_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unreadable = json_response(400, None, (b"content-encoding", b"gzip"))
    assert run_suite(tmp_path, lambda *_: unreadable).status == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("make conformance: no response of http://127.0.0.1:")
    assert "failed to decode" in printed.out


def test_unwritable_reports_folder_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "conformance").write_text("a file in its place", encoding="utf-8")
    run = run_suite(tmp_path)
    assert capsys.readouterr().err.endswith(": can the reports be written there?\n")
    assert (run.status, run.requests) == (2, [])


def test_output_in_ascii_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(terminal, encoding="ascii", write_through=True))
    assert main({"BASE_URL": "https://api.example.com", "DRY_RUN": "1"}, tmp_path, contract=CONTRACT) == 0
    assert b"=? sends it, once)\n" in terminal.getvalue()


def test_closed_output_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(_: str) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(sys.stdout, "write", write)
    assert main({"BASE_URL": "https://api.example.com", "DRY_RUN": "1"}, tmp_path, contract=CONTRACT) == 2
    assert capsys.readouterr().err == "make conformance: Broken pipe.\n"
