"""Forms: urlencoded and multipart bodies, judged as objects."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from playbook3d_mock import Mock
from support.mock_requests import GET, content, get, minimal

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
SCHEMA = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "maxLength": 3},
        "count": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "flag": {"type": "boolean"},
        "ids": {"type": "array", "items": {"type": "integer"}},
        "place": {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]},
        "places": {"type": "array", "items": {"type": "object", "required": ["x"]}},
        "any": {},
    },
}


def form(media_type: str, schema: Any = SCHEMA, **encoding: Any) -> Mock:
    media = {"schema": schema, "encoding": encoding}
    return minimal({f"{GET}/requestBody": {"required": True, "content": {media_type: media}}})


FORM, PARTS = form(URLENCODED), form(MULTIPART)


def send_form(fields: Any, mock: Mock = FORM) -> Any:
    return get(mock=mock, body=urlencode(fields).encode(), content_type=f"{URLENCODED}; charset=utf-8")


def send_parts(fields: Any, mock: Mock = PARTS) -> Any:
    parts = [(name, value if isinstance(value, tuple) else (None, value)) for name, value in fields]
    sent = httpx.Request("POST", "http://x", files=parts)
    return get(mock=mock, body=sent.read(), content_type=sent.headers["content-type"])


VALID = [
    [("name", "a b")],
    [("name", "é"), ("count", "7"), ("flag", "true"), ("ids", "1"), ("ids", "2")],
    [("name", "1"), ("ids", "1"), ("any", "{")],
    [("name", "x"), ("place", '{"x": 1.5}'), ("places", '{"x": 1}'), ("places", '{"x": 2}')],
]
INVALID = [
    ([("count", "7")], '"name" is a required property'),
    ([("name", "long")], "/name: the value is longer than 3 characters"),
    ([("name", "x"), ("name", "y")], "/name: is given more than once"),
    ([("name", "x"), ("count", "seven")], "/count: the value is not valid under any"),
    ([("name", "x"), ("flag", "yes")], '/flag: the value is not of type "boolean"'),
    ([("name", "x"), ("ids", "1"), ("ids", "b")], '/ids/1: the value is not of type "integer"'),
    ([("name", "x"), ("place", "{}")], '/place: "x" is a required property'),
    ([("name", "x"), ("place", "{x")], '/place: the value is not of type "object"'),
    ([("name", "x"), ("more", "1")], "Additional properties are not allowed"),
]


@pytest.mark.parametrize("send", [send_form, send_parts])
@pytest.mark.parametrize("fields", VALID)
def test_valid_form_is_accepted(send: Any, fields: Any) -> None:
    assert send(fields).status == 200


@pytest.mark.parametrize("send", [send_form, send_parts])
@pytest.mark.parametrize(("fields", "message"), INVALID)
def test_invalid_field_is_named(send: Any, fields: Any, message: str) -> None:
    response = send(fields)
    assert (response.status, content(response)["message"][: len(message) + 6]) == (400, f"body: {message}")


@pytest.mark.parametrize(
    ("schema", "status"),
    [
        ({"type": "string", "format": "binary"}, 200),
        ({"type": "string", "contentMediaType": "application/octet-stream", "minLength": 4, "maxLength": 4}, 200),
        ({"type": "string", "format": "binary", "maxLength": 3}, 400),
        ({"type": "array", "items": {"type": "string", "format": "binary"}}, 200),
        ({}, 200),
    ],
)
def test_files_are_strings_of_bytes(schema: Any, status: int) -> None:
    mock = form(MULTIPART, {"type": "object", "required": ["file"], "properties": {"file": schema}})
    assert send_parts([("file", ("a.bin", b"\xc3\xa9\xc3\xa9", "image/png"))], mock).status == status
    assert send_parts([("other", "x")], mock).status == 400


def test_encoding_decides_the_style() -> None:
    schema = {
        "type": "object",
        "properties": {
            "place": {"type": "object", "properties": {"x": {"type": "integer"}}, "additionalProperties": False},
            "ids": {"type": "array", "items": {"type": "integer"}},
            "text": {"type": "string"},
        },
        "additionalProperties": False,
    }
    encoding: Any = {
        "place": {"style": "deepObject", "explode": True},
        "ids": {"style": "form", "explode": False},
        "text": {"contentType": "application/json"},
    }
    mock = form(URLENCODED, schema, **encoding)
    assert send_form({"place[x]": "1", "ids": "1,2", "text": '"a"'}, mock).status == 200
    for invalid in ({"place[y]": "1"}, {"place[x]": "a"}, {"ids": "1;2"}, {"text": "a"}):
        assert send_form(invalid, mock).status == 400


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        (b"", None, "is required"),
        (b"", URLENCODED, '"name" is a required property'),
        (b"a=&" * 10_001, URLENCODED, "is too large: the mock reads at most 10000 fields"),
        (b"name=%zz", URLENCODED, "has an invalid percent-encoding"),
        (b"name=%ff", URLENCODED, "is not UTF-8 after percent-decoding"),
        (b"x", MULTIPART, "has no boundary: Content-Type must name it"),
        (b"x", f"{MULTIPART}; boundary=b", "is not multipart/form-data"),
        (b"--b\r\n\r\nx\r\n--b--\r\n", f"{MULTIPART}; boundary=b", "has a part without a name"),
        (
            b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nx',
            f"{MULTIPART}; boundary=b",
            "is not multipart",
        ),
        (b"", f"{MULTIPART}; boundary=b", '"name" is a required property'),
    ],
)
def test_malformed_form_is_rejected(body: bytes, content_type: str | None, message: str) -> None:
    media = {"schema": SCHEMA}
    mock = minimal({f"{GET}/requestBody": {"required": True, "content": {URLENCODED: media, MULTIPART: media}}})
    response = get(mock=mock, body=body, content_type=content_type)
    assert (response.status, content(response)["message"][: len(message) + 6]) == (400, f"body: {message}")


def test_malformed_form_prints_nothing() -> None:
    script = (
        "from support.mock_requests import GET, get, minimal\n"
        "content = {'multipart/form-data': {'schema': {'type': 'object'}}}\n"
        "mock = minimal({f'{GET}/requestBody': {'content': content}})\n"
        "print(get(mock=mock, body=b'--a', content_type='multipart/form-data; boundary=b').status)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, check=False)
    assert (done.stdout, done.stderr) == (b"400\n", b"")


def test_form_without_schema_is_any_content() -> None:
    mock = minimal({f"{GET}/requestBody": {"content": {MULTIPART: {}}}})
    assert get(mock=mock, body=b"x", content_type=f"{MULTIPART}; boundary=b").status == 200
