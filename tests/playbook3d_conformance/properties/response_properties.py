"""Properties of responses: the client parses what the contract allows, and fails as documented on the rest.

Each reaches ``statuses``: keys of documented responses, by default all of them.
"""

from collections.abc import Callable
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from playbook3d_client import APIResponseValidationError
from playbook3d_conformance.checks.responses import STOCK_RESPONSE_CHECKS
from playbook3d_conformance.openapi import AnyOperation
from playbook3d_conformance.properties.arguments import ARGUMENTS, convert
from playbook3d_conformance.properties.clients import STYLES, UNUSED_CREDENTIALS, open_clients
from playbook3d_conformance.properties.expectations import as_sent, content, error_body, error_class
from playbook3d_conformance.properties.model_comparison import differences, without_closed_extras
from playbook3d_conformance.properties.normalized_request import normalize_json
from playbook3d_conformance.properties.operations import EFFECTIVE, any_case, documented_statuses
from playbook3d_conformance.properties.response_strategies import Bodies, ResponseStrategy, encode, response_strategies
from playbook3d_mock import Mock

#: Asserts the outcome of a body: the documented response, the body, and the client's result or error.
Assertion = Callable[[ResponseStrategy, Any, Any], None]


def check_valid_responses(operation: AnyOperation, statuses: set[str] | None = None) -> dict[str, int]:
    """A valid response becomes the declared model or error, value for value.

    Returns the number of different bodies for each documented response.
    """

    def check(response: ResponseStrategy, body: Any, outcome: Any) -> None:
        declared = ARGUMENTS.response(operation, response.status)
        if 200 <= response.status <= 299:
            assert outcome is None if declared is None else list(differences(declared, outcome, body)) == []
            assert normalize_json(as_sent(outcome)) == normalize_json(body)
        else:
            assert type(outcome) is error_class(response.status)
            assert outcome.status_code == response.status
            assert normalize_json(outcome.body) == normalize_json(error_body(encode(response.media_type, body)))
            if declared is not None:  # the generated model of the error
                assert list(differences(declared, convert(declared, body), body)) == []

    return _check_each(operation, lambda response: response.valid, check, statuses)


def check_invalid_responses(operation: AnyOperation, statuses: set[str] | None = None) -> dict[str, int]:
    """An invalid response becomes a documented error, or a model without loss; returns as ``check_valid_responses``."""

    def check(response: ResponseStrategy, body: Any, outcome: Any) -> None:
        if not 200 <= response.status <= 299:
            assert type(outcome) is error_class(response.status)
        elif isinstance(outcome, Exception):
            assert type(outcome) is APIResponseValidationError
            assert outcome.status_code == response.status
        else:  # drift that leaves the model usable
            declared = ARGUMENTS.response(operation, response.status)
            expected = None if declared is None else normalize_json(without_closed_extras(declared, outcome, body))
            assert normalize_json(as_sent(outcome)) == expected

    return _check_each(operation, lambda response: response.invalid, check, statuses)


def _check_each(
    operation: AnyOperation,
    bodies: Callable[[ResponseStrategy], Bodies],
    check: Assertion,
    statuses: set[str] | None,
) -> dict[str, int]:
    """Check bodies for each documented response, in each style; returns how many different ones."""
    strategies = response_strategies(operation, EFFECTIVE)
    queue: list[httpx.Response] = []
    reached: dict[str, set[bytes]] = {}
    with open_clients(httpx.MockTransport(lambda _: queue.pop()), UNUSED_CREDENTIALS) as clients:
        arguments = ARGUMENTS.valid(operation)

        def check_body(response: ResponseStrategy, body: Any) -> None:
            headers = {"content-type": response.media_type} if response.media_type else {}
            content = encode(response.media_type, body)
            for style in STYLES:
                queue.append(httpx.Response(response.status, content=content, headers=headers))
                check(response, body, clients.outcome(style, operation, arguments))
                clients.only_response(style)
            reached.setdefault(response.key, set()).add(content)

        for response in strategies:
            examples = settings(max_examples=max(2, settings().max_examples // len(strategies)))
            examples(given(st.just(response), bodies(response))(check_body))()
    assert reached.keys() == (documented_statuses(operation) if statuses is None else statuses)
    return {key: len(contents) for key, contents in reached.items()}


def check_documented_statuses(operation: AnyOperation, statuses: set[str] | None = None) -> None:
    """The mock sends each documented status when asked to, as the contract declares it; the client parses it."""
    mock = Mock(EFFECTIVE)
    case = any_case(operation)
    reached: set[str] = set()
    with open_clients(mock.transport, mock.credentials) as clients:
        for documented in response_strategies(operation, EFFECTIVE):
            prefer = {"Prefer": f"code={documented.status}"}
            for style in STYLES:
                outcome = clients.outcome(style, operation, ARGUMENTS.of(case), headers=prefer)
                response = clients.only_response(style)
                assert response.status_code == documented.status
                case.validate_response(response, checks=STOCK_RESPONSE_CHECKS)
                if response.is_success:
                    assert normalize_json(as_sent(outcome)) == normalize_json(content(response))
                else:
                    assert type(outcome) is error_class(documented.status)
                    assert outcome.body == error_body(response.content)
            reached.add(documented.key)
    assert reached == (documented_statuses(operation) if statuses is None else statuses)
