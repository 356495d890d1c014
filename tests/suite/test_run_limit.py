"""A run ends in time and on signals, and leaves nothing unsearched behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from playbook3d_conformance.server.run import main
from playbook3d_conformance.server.run_limit import RunLimit, interruptible
from playbook3d_mock import Request
from support.breaching_server import (
    CONTRACT,
    CREDENTIALS,
    RUN,
    TEAM,
    Response,
    breaching_server,
    unknown_ids,
)

SLOWLY = {"RATE": "5/s", "TEAM_ID": TEAM, "RUN_ID": RUN, **CREDENTIALS}
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])


class Clock:
    """A clock that stands still until the time is up."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        return self._now

    def end(self) -> None:
        self._now = 1e9


@SIGNALS
def test_signal_ends_the_run(
    number: signal.Signals,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    temporary, reports = tmp_path / "temporary", tmp_path / "reports"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    left_when_interrupted: list[Path] = []

    def breach(request: Request, response: Response) -> Response:
        if request.method == "POST" and not left_when_interrupted:
            left_when_interrupted.extend(temporary.rglob("*"))
            os.kill(os.getpid(), number)
        return unknown_ids(request, response)

    with breaching_server(breach) as (url, requests):
        assert main({"BASE_URL": url, **SLOWLY}, reports, contract=CONTRACT) == 130
    assert capsys.readouterr().err == "make conformance: interrupted.\n"
    assert left_when_interrupted
    assert list(temporary.iterdir()) == []
    assert [path for path in reports.rglob("*") if path.is_file()] == []
    assert len(requests) < 10
    assert not [request for request in requests if TEAM.encode() in request.raw_path]


@SIGNALS
def test_cleanup_is_not_interrupted(number: signal.Signals) -> None:
    previous = signal.getsignal(number)

    @interruptible()
    def interrupt() -> None:
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert signal.getsignal(number) is previous


def test_run_ends_in_time_with_its_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()

    def breach(request: Request, response: Response) -> Response:
        if request.method == "POST":
            clock.end()
        return unknown_ids(request, response)

    with breaching_server(breach) as (url, requests):
        assert main({"BASE_URL": url, "MAX_TIME": "9", **SLOWLY}, tmp_path, contract=CONTRACT, clock=clock) == 1
    assert capsys.readouterr().out.endswith("The time is up, and not everything was tested (MAX_TIME=9).\n")
    assert (tmp_path / "conformance" / "unnamed" / "junit.xml").is_file()
    assert not [request for request in requests if TEAM.encode() in request.raw_path]


@contextlib.contextmanager
def endless_responses(when_asked: Callable[[], None]) -> Generator[str]:
    """The URL of a server whose responses to POST never end."""
    over = threading.Event()

    def respond(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            if connection.recv(65536).startswith(b"GET"):
                connection.sendall(head + b"2\r\n\r\n{}")
                return
            connection.sendall(head + b"100000\r\n\r\n{")
            when_asked()
            while not over.wait(0.2):
                connection.sendall(b" ")

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=respond, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()


def test_endless_response_ends_in_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with endless_responses(clock.end) as url:
        assert main({"BASE_URL": url, **SLOWLY}, tmp_path, contract=CONTRACT, clock=clock) == 1
    assert "The time is up, and not everything was tested (MAX_TIME=120)." in capsys.readouterr().out
    assert (tmp_path / "conformance" / "unnamed" / "junit.xml").is_file()


STUBBORN = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print(flush=True); time.sleep(600)"


def test_process_that_ignores_interrupts_is_killed() -> None:
    limit = RunLimit(0, grace_seconds=0.01)
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        limit.wait(process)
    assert (process.returncode, limit.has_ended_a_run) == (-signal.SIGKILL, True)
