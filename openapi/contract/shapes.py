"""Schemas as ``make changes`` compares them: references followed, ``allOf`` merged, nullable unions as types."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from contract.pointers import is_object, reference_target

_FORMATS = {"uuid": "UUID", "date-time": "datetime", "date": "date", "binary": "File"}
_SCALARS = {"integer": ("int",), "number": ("float", "int"), "boolean": ("bool",), "null": ("None",)}
ALL_TYPES = frozenset({"str", "int", "float", "bool", "None", "list", "object", *_FORMATS.values()})


class Shape(NamedTuple):
    """What a schema means for a value in Python."""

    model: str
    """The name of its class, if the contract gives one."""
    types: frozenset[str]
    """The Python types that it allows. ``float`` comes with ``int``, which stands for it everywhere."""
    enum: tuple[Any, ...] | None
    properties: Mapping[str, Any]
    required: frozenset[str]
    items: Any
    """The schema of an array's items."""
    values: Any
    """The schema of undeclared properties: those of a map."""
    variants: tuple[Any, ...]
    """The schemas of a union, without ``null``."""
    keywords: Mapping[str, Any]
    """All keywords, merged."""


def read_shape(contract: Mapping[str, Any], schema: Any) -> Shape:
    """The shape of a schema of a plain, valid contract."""
    keywords = _merge(contract, schema)
    enum = _enum(keywords)
    types = _types(keywords)
    variants = tuple(keywords.get("variants", ()))
    named = ("object" in types or enum is not None) and not variants
    return Shape(
        model=keywords.get("title", "") if named else "",
        types=types,
        enum=None if enum is None else tuple(value for value in enum if value is not None),
        properties=keywords.get("properties", {}),
        required=frozenset(keywords.get("required", ())),
        items=keywords.get("items", {}),
        values=keywords.get("additionalProperties", {}),
        variants=variants,
        keywords=keywords,
    )


def _enum(keywords: Mapping[str, Any]) -> list[Any] | None:
    return [keywords["const"]] if "const" in keywords else keywords.get("enum")


def _types(keywords: Mapping[str, Any]) -> frozenset[str]:
    null = {"None"} if keywords.get("null") else set[str]()
    if variants := keywords.get("variants"):
        return frozenset(null.union(*(_types(variant) for variant in variants)))
    enum = _enum(keywords)
    if "type" in keywords:
        names = keywords["type"]
    elif enum is not None:
        names = [_json_type(value) for value in enum]
    elif "properties" in keywords:
        names = ["object"]
    else:
        return ALL_TYPES
    return frozenset(null.union(*(_python_types(name, keywords.get("format", "")) for name in names)))


def _python_types(json_type: str, format_name: str = "") -> tuple[str, ...]:
    if json_type == "string":
        return (_FORMATS.get(format_name, "str"),)
    return _SCALARS.get(json_type, ("list" if json_type == "array" else "object",))


def _json_type(value: object) -> str:
    types = {"boolean": bool, "integer": int, "number": float, "string": str, "array": list, "null": type(None)}
    return next((name for name, python in types.items() if isinstance(value, python)), "object")


def _merge(contract: Mapping[str, Any], schema: Any, above: tuple[str, ...] = ()) -> dict[str, Any]:
    """One schema object with all keywords that apply; a union with ``null`` is ``null: true`` beside the rest."""
    if not is_object(schema):
        return {}
    own = {name: value for name, value in schema.items() if name not in ("$ref", "allOf", "anyOf", "oneOf")}
    if isinstance(own.get("type"), str):
        own["type"] = [own["type"]]
    parts = list(_parts(contract, schema, above))
    if len(parts) != 1:  # a name is passed on by a mere reference only
        parts = [{name: value for name, value in part.items() if name != "title"} for part in parts]
    merged: dict[str, Any] = {}
    for part in (*parts, own):
        merged = _both(merged, part)
    for keyword in ("anyOf", "oneOf"):
        merged_variants = [_merge(contract, variant, above) for variant in schema.get(keyword, ())]
        variants = [variant for outer in merged_variants for variant in outer.get("variants", [outer])]
        others = [variant for variant in variants if variant.get("type") != ["null"]]
        if len(others) < len(variants) or any(outer.get("null") for outer in merged_variants):
            merged["null"] = True
        if len(others) == 1:
            merged = _both(merged, others[0])
        elif others:
            merged["variants"] = others
    return merged


def _parts(contract: Mapping[str, Any], schema: dict[str, Any], above: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    reference = schema.get("$ref")
    if reference is not None and reference not in above:
        target = _merge(contract, reference_target(contract, reference), (*above, reference))
        yield {"title": reference.rpartition("/")[2], **target}
    for part in schema.get("allOf", ()):
        yield _merge(contract, part, above)


def _both(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """The keywords of two schemas that both apply."""
    both = {**first, **second}
    for name in ("type", "enum"):
        if name in first and name in second:
            both[name] = [value for value in first[name] if value in second[name]]
    if "required" in both:
        both["required"] = [*first.get("required", ()), *second.get("required", ())]
    if "properties" in both:
        both["properties"] = {**first.get("properties", {}), **second.get("properties", {})}
        for name in first.get("properties", {}).keys() & second.get("properties", {}).keys():
            both["properties"][name] = _all_of(first["properties"][name], second["properties"][name])
    return both


def _all_of(*schemas: Any) -> Any:
    """A schema for a property declared twice; flat, so that recursive schemas come to an end."""
    parts: list[Any] = []
    for schema in schemas:
        nested = schema["allOf"] if is_object(schema) and schema.keys() == {"allOf"} else [schema]
        parts += [part for part in nested if part not in parts]
    return parts[0] if len(parts) == 1 else {"allOf": parts}
