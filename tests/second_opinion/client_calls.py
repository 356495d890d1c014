"""The client's half of the suite: valid requests in four styles, and each documented status."""

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given, settings

from playbook3d_client import APIConnectionError, APIStatusError
from playbook3d_conformance.openapi import AnyCase, AnyOperation
from playbook3d_conformance.properties.arguments import ARGUMENTS
from playbook3d_conformance.properties.clients import STYLES, Clients, open_clients
from playbook3d_conformance.properties.expectations import as_sent, content, error_class
from playbook3d_conformance.properties.normalized_request import normalize_json
from playbook3d_conformance.properties.operations import EFFECTIVE, valid_cases
from playbook3d_conformance.properties.response_strategies import response_strategies
from second_opinion.servers import NO_RESPONSE, Outcome, Serve


def client_outcomes(serve: Serve, operation: AnyOperation, credentials: Mapping[str, str]) -> Iterator[Outcome]:
    """What the client's calls of an operation come to."""
    with serve() as url, open_clients(None, credentials, url) as clients:
        cases = drawn(valid_cases(operation))
        for case in cases:
            for style in STYLES:
                result = _call(clients, style, case)
                yield Outcome("a valid request of the client", f"{style}: {case.as_curl_command()}", result)
        for documented in response_strategies(operation, EFFECTIVE):
            for style in STYLES:
                result = _call(clients, style, cases[0], {"Prefer": f"code={documented.status}"})
                yield Outcome(f"a call that prefers the status {documented.key}", style, result)


def drawn(strategy: Any, count: int | None = None) -> list[AnyCase]:
    """The cases that Hypothesis draws, at most so many."""
    cases: list[AnyCase] = []

    @settings(max_examples=count or settings().max_examples)
    @given(strategy)
    def collect(case: AnyCase) -> None:
        cases.append(case)

    collect()
    return cases


def _call(clients: Clients, style: str, case: AnyCase, headers: Mapping[str, str] | None = None) -> str:
    outcome = clients.outcome(style, case.operation, ARGUMENTS.of(case), headers=headers or {})
    if isinstance(outcome, APIConnectionError):
        return NO_RESPONSE
    response = clients.only_response(style)
    if isinstance(outcome, Exception):
        is_declared = type(outcome) is error_class(response.status_code)
        result = type(outcome).__name__ if is_declared or not isinstance(outcome, APIStatusError) else "another error"
    else:
        is_equal = normalize_json(as_sent(outcome)) == normalize_json(content(response))
        result = "the model" if is_equal else "another model"
    # Prism's, for a request that it takes for invalid.
    violations = response.headers.get("sl-violations", "")
    return f"{response.status_code}, {result}" + (f", with violations {violations}" if violations else "")
