"""What the run observes of each response: its status, and the failures of checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData, UndefinedStatusCode

from playbook3d_conformance.checks.observations import NO_RESPONSE, observe
from playbook3d_conformance.credentials import security_alternatives
from playbook3d_conformance.openapi import documents_success
from playbook3d_conformance.schemas import content_type, is_json, response_schema, validator

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemathesis import HookContext, Response
    from schemathesis.core.failures import Failure

    from playbook3d_conformance.openapi import AnyCase


def names_another_path(failure: Failure, case: AnyCase, response: Response) -> bool:
    """Whether a path segment is empty: Schemathesis puts values of earlier responses into paths, also empty ones."""
    return "" in case.path_parameters.values()


def names_an_invalid_value(failure: Failure, case: AnyCase, response: Response) -> bool:
    """Whether a valid request was rejected for a path parameter: an invalid one, of an earlier response."""
    document = case.operation.schema.raw_schema
    return isinstance(failure, RejectedPositiveData) and any(
        not validator(parameter.definition.get("schema", True), document, "request").is_valid(value)
        for parameter in case.operation.path_parameters
        if (value := case.path_parameters.get(parameter.name)) is not None
    )


def documents_no_success(failure: Failure, case: AnyCase, response: Response) -> bool:
    """Whether a valid request was rejected, by an operation that documents nothing else."""
    return isinstance(failure, RejectedPositiveData) and not documents_success(case.operation)


def is_left_to_lint(failure: Failure, case: AnyCase, response: Response) -> bool:
    """Whether a rejection is undocumented where the contract has what can be wrong; ``make lint`` finds that."""
    status = response.status_code
    if not isinstance(failure, UndefinedStatusCode) or status not in (400, 401, 422):
        return False
    operation = case.operation
    takes_input = any(operation.iter_parameters()) or bool(operation.body)
    if is_left := any(security_alternatives(operation)) if status == 401 else takes_input:
        observe("note", operation.label, f"answered {status}, which is not documented")
    return is_left


#: Failures for which one of them is true do not count; ``live`` adds others.
EXCUSES: list[Callable[[Failure, AnyCase, Response], bool]] = [
    names_another_path,
    names_an_invalid_value,
    documents_no_success,
    is_left_to_lint,
]


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: AnyCase, response: Response) -> bool:
    """Observe a failure, unless it is excused."""
    if any(is_excused(failure, case, response) for is_excused in EXCUSES):
        return False
    observe("violation", case.operation.label, failure.title, failure.message)
    return True


# The operation whose request has no response yet: not every lost connection has a hook.
_waiting: list[str] = []


@schemathesis.hook
def before_call(context: HookContext, case: AnyCase, kwargs: dict[str, Any]) -> None:
    """Observe that the request before had no response."""
    observe_lost_request()
    _waiting.append(case.operation.label)


@schemathesis.hook
def after_call(context: HookContext, case: AnyCase, response: Response) -> None:
    """Observe a response; one without the JSON that is documented is a gateway's, or breaks the contract."""
    _waiting.clear()
    operation, status = case.operation, response.status_code
    observe("response", operation.label, "")
    if response_schema(operation, status) is None or is_json(content_type(response)):
        observe("status", operation.label, str(status))


def observe_lost_request() -> None:
    """Observe that the last request had no response, if it had none."""
    if _waiting:
        observe("incomplete", _waiting.pop(), NO_RESPONSE)
