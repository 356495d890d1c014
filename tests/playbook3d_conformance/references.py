"""References within a contract."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote


def dereference(document: Mapping[str, Any], node: Any) -> Any:
    """``node``, or what its local reference leads to (RFC 6901 §6)."""
    while isinstance(node, Mapping) and "$ref" in node:
        node = reference_target(document, node["$ref"])
    return node


def reference_target(document: Mapping[str, Any], reference: str) -> Any:
    """What a local reference leads to."""
    node: Any = document
    for token in unquote(reference).split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        node = node[int(key) if isinstance(node, list) else key]
    return node


def schema_parts(schema: Any, document: Mapping[str, Any], seen: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """A schema, those that it refers to, and those that it combines."""
    if not isinstance(schema, dict):
        return  # true or false
    yield schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        yield from schema_parts(reference_target(document, reference), document, (*seen, reference))
    for keyword in ("allOf", "anyOf", "oneOf"):
        if isinstance(branches := schema.get(keyword), list):
            for branch in branches:
                yield from schema_parts(branch, document, seen)
