"""Ctrl-C: what is in flight is waited for, or reported as unknown; what was not started is told."""

import io
import signal
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest

from playbook3d_mock import Mock
from support.command_line import API_KEY, OWNER, THING, TOKEN, Done, Gate, Server, accept, command, start

CANCEL = ("cancel-run", OWNER)
IDS = [str(UUID(int=number)) for number in range(1, 7)]


@pytest.fixture
def server() -> Generator[Server]:
    """A server for each test: what a test abandons arrives after its end."""
    mock = Mock(api_key=API_KEY, token=TOKEN)
    with mock.serve() as url:
        yield Server(mock, url)


@pytest.fixture(autouse=True)
def _signals() -> Generator[None]:
    """As in a terminal: a process ignores what the one that started it ignores, such as nohup's SIGHUP."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGTERM, signal.SIGHUP)}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@contextmanager
def interrupted(server: Server, gate: Gate, *words: str, number: int = signal.SIGINT) -> Generator[Any]:
    """A process that is interrupted after its first request has come."""
    with start(*words, url=server.url) as running:
        assert running.stdin is not None
        running.stdin.close()
        assert gate.arrived.wait(60)
        running.send_signal(number)
        yield running


def test_single_call_is_abandoned(server: Server, gate: Gate) -> None:
    with interrupted(server, gate, *CANCEL, THING) as running:
        assert running.wait() == 130
        assert running.stdout.read() == ""
        assert running.stderr.read() == "error: Interrupted: the server may have acted on the request.\n"


def test_calls_in_flight_are_finished(server: Server, gate: Gate) -> None:
    with interrupted(server, gate, *CANCEL, *IDS, "--concurrency", "2") as running:
        assert running.stderr.readline().startswith("Interrupted: waiting for the calls in flight (2).")
        gate.released.set()
        assert running.wait() == 130
        assert sorted(running.stdout.read().splitlines()) == [f"{each}: Run successfully canceled." for each in IDS[:2]]
        assert running.stderr.read() == "2 done, 4 not started.\n"
    server.mock.assert_called("cancel_run", times=2)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_other_signals_stop_the_batch_as_well(server: Server, gate: Gate, name: str) -> None:
    number = signal.Signals[name]
    with interrupted(server, gate, *CANCEL, *IDS, "--concurrency", "2", number=number) as running:
        assert "in flight (2)" in running.stderr.readline()
        gate.released.set()
        assert running.wait() == 128 + number
        assert running.stderr.read() == "2 done, 4 not started.\n"


def interrupted_before(*words: str) -> Done:
    """A command that is interrupted while its httpx client is made."""

    def interrupt_and_connect(**_: Any) -> httpx.AsyncClient:
        signal.raise_signal(signal.SIGINT)
        return httpx.AsyncClient(transport=httpx.MockTransport(accept))

    return command("stop-thing", OWNER, *words, connect=interrupt_and_connect)


def test_early_interrupt_starts_no_call() -> None:
    done = interrupted_before(*IDS)
    assert (done.status, done.stdout, done.stderr) == (130, "", "0 done, 6 not started.\n")


def test_early_interrupt_of_a_single_call_sends_nothing() -> None:
    done = interrupted_before(THING)
    assert (done.status, done.stdout, done.stderr) == (130, "", "error: Interrupted: nothing was sent.\n")


def test_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert interrupted_before(*IDS).status == 0
    finally:
        signal.signal(signal.SIGINT, before)


class InterruptedInput(io.BytesIO):
    """Standard input, where Ctrl-C is pressed."""

    def read(self, *_: Any) -> bytes:
        raise KeyboardInterrupt


def test_interrupt_while_ids_are_read_is_json() -> None:
    done = command("stop-thing", OWNER, "-", "--json", stdin=InterruptedInput())
    assert (done.status, done.error()["message"]) == (130, "Interrupted: nothing was sent.")


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
