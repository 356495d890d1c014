"""Schemas as ``make changes`` compares them: alternatives of one type each, whatever the spelling.

References are followed, ``allOf`` is merged, unions and lists of types are flattened.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from openapi_python_client.strings import ClassName

from contract.pointers import is_array, is_object, reference_target

_FORMATS = {"uuid": "UUID", "date-time": "datetime", "date": "date", "binary": "File"}
_PYTHON = {"integer": "int", "boolean": "bool", "null": "None", "array": "list", "object": "object", "": "Any"}
_JSON = {"boolean": bool, "integer": int, "number": float, "string": str, "array": list, "null": type(None)}
_COMBINED = ("$ref", "allOf", "anyOf", "oneOf")
_WITHIN = ("properties", "patternProperties", "items", "prefixItems", "additionalProperties", "unevaluatedProperties")
_LITERAL = ("enum", "const", "default")
_ANNOTATIONS = {"description", "title", "example", "examples", "externalDocs", "$comment", "xml", "discriminator"}

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
#: The formats of strings that validators check; others only describe a value.
_CHECKED = re.compile(
    "date|date-time|time|duration|(idn-)?(email|hostname)|ipv[46]|[ui]ri(-.*)?|uuid|.*json-pointer|regex"
)
#: The constraints that apply to one type only.
_OF_TYPE = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "number": {"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"},
    "array": {"minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains"},
    "object": {"minProperties", "maxProperties", "propertyNames", "dependentRequired"},
}
#: Keywords that mean nothing when they are 0 or false.
_IDLE = {"minLength", "minItems", "minProperties", "uniqueItems", "deprecated"}


class Shape(NamedTuple):
    """One alternative of a schema: what it means for a value of one type."""

    type: str
    """The JSON type; ``number`` for integers, too; empty if any is allowed."""
    python: frozenset[str]
    """The Python types. ``float`` comes with ``int``, which stands for it everywhere."""
    model: str
    """The name of its class, if the contract gives one."""
    enum: tuple[Any, ...] | None
    properties: Mapping[str, Any]
    required: frozenset[str]
    items: Any
    """The schema of an array's items."""
    values: Any
    """The schema of undeclared properties: those of a map."""
    keywords: Mapping[str, Any]
    """All keywords, merged."""


def read_shapes(contract: Mapping[str, Any], schema: Any) -> list[Shape]:
    """The alternatives of a schema of a plain, valid contract."""
    shapes: dict[str, Shape] = {}
    for keywords in _merge(contract, schema):
        for json_type in _types(keywords):
            shape = _shape(json_type, keywords)
            key = to_json([shape.type, sorted(shape.python), shape.keywords])
            if shape.enum is not None and not shape.model:  # constants are one enum
                key = to_json([shape.type, "enum"])
                former = shapes[key].enum or () if key in shapes else ()
                shape = shape._replace(enum=(*former, *(each for each in shape.enum if each not in former)))
            if shape.enum != ():
                shapes[key] = shape
    return list(shapes.values())


def _shape(json_type: str, keywords: Mapping[str, Any]) -> Shape:
    name = "number" if json_type == "integer" else json_type
    others = set[str]().union(*(_OF_TYPE[each] for each in _OF_TYPE if name and each != name))
    if not _CHECKED.fullmatch(str(keywords.get("format"))):
        others.add("format")
    python = _python_types(json_type, keywords.get("format"))
    keywords = {key: value for key, value in keywords.items() if key not in others and (value or key not in _IDLE)}
    enum = keywords.get("enum")
    class_name = keywords.get("title") if json_type == "object" or (enum and "const" not in keywords) else None
    return Shape(
        type=name,
        python=python,
        model=str(ClassName(class_name, "")) if class_name else "",
        enum=None
        if enum is None or json_type == "null"
        else tuple(value for value in enum if _is_of(value, json_type)),
        properties=keywords.get("properties", {}) if json_type == "object" else {},
        required=frozenset(keywords.get("required", ())) if json_type == "object" else frozenset(),
        items=_items(keywords),
        values=keywords.get("additionalProperties", keywords.get("unevaluatedProperties", {})),
        keywords={key: value for key, value in keywords.items() if key not in ("title", "type")},
    )


def _items(keywords: Mapping[str, Any]) -> Any:
    first = keywords.get("prefixItems", [])
    return {"anyOf": [*first, keywords.get("items", True)]} if first else keywords.get("items", {})


def _types(keywords: Mapping[str, Any]) -> list[str]:
    if "type" in keywords:
        types: list[str] = keywords["type"]
        return [each for each in types if each != "integer" or "number" not in types]
    if "enum" in keywords:
        return list(dict.fromkeys(_json_type(value) for value in keywords["enum"]))
    return ["object" if "properties" in keywords else ""]


