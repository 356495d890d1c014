"""`make conformance`: what is told before it is sent, what is sent, and what becomes of a secret that comes back."""

import base64
import contextlib
import copy
import errno
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from schemathesis.engine.run.unit._pool import WorkerPool

from conformance import __main__ as command
from conformance import ending, stock
from conformance import plan as planning
from conformance.__main__ import main
from conformance.leaks import leaking, leaks
from conformance.subject import EFFECTIVE, SUBJECTS, subjects
from playbook3d_mock import Mock, Request, Response
from serving import CREDENTIALS, KEY, NIL, TOKEN, Server, raw, reply
from test_rehearsal import grown_contract

TEAM, RUN = "7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11", "c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22"
UUID = re.compile(rb"/cancel/([0-9a-fA-F-]{36})/([0-9a-fA-F-]{36})")


def run(url: str | None, reports: Path, **more: str) -> int:
    given = {"BASE_URL": url} if url else {}
    return main({"RATE": "1000/s", "EXAMPLES": "2", **given, **CREDENTIALS, **more}, reports)


def strict(request: Request, answer: Response) -> Response:
    """A real server: it knows one run, and says of any other that it doesn't."""
    unknown = request.raw_path.startswith(b"/cancel/") and request.raw_path != f"/cancel/{TEAM}/{RUN}".encode()
    return reply(404) if answer.status == 200 and unknown else answer


# What is told


@pytest.mark.parametrize("yes", ["1", "true", "yes"])
def test_a_dry_run_tells_what_would_be_sent_and_opens_no_connection(
    yes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", opened)
    assert run("https://api.example.com", tmp_path, DRY_RUN=yes) == 0
    said = capsys.readouterr().out
    assert "To https://api.example.com, at most 1000 requests per s, for at most 120 s:" in said
    for subject in planning.plan(SUBJECTS, {}, "https://api.example.com").tried:
        assert f"  {subject.label}: at most 2 random requests" in said
    assert said.endswith("DRY_RUN=1: nothing was sent.\n")
    assert KEY not in said
    assert TOKEN not in said
    assert not list(tmp_path.iterdir())


def test_the_plan_is_told_before_anything_is_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []

    def breach(_: Request, answer: Response) -> Response:
        told.append(capsys.readouterr().out)
        return answer

    with Server(breach).served() as url:
        run(url, tmp_path)
        assert told[0].startswith(f"To {url}, at most ")
        assert "Limits and expected statuses stand in tests/conformance/live.toml." in told[0]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        *(
            ({"BASE_URL": url}, "BASE_URL must be like https://api.example.com, without a user, a query or a fragment.")
            for url in (
                "api.example.com",
                "ftp://example.com",
                "http://[::1",
                "https://me:pass@example.com",
                "https://me:pass@h:99999",
                "https://:pass@example.com",
                "https://@example.com",
                "https://example..com",
                "https://me:pass@[::1",
                "https://example.com?pass=1",
                "https://e.com/?",
                " https://example.com",
            )
        ),
        ({"BASE_URL": f"https://example.com/{KEY}"}, "BASE_URL has a credential in it"),
        (
            {"PLAYBOOK_API_KEY": f"{KEY}\n"},
            "PLAYBOOK_API_KEY must be visible ASCII characters, eight letters or digits among",
        ),
        (
            {"PLAYBOOK_API_KEY": "€" * 20},
            "PLAYBOOK_API_KEY must be visible ASCII characters, eight letters or digits among",
        ),
        (
            {"PLAYBOOK_TOKEN": f"Bearer {TOKEN}"},
            "PLAYBOOK_TOKEN must be visible ASCII characters, eight letters or digits among",
        ),
        (
            {"PLAYBOOK_TOKEN": "!" * 20},
            "PLAYBOOK_TOKEN must be visible ASCII characters, eight letters or digits among",
        ),
        ({"PLAYBOOK_TOKEN": "token"}, "PLAYBOOK_TOKEN must be visible ASCII characters, eight letters or digits among"),
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
    assert "pass" not in error
    assert not leaks(error, [KEY, TOKEN])


def test_a_server_that_is_not_there_is_not_said_to_break_the_contract(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as nobody:  # has the port, and does not listen
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        assert run(url, tmp_path, EXAMPLES="1", TEAM_ID=TEAM, RUN_ID=RUN) == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"make conformance: no answer of {url} could be read: is it the right address")
    assert "Connection refused" in said.out
    assert "keep the contract" not in said.out


def test_a_server_none_of_whose_answers_can_be_read_is_not_said_to_be_tested(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gzip = ((b"content-encoding", b"gzip"),)
    with Server(lambda _request, _answer: reply(400, headers=gzip)).served() as url:
        assert run(url, tmp_path, EXAMPLES="1") == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"make conformance: no answer of {url} could be read: ")
    assert "failed to decode" in said.out


def test_a_terminal_that_knows_few_characters_is_told_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(terminal, encoding="ascii", write_through=True))
    assert run("https://api.example.com", tmp_path, DRY_RUN="1") == 0
    assert b" (TEAM_ID=? RUN_ID=? sends it, once)\n" in terminal.getvalue()


