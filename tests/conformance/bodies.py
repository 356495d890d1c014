"""Bodies for the answers that the contract documents: valid ones, and invalid ones.

Schemathesis draws requests. So the contract is turned round: each schema of an answer becomes that of the request
body of an operation which exists here only.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from conformance.schemas import is_json, validator
from conformance.subject import Subject, schema
from conformance.wire import AnyCase
from contract.pointers import dereference

#: Bytes as they are sent, text, or else JSON; None where there is no content.
Bodies = st.SearchStrategy[Any]


class Answer(NamedTuple):
    """An answer that the contract documents: what it is called there, a status of that name, and its bodies."""

    key: str
    status: int
    media_type: str  # "" where there is no content
    valid: Bodies
    invalid: Bodies


def sent(media_type: str, body: Any) -> bytes:
    """A body as it goes over the wire."""
    if isinstance(body, bytes):
        return body
    if not media_type:
        return b""
    return json.dumps(body).encode() if is_json(media_type) else str(body).encode()


def answers(subject: Subject, contract: Mapping[str, Any]) -> list[Answer]:
    """Every answer that the contract documents for an operation, in each of its media types."""
    responses = subject.operation.definition.raw["responses"]
    taken = {int(key) for key in responses if key.isdigit()}
    found: list[Answer] = []
    for key, response in responses.items():
        status = _status_for(str(key), taken)
        content = dereference(contract, response).get("content", {})
        if not content:
            found.append(Answer(str(key), status, "", st.none(), st.binary(min_size=1, max_size=20)))
        for media_type, media in content.items():
            valid, invalid = _bodies(media_type, media.get("schema", {}), contract)
            found.append(Answer(str(key), status, media_type, valid, invalid))
    return found


def _status_for(key: str, taken: set[int]) -> int:
    """A status that a key of the contract stands for, and no other key does."""
    if key.isdigit():
        return int(key)
    candidates = range(int(key[0]) * 100, int(key[0]) * 100 + 100) if key.endswith("XX") else range(599, 399, -1)
    return next(status for status in candidates if status not in taken)


def _bodies(media_type: str, declared: Any, contract: Mapping[str, Any]) -> tuple[Bodies, Bodies]:
    if not is_json(media_type):
        anything = st.text(max_size=50) if media_type.startswith("text/") else st.binary(max_size=50)
        return anything, anything
    turned = {
        "openapi": "3.1.0",
        "info": {"title": "Answers as requests", "version": "1"},
        "components": contract.get("components", {}),
        "paths": {
            "/": {
                "post": {
                    "requestBody": {"required": True, "content": {"application/json": {"schema": declared}}},
                    "responses": {"default": {"description": "Any."}},
                }
            }
        },
    }
    (result,) = schema(turned).get_all_operations()
    assert isinstance(result, Ok)
    operation = result.ok()
    is_valid = validator(declared, contract).is_valid

    def body(case: AnyCase) -> Any:
        return case.body

    # Each is judged once more: that a body is what it was drawn for is what the properties rest on.
    valid = operation.as_strategy(generation_mode=GenerationMode.POSITIVE).map(body).filter(is_valid)
    invalid = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE).map(body)
    return valid, invalid.filter(lambda value: isinstance(value, bytes) or not is_valid(value))
