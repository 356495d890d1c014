"""The mutants: how one is planted and judged, and that all of the catalogue can still be planted."""

import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mutants import __main__ as mutants

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one behaviour and one test."""
    (tmp_path / "double.py").write_text("def double(n):\n    return 2 * n\n")
    (tmp_path / "test_double.py").write_text(
        "from double import double\n\ndef test_double_of_three_is_six():\n    assert double(3) == 6\n"
    )
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
    return tmp_path


def mutant(old: str, new: str) -> Any:
    return mutants.Mutant("doubling", "double.py", old, new, ["test_double.py"])


@pytest.mark.parametrize(
    ("old", "new", "state"),
    [
        ("2 * n", "2 * n + 0", "survived"),
        ("2 * n", "3 * n", "killed"),
        ("2 * n", "2 *", "error"),  # it cannot be imported
    ],
)
def test_mutant_is_killed_when_a_test_fails(project: Path, old: str, new: str, state: str) -> None:
    planted = mutant(old, new)
    mutants.plant(planted, project)
    assert mutants.run_tests(project, planted.tests).state == state


@pytest.mark.parametrize("old", ["4 * n", "n"])
def test_text_that_is_not_unique_is_rejected(project: Path, old: str) -> None:
    with pytest.raises(ValueError, match=r"double\.py: '.*' occurs \d times"):
        mutants.plant(mutant(old, "x"), project)


KILLED, SURVIVED = ("2 * n", "3 * n"), ("2 * n", "n * 2")


@pytest.mark.parametrize(
    ("changes", "test", "status", "last"),
    [
        ([KILLED], "== 6", 0, "1 of 1 mutants were killed"),
        ([KILLED, SURVIVED], "== 6", 1, "1 of 2 mutants were killed"),
        ([KILLED, ("4 * n", "n")], "== 6", 2, "1 of 2 mutants were killed"),
        ([KILLED], "== 7", 2, "Without a mutant the tests do not pass: FAILED test_double.py::"),
    ],
    ids=["killed", "survived", "not planted", "failing anyway"],
)
def test_exit_status_says_whether_all_were_killed(
    changes: list[tuple[str, str]], test: str, status: int, last: str, project: Path
) -> None:
    module = project / "tests" / "mutants" / "__main__.py"
    module.parent.mkdir(parents=True)
    shutil.copy(mutants.__file__, module)
    catalogue = [
        f"[[mutant]]\nbreaks = 'doubling'\nfile = 'double.py'\ntests = ['test_double.py']\n"
        f"old = {json.dumps(old)}\nnew = {json.dumps(new)}\n"
        for old, new in changes
    ]
    module.with_name("catalogue.toml").write_text("".join(catalogue))
    tests = (project / "test_double.py").read_text()
    (project / "test_double.py").write_text(tests.replace("== 6", test))
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, module], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1].startswith(last)) == (status, True), done.stdout


# Those of the contract of the day may go with it; `make mutants` reports them.
OF_THE_DAY = ("generated/", "openapi/playbook", "overrides/overlay")
LASTING = [entry for entry in mutants.read_catalogue() if not entry.file.startswith(OF_THE_DAY)]


@pytest.mark.parametrize("entry", LASTING, ids=lambda entry: entry.breaks)
def test_mutant_can_be_planted(entry: Any) -> None:
    assert (ROOT / entry.file).read_text(encoding="utf-8").count(entry.old) == 1
    assert all((ROOT / name).is_file() for name in entry.tests)


def test_parts_are_all_mutants() -> None:
    entries = mutants.read_catalogue()
    parts = [mutants.part_of(entries, f"{number}/3") for number in (1, 2, 3)]
    assert sorted(itertools.chain(*parts)) == sorted(entries)
    assert min(map(len, parts)) >= len(entries) // 3
    assert mutants.part_of(entries, "") == entries


@pytest.mark.parametrize("part", ["0/3", "4/3", "1", "x/y"])
def test_part_that_does_not_exist_is_rejected(part: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert mutants.main(part) == 2
    assert capsys.readouterr().err.startswith("PART must be like 2/3, not ")


def test_each_mutant_breaks_another_behaviour() -> None:
    entries = mutants.read_catalogue()
    assert len({entry.breaks for entry in entries}) == len(entries)
