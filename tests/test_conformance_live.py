"""`make conformance`: what is told before it is sent, what is sent, and what becomes of a secret that comes back."""

import base64
import copy
import json
import re
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance import __main__ as command
from conformance import plan as planning
from conformance.__main__ import main
from conformance.leaks import leaks
from conformance.subject import EFFECTIVE, SUBJECTS, subjects
from playbook3d_mock import Mock, Reply, Request
from serving import CREDENTIALS, KEY, TOKEN, Server, raw, reply
from test_rehearsal import grown_contract

NIL = b"00000000-0000-0000-0000-000000000000"
TEAM, RUN = "7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11", "c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22"
UUID = re.compile(rb"/cancel/([0-9a-fA-F-]{36})/([0-9a-fA-F-]{36})")


def run(url: str | None, reports: Path, **more: str) -> int:
    given = {"BASE_URL": url} if url else {}
    return main({"RATE": "1000/s", "EXAMPLES": "10", **given, **CREDENTIALS, **more}, reports)


def strict(request: Request, answer: Reply) -> Reply:
    """A real server: it knows one run, and says of any other that it doesn't."""
    known = f"/cancel/{TEAM}/{RUN}".encode()
    return reply(404) if answer.status == 200 and request.raw_path != known else answer


# What is told


def test_a_dry_run_tells_what_would_be_sent_and_opens_no_connection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", opened)
    assert run("https://api.example.com", tmp_path, DRY_RUN="1") == 0
    said = capsys.readouterr().out
    assert "To https://api.example.com, at most 1000 requests per s, for at most 120 s:" in said
    for subject in SUBJECTS:
        assert f"  {subject.label}: at most 10 random requests" in said
    assert said.endswith("DRY_RUN=1: nothing was sent.\n")
    assert KEY not in said
    assert TOKEN not in said
    assert not list(tmp_path.iterdir())