def test_an_output_that_is_closed_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_: str) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(sys.stdout, "write", closed)
    assert run("https://api.example.com", tmp_path, DRY_RUN="1") == 2
    assert capsys.readouterr().err == "make conformance: Broken pipe.\n"


def test_half_of_what_names_a_run_is_refused() -> None:
    cancel = [subject for subject in SUBJECTS if subject.label.startswith("POST /cancel/")]
    with pytest.raises(planning.UsageError, match=r"^TEAM_ID alone names nothing: give RUN_ID as well, or leave it"):
        planning.plan(cancel, {"TEAM_ID": TEAM}, "https://api.example.com")


PROXY = "http://me:of-mine@127.0.0.1:1"


@pytest.mark.parametrize("proxy", [PROXY, PROXY.removeprefix("http://"), PROXY.replace("mine", "mine%2F")])
def test_a_proxy_of_the_environment_is_told_without_its_password(
    proxy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "example.org")
    assert run("https://api.example.com", tmp_path, DRY_RUN="1") == 0
    assert run("https://api.example.org", tmp_path, DRY_RUN="1") == 0
    said = capsys.readouterr().out
    assert "To https://api.example.com through the proxy http://127.0.0.1:1, at most 1000 requests per s" in said
    assert "To https://api.example.org, at most" in said
    assert "of-mine" not in said


