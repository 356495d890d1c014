"""Forms, read as they were sent: their fields, and the object that they mean."""

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from playbook3d_conformance.forms import form_value, read_fields, urlencoded_texts

DOCUMENT = {"components": {"schemas": {"Place": {"type": "object", "required": ["x"]}}}}
SCHEMA = {
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "count": {"type": "integer"},
        "ids": {"type": "array", "items": {"type": "integer"}},
        "texts": {"type": "array", "items": {"type": "string"}},
        "place": {"$ref": "#/components/schemas/Place"},
    },
    "additionalProperties": False,
}


def test_fields_of_both_media_types_are_the_same() -> None:
    fields = [("name", "é & b"), ("empty", ""), ("ids", "1"), ("ids", "2")]
    urlencoded, parts = urlencode(fields).encode(), [(name, (None, text.encode())) for name, text in fields]
    multipart = httpx.Request("POST", "http://x", files=parts)
    assert read_fields("application/x-www-form-urlencoded; charset=utf-8", urlencoded) == fields
    assert read_fields(multipart.headers["content-type"], multipart.read()) == fields


@pytest.mark.parametrize(
    ("value", "texts"),
    [("a", ["a"]), (True, ["true"]), ({"a": 1}, ['{"a": 1}']), (["a", 1, {}, [2]], ["a", "1", "{}", "[2]"])],
)
def test_objects_in_urlencoded_forms_are_json(value: Any, texts: list[str]) -> None:
    assert urlencoded_texts(value) == texts


def test_bytes_of_a_file_are_latin_1() -> None:
    request = httpx.Request("POST", "http://x", files={"file": ("a.png", b"\x89PNG\r\n\xff\r")})
    assert read_fields(request.headers["content-type"], request.read()) == [("file", "\x89PNG\r\n\xff\r")]


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ([("name", "1")], {"name": "1"}),
        ([("name", "a"), ("count", "1")], {"name": "a", "count": 1}),
        ([("name", "a"), ("ids", "1")], {"name": "a", "ids": [1]}),
        ([("name", "a"), ("ids", "1"), ("ids", "2")], {"name": "a", "ids": [1, 2]}),
        ([("name", "a"), ("texts", "1")], {"name": "a", "texts": ["1"]}),
        ([("name", "a"), ("place", '{"x":1}')], {"name": "a", "place": {"x": 1}}),
        ([("name", "a"), ("count", "one")], None),
        ([("name", "a"), ("place", "{}")], None),
        ([("name", "a"), ("other", "")], None),
        ([("name", "a"), ("name", "b")], None),
        ([], None),
    ],
)
def test_form_means_the_valid_value_of_each_field(fields: Any, value: Any) -> None:
    assert form_value(fields, SCHEMA, DOCUMENT) == value
