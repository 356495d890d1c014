"""Schemas of a contract as requests read them, and as responses do: ``readOnly`` and ``writeOnly``.

In a request, a ``readOnly`` property is not required. In a response, a ``writeOnly`` property is neither required nor
allowed. Schemathesis reads them likewise, but draws requests only.
"""

from collections.abc import Mapping
from typing import Any, Literal

from playbook3d_conformance.references import schema_parts

Side = Literal["request", "response"]
_KEYWORDS = {"request": "readOnly", "response": "writeOnly"}
# Data, in which nothing is a schema.
_DATA = ("const", "default", "enum", "example", "examples")


def as_read(side: Side, node: Any, document: Mapping[str, Any], hidden: frozenset[str] = frozenset()) -> Any:
    """Schemas, or what contains some, as one side reads them; ``hidden`` are properties that it does not require."""
    if isinstance(node, list):
        return [as_read(side, element, document) for element in node]
    if not isinstance(node, dict):
        return node
    declared = {name: schema for part in schema_parts(node, document) for name, schema in _properties(part).items()}
    hidden |= {name for name, schema in declared.items() if _has(_KEYWORDS[side], schema, document)}
    view: dict[str, Any] = {}
    for key, member in node.items():
        if key in ("allOf", "anyOf", "oneOf") and isinstance(member, list):
            view[key] = [as_read(side, branch, document, hidden) for branch in member]
        elif key == "required" and isinstance(member, list):
            view[key] = [name for name in member if name not in hidden]
        elif key == "properties" and isinstance(member, dict):
            view[key] = {
                name: False if side == "response" and name in hidden else as_read(side, schema, document)
                for name, schema in member.items()
            }
        else:
            view[key] = member if key in _DATA else as_read(side, member, document)
    return view


def without_annotations(node: Any) -> Any:
    """Schemas, or what contains some, without ``readOnly`` and ``writeOnly``."""
    if isinstance(node, list):
        return [without_annotations(element) for element in node]
    if not isinstance(node, dict):
        return node
    members = ((key, member) for key, member in node.items() if not (key in _KEYWORDS.values() and member is True))
    return {key: member if key in _DATA else without_annotations(member) for key, member in members}


def _properties(schema: Any) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def _has(keyword: str, schema: Any, document: Mapping[str, Any]) -> bool:
    return any(part.get(keyword) is True for part in schema_parts(schema, document))
