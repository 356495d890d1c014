"""The check that a run tested what it was meant to test."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import click
import schemathesis
from schemathesis.core.result import Ok

from playbook3d_conformance.checks.hooks import observe_lost_request
from playbook3d_conformance.checks.observations import observe, observed
from playbook3d_conformance.openapi import declared_parameters, documents_success, parameters_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Response
    from schemathesis.checks import CheckContext
    from schemathesis.schemas import BaseSchema

    from playbook3d_conformance.openapi import AnyCase, AnyOperation


@schemathesis.check
class EverythingReached:
    """Each operation and each of its parameters was reached, by valid requests that differ, and one of them succeeded.

    The numbers are printed at the end. In the configuration,

    - ``successes = false`` requires no success, for servers where random UUIDs name nothing,
    - ``variety = false`` requires no parameter and no other request, for runs that send a single one,
    - ``fails = false`` reports what was not reached without failing the run.
    """

    def __init__(self, successes: bool = True, variety: bool = True, fails: bool = True) -> None:
        self._requires_successes = successes
        self._requires_variety = variety
        self._fails = fails
        self._schema: BaseSchema | None = None
        self._cases: defaultdict[str, set[str]] = defaultdict(set)
        self._statuses: defaultdict[str, set[int]] = defaultdict(set)
        # Of valid requests:
        self._valid_statuses: defaultdict[str, list[int]] = defaultdict(list)
        self._parameters: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self._requests: defaultdict[str, set[tuple[object, ...]]] = defaultdict(set)

    def after_response(self, ctx: CheckContext, response: Response, case: AnyCase) -> None:  # noqa: ARG002
        """Record what the case has reached."""
        label = case.operation.label
        self._schema = case.operation.schema
        self._cases[label].add(case.id)
        self._statuses[label].add(response.status_code)
        if case.meta is None or case.meta.generation.mode.is_positive:
            self._valid_statuses[label].append(response.status_code)
            self._parameters[label].update(parameters_of(case))
            self._requests[label].add(
                (response.request.url, str(response.request.body), str(case.headers), str(case.cookies))
            )

    def after_run(self, ctx: CheckContext) -> None:  # noqa: ARG002 (the arguments are what Schemathesis gives)
        """Print the numbers, and fail if something was not reached."""
        observe_lost_request()
        if self._schema is None:
            raise AssertionError("Nothing was reached: no response could be read.")
        violations = [
            violation
            for result in self._schema.get_all_operations()
            if isinstance(result, Ok)
            for violation in self._judge(result.ok())
        ]
        for note in observed("note"):
            click.echo(f"{note.operation}: {note.text}.")
        problems = [f"{problem.operation}: {problem.text}." for problem in observed("incomplete")]
        if failures := [*violations, *(problems if self._fails else [])]:
            raise AssertionError("\n".join(failures))

    def _judge(self, operation: AnyOperation) -> Iterator[str]:
        """The violations that only the whole run shows; what was not reached is observed."""
        label = operation.label
        declared = declared_parameters(operation)
        missed = declared - self._parameters[label]
        click.echo(
            f"{label}: {len(self._cases[label])} cases, {len(self._requests[label])} different valid requests, "
            f"{len(declared) - len(missed)} of {len(declared)} parameters, "
            f"answered {', '.join(map(str, sorted(self._statuses[label]))) or 'nothing'} "
            f"(documented: {', '.join(operation.responses.status_codes)})"
        )
        if any(each.operation == label for each in (*observed("violation"), *observed("incomplete"))):
            return  # the first failure ends the tests of an operation
        valid = self._valid_statuses[label]
        if not valid or set(valid) == {429}:
            observe("incomplete", label, "no valid request was answered")
            return
        accepted = _without_last(valid, 401)
        if not accepted:
            observe(
                "incomplete", label, "every valid request was answered 401: the credentials are wrong, or have expired"
            )
            return
        if len(accepted) < len(valid):
            observe(
                "incomplete", label, "at the end every valid request was answered 401: the credentials may have expired"
            )
        if 401 in accepted:
            problem = "valid requests were answered 401, and others were not, with the same credentials"
            observe("violation", label, problem)
            yield f"{label}: {problem}."
        is_successful = any(status // 100 == 2 for status in valid) or not documents_success(operation)
        if self._requires_successes and not is_successful:
            observe("incomplete", label, "no valid request succeeded")
        if self._requires_variety:
            if missed:
                names = sorted(" ".join(parameter).strip() for parameter in missed)
                observe("incomplete", label, f"no valid request had {', '.join(names)}")
            floor = (operation.schema.config.generation_for(operation=operation).max_examples or 0) // 2
            if _has_uuid(operation) and len(self._requests[label]) < floor:
                observe("incomplete", label, f"fewer than {floor} valid requests were different")


def _without_last(statuses: list[int], status: int) -> list[int]:
    """The statuses without those at the end that are ``status``."""
    end = len(statuses)
    while end and statuses[end - 1] == status:
        end -= 1
    return statuses[:end]


def _has_uuid(operation: AnyOperation) -> bool:
    """Whether there are many valid requests for sure: of a UUID that has an example, Schemathesis mostly draws that."""
    return any(
        schema.get("format") == "uuid" and not {"example", "examples"} & (schema.keys() | parameter.definition.keys())
        for parameter in operation.path_parameters
        if isinstance(schema := parameter.definition.get("schema"), dict)
    )
