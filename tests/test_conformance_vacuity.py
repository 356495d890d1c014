"""The suite cannot pass for want of anything to test: what is not reached, or cannot be mapped, fails it."""

import copy
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER, HookContext

from conformance import bodies, stock, test_requests, test_responses
from conformance.arguments import ARGUMENTS, Arguments, Unmapped, some_case
from conformance.subject import CONTRACT, EFFECTIVE, SUBJECTS, Subject, subjects
from playbook3d_mock import Mock
from serving import CREDENTIALS, Server, always

(SUBJECT,) = [one for one in SUBJECTS if one.operation.definition.raw.get("operationId") == "cancel_run"]


@pytest.fixture
def _few_examples() -> Any:
    name = settings.get_current_profile_name()
    settings.load_profile("quick")
    yield
    settings.load_profile(name)


def grown(**parts: Any) -> tuple[dict[str, Any], Subject]:
    """The contract with something more in its one operation, which the client does not have."""
    contract = copy.deepcopy(EFFECTIVE)
    operation = contract["paths"][SUBJECT.operation.path]["post"]
    for name, part in parts.items():
        operation[name] = [*operation[name], *part] if isinstance(part, list) else part
    (subject,) = [one for one in subjects(contract) if one.label == SUBJECT.label]
    return contract, subject


@pytest.mark.usefixtures("_few_examples")
def test_a_parameter_that_no_case_had_fails_the_run() -> None:
    test_requests.check_requests(SUBJECT)
    with pytest.raises(AssertionError):
        test_requests.check_requests(SUBJECT._replace(parameters={*SUBJECT.parameters, ("query", "never")}))


@pytest.mark.usefixtures("_few_examples")
def test_a_documented_status_that_was_not_reached_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bodies.answers(SUBJECT, EFFECTIVE)
    monkeypatch.setattr(test_responses, "answers", lambda *_: whole[:-1])
    with pytest.raises(AssertionError, match="500"):
        test_responses.check_valid_answers(SUBJECT)


def drawn(strategy: st.SearchStrategy[Any]) -> list[Any]:
    """What the properties would be tried with."""
    found: list[Any] = []

    @settings(max_examples=100)
    @given(strategy)
    def collect(one: Any) -> None:
        found.append(one)

    collect()
    return found


def test_uuids_are_drawn_in_every_form_and_differ() -> None:
    cases = drawn(SUBJECT.operation.as_strategy())
    assert len(cases) >= 100
    # What takes one for the other is seen only where they are two.
    assert sum(len({UUID(value) for value in case.path_parameters.values()}) == 2 for case in cases) >= 75
    for name, value in cases[0].path_parameters.items():
        texts = [case.path_parameters[name] for case in cases]
        assert str(UUID(value)) == value.lower()
        assert texts.count(str(UUID(int=0))) >= 10
        assert len({text for text in texts if text != text.lower()}) >= 10
        assert len({text for text in texts if text != text.upper()}) >= 10


def test_no_cookie_is_drawn_that_would_arrive_as_another() -> None:
    _, subject = grown(parameters=[{"name": "visit", "in": "cookie", "schema": {"type": "string"}}])
    values = ["a", "", "a=b", "a;b", " a", "a, b", '"a"', "a\\b", "a\tb", "\u00e9"]
    cookies = st.sampled_from([None, {}, *({"visit": value} for value in values)])
    filtered = GLOBAL_HOOK_DISPATCHER.apply_to_container(cookies, "cookies", HookContext(operation=subject.operation))
    found = drawn(filtered)
    assert [one for one in ({"visit": value} for value in values) if one in found] == [
        {"visit": "a"},
        {"visit": ""},
        {"visit": "a=b"},
    ]
    assert None in found
    assert {} in found


def test_a_parameter_that_the_client_lacks_fails_the_suite() -> None:
    _, subject = grown(parameters=[{"name": "why", "in": "query", "required": True, "schema": {"type": "string"}}])
    with pytest.raises(Unmapped, match="the client has no parameter why"):
        ARGUMENTS.of(some_case(subject.operation))


