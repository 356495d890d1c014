"""A run ends in time and on signals, and leaves nothing unsearched behind."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from playbook3d_conformance.server.run_limit import RunLimit, interruptible
from playbook3d_mock import Request, Response
from support.breaching_server import IDS, TEAM, run_suite, unknown_ids

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])


@SIGNALS
def test_signal_ends_the_run(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    temporary, reports = tmp_path / "temporary", tmp_path / "reports"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    files_before: list[Path] = []

    def breach(request: Request, response: Response) -> Response:
        if request.method == "POST" and not files_before:
            files_before.extend(temporary.rglob("*"))
            os.kill(os.getpid(), number)
        return unknown_ids(request, response)

    run = run_suite(reports, breach, ("--rate", "5/s", *IDS))
    assert (run.status, capsys.readouterr().err) == (130, "python -m playbook3d_conformance: interrupted.\n")
    assert files_before
    assert list(temporary.iterdir()) == []
    assert [path for path in reports.rglob("*") if path.is_file()] == []
    assert len(run.requests) < 10
    assert not [request for request in run.requests if TEAM.encode() in request.raw_path]


@SIGNALS
def test_cleanup_is_not_interrupted(number: signal.Signals) -> None:
    previous = signal.getsignal(number)
    cleaned_up = threading.Event()

    @interruptible()
    def interrupt() -> None:
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(signal.SIGTERM)
            cleaned_up.set()

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert cleaned_up.is_set()
    assert signal.getsignal(number) is previous


@pytest.mark.parametrize("answers", [True, False], ids=["answered", "never answered"])
def test_run_ends_in_time_with_its_reports(answers: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    is_over = threading.Event()

    def breach(request: Request, response: Response) -> Response:
        nonlocal now
        if request.method == "POST":
            now = 1e9
            if not answers:
                is_over.wait()
        return unknown_ids(request, response)

    def clock() -> float:
        return now

    run = run_suite(tmp_path, breach, ("--rate", "5/s", "--max-time", "9", *IDS), clock=clock)
    is_over.set()
    assert run.status == 3
    assert "Not tested to the end: the time is up (--max-time 9)." in capsys.readouterr().out
    assert (tmp_path / "random-ids" / "junit.xml").is_file()
    assert len(run.requests) < 10
    assert not [request for request in run.requests if TEAM.encode() in request.raw_path]


STUBBORN = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print(flush=True); time.sleep(600)"


def test_process_that_ignores_interrupts_is_killed() -> None:
    limit = RunLimit(0, grace_seconds=0.01)
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        limit.wait(process)
    assert (process.returncode, limit.has_ended_a_run) == (-signal.SIGKILL, True)
