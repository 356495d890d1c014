"""Properties of requests: the client can send what the contract allows, all of it, and sends it right."""

from typing import Any

import httpx
from hypothesis import given, settings

from playbook3d_client import APIStatusError, ConfigurationError
from playbook3d_conformance.checks.responses import STOCK_RESPONSE_CHECKS
from playbook3d_conformance.credentials import request_credentials
from playbook3d_conformance.openapi import AnyCase, AnyOperation, declared_parameters, documents_success, parameters_of
from playbook3d_conformance.properties import operations, published_contract
from playbook3d_conformance.properties.arguments import ARGUMENTS
from playbook3d_conformance.properties.clients import STYLES, Clients, open_clients
from playbook3d_conformance.properties.expectations import as_sent, content
from playbook3d_conformance.properties.normalized_request import (
    expected_request,
    normalize_json,
    sent_parameters,
    sent_request,
    without_defaults,
)
from playbook3d_conformance.properties.operations import EFFECTIVE, valid_cases
from playbook3d_mock import Mock

# Delimiters, escapes, other paths, and what no URL or header field can hold.
HOSTILE = [
    "", ".", "..", "/", "a/b", "../../admin", "?x=1", "#top", "a&b=c", "a;b", "%2F", "%", "%zz", "+", " ", "a b", "é",
    "\N{RIGHT-TO-LEFT OVERRIDE}x", "\N{PILE OF POO}", "{team_id}", "\\", "\x00", "\r\nx-injected: 1", "x" * 2000,
    "\ud800",
]  # fmt: skip


def check_requests(operation: AnyOperation, parameters: set[tuple[str, str]] | None = None) -> int:
    """Each style sends any valid request, once, as Schemathesis would, and the mock accepts it.

    Each of ``parameters``, by default all that are declared, is in some request. Returns the number of requests.
    """
    parameters = declared_parameters(operation) if parameters is None else parameters
    mock = Mock(EFFECTIVE)
    credentials = [*request_credentials(operation, mock.credentials)]
    server, headers = operations.server_url(operation), operations.declared_headers(operation)
    defaults = operations.declared_defaults(operation)
    reached: set[tuple[str, str]] = set()
    count = 0

    with open_clients(mock.transport, mock.credentials) as clients:
        # Enough that each optional parameter is drawn by number, not by luck.
        @settings(max_examples=max(settings().max_examples, 8 * len(parameters)))
        @given(case=valid_cases(operation))
        def check(case: AnyCase) -> None:
            nonlocal count
            expected = expected_request(case, server, credentials, headers)
            # Each with arguments of its own: a file is read once.
            calls = ((style, _model_or_body(clients, style, case)) for style in STYLES)
            exchanges = [(result, clients.only_response(style)) for style, result in calls]
            response = exchanges[0][1]
            sent = sent_request(response.request, headers)
            assert without_defaults(sent, expected, defaults) == expected
            assert response.is_success or not documents_success(operation)
            case.validate_response(response, checks=STOCK_RESPONSE_CHECKS)
            verbatim, answered = _verbatim(response.request), normalize_json(content(response))
            for result, other in exchanges:
                assert _verbatim(other.request) == verbatim  # in each style
                assert normalize_json(as_sent(result)) == answered
            reached.update(parameters_of(case))
            count += 1

        check()
    assert reached == parameters
    return count


def _model_or_body(clients: Clients, style: str, case: AnyCase) -> Any:
    """The model that a call returns; the body of an error if the server answers so, as operations may document only."""
    try:
        return clients.call(style, case.operation, ARGUMENTS.of(case))
    except APIStatusError as error:
        return error.body


def _verbatim(request: httpx.Request) -> tuple[Any, ...]:
    return request.method, str(request.url), sorted(request.headers.raw), request.read()


def check_published(operation: AnyOperation) -> None:
    """Each request is valid under the published contract too, headers included. All styles send the same."""
    mock = Mock(EFFECTIVE)
    with open_clients(mock.transport, mock.credentials) as clients:

        @given(case=valid_cases(operation))
        def check(case: AnyCase) -> None:
            _model_or_body(clients, "bound", case)
            request = clients.only_response("bound").request
            assert published_contract.problems(request, case.path) == []

        check()


def check_hostile_strings(operation: AnyOperation, style: str) -> None:
    """In each parameter a hostile string arrives as the value of that parameter alone, or nothing is sent."""
    mock = Mock(EFFECTIVE)
    arguments = ARGUMENTS.valid(operation)
    with open_clients(httpx.MockTransport(lambda _: httpx.Response(418)), mock.credentials) as clients:

        def send(changed: dict[str, Any]) -> httpx.Request | Exception:
            try:
                clients.call(style, operation, {**arguments, **changed})
            except APIStatusError:
                return clients.only_response(style).request
            except (TypeError, ValueError, ConfigurationError) as error:
                assert clients.responses == []
                return error
            raise AssertionError("418 was taken for a success")

        plain = send({})
        assert isinstance(plain, httpx.Request)
        for parameter in ARGUMENTS.text_parameters(operation):
            own = (parameter.location, parameter.name)
            others = [pair for pair in _pairs(plain, operation) if pair[0] != own]
            arrived: set[str] = set()
            for text in HOSTILE:
                request = send({parameter.argument: text})
                if isinstance(request, Exception):
                    assert "\n" not in str(request)
                    continue
                pairs = _pairs(request, operation)
                assert [pair for pair in pairs if pair[0] != own] == others
                assert [value for key, value in pairs if key == own] == [text]
                arrived.add(text)
            # Most can be sent, so they must be: in a string, or past the validation of a bound method.
            assert not (parameter.is_free or style.startswith("stock")) or arrived >= {"a b", "a/b", "%2F"}


def _pairs(request: httpx.Request, operation: AnyOperation) -> list[tuple[tuple[str, str], str]]:
    """All decoded parameters of a request: location and name, and value."""
    sent = sent_parameters(request, operation.path)
    return [
        ((location, name), value) for location in sent for name, values in sent[location].items() for value in values
    ]
