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
_MAX_REASON = 200
_PATH = "/playbook3d-mock-example"


class DrawError(ValueError):
    """No valid value was drawn; the message says why."""


def draw(schema: Node, validator: Validator) -> Json:
    """The simplest valid value that was found, always the same; raises ``DrawError``."""
    try:
        import hypothesis
        import schemathesis
        from hypothesis.errors import NoSuchExample
    except ImportError:
        raise DrawError("Schemathesis, which might draw a value, is not installed") from None

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
            database=None,
            deadline=None,
            max_examples=_MAX_EXAMPLES,
            # Hypothesis's explanation of a failure, which nobody reads here, would take most of the time.
            phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
            suppress_health_check=health_checks,
        )
        case: Any = hypothesis.find(
            contract[_PATH]["POST"].as_strategy(),
            lambda case: is_valid(case.body),
            settings=settings,
            random=Random(0),  # noqa: S311 - always the same
        )
    except NoSuchExample:
        raise DrawError(f"Schemathesis drew none in {_MAX_EXAMPLES} tries") from None
    except Exception as error:  # whatever another library cannot do
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:_MAX_REASON]
        raise DrawError(f"Schemathesis could not draw one: {reason}") from error
    value: Json = case.body
    return value


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
