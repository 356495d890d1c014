"""The mutants: how one is planted and judged, and that all of the catalogue can still be planted."""

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


# Those of the contract of the day may go with it; `make mutants` reports them.
OF_THE_DAY = ("generated/", "openapi/playbook", "overrides/overlay")
LASTING = [entry for entry in mutants.read_catalogue() if not entry.file.startswith(OF_THE_DAY)]


@pytest.mark.parametrize("entry", LASTING, ids=lambda entry: entry.breaks)
def test_mutant_can_be_planted(entry: Any) -> None:
    assert (ROOT / entry.file).read_text(encoding="utf-8").count(entry.old) == 1
    assert all((ROOT / name).is_file() for name in entry.tests)


def test_each_mutant_breaks_another_behaviour() -> None:
    entries = mutants.read_catalogue()
    assert len({entry.breaks for entry in entries}) == len(entries)
