"""Which types of JSON a media type and a schema allow."""

from collections.abc import Mapping
from typing import Any

from contract.pointers import dereference, is_array, is_object

JSON_TYPES = {"object", "array", "string", "number", "boolean", "null"}


def essence(media_type: str) -> str:
    """A media type in lower case, without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a media type stands for JSON (RFC 6839 §3.1 for the suffix)."""
    return essence(media_type) == "application/json" or essence(media_type).endswith("+json")


def allowed_json_types(contract: Mapping[str, Any], schema: Any) -> tuple[str, ...]:
    """The types that a schema allows, sorted (``integer`` counts as ``number``); empty if it allows all."""
    types = _allowed(contract, schema)
    return () if types == JSON_TYPES else tuple(sorted(types))


def _allowed(contract: Mapping[str, Any], schema: Any, above: tuple[int, ...] = ()) -> set[str]:
    schema = dereference(contract, schema)
    types = set(JSON_TYPES)
    if not is_object(schema) or id(schema) in above:
        return types  # true or false; or a schema within itself, which adds nothing
    above = (*above, id(schema))
    if "type" in schema:
        names = schema["type"] if is_array(schema["type"]) else [schema["type"]]
        types &= {"number" if name == "integer" else name for name in names}
    elif "properties" in schema:
        types = {"object"}  # not so in JSON Schema, but the generator makes a model of it
    if "enum" in schema or "const" in schema:
        types &= {_json_type(value) for value in schema.get("enum", [schema.get("const")])}
    for part in schema.get("allOf", ()):
        types &= _allowed(contract, part, above)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            types &= set().union(*(_allowed(contract, part, above) for part in schema[keyword]))
    return types


def _json_type(value: object) -> str:
    types = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    return next((name for name, python in types.items() if isinstance(value, python)), "number")
