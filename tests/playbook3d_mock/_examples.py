"""Examples: the value of a body or header, from the contract's examples, else generated from the schema.

The value is, in this order: the example beside the schema, the first of the examples there, the schema's example, the
first of its examples, or a value generated from the defaults, constants and examples of the schema's parts.

Examples must be valid, and must not drift from their schema: one that shares no property with the declared ones can be
valid, with every declared property missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from playbook3d_mock._document import Node
from playbook3d_mock._schemas import branches, properties, types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playbook3d_mock._document import Json
    from playbook3d_mock._schemas import Validator

_STRINGS = {
    "date": "2025-01-01",
    "date-time": "2025-01-01T00:00:00Z",
    "duration": "PT1S",
    "email": "user@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "00:00:00Z",
    "uri": "https://example.com/",
    "uri-reference": "/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
# Of several types the first of these is generated.
_PREFERRED_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
# How deep optional properties are generated: types that refer to each other have no end.
_MAX_DEPTH = 8


class _RecursiveSchemaError(ValueError):
    """Every value of the schema contains another."""


def read_examples(owner: Node, validator: Validator) -> list[Node]:
    """The examples that the contract gives for a Media Type or Header Object; raises ``ContractError`` if invalid."""
    schema = owner.child("schema") if "schema" in owner.object() else None
    examples = [*_examples_beside(owner), *(_schema_examples(schema) if schema else ())]
    for example in examples:
        if problem := validator.problem(example.value):
            raise example.error(f"the example does not match its schema: {problem}")
        if schema:
            _reject_drift(schema, example)
    return examples


def validated_example(owner: Node, validator: Validator) -> Node:
    """The value for a Media Type or Header Object, and where it comes from."""
    for example in read_examples(owner, validator):
        return example
    schema = owner.child("schema") if "schema" in owner.object() else Node({}, owner.pointer, owner.root)
    try:
        value = _generate(schema)
    except _RecursiveSchemaError as error:
        raise schema.error("the schema requires itself recursively: no finite value is valid") from error
    if problem := validator.problem(value):
        raise schema.error(f"no valid example could be generated: add one ({problem})")
    return Node(value, schema.pointer, schema.root)


def _examples_beside(owner: Node) -> Iterator[Node]:
    if "example" in owner.object():
        yield owner.child("example")
    named = owner.get("examples")
    for _, example in named.members() if named else ():
        example.require_known_fields("summary", "description", "value", "externalValue")
        if "value" not in example.object():
            raise example.error("an example must have a 'value' in the document itself")
        yield example.child("value")


def _schema_examples(schema: Node) -> Iterator[Node]:
    visited: set[str] = set()
    while isinstance(schema.value, dict) and schema.pointer not in visited:
        visited.add(schema.pointer)
        if "example" in schema.value:
            yield schema.child("example")
        yield from branches(schema, "examples")
        if "$ref" not in schema.value:
            return
        schema = schema.reference_target()


def _reject_drift(schema: Node, example: Node) -> None:
    declared, target = properties(schema), schema.dereference().value
    fields = target if isinstance(target, dict) else {}
    if isinstance(example.value, dict):
        common = [name for name in example.value if name in declared]
        is_open = bool(fields.get("additionalProperties")) or "patternProperties" in fields
        if declared and example.value and not common and not is_open:
            message = f"the example has none of the properties that its schema declares: {', '.join(declared)}"
            raise example.error(message)
        for name in common:
            _reject_drift(declared[name], example.child(name))
    elif isinstance(example.value, list) and "items" in fields:
        for index in range(len(example.value)):
            _reject_drift(schema.dereference().child("items"), example.child(index))


def _generate(schema: Node, ancestors: tuple[str, ...] = ()) -> Json:
    """A value for a schema, perhaps invalid; raises ``_RecursiveSchemaError``."""
    if not isinstance(schema.value, dict):
        return {}
    if schema.pointer in ancestors:
        raise _RecursiveSchemaError
    ancestors = (*ancestors, schema.pointer)
    for given in (*_schema_examples(schema), *_children(schema, "default", "const"), *branches(schema, "enum")):
        return given.value
    required = [*branches(schema, "allOf"), *([schema.reference_target()] if "$ref" in schema.value else ())]
    parts = [_generate(part, ancestors) for part in required]
    choices = [options for keyword in ("anyOf", "oneOf") if (options := branches(schema, keyword))]
    parts.extend(_generate_choice(options, ancestors) for options in choices)
    if "properties" in schema.value:
        parts.append(_generate_object(schema, ancestors))
    elif not parts:
        parts.append(_generate_type(schema, ancestors))
    objects = [part for part in parts if isinstance(part, dict)]
    return {name: value for part in objects for name, value in part.items()} if objects else parts[0]


def _children(schema: Node, *keys: str) -> list[Node]:
    return [schema.child(key) for key in keys if key in schema.object()]


def _generate_choice(options: list[Node], ancestors: tuple[str, ...]) -> Json:
    for option in sorted(options, key=lambda option: types(option) == frozenset({"null"})):
        try:
            return _generate(option, ancestors)
        except _RecursiveSchemaError:
            continue
    raise _RecursiveSchemaError


def _generate_type(schema: Node, ancestors: tuple[str, ...]) -> Json:
    allowed, keywords = types(schema), schema.object()
    match next((name for name in _PREFERRED_TYPES if name in allowed), "object"):
        case "object":
            return {}
        case "array":
            return _generate_array(schema, ancestors)
        case "string":
            return _STRINGS.get(str(keywords.get("format")), "x" * _count(keywords.get("minLength")))
        case "integer" | "number":
            return _generate_number(keywords)
        case "boolean":
            return True
        case _:
            return None


def _generate_object(schema: Node, ancestors: tuple[str, ...]) -> Json:
    required = [name.value for name in branches(schema, "required")]
    declared = schema.child("properties")
    members: dict[str, Json] = {}
    for name in declared.object():
        if name in required or len(ancestors) < _MAX_DEPTH:
            try:
                members[name] = _generate(declared.child(name), ancestors)
            except _RecursiveSchemaError:
                if name in required:
                    raise
    return members


def _generate_array(schema: Node, ancestors: tuple[str, ...]) -> Json:
    least = _count(schema.object().get("minItems"))
    elements = [_generate(item, ancestors) for item in branches(schema, "prefixItems")]
    if "items" in schema.object():
        try:
            # One element shows more than an empty array.
            elements += [_generate(schema.child("items"), ancestors)] * (max(least, 1) - len(elements))
        except _RecursiveSchemaError:
            if least:
                raise
    return elements


def _count(bound: Json) -> int:
    return int(bound) if isinstance(bound, int | float) else 0


def _generate_number(keywords: dict[str, Json]) -> Json:
    """Zero, or the bound that is nearest to it."""
    for key, step, sign in (
        ("minimum", 0, 1),
        ("exclusiveMinimum", 1, 1),
        ("maximum", 0, -1),
        ("exclusiveMaximum", -1, -1),
    ):
        bound = keywords.get(key)
        if isinstance(bound, int | float) and (bound + step) * sign > 0:
            return bound + step
    return 0
