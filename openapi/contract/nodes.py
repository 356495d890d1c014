"""Walks an OpenAPI document: which of its values are schemas, which are other objects, and which are only data."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple

from contract.pointers import Location, is_array, is_object


class _Kind(Enum):
    """What a value of a document is; an array has items of its own kind."""

    OBJECT = "an object with the fields that OpenAPI defines"
    OBJECTS = "a map of names to objects"
    SCHEMA = "a schema"
    SCHEMAS = "a map of names to schemas"
    DATA = "a value without references: an example, a default, an extension"


_SCHEMA_KEYWORDS: dict[str, _Kind] = {
    **dict.fromkeys(("items", "contains", "additionalProperties", "unevaluatedProperties"), _Kind.SCHEMA),
    **dict.fromkeys(("propertyNames", "unevaluatedItems", "contentSchema", "additionalItems"), _Kind.SCHEMA),
    **dict.fromkeys(("not", "if", "then", "else", "allOf", "anyOf", "oneOf", "prefixItems"), _Kind.SCHEMA),
    **dict.fromkeys(("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"), _Kind.SCHEMAS),
}
_FIELDS: dict[str, _Kind] = {
    **dict.fromkeys(("schema", "itemSchema"), _Kind.SCHEMA),
    "schemas": _Kind.SCHEMAS,
    **dict.fromkeys(("paths", "webhooks", "pathItems", "callbacks", "parameters", "requestBodies"), _Kind.OBJECTS),
    **dict.fromkeys(("responses", "headers", "content", "encoding", "links", "securitySchemes"), _Kind.OBJECTS),
    **dict.fromkeys(("examples", "variables", "mediaTypes", "additionalOperations"), _Kind.OBJECTS),
    **dict.fromkeys(("example", "value", "dataValue", "default", "enum", "mapping", "scopes"), _Kind.DATA),
}


class Node(NamedTuple):
    """An object of a document: a schema, or another object with fields that OpenAPI defines."""

    location: Location
    value: Any
    is_schema: bool

    @property
    def reference(self) -> object:
        """Its reference to another object, or ``None``."""
        return self.value.get("$ref")


def iterate_nodes(document: Any) -> Iterator[Node]:
    """The objects of a document, each before those within it; each may be changed when its turn comes."""
    return _iterate(document, (), _Kind.OBJECT)


def _iterate(node: Any, location: Location, kind: _Kind) -> Iterator[Node]:
    if is_array(node):
        item_kind = {_Kind.OBJECTS: _Kind.OBJECT, _Kind.SCHEMAS: _Kind.SCHEMA}.get(kind, kind)
        for index, item in enumerate(node):
            yield from _iterate(item, (*location, index), item_kind)
    if not is_object(node):
        return
    if kind in (_Kind.OBJECT, _Kind.SCHEMA):
        yield Node(location, node, kind is _Kind.SCHEMA)
    for key, value in node.items():
        if (child := _kind_of(key, location, kind)) is not _Kind.DATA:
            yield from _iterate(value, (*location, key), child)


def _kind_of(key: str, location: Location, parent: _Kind) -> _Kind:
    """The kind of a value within an object of another kind."""
    if parent is _Kind.SCHEMAS:
        return _Kind.SCHEMA
    if parent is _Kind.OBJECTS:
        # Elsewhere x- starts a name: of a header, or a component.
        is_extended = location[-1] in ("paths", "responses") and location[0] != "components"
        return _Kind.DATA if is_extended and key.startswith("x-") else _Kind.OBJECT
    if key.startswith("x-"):
        return _Kind.DATA
    return _SCHEMA_KEYWORDS.get(key, _Kind.DATA) if parent is _Kind.SCHEMA else _FIELDS.get(key, _Kind.OBJECT)
