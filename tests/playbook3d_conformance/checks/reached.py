"""The check that a run tested what it was meant to test."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import click
import schemathesis
from schemathesis.core.result import Ok

from playbook3d_conformance.openapi import declared_parameters, parameters_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Response
    from schemathesis.checks import CheckContext
    from schemathesis.schemas import BaseSchema

    from playbook3d_conformance.openapi import AnyCase, AnyOperation


@schemathesis.check
class EverythingReached:
    """Each operation and each of its parameters was reached, and a valid request to it succeeded.

    The numbers are printed at the end. ``successes = false`` in the configuration requires no success, for servers
    where random UUIDs name nothing; ``parameters = false`` requires no parameter, for runs that send a single request.
    """

    def __init__(self, successes: bool = True, parameters: bool = True) -> None:
        self._requires_successes = successes
        self._requires_parameters = parameters
        self._schema: BaseSchema | None = None
        self._statuses: defaultdict[str, set[int]] = defaultdict(set)
        self._valid_statuses: defaultdict[str, set[int]] = defaultdict(set)  # of responses to valid requests
        self._parameters: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self._cases: defaultdict[str, set[str]] = defaultdict(set)

    def after_response(self, ctx: CheckContext, response: Response, case: AnyCase) -> None:  # noqa: ARG002
        """Record what the case has reached."""
        label = case.operation.label
        self._schema = case.operation.schema
        self._statuses[label].add(response.status_code)
        self._cases[label].add(case.id)
        if case.meta is None or case.meta.generation.mode.is_positive:
            self._parameters[label].update(parameters_of(case))
            self._valid_statuses[label].add(response.status_code)

    def after_run(self, ctx: CheckContext) -> None:  # noqa: ARG002 (the arguments are what Schemathesis gives)
        """Print the numbers, and fail if something was not reached."""
        if self._schema is None:
            raise AssertionError("Nothing was reached: no response could be read.")
        problems = [
            problem
            for result in self._schema.get_all_operations()
            if isinstance(result, Ok)
            for problem in self._problems(result.ok())
        ]
        if problems:
            raise AssertionError("\n".join(problems))

    def _problems(self, operation: AnyOperation) -> Iterator[str]:
        label = operation.label
        declared = declared_parameters(operation)
        missed = declared - self._parameters[label]
        statuses = sorted(self._statuses[label])
        click.echo(
            f"{label}: {len(self._cases[label])} cases, {len(declared) - len(missed)} of {len(declared)} parameters, "
            f"answered {', '.join(map(str, statuses)) or 'nothing'} "
            f"(documented: {', '.join(operation.responses.status_codes)})"
        )
        if not statuses:
            yield f"{label}: no response."
        elif missed and self._requires_parameters:
            names = sorted(" ".join(parameter).strip() for parameter in missed)
            yield f"{label}: no valid request had {', '.join(names)}."
        if self._valid_statuses[label] == {401}:
            yield f"{label}: every valid request was answered 401: are the credentials right, and still valid?"
        elif self._requires_successes and not any(status // 100 == 2 for status in self._valid_statuses[label]):
            yield f"{label}: no valid request succeeded."