def test_a_media_type_that_the_suite_cannot_map_fails_it() -> None:
    body = {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
    _, subject = grown(requestBody=body)
    with pytest.raises(Unmapped, match="a body of the type text/csv"):
        ARGUMENTS.of(some_case(subject.operation))


def test_a_status_that_the_client_does_not_know_fails_the_suite() -> None:
    with pytest.raises(Unmapped, match="the client does not know the status 418"):
        ARGUMENTS.answer(SUBJECT.operation, 418)


def test_a_type_that_the_suite_cannot_make_fails_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(Arguments.of.__globals__["_FROM_TEXT"], "UUID")
    with pytest.raises(Unmapped, match=r"(team|run)_id: a UUID"):
        ARGUMENTS.of(some_case(SUBJECT.operation))


def test_an_operation_that_schemathesis_cannot_read_is_not_left_out() -> None:
    contract = copy.deepcopy(EFFECTIVE)
    contract["paths"]["/broken"] = {"get": {"parameters": [{"$ref": "#/components/parameters/none"}], "responses": {}}}
    with pytest.raises(AssertionError):
        subjects(contract)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "every valid request was answered 401: are the credentials right, and still valid?"),
        (402, "no valid request was answered with a success."),
    ],
)
def test_a_server_that_never_says_yes_is_not_taken_for_tested(status: int, said: str, tmp_path: Path) -> None:
    """Not even where the statuses that a server may answer are widened in the configuration."""
    lenient = {
        "generation": {"max-examples": 10},
        "checks": {"positive_data_acceptance": {"expected-statuses": ["2XX", "401", "402"]}},
    }
    with Server(always(status)).served() as url:
        outcome = stock.run(CONTRACT, url, CREDENTIALS, configured=stock.configuration(lenient))
    assert not outcome.passed
    assert f"{SUBJECT.label}: {said}" in outcome.output


def test_a_run_that_tries_nothing_fails(tmp_path: Path) -> None:
    with Server().served() as url:
        outcome = stock.run(CONTRACT, url, CREDENTIALS, options=["--include-name=GET /nothing"])
    assert not outcome.passed


def test_what_a_run_did_not_reach_is_told() -> None:
    output = (
        "GET /a: 12 cases, 3 of 3 parameters, answered 200, 401\nGET /b: 9 cases, 2 of 3 parameters, answered 200\n"
    )
    outcome = stock.Outcome(passed=True, output=f"{output}GET /c: 9 cases, 0 of 0 parameters, answered 404\n")
    assert stock.unreached(outcome, ["GET /a", "GET /b", "GET /c", "GET /d"]) == ["GET /b", "GET /c", "GET /d"]


THING = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}}}
A_THING = {"description": "It.", "content": {"application/json": {"schema": THING}}}
WHICH = {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
REMEMBERED = {
    "openapi": "3.1.0",
    "info": {"title": "What is made, read and deleted", "version": "1"},
    "paths": {
        "/things": {"post": {"responses": {"201": A_THING}}},
        "/things/{thing_id}": {
            "parameters": [WHICH],
            "get": {"responses": {"200": A_THING, "400": {"description": "No."}}},
            "delete": {"responses": {"204": {"description": "Gone."}, "400": {"description": "No."}}},
        },
    },
}


@pytest.mark.parametrize(("parts", "passed"), [((), False), ((stock.NO_MEMORY,), True)])
def test_that_it_remembers_nothing_is_held_against_every_server_but_the_mock(
    parts: tuple[stock.Configuration, ...], passed: bool, tmp_path: Path
) -> None:
    contract = tmp_path / "contract.json"
    contract.write_text(json.dumps(REMEMBERED), encoding="utf-8")
    others = {"examples": {"enabled": False}, "coverage": {"enabled": False}, "fuzzing": {"enabled": False}}
    reached = {"Reached": {"enabled": False}}
    configured = stock.configuration(*parts, {"phases": others, "checks": reached, "generation": {"max-examples": 5}})
    with Mock(REMEMBERED).serve() as url:
        outcome = stock.run(contract, url, CREDENTIALS, configured=configured)
    assert outcome.passed is passed
    assert ("Deleted resource still available" in outcome.output) is not passed
