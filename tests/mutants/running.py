"""One run of a property in a copy of the project, with or without a mutant in it."""

import io
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from mutants.catalogue import Mutant
from mutants.changes import StaleError

ROOT = Path(__file__).parents[2]
PACKAGES = ("tests", "openapi", "overrides", "generated")  # as an editable install has them on sys.path
LIMIT_SECONDS = 90  # a bug may well be one that never ends


class TooLong(BaseException):
    """A run that has to be given up."""


def _too_long(*_: object) -> None:
    raise TooLong


class Verdict(NamedTuple):
    """What came of one run: the tests that failed and why; or that it could not be run."""

    failed: list[tuple[str, str]]
    broken: str | None
    seconds: float


def run(mutant: Mutant | None, names: list[str]) -> Verdict:
    """In a process of its own: plant a mutant in a copy of the project, and run properties there until one fails."""
    started = time.perf_counter()
    said = io.StringIO()
    failed: list[tuple[str, str]] = []
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LIMIT_SECONDS)
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(said), redirect_stderr(said):
        room = Path(folder) / "project"
        try:
            _copy(room)
            if mutant:
                mutant.change.apply(room)
            broken = _run_in(room, names, bool(mutant and mutant.generate), failed)
        except StaleError as error:
            broken = f"no longer applies: {error}"
        except TooLong:
            broken = f"took more than {LIMIT_SECONDS} s"
        except Exception:
            broken = traceback.format_exc()
    return Verdict(failed, broken and f"{broken}\n{said.getvalue()[-2000:]}", time.perf_counter() - started)


def _copy(room: Path) -> None:
    room.mkdir()
    for package in PACKAGES:
        shutil.copytree(ROOT / package, room / package)
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy2(path, room)


def _run_in(room: Path, names: list[str], regenerate: bool, failed: list[tuple[str, str]]) -> str | None:
    """Run properties in a copy of the project; returns what kept them from running."""
    import pytest

    os.chdir(room)
    folders = [str(room / path) for path in PACKAGES]
    sys.path[:0] = folders
    os.environ["PYTHONPATH"] = os.pathsep.join(folders)  # for the processes that tests start
    if regenerate:
        from contract.__main__ import main as contract

        if status := contract(["generate"]):
            return f"make generate ended with {status}"

    class Collector:
        def pytest_runtest_logreport(self, report: Any) -> None:
            if report.failed and report.when == "call":
                said = getattr(getattr(report.longrepr, "reprcrash", None), "message", str(report.longrepr))
                failed.append((report.nodeid, said.partition("\n")[0][:150]))

    quiet = "ignore::pytest.PytestAssertRewriteWarning"  # of Hypothesis, which was imported before
    options = ["-x", "-q", "-W", quiet, "-p", "no:cacheprovider", "-p", "no:xdist"]
    status = pytest.main([*options, *names], plugins=[Collector()])
    return None if status in (0, 1) and (status == 0 or failed) else f"pytest ended with {status}"