def _python_types(json_type: str, format_name: object) -> frozenset[str]:
    if json_type == "number":
        return frozenset({"float", "int"})
    return frozenset({_PYTHON.get(json_type) or _FORMATS.get(str(format_name), "str")})


def _json_type(value: object) -> str:
    return next((name for name, python in _JSON.items() if isinstance(value, python)), "object")


def _is_of(value: object, json_type: str) -> bool:
    return _json_type(value) == json_type or (json_type == "number" and _json_type(value) == "integer")


def _merge(contract: Mapping[str, Any], schema: Any) -> list[dict[str, Any]]:
    """The alternatives of a schema, each with all keywords that apply."""
    if not is_object(schema):
        return [] if schema is False else [{}]
    own = {name: value for name, value in schema.items() if _applies(name) and name not in _COMBINED}
    own |= without_annotations({name: own[name] for name in own if name not in _WITHIN})
    if isinstance(own.get("type"), str):
        own["type"] = [own["type"]]
    if "const" in own:
        own["enum"] = [own["const"]]
    groups = list(_parts(contract, schema))
    alternatives = [own]
    for group in groups:
        alternatives = [_both(first, second) for first in alternatives for second in group]
    title = {"title": schema["title"]} if "title" in schema else {}
    if len(groups) == 1:  # a mere reference or union passes the names of its schemas on
        alternatives = [{**(title if len(alternatives) == 1 else {}), **each} for each in alternatives]
    else:
        alternatives = [{name: each[name] for name in each if name != "title"} | title for each in alternatives]
    return [each for each in alternatives if each.get("type") != []]


def _parts(contract: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Any]:
    """For each schema that applies, too, its alternatives."""
    reference = schema.get("$ref")
    if reference is not None:
        target = _merge(contract, reference_target(contract, reference))
        name = {"title": reference.rpartition("/")[2]} if len(target) == 1 else {}
        yield [{**name, **each} for each in target]
    for part in schema.get("allOf", ()):
        yield _merge(contract, part)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            merged = [each for variant in schema[keyword] for each in _merge(contract, variant)]
            # The generator does not read the default of an alternative.
            yield [{name: each[name] for name in each if name != "default"} for each in merged]


def _both(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """The keywords of two schemas that both apply, whatever their order."""
    both = {**first, **second}
    for name in [name for name in first if name in second and first[name] != second[name]]:
        left, right = first[name], second[name]
        if name == "type":
            types = [{*each, *(["integer"] if "number" in each else [])} for each in (left, right)]
            both[name] = sorted(types[0] & types[1])
        elif name == "enum":
            both[name] = [each for each in left if each in right]
        elif name == "required":
            both[name] = sorted({*left, *right})
        elif name in ("properties", "patternProperties"):
            both[name] = {
                **left,
                **right,
                **{key: _all_of(left[key], right[key]) for key in left.keys() & right.keys()},
            }
        elif name in ("items", "additionalProperties", "unevaluatedProperties"):
            both[name] = left is not False and right is not False and _all_of(left, right)
        elif name in LOWER or name in UPPER:
            both[name] = (max if name in LOWER else min)(left, right)
        elif name not in ("title", "default"):
            both[name] = sorted([left, right], key=to_json)
    return both


def _all_of(*schemas: Any) -> Any:
    """A schema for a property declared twice; flat, so that recursive schemas come to an end."""
    parts: dict[str, Any] = {}
    for schema in schemas:
        nested = schema["allOf"] if is_object(schema) and schema.keys() == {"allOf"} else [schema]
        parts |= {to_json(part): part for part in nested}
    return {"allOf": [parts[key] for key in sorted(parts)]} if len(parts) > 1 else schemas[0]


def without_annotations(schema: Any) -> Any:
    """A schema without the keywords that only describe it."""
    if is_array(schema):
        return [without_annotations(value) for value in schema]
    if not is_object(schema):
        return schema
    bare = {name: value for name, value in schema.items() if _applies(name)}
    bare = {name: value if name in _LITERAL else without_annotations(value) for name, value in bare.items()}
    for name in [name for name in ("properties", "patternProperties") if name in bare]:
        bare[name] = {key: without_annotations(value) for key, value in schema[name].items()}
    return bare


def _applies(keyword: str) -> bool:
    return keyword not in _ANNOTATIONS and not keyword.startswith("x-")


def to_json(value: Any) -> str:
    """JSON with sorted keys, to compare and to show."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
