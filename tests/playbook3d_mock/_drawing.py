"""Draws a valid value for a schema by Schemathesis's generator, if it is installed: it is no dependency of the mock."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playbook3d_mock._document import Json, Node
    from playbook3d_mock._schemas import Validator

_MAX_EXAMPLES = 100
_MAX_SHRINKS = 500
_PATH = "/playbook3d-mock-example"


def draw(schema: Node, validator: Validator) -> list[Json]:
    """The simplest valid value that was found, always the same; an empty list without one, or without Schemathesis."""
    try:
        import hypothesis
        import schemathesis
    except ImportError:
        return []

    tried = 0

    def is_valid(value: Any) -> bool:
        nonlocal tried
        tried += 1  # the simplest value so far is good enough then
        return tried <= _MAX_EXAMPLES + _MAX_SHRINKS and _is_json(value) and validator.is_valid(value)

    # Schemathesis generates request bodies; there, what is `readOnly` would be left out.
    media: Json = {"application/json": {"schema": _without_read_only(schema.value)}}
    responses = {"default": {"description": "Any."}}
    operation = {"post": {"requestBody": {"required": True, "content": media}, "responses": responses}}
    document: Any = _without_read_only(schema.root)
    paths = {**document.get("paths", {}), _PATH: operation}
    try:
        contract: Any = schemathesis.openapi.from_dict({**document, "paths": paths, "security": []})
        health_checks: Any = list(hypothesis.HealthCheck)
        settings = hypothesis.settings(
            database=None, deadline=None, max_examples=_MAX_EXAMPLES, suppress_health_check=health_checks
        )
        case = hypothesis.find(
            contract[_PATH]["POST"].as_strategy(),
            lambda case: is_valid(case.body),
            settings=settings,
            random=Random(0),  # noqa: S311 - always the same
        )
    except Exception:  # whatever another library cannot do: there is no value then
        return []
    return [case.body]


def _is_json(value: Any) -> bool:
    # Schemathesis can draw bytes, and a marker for no body.
    try:
        json.dumps(value)
    except TypeError:
        return False
    return True


def _without_read_only(value: Json) -> Json:
    if isinstance(value, dict):
        members = value.items()
        return {name: _without_read_only(member) for name, member in members if (name, member) != ("readOnly", True)}
    return [_without_read_only(element) for element in value] if isinstance(value, list) else value
