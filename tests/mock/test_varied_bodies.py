"""Bodies that are drawn at random from a schema."""

from random import Random
from typing import Any

import jsonschema_rs
import pytest

from playbook3d_mock import Mock, Response
from support.mock_requests import GET, JSON, content, header, minimal, request
from support.oracle import validate

SCHEMAS = {
    "Tree": {
        "type": "object",
        "required": ["name", "children"],
        "properties": {
            "name": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        },
    },
    "Cat": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}, "n": {"type": "integer"}},
    },
    "Dog": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": "Dog"}, "name": {"type": "string"}},
    },
}
A_AND_B = {"a": {"type": "integer"}, "b": {"type": "string"}}
OBJECT = {"type": "object", "properties": A_AND_B}
KINDS = {"kind": {"enum": ["number", "text"]}, **A_AND_B}
FORMATS = [
    "byte", "date", "date-time", "duration", "email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6", "iri",
    "iri-reference", "json-pointer", "regex", "relative-json-pointer", "time", "uri", "uri-reference", "uri-template",
    "uuid",
]  # fmt: skip
HARD: dict[str, Any] = {
    "allOf": {"allOf": [{**OBJECT, "required": ["a"]}, {"properties": {"a": {"minimum": 9}}}]},
    "oneOf": {"oneOf": [{"type": "integer", "multipleOf": 3}, {"type": "integer", "multipleOf": 5}, {"type": "null"}]},
    "anyOf": {"anyOf": [{"type": "string", "minLength": 20}, {**OBJECT, "required": ["a"]}]},
    "discriminator": {
        "anyOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "kind"},
    },
    "not": {**OBJECT, "minProperties": 1, "not": {"required": ["a", "b"]}},
    "if": {
        "type": "object",
        "required": ["kind"],
        "properties": KINDS,
        "if": {"properties": {"kind": {"const": "number"}}},
        "then": {"required": ["a"], "properties": {"b": False}},
        "else": {"required": ["b"], "properties": {"a": False}},
    },
    "dependentRequired": {**OBJECT, "dependentRequired": {"a": ["b", "c"], "c": ["d"]}},
    "dependentSchemas": {
        "type": "object",
        "properties": A_AND_B,
        "dependentSchemas": {"a": {"required": ["c"], "properties": {"c": {"type": "integer", "minimum": 7}}}},
    },
    "patternProperties": {
        "type": "object",
        "patternProperties": {"^x-[a-z]{3}$": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 2,
    },
    "propertyNames": {"type": "object", "propertyNames": {"pattern": "^[A-Z]{2,4}$"}, "minProperties": 1},
    "contains": {
        "type": "array",
        "items": {"type": "integer", "minimum": 0},
        "contains": {"multipleOf": 5},
        "minContains": 2,
        "maxContains": 3,
        "minItems": 4,
    },
    "uniqueItems": {"type": "array", "uniqueItems": True, "minItems": 3, "items": {"enum": ["a", "b", "c", "d"]}},
    "prefixItems": {
        "type": "array",
        "prefixItems": [{"type": "boolean"}, {"type": "number"}],
        "items": False,
        "minItems": 2,
    },
    "multipleOf": {"type": "number", "multipleOf": 0.25, "exclusiveMinimum": 1, "maximum": 9},
    "unevaluatedProperties": {
        "allOf": [{"type": "object", "properties": A_AND_B}],
        "properties": {"c": {"type": "boolean"}},
        "unevaluatedProperties": False,
        "minProperties": 1,
    },
    "recursion": {"$ref": "#/components/schemas/Tree"},
    "formats": {
        "type": "object",
        "required": FORMATS,
        "properties": {key: {"type": "string", "format": key} for key in FORMATS},
    },
    "integer formats": {"type": "array", "minItems": 3, "items": {"type": "integer", "format": "int8"}},
    "length": {"type": "string", "minLength": 3, "maxLength": 5},
    "long text": {"type": "string", "minLength": 5_000},
    "pattern": {"type": "string", "pattern": "^(?:run|job)_[A-Z][a-z]*-[0-9]{2,4}$"},
    "long pattern": {"type": "string", "pattern": r"^\w+$", "minLength": 30, "maxLength": 40},
    "look-ahead": {
        "type": "object",
        "required": ["a", "c"],
        "properties": {**A_AND_B, "c": {"pattern": "^(?!x)[a-z]+$"}},
    },
    "less than one": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.1},
    "negative": {"type": "integer", "maximum": -5},
    "large": {"type": "integer", "format": "int64", "minimum": 9_007_199_254_740_993},
    "maxProperties": {"type": "object", "maxProperties": 1, "minProperties": 1, "properties": A_AND_B},
    "map": {"type": "object", "additionalProperties": {"type": "number"}},
    "invalid examples": {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": {"type": "integer", "example": "one"}, "b": {"type": "integer", "default": "two"}},
    },
}  # fmt: skip


def seeded(seed: int = 7) -> Random:
    """A source of chance that is always the same."""
    return Random(seed)  # noqa: S311


def make_mock(schema: Any) -> Mock:
    """A mock whose response 200 has a schema."""
    return minimal({"#/components/schemas": SCHEMAS, JSON: {"schema": schema}})


def vary(mock: Mock, random: Random | None, status: int = 200, **headers: Any) -> Response:
    """A response with a varied body."""
    responses = mock.engine.operations[0].responses
    return responses.find(status).response(status, None, request("/items/1", "GET", **headers), random=random)


