"""Standard streams that are closed, full or gone: an exit status, and no traceback."""

import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from support.command_line import OWNER, THING, Server, environment, start

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
    server.mock.assert_called("cancel_run", times=1)


def test_closed_streams_are_empty(server: Server) -> None:
    done = redirected(server, "<&- >&- 2>&-", *CANCEL, THING)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = redirected(server, "<&-", *CANCEL, "-")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "0 done.\n")
