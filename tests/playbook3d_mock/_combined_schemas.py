"""What schemas that apply to one value say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playbook3d_mock._document import Json, Node
from playbook3d_mock._schemas import branches, matches_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

# Of several types the first of these is generated.
_PREFERRED_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_CLOSING = ("additionalProperties", "unevaluatedProperties")
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


def property_schemas(parts: list[Node], name: str) -> list[Node]:
    """What a property that is not declared must match."""
    return pattern_schemas(parts, name) or undeclared_properties(parts)


def is_map(parts: list[Node]) -> bool:
    """Whether properties that are not declared have a schema: they are meant, then."""
    keys = ("additionalProperties", "unevaluatedProperties", "patternProperties")
    return any(isinstance(part.object().get(key), dict) and part.object()[key] for part in parts for key in keys)


def undeclared_names(parts: list[Node]) -> list[list[dict[str, Json]]]:
    """What names of properties that are not declared must match: alternatives, of which each is several schemas."""
    names = [part.child("propertyNames").dereference().value for part in parts if "propertyNames" in part.object()]
    restrictions = [value for value in names if isinstance(value, dict)]
    owners = [part.child("patternProperties").object() for part in parts if "patternProperties" in part.object()]
    patterns: list[list[dict[str, Json]]] = [[{"pattern": key}, *restrictions] for by_key in owners for key in by_key]
    closed = any(part.object().get(key) is False for part in parts for key in _CLOSING)
    return patterns if patterns and closed else [restrictions, *patterns]


def pattern_schemas(parts: list[Node], name: str) -> list[Node]:
    """What a property must match by ``patternProperties``."""
    by_pattern = [part.child("patternProperties") for part in parts if "patternProperties" in part.object()]
    return [node.child(key) for node in by_pattern for key in node.object() if matches_pattern(key, name)]


def least(parts: list[Node], keyword: str, default: int) -> int:
    """The least value of a keyword such as ``maxItems``; the default if no schema has it."""
    bounds = [part.object()[keyword] for part in parts if keyword in part.object()]
    return min((int(bound) for bound in bounds if isinstance(bound, int | float)), default=default)


def dependent_names(parts: list[Node], name: str) -> list[str]:
    """The properties that an object with a property must have, too (``dependentRequired``)."""
    owners = [part.child("dependentRequired") for part in parts if "dependentRequired" in part.object()]
    return [str(node.value) for owner in owners for node in branches(owner, name)]


def greatest(parts: list[Node], keyword: str, default: int = 0) -> int:
    """The greatest value of a keyword such as ``minItems``; the default of a schema without it."""
    bounds = [part.object().get(keyword, default) for part in parts]
    return max((int(bound) for bound in bounds if isinstance(bound, int | float)), default=default)
