"""Examples that are generated from a schema."""

from typing import Any

import pytest

from support.mock_requests import JSON, content, get, minimal


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
