"""JSON media types and schemas of a contract."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import jsonschema_rs
from schemathesis import Response

from playbook3d_conformance.openapi import AnyOperation
from playbook3d_conformance.read_write import Side, as_read
from playbook3d_conformance.references import schema_parts

Schema = Mapping[str, Any]


def is_json(media_type: str) -> bool:
    """Whether a Content-Type stands for JSON (RFC 6839 §3.1 for the suffix)."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def content_type(response: Response) -> str:
    """The Content-Type of a response, or an empty string."""
    return response.headers.get("content-type", [""])[0]


def validator(schema: Any, document: Mapping[str, Any], side: Side) -> jsonschema_rs.Draft202012Validator:
    """A validator of a schema as one side reads it, whose references are resolved in the document."""
    components = as_read(side, document.get("components", {}), document)
    whole = {"components": components, "allOf": [as_read(side, schema, document)]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def response_schema(operation: AnyOperation, status: int) -> Schema | None:
    """The schema of an operation's JSON response with a status; ``None`` if the contract declares none."""
    response = operation.responses.find_by_status_code(status)
    content = response.definition.get("content", {}) if response else {}
    return next((cast(Schema, media.get("schema")) for name, media in content.items() if is_json(name)), None)


def plain_json(value: Any) -> Any:
    """A JSON value as it is sent: Schemathesis draws texts of a class of its own."""
    return json.loads(json.dumps(value))


class PropertyDifferences(NamedTuple):
    """Sentences about the objects in a value; each says where in the value, unless it is the value itself."""

    missing: list[str]
    undeclared: list[str]


def property_differences(schema: Schema, value: Any, document: Mapping[str, Any]) -> PropertyDifferences:
    """The objects in a value that have none of the declared properties, and those that have undeclared ones.

    An object whose schema has ``additionalProperties`` or ``patternProperties`` may have others: its author has thought
    of them.
    """
    differences = PropertyDifferences([], [])
    _compare_properties(schema, value, document, "", differences)
    return differences


def _compare_properties(
    schema: Schema, value: Any, document: Mapping[str, Any], pointer: str, differences: PropertyDifferences
) -> None:
    parts = list(schema_parts(schema, document))
    if isinstance(value, dict):
        declared: dict[str, Schema] = {}
        for part in parts:
            declared |= part.get("properties", {})
        is_open = any(
            part.get("additionalProperties", False) is not False or "patternProperties" in part for part in parts
        )
        if declared and not is_open:
            where = f" at {pointer}" if pointer else ""
            if not value.keys() & declared.keys():
                differences.missing.append(f"has none of the declared properties{where}: {', '.join(declared)}")
            if extra := sorted(value.keys() - declared.keys()):
                differences.undeclared.append(f"has undeclared properties{where}: {', '.join(extra)}")
        for name, member in value.items():
            if name in declared:
                _compare_properties(declared[name], member, document, f"{pointer}/{name}", differences)
    elif isinstance(value, list):
        for part in parts:
            if isinstance(items := part.get("items"), dict):
                for index, item in enumerate(value):
                    _compare_properties(items, item, document, f"{pointer}/{index}", differences)
