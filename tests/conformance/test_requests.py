"""The client says what the contract allows, all of it, and says it right."""

from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from schemathesis import GenerationMode

from conformance import published
from conformance.arguments import ARGUMENTS
from conformance.extension import CHECKS
from conformance.outcomes import as_sent, content
from conformance.speakers import STYLES, Speakers
from conformance.subject import EFFECTIVE, SUBJECTS, Subject, credential_headers, drawn, exhaustion
from conformance.wire import AnyCase, Wire, expected, parameters_of, sent_parameters, values, wire, without_defaults
from playbook3d_client import APIStatusError, ConfigurationError
from playbook3d_mock import Mock


@pytest.fixture
def _no_other_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is sent by other clients than those of the test fails it."""

    def poisoned(self: object, request: httpx.Request) -> None:
        raise AssertionError(f"{request.method} {request.url.path} went through a pool of its own")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", poisoned)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", poisoned)


@pytest.mark.usefixtures("_no_other_pool")
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.label)
def test_what_schemathesis_draws_the_client_sends_and_the_mock_accepts(subject: Subject) -> None:
    check_requests(subject)


def check_requests(subject: Subject) -> None:
    """Whatever is valid can be said in each style, with one request: the one that Schemathesis would send."""
    count = f"requests: {subject.label}"
    mock = Mock(EFFECTIVE)
    credentials = credential_headers(EFFECTIVE, mock.api_key, mock.token)
    reached: set[tuple[str, str]] = set()

    with Speakers(mock.transport, api_key=mock.api_key, token=mock.token).opened() as speakers:

        @given(case=subject.operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def check(case: AnyCase) -> None:
            meant = expected(case, subject.server, credentials, subject.declared_headers)
            exchanges = [  # each with arguments of its own: a file is read once
                (speakers.call(style, subject, ARGUMENTS.of(case)), speakers.recorder.only(style)) for style in STYLES
            ]
            response = exchanges[0][1]
            said = wire_of(response.request, subject.declared_headers)
            assert without_defaults(said, meant, subject.defaults) == meant
            assert response.is_success
            case.validate_response(response, checks=CHECKS)
            sent, answered = verbatim(response.request), values(content(response))
            for result, other in exchanges:
                assert verbatim(other.request) == sent  # whatever the style
                assert values(as_sent(result)) == answered
                drawn[count] += 1
            reached.update(parameters_of(case))

        with exhaustion() as all_of_them:
            check()
    assert all_of_them() or drawn[count] >= len(STYLES) * settings().max_examples // 2
    assert reached == subject.parameters


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.label)
def test_what_goes_over_the_wire_is_valid_under_the_published_contract(subject: Subject) -> None:
    check_published(subject)


def check_published(subject: Subject) -> None:
    """The page would allow each request, headers included: in one style, since all of them send the same."""
    mock = Mock(EFFECTIVE)
    with Speakers(mock.transport, api_key=mock.api_key, token=mock.token).opened() as speakers:

        @given(case=subject.operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def check(case: AnyCase) -> None:
            speakers.call("bound", subject, ARGUMENTS.of(case))
            request = speakers.recorder.only("bound").request
            assert published.problems(request, case.path) == []
            drawn[f"requests by the published contract: {subject.label}"] += 1

        check()


# What would end a segment, a path, a parameter or a header field, be taken for an escape, or mean another path.
HOSTILE = [
    "", ".", "..", "/", "a/b", "../../admin", "?x=1", "#top", "a&b=c", "a;b", "%2F", "%", "%zz", "+", " ", "a b", "é",
    "\N{RIGHT-TO-LEFT OVERRIDE}x", "\N{PILE OF POO}", "{team_id}", "\\", "\x00", "\r\nx-injected: 1", "x" * 2000,
    "\ud800",
]  # fmt: skip


@pytest.mark.usefixtures("_no_other_pool")
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.label)
def test_a_hostile_string_is_one_value_of_its_parameter_or_is_refused(subject: Subject, style: str) -> None:
    check_hostile_strings(subject, style)


def check_hostile_strings(subject: Subject, style: str) -> None:
    """In each parameter: it arrives as the value of that parameter alone, or nothing is sent at all."""
    mock = Mock(EFFECTIVE)
    anything_goes = httpx.MockTransport(lambda _: httpx.Response(418))
    arguments = ARGUMENTS.some(subject.operation)
    with Speakers(anything_goes, api_key=mock.api_key, token=mock.token).opened() as speakers:

        def send(more: dict[str, Any]) -> httpx.Request | Exception:
            try:
                speakers.call(style, subject, {**arguments, **more})
            except APIStatusError:
                return speakers.recorder.only(style).request
            except (TypeError, ValueError, ConfigurationError) as error:
                speakers.recorder.nothing()
                return error
            raise AssertionError("418 was taken for a success")

        plain = send({})
        assert isinstance(plain, httpx.Request)
        for place, name, argument, any_text in ARGUMENTS.texts(subject.operation):
            arrived: set[str] = set()
            for text in HOSTILE:
                request = send({argument: text})
                if isinstance(request, Exception):
                    assert "\n" not in str(request)
                    continue
                assert pairs(request, subject, without=(place, name)) == pairs(plain, subject, without=(place, name))
                assert [value for key, value in pairs(request, subject) if key == (place, name)] == [text]
                arrived.add(text)
            # Most of them can be said, and so they must be: by a string, or past the check of a bound method.
            assert not (any_text or style.startswith("stock")) or arrived >= {"a b", "a/b", "%2F"}


def pairs(
    request: httpx.Request, subject: Subject, *, without: tuple[str, str] | None = None
) -> list[tuple[tuple[str, str], str]]:
    """What a request says, all of it, decoded: by place and name."""
    sent = sent_parameters(request, subject.operation.path)
    found = [((place, name), value) for place in sent for name, values in sent[place].items() for value in values]
    return [pair for pair in found if pair[0] != without]


def wire_of(request: httpx.Request, declared: set[str]) -> Wire:
    """A request in the form in which it is compared with that of another sender."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return wire(request.method, str(request.url), headers, request.read(), declared)


def verbatim(request: httpx.Request) -> tuple[Any, ...]:
    """A request as it goes over the wire."""
    return request.method, str(request.url), sorted(request.headers.raw), request.read()
