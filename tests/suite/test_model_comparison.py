"""The comparison of the client's results with the bodies that were sent reports each difference."""

import json
from collections.abc import Callable
from typing import Any

import pytest

RUN = {"id": "c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22", "at": "2024-01-01T00:00:00+00:00", "note": None, "more": 1}
COUNTED = RUN | {"counts": {"a": {"b": 1}}}
COMPARE = """
import json, sys
from playbook3d_conformance.properties.arguments import ARGUMENTS, convert
from playbook3d_conformance.properties.model_comparison import differences, without_closed_extras
from playbook3d_conformance.properties.operations import OPERATIONS

operation = next(operation for operation in OPERATIONS if operation.label == "GET /rehearsed")
runs, cases = ARGUMENTS.response(operation, 200), json.load(sys.stdin)
compared = [list(differences(runs, convert(runs, [sent]), [expected])) for sent, expected in cases["compared"]]
kept = without_closed_extras(runs, convert(runs, cases["kept"]), cases["kept"])
json.dump({"compared": compared, "kept": kept}, sys.stdout)
"""
ID = RUN["id"]
KEPT = [
    {"id": ID, "more": 2, "owner": {"name": "a", "more": 3}},
    {"id": ID, "at": None, "note": None},
    {"id": ID, "assets": [{"width": 1, "more": None}, {"seconds": 1.5, "frames": None, "more": 1}]},
]
DIFFERENCES = {
    "same": (RUN, RUN, []),
    "UUID": (RUN, RUN | {"id": "7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11"}, ["it[0].id is UUID("]),
    "date-time": (RUN, RUN | {"at": "2024-01-01T00:00:01+00:00"}, ["it[0].at is datetime."]),
    "null": (RUN, RUN | {"note": "a"}, ["it[0].note is None"]),
    "missing": (RUN, {key: RUN[key] for key in ("id", "note", "more")}, ["it[0].at is datetime."]),
    "undeclared": (RUN, RUN | {"more": 2}, ["it[0]['more'] is 1, not 2"]),
    "model": (RUN | {"owner": {"name": "a"}}, RUN | {"owner": {"name": "b"}}, ["it[0].owner.name is 'a'"]),
    "map": (COUNTED, COUNTED, []),
    "map of maps": (COUNTED, RUN | {"counts": {"a": {"b": 2}}}, ["it[0].counts['a']['b'] is 1, not 2"]),
    "list": (RUN | {"tags": ["a", "b"]}, RUN | {"tags": ["a"]}, ["it[0].tags is ['a', 'b']"]),
}


@pytest.fixture(scope="module")
def results(run_python: Callable[..., Any]) -> dict[str, Any]:
    """What differs in each case, and what is kept, on the grown contract."""
    compared = [(sent, expected) for sent, expected, _ in DIFFERENCES.values()]
    done = run_python("-c", COMPARE, text=json.dumps({"compared": compared, "kept": KEPT}))
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("name", DIFFERENCES)
def test_difference_is_reported(name: str, results: dict[str, Any]) -> None:
    problems, expected = results["compared"][list(DIFFERENCES).index(name)], DIFFERENCES[name][2]
    assert len(problems) == len(expected)
    assert all(difference.startswith(start) for difference, start in zip(problems, expected, strict=True)), problems


def test_undeclared_properties_of_closed_models_and_nulls_may_be_lost(results: dict[str, Any]) -> None:
    assert results["kept"] == [
        {"id": ID, "more": 2, "owner": {"name": "a"}},
        {"id": ID, "note": None},
        {"id": ID, "assets": [{"width": 1, "more": None}, {"seconds": 1.5, "more": 1}]},
    ]
