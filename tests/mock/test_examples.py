"""Examples that are generated from a schema."""

import re
import sys
from typing import Any

import pytest

from support.mock_requests import GET, JSON, content, get, header, minimal


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "exclusiveMinimum": 5}, 6),
        ({"type": "number", "maximum": -2.5}, -2.5),
        ({"type": "integer", "exclusiveMaximum": 0}, -1),
        ({"type": "string", "minLength": 3}, "xxx"),
        ({"type": "string", "format": "date-time"}, "2025-01-01T00:00:00Z"),
        ({"type": ["null", "boolean"]}, True),
        ({"type": "null"}, None),
        ({"const": [1]}, [1]),
        ({"enum": ["b", "a"]}, "b"),
        ({"type": "integer", "default": 7}, 7),
        ({"type": "string", "examples": ["e", "f"]}, "e"),
        ({"oneOf": [{"type": "null"}, {"type": "integer", "example": 3}]}, 3),
        ({"allOf": [{"properties": {"a": {"example": 1}}}, {"properties": {"b": {"default": 2}}}]}, {"a": 1, "b": 2}),
        ({"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "items": False}, [1, 2]),
        ({"type": "array", "items": {"const": 1}, "minItems": 2}, [1, 1]),
        ({"type": "array"}, []),
        (True, {}),
        ({"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3,}(x|y)?$"}, "AA-000"),
        ({"type": "string", "pattern": r"^(?:run|job)_\w+$", "minLength": 7}, "run_aaa"),
        ({"type": "string", "format": "idn-email"}, "user@example.com"),
        ({"type": "string", "format": "iri", "minLength": 22}, "https://example.com/xx"),
        ({"type": "string", "maxLength": 0}, ""),
        ({"type": "integer", "multipleOf": 7, "minimum": 10}, 14),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ({"type": "array", "uniqueItems": True, "minItems": 3, "items": {"type": "string"}}, ["", "1", "2"]),
        ({"type": "array", "contains": {"const": 5}, "items": {"type": "integer"}, "minItems": 2}, [5, 0]),
        ({"type": "object", "required": ["a"], "properties": {"b": {}}}, {"a": "", "b": {}}),
        ({"type": "object", "minProperties": 1}, {"property1": ""}),
        ({"allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"enum": ["e"]}}}]}, {"a": "e"}),
        (
            {"oneOf": [{"required": ["a"]}, {"properties": {"b": {"const": 1}}}], "required": ["b"]},
            {"a": "", "b": ""},
        ),
        ({"properties": {"a": {"type": "integer"}, "b": {"type": "string", "not": {}}}}, {"a": 0}),
        ({"type": "array", "items": {"not": {}}}, []),
    ],
)
def test_generated_value_is_plain(schema: Any, value: Any) -> None:
    assert content(get(mock=minimal({JSON: {"schema": schema}}))) == value


def test_example_of_an_open_object_may_have_other_keys() -> None:
    schema = {"properties": {"a": {}}, "additionalProperties": {"type": "integer"}}
    assert content(get(mock=minimal({JSON: {"schema": schema, "example": {"own": 1}}}))) == {"own": 1}


def test_types_that_refer_to_each_other_have_an_example() -> None:
    properties = {f"T{i}": {"$ref": f"#/components/schemas/T{i}"} for i in range(12)}
    schemas = {name: {"type": "object", "properties": properties} for name in properties}
    mock = minimal({"#/components/schemas": schemas, JSON: {"schema": properties["T0"]}})
    assert get(mock=mock).status == 200


def test_discriminator_names_the_chosen_schema() -> None:
    kind = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    reference = "#/components/schemas/Dog"
    schema = {"oneOf": [{"$ref": reference}], "discriminator": {"propertyName": "kind", "mapping": {"dog": reference}}}
    mock = minimal({"#/components/schemas": {"Dog": kind}, JSON: {"schema": schema}})
    assert content(get(mock=mock)) == {"kind": "dog"}


@pytest.mark.parametrize(
    ("media", "value", "problem"),
    [
        ({"schema": {"type": "string"}, "example": 1}, "", "/example: the example does not match its schema"),
        ({"schema": {"type": "string"}, "examples": {"a": {"value": 1}, "b": {"value": "b"}}}, "b", "/examples/a"),
        ({"schema": {"properties": {"a": {}}}, "example": {"b": 1}}, {"a": {}}, "none of the properties"),
        (
            {"schema": {"properties": {"a": {"anyOf": [{"type": "integer", "example": "one"}, {"type": "null"}]}}}},
            {"a": 0},
            "/schema/properties/a/anyOf/0/example: the example does not match",
        ),
        ({"schema": {"type": "integer", "default": "one"}}, 0, "/default: the default does not match its schema"),
        ({"examples": {"a": {"externalValue": "https://example.com"}}}, {}, "must have a 'value'"),
    ],
)
def test_invalid_example_is_reported_and_replaced(media: Any, value: Any, problem: str) -> None:
    mock = minimal({JSON: media})
    assert content(get(mock=mock)) == value
    (reported,) = mock.engine.problems
    assert reported.startswith(JSON)
    assert problem in reported


HARD = {"type": "string", "pattern": "^(?!x)[a-z]+$"}


def test_schemathesis_draws_what_has_no_plain_value() -> None:
    drawn = [content(get(mock=minimal({JSON: {"schema": HARD}}))) for _ in range(2)]
    assert re.fullmatch(HARD["pattern"], drawn[0])
    assert drawn[0] == drawn[1]


def test_status_without_a_valid_value_is_501(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "schemathesis", None)  # not installed
    bad = {"description": "Bad.", "content": {"application/json": {"schema": HARD}}}
    mock = minimal({f"{GET}/responses/400": bad})
    assert get(mock=mock).status == 200
    response = get(mock=mock, prefer="code=400")
    problem = f"{GET}/responses/400/content/application~1json/schema: no valid example could be generated"
    assert (response.status, problem in content(response)["message"]) == (501, True)
    assert [text.startswith(problem) for text in mock.engine.problems] == [True]
    assert mock.engine.problems[0].endswith("; Schemathesis, which might draw a value, is not installed")


def test_reason_why_no_value_can_be_drawn_is_reported() -> None:
    mock = minimal({JSON: {"schema": {"type": "string", "not": {}}}})
    assert "; Schemathesis could not draw one: UnsatisfiableSchema: " in mock.engine.problems[0]


def test_schema_without_a_value_is_reported_once() -> None:
    """However many responses refer to it."""
    reference = {"schema": {"$ref": "#/components/schemas/Nothing"}}
    bad = {"description": "Bad.", "content": {"application/json": reference}}
    changes = {JSON: reference, f"{GET}/responses/400": bad, f"{GET}/responses/404": bad}
    mock = minimal({"#/components/schemas": {"Nothing": {"not": {}}}, **changes})
    assert [text.split(": ")[0] for text in mock.engine.problems] == ["#/components/schemas/Nothing"]
    assert [get(mock=mock, prefer=f"code={status}").status for status in (200, 400, 404)] == [501] * 3


def test_recursive_schema_without_a_finite_value_is_501() -> None:
    endless = {"type": "object", "required": ["s"], "properties": {"s": {"$ref": "#/components/schemas/S"}}}
    mock = minimal({"#/components/schemas": {"S": endless}, JSON: {"schema": {"$ref": "#/components/schemas/S"}}})
    assert get(mock=mock).status == 501


def test_later_option_replaces_recursive_ones() -> None:
    reference = {"$ref": "#/components/schemas/S"}
    recursive = [{"type": "object", "required": [name], "properties": {name: reference}} for name in "ab"]
    changes = {"#/components/schemas": {"S": {"oneOf": [*recursive, {"const": 1}]}}, JSON: {"schema": reference}}
    assert content(get(mock=minimal(changes))) == 1


XML = f"{GET}/responses/200/content/application~1xml"


def test_media_type_without_an_example_is_left_out() -> None:
    mock = minimal({XML: {"schema": {"type": "object"}}})
    assert content(get(mock=mock)) == {"result": "good"}
    assert mock.engine.problems == (f"{XML}: a body of the type 'application/xml' must have an example of its text",)


@pytest.mark.parametrize(
    "example", [{"example": "<a/>"}, {"examples": {"data": {"value": {}}, "xml": {"value": "<a/>"}}}]
)
def test_object_that_is_not_json_is_sent_as_its_example(example: Any) -> None:
    response = get(mock=minimal({XML: {"schema": {"type": "object"}, **example}}), accept="application/xml")
    assert (header(response, "content-type"), response.body) == ("application/xml", b"<a/>")


def test_malformed_example_is_left_out() -> None:
    mock = minimal({JSON: {"examples": {"no object": 1, "unknown field": {"id": 1}, "good": {"value": "good"}}}})
    assert content(get(mock=mock)) == "good"
    assert len(mock.engine.problems) == 2
