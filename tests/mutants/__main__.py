"""``make mutants``: plants each bug of ``catalogue.toml`` in a copy of the project, and sees its tests fail.

A mutant is killed when a test of the files that it names fails. Without a mutant they all have to pass. Exit status: 0
if all were killed, 1 if one survived, 2 if one could not be planted or run.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
CATALOGUE = Path(__file__).with_name("catalogue.toml")
IMPORTED = ("tests", "openapi", "overrides", "generated", ".fixture")  # the folders on sys.path


class Mutant(NamedTuple):
    """A bug: in ``file``, the only occurrence of ``old`` becomes ``new``.

    Attributes:
        breaks: The behaviour that is lost.
        tests: The files with the tests of that behaviour.
        generate: Whether ``generated/`` and the fixture are generated with the bug.
    """

    breaks: str
    file: str
    old: str
    new: str
    tests: list[str]
    generate: bool = False


class Verdict(NamedTuple):
    """The outcome of a run: ``killed``, ``survived`` or ``error``, and the first lines that show it."""

    state: str
    evidence: str


def read_catalogue(path: Path = CATALOGUE) -> list[Mutant]:
    """All mutants."""
    entries: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
    return [Mutant(**entry) for entry in entries]


def plant(mutant: Mutant, project: Path) -> None:
    """Make the change in the copy ``project``; raises ``ValueError`` unless ``old`` occurs exactly once."""
    path = project / mutant.file
    text = path.read_text(encoding="utf-8")
    if (count := text.count(mutant.old)) != 1:
        raise ValueError(f"{mutant.file}: {mutant.old!r} occurs {count} times")
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")


@contextmanager
def copied_project(root: Path = ROOT) -> Generator[Path]:
    """A copy of the project, without its history and environment."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        ignored = shutil.ignore_patterns(".git", ".venv", "reports", "dist", "__pycache__", ".*_cache", ".hypothesis")
        shutil.copytree(root, project, ignore=ignored)
        yield project


def run_tests(project: Path, tests: list[str]) -> Verdict:
    """Run test files in a copy until one fails."""
    done = _python(project, "-m", "pytest", "-x", "-q", "-rf", "-p", "no:cacheprovider", *tests)
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    if done.returncode == 1 and failed:
        return Verdict("killed", failed[0])
    return Verdict("survived", "") if done.returncode == 0 else Verdict("error", (done.stdout + done.stderr)[-2000:])


def try_mutant(mutant: Mutant) -> Verdict:
    """Plant a mutant and run its tests."""
    with copied_project() as project:
        try:
            plant(mutant, project)
        except (OSError, ValueError) as error:
            return Verdict("error", str(error))
        for module in [["-m", "contract", "generate"], ["tests/support/make_fixture.py"]] if mutant.generate else []:
            if (done := _python(project, *module)).returncode:
                return Verdict("error", done.stderr)
        return run_tests(project, mutant.tests)


def try_nothing(tests: list[str]) -> Verdict:
    """Run the tests of all mutants without one."""
    with copied_project() as project:
        return run_tests(project, tests)


def _python(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(project / folder) for folder in IMPORTED),
        "PYTEST_DEBUG_TEMPROOT": str(project.parent),  # two runs of pytest would clean up the same folder
    }
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def part_of(mutants: list[Mutant], part: str) -> list[Mutant]:
    """The mutants of a part such as "2/3", the second of three; of "" all. Raises ``ValueError``."""
    number, _, count = (part or "1/1").partition("/")
    if not 1 <= int(number) <= int(count):
        raise ValueError(part)
    return mutants[int(number) - 1 :: int(count)]


def main(part: str = "") -> int:
    """Try all, or a part, and print a line for each."""
    try:
        mutants = part_of(read_catalogue(), part)
    except ValueError:
        print(f"PART must be like 2/3, not {part!r}.", file=sys.stderr)
        return 2
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        unchanged = pool.submit(try_nothing, sorted({name for mutant in mutants for name in mutant.tests}))
        states: list[str] = []
        for mutant, verdict in zip(mutants, pool.map(try_mutant, mutants), strict=True):
            states.append(verdict.state)
            print(f"{verdict.state:8}  {mutant.breaks} ({mutant.file})\n          {verdict.evidence[:150]}", flush=True)
            if verdict.state == "error":
                print(verdict.evidence)
    if unchanged.result().state != "survived":
        print(f"Without a mutant the tests do not pass: {unchanged.result().evidence}")
        return 2
    print(f"{states.count('killed')} of {len(mutants)} mutants were killed")
    return 2 if "error" in states else int("survived" in states)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
