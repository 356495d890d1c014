"""Ctrl-C: what is in flight is waited for, or reported as unknown; what was not started is told."""

import signal
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

from playbook3d_mock import Mock
from support.command_line import API_KEY, OWNER, THING, TOKEN, Server, start

Gate = tuple[threading.Event, threading.Event]
CANCEL = ("cancel-run", OWNER)
IDS = [str(UUID(int=number)) for number in range(1, 7)]


@pytest.fixture
def server() -> Generator[Server]:
    """A server for each test: what a test abandons arrives after its end."""
    mock = Mock(api_key=API_KEY, token=TOKEN)
    with mock.serve() as url:
        yield Server(mock, url)


@pytest.fixture
def gate(server: Server) -> Generator[Gate]:
    """Two events: a request has come, and may be answered."""
    arrived, released = threading.Event(), threading.Event()

    def reply(_: object) -> None:
        arrived.set()
        released.wait(60)

    server.mock.on("cancel_run").reply(reply)
    try:
        yield arrived, released
    finally:
        released.set()


@contextmanager
def interrupted(server: Server, gate: Gate, *words: str) -> Generator[Any]:
    """A process that is interrupted after its first request has come."""
    with start(*words, url=server.url) as running:
        assert running.stdin is not None
        running.stdin.close()
        assert gate[0].wait(60)
        running.send_signal(signal.SIGINT)
        yield running


def test_single_call_is_abandoned(server: Server, gate: Gate) -> None:
    with interrupted(server, gate, *CANCEL, THING) as running:
        assert running.wait() == 130
        assert running.stdout.read() == ""
        assert running.stderr.read() == "error: Interrupted: the server may have acted on the request.\n"


def test_calls_in_flight_are_finished(server: Server, gate: Gate) -> None:
    with interrupted(server, gate, *CANCEL, *IDS, "--concurrency", "2") as running:
        assert running.stderr.readline().startswith("Interrupted: waiting for the calls in flight (2).")
        gate[1].set()
        assert running.wait() == 130
        assert sorted(running.stdout.read().splitlines()) == [f"{each}: Run successfully canceled." for each in IDS[:2]]
        assert running.stderr.read().splitlines() == [
            *(f"{each}: not started" for each in IDS[2:]),
            "2 done, 4 not started.",
        ]
    server.mock.assert_called("cancel_run", times=2)


@pytest.mark.timeout(20)  # the pause lasts longer
def test_pause_after_429_ends_at_once(server: Server) -> None:
    server.mock.on("cancel_run").reply(429, headers={"retry-after": "100"})
    words = (*CANCEL, *IDS, "--concurrency", "1", "--keep-going", "--max-retries", "0")
    with start(*words, url=server.url) as running:
        assert running.stderr is not None
        assert "all calls wait 100 s" in running.stderr.readline()
        assert "failed: cancel_run answered 429" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        assert "1 failed, 5 not started." in running.stderr.read()
        assert running.wait() == 130


def test_second_interrupt_leaves_calls_unknown(server: Server, gate: Gate) -> None:
    with interrupted(server, gate, *CANCEL, *IDS, "--concurrency", "2", "--json") as running:
        assert "in flight (2)" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        assert running.wait() == 130
        lines = running.stdout.read()
        assert '"summary": {"done": 0, "failed": 0, "unknown": 2, "not_started": 4}' in running.stderr.read()
    states = Counter(each for each in ("unknown", "not started") for _ in range(lines.count(f'"state": "{each}"')))
    assert states == {"unknown": 2, "not started": 4}
    assert sorted(each for each in IDS if each in lines) == IDS
