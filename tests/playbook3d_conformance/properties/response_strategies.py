"""Bodies for the responses that the contract documents: valid ones, and invalid ones.

Schemathesis draws requests. So each response schema becomes the request body of an operation that exists only here.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st
from schemathesis import GenerationMode

from playbook3d_conformance.openapi import AnyCase, AnyOperation, read_operations, read_schema
from playbook3d_conformance.properties.operations import valid_cases
from playbook3d_conformance.read_write import as_read, without_annotations
from playbook3d_conformance.references import dereference
from playbook3d_conformance.schemas import is_json, plain_json, validator

#: Bytes as they are sent, text, or else JSON; None if there is no content.
Bodies = st.SearchStrategy[Any]


class ResponseStrategy(NamedTuple):
    """A documented response: its key in the contract, a status with that key, and its bodies."""

    key: str
    status: int
    media_type: str  # "" if there is no content
    valid: Bodies
    invalid: Bodies


def encode(media_type: str, body: Any) -> bytes:
    """A body as it is sent."""
    if isinstance(body, bytes):
        return body
    if not media_type:
        return b""
    return json.dumps(body).encode() if is_json(media_type) else str(body).encode()


def response_strategies(operation: AnyOperation, contract: Mapping[str, Any]) -> list[ResponseStrategy]:
    """Every documented response of an operation, in each of its media types."""
    responses = {str(key): value for key, value in operation.definition.raw["responses"].items()}
    declared_statuses = {int(key) for key in responses if key.isdigit()}
    strategies: list[ResponseStrategy] = []
    for key, response in responses.items():
        status = _status(key, declared_statuses)
        content = dereference(contract, response).get("content", {})
        if not content:
            strategies.append(ResponseStrategy(key, status, "", st.none(), st.binary(min_size=1, max_size=20)))
        for media_type, media in content.items():
            valid, invalid = _bodies(media_type, media.get("schema", {}), contract)
            strategies.append(ResponseStrategy(key, status, media_type, valid, invalid))
    return strategies


def _status(key: str, declared_statuses: set[int]) -> int:
    """A status that a key of the contract matches, and no other key does."""
    if key.isdigit():
        return int(key)
    candidates = range(int(key[0]) * 100, int(key[0]) * 100 + 100) if key.endswith("XX") else range(599, 399, -1)
    return next(status for status in candidates if status not in declared_statuses)


def _bodies(media_type: str, declared: Any, contract: Mapping[str, Any]) -> tuple[Bodies, Bodies]:
    if not is_json(media_type):
        anything = st.text(max_size=50) if media_type.startswith("text/") else st.binary(max_size=50)
        return anything, anything
    # As a request, Schemathesis would leave out what is readOnly.
    schema, components = (
        without_annotations(as_read("response", node, contract)) for node in (declared, contract.get("components", {}))
    )
    inverted = {
        "openapi": "3.1.0",
        "info": {"title": "Responses as requests", "version": "1"},
        "components": components,
        "paths": {
            "/": {
                "post": {
                    "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
                    "responses": {"default": {"description": "Any."}},
                }
            }
        },
    }
    (operation,) = read_operations(read_schema(inverted))
    is_valid = validator(declared, contract, "response").is_valid

    def body(case: AnyCase) -> Any:
        return case.body if isinstance(case.body, bytes) else plain_json(case.body)

    # Validated again: the properties rest on it.
    valid = valid_cases(operation).map(body).filter(is_valid)
    invalid = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE).map(body)
    return valid, invalid.filter(lambda value: isinstance(value, bytes) or not is_valid(value))
