"""Values to answer with: the contract's own examples, else the plainest value that a schema allows.

Nothing here is trusted: whoever takes a sample proves it valid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._schemas import branches, types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._contract import Json, Node

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


# Types in the order in which one of several is taken: null says least.
_PLAIN = ("object", "array", "string", "integer", "number", "boolean", "null")
# How many schemas deep optional properties are filled in: types that refer to each other have no end.
_DEPTH = 8


class NoSampleError(ValueError):
    """A schema needs a value that contains itself."""


def examples(owner: Node) -> Iterator[Node]:
    """The examples beside a schema, in a Media Type, Header or Parameter Object, as OpenAPI ranks them."""
    if "example" in owner.object():
        yield owner.child("example")
    named = owner.get("examples")
    for _, example in named.members() if named else ():
        example.only("summary", "description", "value", "externalValue")
        if "value" not in example.object():
            raise example.error("an example must have a 'value' in the document itself")
        yield example.child("value")


def schema_examples(schema: Node) -> Iterator[Node]:
    """The examples in a schema, or in the one it refers to."""
    seen: set[str] = set()
    while isinstance(schema.value, dict) and schema.pointer not in seen:
        seen.add(schema.pointer)
        if "example" in schema.value:
            yield schema.child("example")
        yield from branches(schema, "examples")
        if "$ref" not in schema.value:
            return
        schema = schema.target()


def sample(schema: Node, around: tuple[str, ...] = ()) -> Json:
    """A value for a schema: an example, a default, a constant, or one composed of its parts.

    Raises NoSampleError where the schema requires itself without end.
    """
    if not isinstance(schema.value, dict):
        return {}
    if schema.pointer in around:
        raise NoSampleError
    around = (*around, schema.pointer)
    for example in schema_examples(schema):
        return example.value
    for key in ("default", "const"):
        if key in schema.value:
            return schema.value[key]
    for choice in branches(schema, "enum"):
        return choice.value
    parts = [sample(branch, around) for branch in branches(schema, "allOf")]
    if "$ref" in schema.value:
        parts.append(sample(schema.target(), around))
    choices = [options for keyword in ("anyOf", "oneOf") if (options := branches(schema, keyword))]
    parts.extend(_choice(options, around) for options in choices)
    if "properties" in schema.value or not parts:
        parts.append(_plain(schema, around))
    objects = [part for part in parts if isinstance(part, dict)]
    return {name: value for part in objects for name, value in part.items()} if objects else parts[0]


def _choice(options: list[Node], around: tuple[str, ...]) -> Json:
    for option in sorted(options, key=_is_null):
        try:
            return sample(option, around)
        except NoSampleError:
            continue
    raise NoSampleError


def _is_null(schema: Node) -> bool:
    return types(schema) == frozenset({"null"})


def _plain(schema: Node, around: tuple[str, ...]) -> Json:
    if "properties" in schema.object():
        return _object(schema, around)
    named = types(schema)
    kind = next((name for name in _PLAIN if name in named), "object")
    return _array(schema, around) if kind == "array" else _scalar(kind, schema.object())


def _object(schema: Node, around: tuple[str, ...]) -> Json:
    required = [name.value for name in branches(schema, "required")]
    declared = schema.child("properties")
    found: dict[str, Json] = {}
    for name in declared.object():
        if name in required or len(around) < _DEPTH:
            try:
                found[name] = sample(declared.child(name), around)
            except NoSampleError:
                if name in required:
                    raise
    return found


def _array(schema: Node, around: tuple[str, ...]) -> Json:
    members = schema.object()
    least = members.get("minItems", 0)
    fixed: list[Json] = [sample(item, around) for item in branches(schema, "prefixItems")]
    try:
        # One element shows more than none does.
        count = max(int(least) if isinstance(least, int | float) else 0, 1) - len(fixed)
        return [*fixed, *([sample(schema.child("items"), around)] * count)] if "items" in members else fixed
    except NoSampleError:
        if least:
            raise
        return fixed


def _scalar(kind: str, members: dict[str, Json]) -> Json:
    if kind == "string":
        least = members.get("minLength", 0)
        text = _STRINGS.get(str(members.get("format")), "")
        return text or "x" * (int(least) if isinstance(least, int | float) else 0)
    if kind in ("integer", "number"):
        return _number(members)
    if kind == "boolean":
        return True
    return {} if kind == "object" else None


def _number(members: dict[str, Json]) -> Json:
    """Zero, or what is nearest to it within the bounds."""
    for key, step in (("minimum", 0), ("exclusiveMinimum", 1)):
        bound = members.get(key)
        if isinstance(bound, int | float) and bound + step > 0:
            return bound + step
    for key, step in (("maximum", 0), ("exclusiveMaximum", -1)):
        bound = members.get(key)
        if isinstance(bound, int | float) and bound + step < 0:
            return bound + step
    return 0
