"""The mutants: how they are planted, and that none is said to be dead which is not."""

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from mutants import __main__ as command
from mutants.catalogue import MUTANTS, Mutant
from mutants.changes import REMOVED, Code, Document, Having, StaleError
from mutants.running import Verdict

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


@pytest.mark.parametrize(
    ("verdict", "state", "told"),
    [
        (Verdict([("tests/test_a.py::test_b", "assert 1 == 2")], None, 0.5), "dead", "assert 1 == 2"),
        (Verdict([], None, 0.5), "ALIVE", ""),
        (Verdict([], "no longer applies: a.py: 'x' is there 0 times", 0.1), "broken", "'x' is there 0 times"),
        (Verdict([("tests/test_a.py::test_b", "assert 1 == 2")], "took more than 90 s", 90.0), "broken", "took more"),
    ],
)
def test_what_lives_and_what_could_not_be_planted_is_told_apart_from_what_died(
    verdict: Verdict, state: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    future: Future[Verdict] = Future()
    future.set_result(verdict)
    assert command._row(7, MUTANTS[0], future) == state
    said = capsys.readouterr().out
    assert said.startswith(f"  7 {state}")
    assert told in said
    assert MUTANTS[0].what in said


@pytest.mark.parametrize(
    ("states", "sound", "status"),
    [
        (["dead", "dead"], True, 0),
        (["dead", "ALIVE"], True, 1),
        (["dead", "broken"], True, 2),
        (["dead", "dead"], False, 2),  # the properties fail without a mutant
    ],
)
def test_the_status_is_that_of_the_worst(states: list[str], sound: bool, status: int) -> None:
    assert command.status_of(states, sound=sound) == status