@pytest.mark.parametrize(
    "proxy",
    ["http://me:of-mine/x@h:1", "http://me:1/of-mine@h:1", "me:of-mine//x@h:1", "http://me:1?of-mine@h", "http://"],
)
def test_a_proxy_that_is_none_is_refused_and_not_shown(
    proxy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert run("https://api.example.com", tmp_path) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "make conformance: the proxy of the environment must be like http://proxy.example.com:3128.\n"


def test_a_netrc_does_not_put_its_password_in_the_place_of_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password of-mine", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    server = Server()
    with server.served() as url:
        assert run(url, tmp_path, EXAMPLES="1") == 0
    basic = b"Basic " + base64.b64encode(b"me:of-mine")
    assert basic not in {dict(request.headers).get(b"authorization") for request in server.requests}


def test_without_a_base_url_the_mock_is_tried(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", PROXY)
    monkeypatch.setenv("SCHEMATHESIS_HOOKS", "of_somebody")
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
    assert planning.naming_nothing({"responses": responses, "parameters": [{"name": "example", "example": 1}]}) == {
        "responses": {
            "default": {
                "content": {
                    "application/json": {"schema": {"properties": {"example": {"type": "string"}, "default": {}}}}
                }
            }
        },
        "parameters": [{"name": "example"}],
    }


def test_each_uuid_is_sent_in_every_form_whatever_is_drawn(tmp_path: Path) -> None:
    server = Server(strict)
    with server.served() as url:
        assert run(url, tmp_path, EXAMPLES="1") == 0
    paths = [match.groups() for request in server.requests if (match := UUID.fullmatch(request.raw_path))]
    for sent in zip(*paths, strict=True):
        assert NIL in sent
        assert [value for value in sent if value != value.lower() and value.lower() in sent]


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


def test_what_is_sent_really_is_not_repeated_where_no_answer_comes(tmp_path: Path) -> None:
    """Hypothesis runs what failed again; here the server may have acted."""
    real: list[Request] = []

    def breach(request: Request, answer: Response) -> Response:
        if request.raw_path != f"/cancel/{TEAM}/{RUN}".encode():
            return strict(request, answer)
        real.append(request)
        # More than it sends: the server closes the connection in the middle of the answer.
        return Response(200, ((b"content-type", b"application/json"), (b"content-length", b"1000")), b"{")

    with Server(breach).served(alone=True) as url:
        assert run(url, tmp_path, TEAM_ID=TEAM, RUN_ID=RUN) == 1
    assert len(real) == 1


def test_nothing_is_sent_really_to_a_server_that_has_failed_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Server(lambda _, answer: reply(500) if answer.status == 200 else answer)
    with server.served() as url:
        assert run(url, tmp_path, TEAM_ID=TEAM, RUN_ID=RUN) == 1
    assert "Nothing was sent really" in capsys.readouterr().out
    assert not [request for request in server.requests if TEAM.encode() in request.raw_path]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_ends_all_of_it(
    number: signal.Signals, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted = threading.Event()

    def breach(request: Request, answer: Response) -> Response:
        if answer.status == 404 and not interrupted.is_set():
            interrupted.set()
            os.kill(os.getpid(), number)
        return answer

    def slowly(request: Request, answer: Response) -> Response:
        return breach(request, strict(request, answer))

    server = Server(slowly)
    with server.served(alone=True) as url:
        assert run(url, tmp_path, TEAM_ID=TEAM, RUN_ID=RUN, RATE="5/s") == 130
    assert not [request for request in server.requests if TEAM.encode() in request.raw_path]
    assert capsys.readouterr().err == "make conformance: interrupted.\n"


def test_an_interrupt_as_a_phase_begins_ends_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemathesis would go on with the next phase."""
    start = WorkerPool.start

    def interrupted(pool: WorkerPool) -> None:
        monkeypatch.undo()
        start(pool)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(WorkerPool, "start", interrupted)
    server = Server()
    with server.served(alone=True) as url:
        assert run(url, tmp_path) == 130
    assert len(server.requests) < 10


TRICKLE = """
import sys
from pathlib import Path
from conformance import ending
from conformance.__main__ import main
ending.GRACE_SECONDS = 0.5
sys.exit(main({"BASE_URL": sys.argv[1], "RATE": "1000/s", "MAX_TIME": "1", "PLAYBOOK_API_KEY": "a" * 20,
               "PLAYBOOK_TOKEN": "b" * 20}, Path(sys.argv[2])))
"""


@contextlib.contextmanager
def trickling(asked: Callable[[], None] = lambda: None) -> Generator[str]:
    """The URL of a server whose answers never end; it says when it was asked for one."""
    over = threading.Event()

    def trickle(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            if connection.recv(65536).startswith(b"GET"):
                connection.sendall(head + b"2\r\n\r\n{}")
                return
            connection.sendall(head + b"100000\r\n\r\n{")
            asked()
            while not over.wait(0.2):
                connection.sendall(b" ")

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=trickle, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()


def test_the_time_is_kept_although_an_answer_never_ends(tmp_path: Path) -> None:
    with trickling() as url:
        command = [sys.executable, "-c", TRICKLE, url, str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stdout + done.stderr
    # On a machine so slow that nothing was sent by then, there is nothing to give up.
    assert re.search(
        r"^The time is up, and (a request did not end|not all was tried) \(MAX_TIME=1\)", done.stdout, re.MULTILINE
    )


# An interrupt that comes within a finalizer is told as an exception that was ignored there, and repeated.
interrupts_may_be_ignored = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def time_is_up(monkeypatch: pytest.MonkeyPatch) -> Generator[threading.Event]:
    """Ends the second of a MAX_TIME of 1 when it is set: not before what is to be ended has begun.

    For tests that are marked with ``interrupts_may_be_ignored``.
    """
    up = threading.Event()

    class Timer(threading.Timer):
        def run(self) -> None:
            up.wait()
            self.interval -= 1
            super().run()

    monkeypatch.setattr(threading, "Timer", Timer)
    yield up
    up.set()


@interrupts_may_be_ignored
def test_the_time_is_kept_although_no_answer_begins(
    time_is_up: threading.Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given_up: list[int] = []
    monkeypatch.setattr(os, "_exit", given_up.append)
    # Less than the ten seconds after which the request would end by itself.
    monkeypatch.setattr(ending, "GRACE_SECONDS", 5)

    def ask() -> None:
        with listener.accept()[0] as connection:
            connection.recv(65536)
            time_is_up.set()
            connection.recv(65536)  # until the client has left

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as thread:
        thread.submit(ask)
        assert run(f"http://127.0.0.1:{listener.getsockname()[1]}", tmp_path, MAX_TIME="1") == 1
    assert "The time is up, and not all was tried (MAX_TIME=1)" in capsys.readouterr().out
    assert given_up == []


@interrupts_may_be_ignored
def test_the_reports_are_written_although_an_answer_never_ends(
    time_is_up: threading.Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ending, "AGAIN_SECONDS", 0.2)
    monkeypatch.setattr(ending, "GRACE_SECONDS", 60)
    with trickling(time_is_up.set) as url:
        assert run(url, tmp_path, MAX_TIME="1") == 1
    assert "The time is up, and not all was tried (MAX_TIME=1)" in capsys.readouterr().out
    assert (tmp_path / "conformance" / "unnamed" / "junit.xml").is_file()


def test_an_operation_that_could_make_something_without_naming_it_is_left_out() -> None:
    grown = subjects({**EFFECTIVE, "paths": {**grown_contract()["paths"], **EFFECTIVE["paths"]}})
    planned = planning.plan(grown, {"RUN_ID": RUN, "TEAM_ID": TEAM}, "https://api.example.com")
    assert {subject.label for subject in planned.left_out} >= {"POST /rehearsed", "DELETE /rehearsed/{run}"}
    # To start a run is not idempotent, so that is tried with random UUIDs only.
    real = {subject.label for subject in planned.real}
    assert "POST /cancel/{team_id}/{run_id}" in real
    assert "POST /run_workflow/{team_id}/{run_id}" not in real
    only = [subject for subject in grown if subject.label == "POST /rehearsed"]
    with pytest.raises(planning.UsageError, match=r"^no operation names what it could change \(UNSAFE=1"):
        planning.plan(only, {}, "https://api.example.com")
    unsafe = planning.plan(grown, {"UNSAFE": "1"}, "https://api.example.com")
    assert unsafe.left_out == []
    assert "--exclude-name=POST /rehearsed" in planned.runs()[0].options


@interrupts_may_be_ignored
def test_a_run_ends_when_its_time_is_up(
    time_is_up: threading.Event, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def breach(request: Request, answer: Response) -> Response:
        if request.method == "POST":
            time_is_up.set()
        return answer

    with Server(breach).served() as url:
        assert run(url, tmp_path, RATE="5/s", MAX_TIME="1") == 1
    assert "The time is up, and not all was tried (MAX_TIME=1)" in capsys.readouterr().out


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
    assert "A credential came back from the server: it was found in " in said.out
    written = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    for text in (said.out, said.err, *written):
        assert not leaks(text, [KEY, TOKEN])
    assert written == []


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
    server = Server()
    with server.served() as url:
        assert run(url, tmp_path, EXAMPLES="1") == 2
    assert capsys.readouterr().err.endswith(": is that where the reports can be written?\n")
    assert server.requests == []


def test_an_interrupt_leaves_nothing_that_was_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(command, "leaking", interrupted)
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
        (KEY[:-1], True),  # as a report cuts what is long
        (KEY[4:], True),
        (KEY[:8], False),
        (f"{KEY[:9]}x{KEY[9:]}", True),
        (" ".join(f"{KEY[start : start + 8]}y" for start in range(0, len(KEY), 8)), False),
        (KEY.encode().hex(), True),
        (KEY.encode("utf-16").decode("latin-1"), True),
        ("".join(f"\\x{ord(one):02x}" for one in KEY), True),
        ("%" + "25" * 50 + "41", True),  # escapes without end hide something
        ("%25252541", False),
        (json.dumps(json.dumps({"a": f'"{KEY}é'})), True),
        (ESCAPED, True),
        (json.dumps(ESCAPED), True),
        ("".join(f"%{ord(one):02x}" for one in KEY), True),
        ("".join(f"&#{ord(one)};" for one in KEY), True),
        *((base64.b64encode(f"{'x' * offset}{KEY} and more".encode()).decode(), True) for offset in range(3)),
        (base64.b64encode(b"something else, and more of it").decode(), False),
        (base64.b64encode(ESCAPED.encode()).decode(), True),  # as a HAR keeps what is no text
    ],
)
def test_a_secret_is_found_in_whatever_spelling(text: str, leaking: bool) -> None:
    assert leaks(text, [KEY]) is leaking


def test_a_secret_in_the_name_of_a_report_is_found(tmp_path: Path) -> None:
    for name in (f"{KEY}.html", "junit.xml"):
        (tmp_path / name).write_text("nothing", encoding="utf-8")
    assert leaking(tmp_path, [KEY]) == [f"{KEY}.html"]


def test_nothing_that_an_earlier_answer_held_is_sent_to_a_server_of_somebody_else() -> None:
    phases = stock.configuration(live=True)["phases"]
    assert not phases["stateful"]["enabled"]
    assert not phases["coverage"]["extra-data-sources"]["responses"]
    assert not phases["fuzzing"]["extra-data-sources"]["responses"]


@pytest.mark.parametrize(
    ("secret", "text", "leaking"),
    [
        ("12|AbCdEfGhIjKlMnOp", '"12|AbCdEfGhIjKlMnOp"', True),
        ("a/b/c/d/e/f/g/h/i/j", r"a\/b\/c\/d\/e\/f\/g\/h\/i\/j", True),
        ("~~~???>>>~~~", base64.urlsafe_b64encode(b"key ~~~???>>>~~~").decode(), True),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2ln", "eyJhbGciOiJIUzI1NiJ9", False),  # the header of any JWT
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2ln", "eyJzdWIiOiJtZSJ9", True),
    ],
)
def test_secrets_of_every_kind_are_found(secret: str, text: str, leaking: bool) -> None:
    assert leaks(text, [secret]) is leaking
