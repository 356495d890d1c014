"""A request judged by the *published* contract, as the page has it: what no overlay has touched.

The overlay may change how the contract describes the wire, and never what goes over it.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from conformance.schemas import validator
from conformance.subject import load
from conformance.wire import sent_parameters
from contract.pointers import dereference

CONTRACT = Path(
    os.environ.get("CONFORMANCE_PUBLISHED") or Path(__file__).parents[2] / "openapi" / "playbook.yaml"
)  # fmt: skip
PUBLISHED = load(CONTRACT)


def problems(request: httpx.Request, path: str) -> list[str]:
    """What the published contract has against a request to the operation at ``path``, as templated there."""
    item = PUBLISHED["paths"].get(path, {})
    operation = item.get(request.method.lower())
    if operation is None:
        return [f"{request.method} {path} is not published"]
    parameters = [
        dereference(PUBLISHED, one) for one in (*item.get("parameters", ()), *operation.get("parameters", ()))
    ]
    return [*_of_parameters(request, path, parameters), *_of_body(request, operation)]


def _of_parameters(request: httpx.Request, path: str, parameters: list[Mapping[str, Any]]) -> Iterator[str]:
    sent = sent_parameters(request, path)
    for parameter in parameters:
        place, name = parameter["in"], parameter["name"]
        # RFC 9110 §5.1: the names of header fields know no case.
        values = sent[place].pop(name.lower() if place == "header" else name, [])
        if not values:
            if parameter.get("required"):
                yield f"{place} {name} is missing"
        elif not any(validator(parameter.get("schema", True), PUBLISHED).is_valid(one) for one in _readings(values)):
            yield f"{place} {name}: {values} is not what its schema allows"
    for place in ("path", "query", "cookie"):
        yield from (f"{place} {name} is not published" for name in sent[place])


def _readings(values: list[str]) -> Iterator[Any]:
    """What the values of a parameter may stand for: text, a number or the like, or an array of either."""
    scalars = [_scalar(value) for value in values]
    if len(values) == 1:
        yield values[0]
        yield scalars[0]
    yield values
    yield scalars


def _scalar(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, str | list | dict) else value


def _of_body(request: httpx.Request, operation: Mapping[str, Any]) -> Iterator[str]:
    declared = dereference(PUBLISHED, operation.get("requestBody", {}))
    content = request.read()
    if not declared.get("content"):
        if content:
            yield "a body is not published"
        return
    if not content and "content-type" not in request.headers:
        if declared.get("required"):
            yield "the body is missing"
        return
    media = request.headers.get("content-type", "").partition(";")[0]
    if media not in declared["content"]:
        yield f"a body of the type {media!r} is not published"
    elif "json" in media and not validator(declared["content"][media].get("schema", True), PUBLISHED).is_valid(
        json.loads(content)
    ):
        yield "the body is not what its schema allows"