def draw(schema: Any, count: int = 50) -> list[Any]:
    """Some values that are drawn from a schema."""
    mock, random = make_mock(schema), seeded()
    return [content(vary(mock, random)) for _ in range(count)]


@pytest.mark.parametrize("schema", HARD.values(), ids=HARD)
def test_varied_body_is_valid_and_varies(schema: Any) -> None:
    contract = {"components": {"schemas": SCHEMAS}}
    validator = jsonschema_rs.Draft202012Validator({**schema, **contract}, validate_formats=True)
    values = draw(schema)
    for value in values:
        validator.validate(value)
        validate(value, schema, contract)
    assert len({str(value) for value in values}) >= 5


@pytest.mark.parametrize("schema", HARD.values(), ids=HARD)
def test_same_seed_gives_the_same_bodies(schema: Any) -> None:
    assert draw(schema, 5) == draw(schema, 5)


def test_decimal_multiples_are_drawn() -> None:
    numbers = draw({"type": "number", "multipleOf": 0.01, "minimum": 1, "maximum": 1.2}, 300)
    assert {*numbers} == {round(1 + hundredths / 100, 2) for hundredths in range(21)}


def test_alternatives_are_all_drawn() -> None:
    optional = {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": {"enum": [1, 2]}}}
    values = draw({"oneOf": [{"type": "boolean"}, optional]}, 200)
    objects = [value for value in values if isinstance(value, dict)]
    assert {True, False} <= {value for value in values if isinstance(value, bool)}
    assert {value["b"] for value in objects if "b" in value} == {1, 2}
    assert {type(value["a"]) for value in objects if "a" in value} == {str, type(None)}
    assert {tuple(value) for value in objects} >= {("a",), ("b",), ("a", "b")}


def test_array_has_one_to_three_elements() -> None:
    lengths = [len(value) for value in draw({"type": "array", "items": {"type": "integer"}}, 200)]
    assert {*lengths} == {0, 1, 2, 3}
    assert lengths.count(0) < 80


def test_discriminator_names_the_drawn_schema() -> None:
    drawn = {(value["kind"], "n" in value, "name" in value) for value in draw(HARD["discriminator"], 200)}
    assert {kind for kind, _, _ in drawn} == {"Cat", "Dog"}
    assert not {("Cat", False, True), ("Dog", True, False)} & drawn


def test_examples_of_properties_are_drawn_too() -> None:
    names = [
        value["name"]
        for value in draw({"required": ["name"], "properties": {"name": {"type": "string", "example": "Ada"}}})
    ]
    assert 10 < names.count("Ada") < 40


def test_text_looks_like_its_property() -> None:
    named = {name: {"type": "string"} for name in ("email", "websiteUrl", "created_at", "user_id", "description")}
    (value,) = draw({"type": "object", "required": list(named), "properties": named}, 1)
    assert value["email"].endswith("@example.com")
    assert value["websiteUrl"].startswith("https://")
    assert value["created_at"].endswith("Z")
    assert int(value["user_id"], 16)
    assert value["description"].endswith(".")


def test_schema_in_which_little_is_valid_gets_the_plain_value() -> None:
    schema = {"type": "string", "pattern": "^(?!x)[a-z]{3}$"}
    plain = content(vary(make_mock(schema), None))
    assert plain in draw(schema, 5)


def test_write_only_property_is_not_drawn() -> None:
    properties = {"a": {"type": "integer"}, "secret": {"type": "string", "writeOnly": True}}
    values = draw({"type": "object", "required": ["a", "secret"], "properties": properties})
    assert {tuple(value) for value in values} == {("a",)}


def test_text_varies_and_bytes_do_not() -> None:
    text = {
        "text/plain": {"schema": {"type": "string"}},
        "image/png": {"schema": {"type": "string", "format": "binary"}},
    }
    mock = minimal({f"{GET}/responses/200/content": text})
    random = seeded()
    for media_type, count in (("text/plain", 5), ("image/png", 1)):
        responses = [vary(mock, random, accept=media_type) for _ in range(5)]
        assert str(header(responses[0], "content-type")).startswith(media_type)
        assert len({response.body for response in responses}) == count


def test_varied_error_says_what_its_status_means() -> None:
    schema = {
        "type": "object",
        "required": ["message", "n"],
        "properties": {"message": {"type": "string"}, "n": {"type": "integer"}},
    }
    reference = {"schema": {"$ref": "#/components/schemas/Error"}}
    bad = {"description": "Not found.", "content": {"application/json": reference}}
    mock = minimal({"#/components/schemas": {"Error": schema}, f"{GET}/responses/404": bad})
    random = seeded()
    values = [content(vary(mock, random, 404)) for _ in range(5)]
    assert {value["message"] for value in values} == {"Not found"}
    assert len({value["n"] for value in values}) == 5


def test_types_that_refer_to_each_other_are_drawn_to_an_end() -> None:
    properties = {f"T{i}": {"$ref": f"#/components/schemas/T{i}"} for i in range(12)}
    schemas = {name: {"type": "object", "properties": properties} for name in properties}
    mock = minimal({"#/components/schemas": schemas, JSON: {"schema": properties["T0"]}})
    assert len({vary(mock, seeded(seed)).body for seed in range(5)}) == 5
