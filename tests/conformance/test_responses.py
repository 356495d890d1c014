"""The client understands whatever the contract allows a server to answer, and fails as documented on the rest."""

from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest
from hypothesis import given, settings

from conformance.arguments import ARGUMENTS, convert, some_case
from conformance.bodies import Answer, Bodies, answers, sent
from conformance.extension import CHECKS
from conformance.models import differences, kept
from conformance.outcomes import as_sent, content, error_body, error_class
from conformance.speakers import STYLES, UNHEARD_OF, Speakers
from conformance.subject import EFFECTIVE, SUBJECTS, Subject, drawn
from conformance.wire import values
from playbook3d_client import APIResponseValidationError
from playbook3d_mock import Mock


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.label)
def test_a_valid_answer_is_the_declared_model_or_error_value_for_value(subject: Subject) -> None:
    check_valid_answers(subject)


def check_valid_answers(subject: Subject) -> None:
    """Each documented status, with bodies that its schema allows."""

    def judge(answer: Answer, body: Any, outcome: Any) -> None:
        declared = ARGUMENTS.answer(subject.operation, answer.status)
        if 200 <= answer.status <= 299:
            assert outcome is None if declared is None else list(differences(declared, outcome, body)) == []
            assert values(as_sent(outcome)) == values(body)
        else:
            assert type(outcome) is error_class(answer.status)
            assert outcome.status_code == answer.status
            assert values(outcome.body) == values(error_body(sent(answer.media_type, body)))
            if declared is not None:  # the generated model of the error, for those who want it
                assert list(differences(declared, convert(declared, body), body)) == []

    assert {answer.key for answer in _each(subject, "valid", judge)} == _documented(subject)


def _documented(subject: Subject) -> set[str]:
    return set(map(str, subject.operation.definition.raw["responses"]))


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.label)
def test_an_invalid_answer_is_a_documented_error_or_a_model_that_holds_it(subject: Subject) -> None:
    check_invalid_answers(subject)


def check_invalid_answers(subject: Subject) -> None:
    """Each documented status, with bodies that its schema does not allow, and with bytes that are no JSON."""

    def judge(answer: Answer, body: Any, outcome: Any) -> None:
        if not 200 <= answer.status <= 299:
            assert type(outcome) is error_class(answer.status)
        elif isinstance(outcome, Exception):
            assert type(outcome) is APIResponseValidationError
            assert outcome.status_code == answer.status
        else:  # drift that leaves the model usable; nothing is lost, but for content where there must be none
            declared = ARGUMENTS.answer(subject.operation, answer.status)
            assert values(as_sent(outcome)) == (values(kept(declared, body)) if declared is not None else None)

    assert {answer.key for answer in _each(subject, "invalid", judge)} == _documented(subject)


Judge = Callable[[Answer, Any, Any], None]


def _each(subject: Subject, kind: str, judge: Judge) -> list[Answer]:
    """Have bodies of a kind judged, with what the client made of them, in each style; returns what was reached."""
    documented = answers(subject, EFFECTIVE)
    following: list[httpx.Response] = []
    transport = httpx.MockTransport(lambda _: following.pop())
    with Speakers(transport, **UNHEARD_OF).opened() as speakers:
        arguments = ARGUMENTS.some(subject.operation)

        def judged(answer: Answer, body: Any) -> None:
            headers = {"content-type": answer.media_type} if answer.media_type else {}
            for style in STYLES:
                following.append(httpx.Response(answer.status, content=sent(answer.media_type, body), headers=headers))
                judge(answer, body, speakers.outcome(style, subject, arguments))
                speakers.recorder.only(style)
                drawn[f"{kind} answers: {subject.label}"] += 1

        share = max(2, settings().max_examples // len(documented))
        return [answer for answer in documented if _drew(getattr(answer, kind), partial(judged, answer), share)]


def _drew(bodies: Bodies, judge: Callable[[Any], None], examples: int) -> int:
    """How many bodies were judged."""
    count = 0

    @settings(max_examples=examples)
    @given(bodies)
    def check(body: Any) -> None:
        nonlocal count
        judge(body)
        count += 1

    check()
    return count


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.label)
def test_each_documented_status_is_what_the_mock_answers_and_the_client_understands(subject: Subject) -> None:
    check_documented_statuses(subject)


def check_documented_statuses(subject: Subject) -> None:
    """The mock is asked for each of them; Schemathesis finds its answer as the contract has it."""
    mock = Mock(EFFECTIVE)
    case = some_case(subject.operation)
    with Speakers(mock.transport, api_key=mock.api_key, token=mock.token).opened() as speakers:
        for answer in answers(subject, EFFECTIVE):
            preferring = {"Prefer": f"code={answer.status}"}
            for style in STYLES:
                outcome = speakers.outcome(style, subject, ARGUMENTS.of(case), headers=preferring)
                response = speakers.recorder.only(style)
                assert response.status_code == answer.status
                case.validate_response(response, checks=CHECKS)
                if response.is_success:
                    assert values(as_sent(outcome)) == values(content(response))
                else:
                    assert type(outcome) is error_class(answer.status)
                    assert outcome.body == error_body(response.content)
            drawn[f"status {answer.key} of the mock: {subject.label}"] += 1
