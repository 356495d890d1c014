"""Validates requests against the *published* contract, which no overlay has changed.

The overlay may change how the contract describes a request, and never the request itself. ``CONFORMANCE_PUBLISHED``
names another published contract than that of the checkout.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from playbook3d_conformance.credentials import required_schemes
from playbook3d_conformance.forms import form_value, is_form, read_fields, text_values
from playbook3d_conformance.openapi import delimiter, read_schema
from playbook3d_conformance.properties.normalized_request import sent_parameters
from playbook3d_conformance.references import dereference
from playbook3d_conformance.schemas import validator

_CHECKOUT = Path(__file__).parents[3] / "openapi" / "playbook.yaml"
PUBLISHED: dict[str, Any] = read_schema(Path(os.environ.get("CONFORMANCE_PUBLISHED") or _CHECKOUT)).raw_schema


def problems(request: httpx.Request, path: str) -> list[str]:
    """How a request to the operation at ``path``, a template, breaks the published contract."""
    item = PUBLISHED["paths"].get(path, {})
    operation = item.get(request.method.lower())
    if operation is None:
        return [f"{request.method} {path} is not published"]
    parameters = [
        dereference(PUBLISHED, parameter)
        for parameter in (*item.get("parameters", ()), *operation.get("parameters", ()))
    ]
    return [*_parameter_problems(request, path, parameters), *_body_problems(request, operation)]


def _parameter_problems(request: httpx.Request, path: str, parameters: list[Mapping[str, Any]]) -> Iterator[str]:
    sent = sent_parameters(request, path)
    for parameter in parameters:
        location, name = parameter["in"], parameter["name"]
        # RFC 9110 §5.1: the names of header fields are case-insensitive.
        values = sent[location].pop(name.lower() if location == "header" else name, [])
        if not values:
            if parameter.get("required"):
                yield f"{location} {name} is missing"
        elif not any(
            map(validator(parameter.get("schema", True), PUBLISHED, "request").is_valid, _meanings(parameter, values))
        ):
            yield f"{location} {name}: {values} does not match its schema"
    for scheme in required_schemes(PUBLISHED).values():
        sent[scheme.location].pop(scheme.parameter, None)
    for location in ("path", "query", "cookie"):
        yield from (f"{location} {name} is not published" for name in sent[location])


def _meanings(parameter: Mapping[str, Any], texts: list[str]) -> Iterator[Any]:
    """What the texts of a parameter can mean; a single one may be that of an array, if it is not exploded."""
    yield from text_values(texts)
    if len(texts) == 1 and not parameter.get("explode", parameter.get("style", "form") == "form"):
        yield from text_values(texts[0].split(delimiter(parameter)))


def _body_problems(request: httpx.Request, operation: Mapping[str, Any]) -> Iterator[str]:
    declared = dereference(PUBLISHED, operation.get("requestBody", {}))
    content = request.read()
    if not declared.get("content"):
        if content:
            yield "a body is not published"
        return
    media_type = request.headers.get("content-type", "").partition(";")[0]
    if not content and (not media_type or "json" in media_type):  # no JSON is empty
        if declared.get("required"):
            yield "the body is missing"
        return
    if media_type not in declared["content"]:
        yield f"a body of the type {media_type!r} is not published"
        return
    schema = declared["content"][media_type].get("schema", True)
    if is_form(media_type):
        is_valid = form_value(read_fields(request.headers["content-type"], content), schema, PUBLISHED) is not None
    else:
        is_valid = "json" not in media_type or validator(schema, PUBLISHED, "request").is_valid(json.loads(content))
    if not is_valid:
        yield "the body does not match its schema"
