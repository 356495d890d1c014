"""Habits of OpenAPI 3.0 in the schemas of a 3.1 document."""

from typing import Any

import pytest

from support.mock_requests import GET, ask, content, get, minimal, request

JSON_BODY = f"{GET}/requestBody"
INTEGER = {"type": "integer"}


def is_accepted(schema: Any, body: bytes) -> bool:
    mock = minimal({JSON_BODY: {"content": {"application/json": {"schema": schema}}}, **COMPONENTS})
    return mock.handle(request("/items/1", "GET", body=body, content_type="application/json")).status == 200


COMPONENTS = {"#/components/schemas": {"I": INTEGER}}
REFERENCE = {"$ref": "#/components/schemas/I"}


@pytest.mark.parametrize(
    "schema",
    [
        INTEGER,
        {"type": ["integer", "string"]},
        {"enum": [1, 2]},
        {"const": 1},
        REFERENCE,
        {"allOf": [REFERENCE]},
        {"type": "integer", "allOf": [REFERENCE]},
        {"anyOf": [REFERENCE]},
        {"oneOf": [REFERENCE]},
    ],
)
def test_nullable_schema_allows_null(schema: Any) -> None:
    nullable = {**schema, "nullable": True}
    assert [is_accepted(nullable, body) for body in (b"1", b"null", b"{}")] == [True, True, False]
    assert not is_accepted({**schema, "nullable": False}, b"null")


def test_boolean_exclusive_bound_applies_to_its_bound() -> None:
    exclusive = {"minimum": 1, "exclusiveMinimum": True, "maximum": 3, "exclusiveMaximum": True}
    assert [is_accepted(exclusive, body) for body in (b"1", b"2", b"3")] == [False, True, False]
    inclusive = {"minimum": 1, "exclusiveMinimum": False}
    assert [is_accepted(inclusive, body) for body in (b"0", b"1")] == [False, True]


def test_name_twice_in_required_is_required() -> None:
    schema = {"required": ["a", "a"], "type": ["object", "object"]}
    assert [is_accepted(schema, body) for body in (b'{"a":1}', b"{}")] == [True, False]


@pytest.mark.parametrize("example", [{"summary": "An example.", "value": 7}, 7])
def test_map_of_examples_in_a_schema_gives_its_first(example: Any) -> None:
    schema = {"type": "integer", "examples": {"first": example, "second": 8}}
    mock = minimal({f"{GET}/responses/200/content/application~1json": {"schema": schema}})
    assert content(get(mock=mock)) == 7


def test_habit_is_reported_once_with_its_number() -> None:
    schema = {"properties": {"a": {"type": "integer", "nullable": True}, "b": {"type": "string", "nullable": True}}}
    mock = minimal({JSON_BODY: {"content": {"application/json": {"schema": schema}}}})
    (problem,) = mock.engine.problems
    assert problem.startswith(f"{JSON_BODY}/content/application~1json/schema/properties/")
    assert "no 'nullable'" in problem
    assert problem.endswith("(1 more in this document)")


def test_property_may_have_the_name_of_a_habit() -> None:
    schema = {"properties": {"nullable": {"type": "boolean"}, "examples": {"type": "object"}}, "default": {}}
    mock = minimal({JSON_BODY: {"content": {"application/json": {"schema": schema}}}})
    assert mock.engine.problems == ()
    assert ask("/items/1", "GET", mock=mock, body=b'{"nullable":1}', content_type="application/json").status == 400