def test_the_plan_is_told_before_anything_is_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []

    def breach(_: Request, answer: Reply) -> Reply:
        told.append(capsys.readouterr().out)
        return answer

    with Server(breach).served() as url:
        run(url, tmp_path)
        assert told[0].startswith(f"To {url}, at most ")
        assert "Limits and expected statuses stand in tests/conformance/live.toml." in told[0]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"BASE_URL": "api.example.com"}, "BASE_URL must be like https://api.example.com, not 'api.example.com'."),
        ({"BASE_URL": "ftp://example.com"}, "BASE_URL must be like https://api.example.com, not 'ftp://example.com'."),
        ({"BASE_URL": "http://[::1"}, "BASE_URL must be like https://api.example.com, not 'http://[::1'."),
        ({"BASE_URL": "https://me:pass@example.com"}, "BASE_URL must not have a user in it"),
        ({"BASE_URL": "https://example.com?a=b"}, "BASE_URL must be like https://api.example.com"),
        ({"TEAM_ID": TEAM}, "TEAM_ID alone names nothing: give RUN_ID as well, or leave it out."),
        ({"TEAM_ID": "mine", "RUN_ID": RUN}, "TEAM_ID must be a UUID, not 'mine'."),
        ({"RATE": "fast"}, "RATE must be like 10/s or 100/m, not 'fast'."),
        ({"EXAMPLES": "0"}, "EXAMPLES must be a number from 1, not '0'."),
        ({"MAX_TIME": "-1"}, "MAX_TIME must be a number from 1, not '-1'."),
        ({"PLAYBOOK_TOKEN": ""}, "PLAYBOOK_TOKEN must be set in the environment, to be sent as planned."),
    ],
)
def test_what_cannot_be_done_is_one_line_and_status_2(
    environment: dict[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main({"BASE_URL": "https://127.0.0.1:1", **CREDENTIALS, **environment}, tmp_path) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"make conformance: {said}")
    assert error.count("\n") == 1
    assert "pass" not in error.replace("must be", "")


def test_without_a_base_url_the_mock_is_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main({}, tmp_path) == 0
    said = capsys.readouterr().out
    assert said.startswith("No BASE_URL: the mock is started")
    assert "The server keeps the contract." in said


# What is sent


def test_by_default_nothing_that_exists_is_named_and_nothing_is_sent_that_is_not_declared(tmp_path: Path) -> None:
    server = Server(strict)
    with server.served() as url:
        assert run(url, tmp_path) == 0
    probes = [one for one in server.requests if one.raw_path == b"/" or b"schemathesis-probe" in one.raw_path]
    assert 1 <= len(probes) <= 2  # what Schemathesis looks up first; a server may refuse one of them unseen
    for request in probes:
        assert not {b"authorization", b"x-api-key"} & dict(request.headers).keys()
    calls = [request for request in server.requests if request not in probes]
    engine = Mock(EFFECTIVE).engine
    assert 405 not in {engine.judge(request).status for request in calls}
    named = Counter(
        value for request in calls if (match := UUID.fullmatch(request.raw_path)) for value in match.groups()
    )
    assert NIL in named
    # Whatever is drawn otherwise is random: of 122 bits, not a small number that somebody may have given out.
    assert all(int(value.replace(b"-", b""), 16) > 2**100 for value in named if value != NIL)
    assert f"{TEAM}".encode() not in named


def test_an_example_of_the_contract_is_not_sent_for_it_may_name_what_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = copy.deepcopy(EFFECTIVE)
    (operation,) = [item["post"] for path, item in contract["paths"].items() if path.startswith("/cancel/")]
    for parameter, keyword in zip(operation["parameters"], ("example", "default"), strict=True):
        parameter["schema"][keyword] = TEAM
        parameter["example"] = TEAM
    monkeypatch.setattr(command, "EFFECTIVE", contract)
    server = Server(strict)
    with server.served() as url:
        assert run(url, tmp_path) == 0
    assert len(server.requests) > 20
    assert not [request for request in server.requests if TEAM.encode() in request.raw_path]


def test_only_keywords_are_taken_for_examples() -> None:
    schema = {"properties": {"example": {"type": "string", "default": "a"}, "default": {"examples": ["b"]}}}
    responses = {"default": {"content": {"application/json": {"schema": schema, "example": {"example": "c"}}}}}
    assert planning.without_examples({"responses": responses, "parameters": [{"name": "example", "example": 1}]}) == {
        "responses": {
            "default": {
                "content": {
                    "application/json": {"schema": {"properties": {"example": {"type": "string"}, "default": {}}}}
                }
            }
        },
        "parameters": [{"name": "example"}],
    }


def test_two_runs_name_other_things(tmp_path: Path) -> None:
    seen: list[set[bytes]] = []
    for _ in range(2):
        server = Server(strict)
        with server.served() as url:
            run(url, tmp_path)
        found = [UUID.fullmatch(request.raw_path) for request in server.requests]
        seen.append({match[1].lower() for match in found if match} - {NIL})
    assert not seen[0] & seen[1]


def test_a_run_is_really_cancelled_once_and_only_where_it_is_named(tmp_path: Path) -> None:
    server = Server(strict)
    with server.served() as url:
        assert run(url, tmp_path, TEAM_ID=TEAM, RUN_ID=RUN.upper()) == 0
    real = [request for request in server.requests if request.raw_path == f"/cancel/{TEAM}/{RUN}".encode()]
    assert len(real) == 1
    assert dict(real[0].headers)[b"x-api-key"] == KEY.encode()


def test_a_run_that_is_named_and_not_there_fails(tmp_path: Path) -> None:
    with Server(lambda _, answer: reply(404) if answer.status == 200 else answer).served() as url:
        assert run(url, tmp_path, TEAM_ID=TEAM, RUN_ID=RUN) == 1


def test_an_operation_that_could_make_something_without_naming_it_is_left_out() -> None:
    grown = subjects({**EFFECTIVE, "paths": {**grown_contract()["paths"], **EFFECTIVE["paths"]}})
    planned = planning.plan(grown, {"RUN_ID": RUN, "TEAM_ID": TEAM}, "https://api.example.com")
    assert {subject.label for subject in planned.left_out} == {"POST /rehearsed", "DELETE /rehearsed/{run}"}
    # To start a run is not idempotent, so that is tried with random UUIDs only.
    assert [subject.label for subject in planned.real] == [subject.label for subject in SUBJECTS]
    unsafe = planning.plan(grown, {"UNSAFE": "1"}, "https://api.example.com")
    assert unsafe.left_out == []
    assert "--exclude-name=POST /rehearsed" in planned.runs()[0].options


def test_a_run_ends_when_its_time_is_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Server().served(alone=True) as url:
        assert main({"BASE_URL": url, "RATE": "1/s", "MAX_TIME": "1", **CREDENTIALS}, tmp_path) == 1
    assert "The time is up" in capsys.readouterr().out


# Secrets


ESCAPED = "".join(f"\\u{ord(one):04x}" for one in KEY)
ECHOES: dict[str, Callable[[str], bytes]] = {
    "as it is": lambda secret: json.dumps({"message": secret}).encode(),
    "in escapes": lambda secret: b'{"message": "%s"}' % b"".join(b"\\u%04x" % ord(one) for one in secret),
}


@pytest.mark.parametrize(("echo", "secret"), [(ECHOES["as it is"], TOKEN), (ECHOES["in escapes"], KEY)], ids=ECHOES)
def test_a_secret_that_a_server_sends_back_stays_in_no_artifact(
    echo: Callable[[str], bytes], secret: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Server(lambda _, answer: raw(200, echo(secret)) if answer.status == 200 else answer).served() as url:
        assert run(url, tmp_path) == 1
    said = capsys.readouterr()
    assert "A credential came back from the server." in said.out
    written = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    for text in (said.out, said.err, *written):
        assert not leaks(text, [KEY, TOKEN])
    assert not (tmp_path / "conformance" / "unnamed" / "requests.har").exists()


def test_the_reports_of_a_server_that_sends_no_secret_back_are_kept(tmp_path: Path) -> None:
    with Server().served() as url:
        assert run(url, tmp_path) == 0
    reports = tmp_path / "conformance" / "unnamed"
    assert {str(path.relative_to(reports)) for path in reports.rglob("*") if path.is_file()} == {
        "junit.xml",
        "requests.har",
        "html/index.html",
    }
    entries: list[Any] = json.loads((reports / "requests.har").read_text(encoding="utf-8"))["log"]["entries"]
    assert len(entries) > 20


def test_reports_that_cannot_be_written_are_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "conformance").write_text("a file in its place", encoding="utf-8")
    with Server().served() as url:
        assert run(url, tmp_path, EXAMPLES="1") == 2
    assert "the reports cannot be written" in capsys.readouterr().err


def test_an_interrupt_leaves_nothing_that_was_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "remove_leaking", interrupted)
    with Server().served() as url:
        assert run(url, tmp_path, EXAMPLES="1") == 130
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert capsys.readouterr().err == "make conformance: interrupted.\n"


@pytest.mark.parametrize(
    ("text", "leaking"),
    [
        ("nothing", False),
        (KEY, True),
        (KEY.upper(), True),
        (f"{KEY[:9]}\n     │ {KEY[9:]}", True),  # as a terminal wraps it
        (KEY[:-1], False),
        (f"{KEY[:9]}x{KEY[9:]}", False),
        (json.dumps(json.dumps({"a": f'"{KEY}é'})), True),
        (ESCAPED, True),
        (json.dumps(ESCAPED), True),
        ("".join(f"%{ord(one):02x}" for one in KEY), True),
        ("".join(f"&#{ord(one)};" for one in KEY), True),
        *((base64.b64encode(f"{'x' * offset}{KEY} and more".encode()).decode(), True) for offset in range(3)),
        (base64.b64encode(f"{KEY[:-3]} and more".encode()).decode(), False),
    ],
)
def test_a_secret_is_found_in_whatever_spelling(text: str, leaking: bool) -> None:
    assert leaks(text, [KEY]) is leaking
