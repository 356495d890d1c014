"""JSON media types, references and schemas of a contract."""

from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import unquote

import jsonschema_rs

from playbook3d_conformance.openapi import AnyOperation

Schema = Mapping[str, Any]


def is_json(media_type: str) -> bool:
    """Whether a Content-Type stands for JSON (RFC 6839 §3.1 for the suffix)."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def dereference(document: Mapping[str, Any], node: Any) -> Any:
    """``node``, or what its local reference leads to (RFC 6901 §6)."""
    while isinstance(node, Mapping) and "$ref" in node:
        node = _reference_target(document, node["$ref"])
    return node


def _reference_target(document: Mapping[str, Any], reference: str) -> Any:
    node: Any = document
    for token in unquote(reference).split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        node = node[int(key) if isinstance(node, list) else key]
    return node


def validator(schema: Any, document: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """A validator of a schema, whose references are resolved in the document."""
    whole = {"components": document.get("components", {}), "allOf": [schema]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def response_schema(operation: AnyOperation, status: int) -> Schema | None:
    """The schema of an operation's JSON response with a status; ``None`` if the contract declares none."""
    response = operation.responses.find_by_status_code(status)
    content = response.definition.get("content", {}) if response else {}
    return next((cast(Schema, media.get("schema")) for name, media in content.items() if is_json(name)), None)


def undeclared_properties(schema: Schema, value: Any, document: Mapping[str, Any]) -> str | None:
    """The first object in a value that has no declared property, or an undeclared one; ``None`` if there is no such.

    An object whose schema has ``additionalProperties`` or ``patternProperties`` may have others: its author has thought
    of them.
    """
    return next(_undeclared(schema, value, document, ""), None)


def _undeclared(schema: Schema, value: Any, document: Mapping[str, Any], pointer: str) -> Iterator[str]:
    parts = list(_parts(schema, document))
    if isinstance(value, dict):
        declared: dict[str, Schema] = {}
        for part in parts:
            declared |= part.get("properties", {})
        is_open = any(
            part.get("additionalProperties", False) is not False or "patternProperties" in part for part in parts
        )
        if declared and not is_open:
            where = f" at {pointer}" if pointer else ""
            if extra := sorted(value.keys() - declared.keys()):
                yield f"has undeclared properties{where}: {', '.join(extra)}"
            elif not value:
                yield f"has none of the declared properties{where}: {', '.join(declared)}"
        for name, member in value.items():
            if name in declared:
                yield from _undeclared(declared[name], member, document, f"{pointer}/{name}")
    elif isinstance(value, list):
        for part in parts:
            if isinstance(items := part.get("items"), dict):
                for index, item in enumerate(value):
                    yield from _undeclared(items, item, document, f"{pointer}/{index}")


def _parts(schema: Any, document: Mapping[str, Any], seen: tuple[str, ...] = ()) -> Iterator[Schema]:
    """A schema, and those that it refers to or combines."""
    if not isinstance(schema, Mapping):
        return  # true or false
    yield schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        yield from _parts(_reference_target(document, reference), document, (*seen, reference))
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            yield from _parts(part, document, seen)
