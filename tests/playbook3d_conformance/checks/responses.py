"""Checks of a response by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

import schemathesis
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario
from schemathesis.specs.openapi import checks

from playbook3d_conformance.checks.observations import observe
from playbook3d_conformance.openapi import METHODS
from playbook3d_conformance.schemas import content_type, is_json, property_differences, response_schema

if TYPE_CHECKING:
    from schemathesis import Response
    from schemathesis.checks import CheckContext

    from playbook3d_conformance.openapi import AnyCase

#: Those of stock Schemathesis.
STOCK_RESPONSE_CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


@schemathesis.check
def strict_json(ctx: CheckContext, response: Response, case: AnyCase) -> None:
    """A JSON body is JSON on which all parsers agree (RFC 8259).

    It is UTF-8 without a byte order mark (§8.1), without duplicate names in an object (§4), NaN or Infinity (§6).
    """
    if response.content and is_json(content_type(response)):
        try:
            json.loads(response.content.decode(), object_pairs_hook=_unique, parse_constant=_reject_constant)
        except (ValueError, RecursionError) as error:
            raise AssertionError(f"The body is not strictly JSON: {error}.") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("duplicate names in an object")
    return members


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


@schemathesis.check
def declared_properties(ctx: CheckContext, response: Response, case: AnyCase) -> None:
    """An object has a property that its schema declares; others are noted, unless the schema allows them explicitly.

    The schemas of this API require nothing and close nothing, so any object at all is valid.
    """
    schema = response_schema(case.operation, response.status_code)
    if schema is None or not response.content or not is_json(content_type(response)):
        return
    try:
        value = json.loads(response.content)
    except (ValueError, RecursionError):
        return  # strict_json reports it
    differences = property_differences(schema, value, case.operation.schema.raw_schema)
    for problem in differences.undeclared:
        observe("note", case.operation.label, f"the body of the {response.status_code} {problem}")
    is_negative = case.meta is not None and case.meta.generation.mode.is_negative
    if differences.missing and is_negative and response.status_code in (403, 404):  # a gateway's, or a router's
        observe("note", case.operation.label, f"the body of a {response.status_code} {differences.missing[0]}")
    elif differences.missing:
        raise AssertionError(f"The body of the {response.status_code} {differences.missing[0]}.")


@schemathesis.check
def method_not_allowed(ctx: CheckContext, response: Response, case: AnyCase) -> None:
    """An undeclared method is answered 405, and Allow lists the declared ones (RFC 9110 §15.5.6).

    Stock Schemathesis also accepts 401, 403 and 404.
    """
    data = case.meta.phase.data if case.meta else None
    if not isinstance(data, CoveragePhaseData) or data.scenario != CoverageScenario.UNSPECIFIED_HTTP_METHOD:
        return
    method = response.request.method
    if method == "OPTIONS":
        return  # servers answer it by themselves (RFC 9110 §9.3.7)
    if response.status_code != 405:
        raise AssertionError(f"{method} is not declared, and was answered {response.status_code} instead of 405.")
    allowed = {name.strip() for field in response.headers.get("allow", []) for name in field.split(",")} - {""}
    declared = {name.upper() for name in case.operation.schema[case.operation.path] if name in METHODS}
    if allowed - {"HEAD", "OPTIONS"} != declared - {"HEAD", "OPTIONS"}:
        listed = ", ".join(sorted(allowed)) or "nothing"
        raise AssertionError(f"The 405 allows {listed}; the contract declares {', '.join(sorted(declared))}.")


RESPONSE_CHECKS = [*STOCK_RESPONSE_CHECKS, strict_json, declared_properties]
