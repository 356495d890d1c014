"""Standard streams that are closed, full or gone: an exit status, and no traceback."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest

from support.command_line import OWNER, THING, Server, environment, process, start

CANCEL = ("cancel-run", OWNER)
IDS = [str(UUID(int=number)) for number in range(1, 7)]


@pytest.mark.parametrize("ids", [[THING], IDS])
def test_reader_that_has_gone_is_status_141(server: Server, ids: list[str]) -> None:
    with start(*CANCEL, *ids, "--concurrency", "1", url=server.url) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdin.close()
        running.stdout.close()
        stderr = running.stderr.read()
        assert running.wait() == 141
    assert stderr.count("Run successfully canceled.") == len(ids) // len(IDS)  # the outcome of the only one started
    assert "Traceback" not in stderr
    assert "BrokenPipe" not in stderr


def redirected(server: Server, redirection: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with a redirection of the shell."""
    command = ["sh", "-c", f'exec "$0" -m playbook3d_cli "$@" {redirection}', sys.executable, *words]
    return subprocess.run(command, env=environment(server.url), capture_output=True, text=True, check=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_full_disk_stops_the_batch(server: Server) -> None:
    done = redirected(server, ">/dev/full", *CANCEL, *IDS, "--concurrency", "1")
    assert done.returncode == 141
    assert done.stderr.endswith("error: Standard output cannot be written: No space left on device.\n")
    assert "1 done, 5 not started." in done.stderr
    assert f"{IDS[0]}: Run successfully canceled.\n" in done.stderr
    server.mock.assert_called("cancel_run", times=1)


def test_closed_streams_are_empty(server: Server) -> None:
    done = redirected(server, "<&- >&- 2>&-", *CANCEL, THING)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = redirected(server, "<&-", *CANCEL, "-")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "Standard input had no ids.\n0 done.\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(("words", "status"), [((THING,), 1), (IDS, 1), (("me",), 2), (("--bogus",), 2)])
def test_full_standard_error_keeps_the_status(server: Server, words: Sequence[str], status: int) -> None:
    server.mock.on("cancel_run").reply(404)
    assert redirected(server, "2>/dev/full", *CANCEL, *words, "--max-retries", "0").returncode == status


def test_reader_of_the_help_that_has_gone_is_status_141(server: Server) -> None:
    with start("cancel-run", "--help", url=server.url) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.wait() == 141


@pytest.mark.timeout(20)
@pytest.mark.parametrize("columns", ["0", "1"])
def test_unusable_width_is_ignored(server: Server, columns: str) -> None:
    done = process("cancel-run", "--help", url=server.url, COLUMNS=columns)
    assert (done.status, done.stderr) == (0, "")
    assert "Options of every command" in done.stdout


def test_file_that_cannot_be_written_is_named(server: Server, tmp_path: Path) -> None:
    done = process("--install-completion", "--output", str(tmp_path), url=server.url, SHELL="/bin/bash")
    assert (done.status, done.stdout) == (2, "")
    assert str(tmp_path) in done.stderr
