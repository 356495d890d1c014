"""The mutants: how they are planted, and that none is said to be dead which is not."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mutants.catalogue import MUTANTS, Mutant
from mutants.changes import REMOVED, Code, Document, Having, StaleError

ROOT = Path(__file__).parents[1]
MODULE = """
def other(a):
    return f(a, "x")


class C:
    def method(self):  # a comment
        if self.a and (
            self.b
        ):
            self.é = f(self.a,
                       'x')
            done()
        return True
"""
DOCUMENT = """\
# A comment.
actions:
- target: $.one
  update: {a: 1}
- target: $.two
  remove: true
"""


def planted(change: Code | Document, folder: Path, content: str) -> str:
    file = folder / change.path
    file.write_text(content, encoding="utf-8")
    change.apply(folder)
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("within", "old", "new", "was", "becomes"),
    [
        ("C.method", "f(self.a, 'x')", "g()", "f(self.a,\n                       'x')", "g()"),
        ("C", "self.a and self.b", "False", "self.a and (\n            self.b\n        )", "False"),
        ("", "return f(a, 'x')", "pass", 'return f(a, "x")', "pass"),
        (
            "C.method",
            "self.é = f(self.a, 'x')\ndone()",
            "one()\ntwo()",
            "self.é = f(self.a,\n                       'x')\n            done()",
            "one()\n            two()",
        ),
    ],
)
def test_code_is_found_by_its_structure(
    within: str, old: str, new: str, was: str, becomes: str, tmp_path: Path
) -> None:
    assert planted(Code("module.py", within, old, new), tmp_path, MODULE) == MODULE.replace(was, becomes)


@pytest.mark.parametrize(
    ("within", "old", "new", "error"),
    [
        ("C", "f(self.b)", "g()", StaleError),  # it is not there
        ("", "done() or 1", "g()", StaleError),
        ("C", "self.a", "g()", StaleError),  # it is there twice
        ("D", "self.a", "g()", StaleError),
        ("C", "done()", "g(", SyntaxError),
    ],
)
def test_a_change_that_does_not_fit_once_is_refused_and_nothing_is_changed(
    within: str, old: str, new: str, error: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(error):
        planted(Code("module.py", within, old, new), tmp_path, MODULE)
    assert (tmp_path / "module.py").read_text(encoding="utf-8") == MODULE


@pytest.mark.parametrize(
    ("steps", "new", "was", "becomes"),
    [
        (("actions", Having("target", "one"), "update", "a"), 2, "{a: 1}", "{a: 2}"),
        (("actions", Having("target", "two")), REMOVED, "- target: $.two\n  remove: true\n", ""),
    ],
)
def test_a_document_is_changed_where_the_steps_lead(
    steps: Any, new: Any, was: str, becomes: str, tmp_path: Path
) -> None:
    assert planted(Document("overlay.yaml", steps, new), tmp_path, DOCUMENT) == DOCUMENT.replace(was, becomes)


@pytest.mark.parametrize(
    "steps", [("nothing",), ("actions", Having("target", "three")), ("actions", Having("target", "$"))]
)
def test_steps_that_lead_nowhere_or_to_two_places_are_refused(steps: Any, tmp_path: Path) -> None:
    with pytest.raises(StaleError):
        planted(Document("overlay.yaml", steps, REMOVED), tmp_path, DOCUMENT)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.what)
def test_each_mutant_of_the_catalogue_can_still_be_planted(mutant: Mutant, tmp_path: Path) -> None:
    source = (ROOT / mutant.change.path).read_text(encoding="utf-8")
    file = tmp_path / mutant.change.path
    file.parent.mkdir(parents=True)
    assert planted(mutant.change, tmp_path, source) != source


def test_the_catalogue_is_of_thirty_at_least_and_each_breaks_another_property() -> None:
    assert len(MUTANTS) >= 30
    assert len({mutant.killed_by for mutant in MUTANTS}) == len(MUTANTS)
    assert {mutant.where for mutant in MUTANTS} >= {"client", "generated code", "mock", "overlay", "contract"}


RUN = """
import mutants.__main__ as command
from mutants.catalogue import Mutant
from mutants.changes import Code

def mutant(what, within, old, new):
    change = Code("overrides/playbook3d_client/_retries.py", within, old, new)
    return Mutant("client", what, change, "tests/test_client_retries.py::test_the_wait_doubles_up_to_eight_seconds")

if __name__ == "__main__":
    command.MUTANTS = [
        mutant("a bug", "delay_before_next", "min(retries, 10)", "0"),
        mutant("no bug", "delay_before_next", "min(retries, 10)", "min(retries, 11)"),
        mutant("nowhere", "delay_before_next", "max(retries, 10)", "0"),
        mutant("no module", "", "import re", "import no_such_module"),
    ]
    raise SystemExit(command.main())
"""


def test_what_lives_and_what_could_not_be_planted_is_told_apart_from_what_died(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(RUN, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False, cwd=tmp_path)
    states = [line.split()[1] for line in done.stdout.splitlines() if line[:3].strip().isdigit()]
    assert states == ["dead", "ALIVE", "broken", "broken"], done.stdout + done.stderr
    assert "no longer applies: overrides/playbook3d_client/_retries.py: 'max(retries, 10)' is there 0" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 of 4 mutants died, in ")
    assert done.returncode == 2
