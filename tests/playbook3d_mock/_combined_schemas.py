"""What schemas that apply to one value say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playbook3d_mock._document import Json, Node
from playbook3d_mock._schemas import branches

if TYPE_CHECKING:
    from collections.abc import Sequence

# Of several types the first of these is generated.
_PREFERRED_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_KEYWORDS_OF_TYPES = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    "array": ("items", "prefixItems", "contains", "minItems", "uniqueItems"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


def allowed_types(parts: list[Node]) -> Sequence[str]:
    """The types that all of the schemas allow, those to prefer first; at least one."""
    named = [value if isinstance(value, list) else [value] for part in parts if (value := part.object().get("type"))]
    if named:
        sets = [{*map(str, names), *(["integer"] if "number" in names else [])} for names in named]
        allowed = set[str].intersection(*sets)
        # A number is an integer only if that is all that is left.
        if "number" in allowed and not any("integer" in names for names in named):
            allowed.discard("integer")
        return [name for name in _PREFERRED_TYPES if name in allowed] or ["null"]
    keywords = {keyword for part in parts for keyword in part.object()}
    return [name for name, own in _KEYWORDS_OF_TYPES.items() if not keywords.isdisjoint(own)][:1] or ["object"]


def enumerated_values(parts: list[Node]) -> list[Node]:
    """The values that all enumerations allow."""
    enumerations = [branches(part, "enum") for part in parts if "enum" in part.object()]
    allowed = enumerations[0] if enumerations else []
    return [node for node in allowed if all(any(node.value == other.value for other in e) for e in enumerations)]


def undeclared_properties(parts: list[Node]) -> list[Node]:
    """What properties must match that are not declared."""
    additional = [part.child("additionalProperties") for part in parts if "additionalProperties" in part.object()]
    text: Json = {"type": "string"}
    schemas = [node for node in additional if isinstance(node.value, dict) and node.value]
    return schemas or [Node(text, f"{parts[0].pointer}/additionalProperties", parts[0].root)]


def greatest(parts: list[Node], keyword: str, default: int = 0) -> int:
    """The greatest value of a keyword such as ``minItems``; the default of a schema without it."""
    bounds = [part.object().get(keyword, default) for part in parts]
    return max((int(bound) for bound in bounds if isinstance(bound, int | float)), default=default)
