"""Styles: how arrays and objects are written in parameters."""

from typing import Any

import pytest

from support.mock_requests import GET, get, minimal

INTEGERS = {"type": "array", "items": {"type": "integer"}, "maxItems": 2}
POINT = {
    "type": "object",
    "properties": {"x": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}},
    "required": ["x"],
    "additionalProperties": False,
}
OPEN = {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1}
JSON_CONTENT = {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}


def status(sent: str, parameter: Any) -> int:
    """The status of a request with a query, or with a header or cookie where the parameter is one."""
    parameter = {"name": "q", "in": "query", "required": True, **parameter}
    mock = minimal({f"{GET}/parameters/1": parameter})
    if parameter["in"] == "query":
        return get(f"/items/1?{sent}", mock=mock).status
    headers: Any = {"cookie" if parameter["in"] == "cookie" else "q": sent}
    return get(mock=mock, **headers).status


@pytest.mark.parametrize(
    ("parameter", "valid", "invalid"),
    [
        ({"schema": INTEGERS}, ["q=1", "q=1&q=2", "q="], ["", "q=1,2", "q=1&q=b", "q=1&q=2&q=3"]),
        ({"schema": INTEGERS, "explode": False}, ["q=1", "q=1,2", "q=1%2C2"], ["q=1&q=2", "q=1,b"]),
        ({"schema": INTEGERS, "style": "pipeDelimited", "explode": False}, ["q=1|2", "q=1%7C2"], ["q=1,2"]),
        ({"schema": INTEGERS, "style": "spaceDelimited", "explode": False}, ["q=1%202", "q=1+2"], ["q=1|2"]),
        ({"schema": INTEGERS, "style": "pipeDelimited", "explode": True}, ["q=1&q=2"], ["q=1|2"]),
        ({"schema": POINT}, ["x=1", "x=1&tags=a&tags=b&other=1"], ["", "y=1", "x=a", "tags=a"]),
        ({"schema": OPEN}, ["a=1", "a=1&b=2"], ["", "a=b"]),
        ({"schema": POINT, "explode": False}, ["q=x,1", "q=x,1,tags,a"], ["x=1", "q=x", "q=", "q=y,1"]),
        ({"schema": POINT, "style": "pipeDelimited", "explode": False}, ["q=x|1"], ["q=x,1"]),
        (
            {"schema": POINT, "style": "deepObject", "explode": True},
            ["q[x]=1", "q%5Bx%5D=1&q[tags][]=a", "q[x]=1&q[tags]=a&q[tags]=b"],
            ["", "q=1", "x=1", "q[x]=a", "q[y]=1", "q[x]=1&q[y]=1", "q[x]=1&q[x]=2"],
        ),
        ({"content": JSON_CONTENT}, ['q=[{"a":1}]', "q=%5B%5D"], ["", "q=1", "q=[1]", "q={", 'q=[{"a":1,"a":2}]']),
        ({"content": {"text/plain": {"schema": {"maxLength": 1}}}}, ["q=1"], ["q=12"]),
        ({"schema": {"type": "array", "items": {"type": "object"}}}, ['q={"a":1}&q={}'], ["q=1"]),
        ({"schema": {"anyOf": [INTEGERS, {"type": "string"}]}}, ["q=1&q=2", "q=ab"], ["q=a&q=b"]),
        ({"schema": {}}, ["q=1", "q=a"], [""]),
        ({"schema": {"type": "integer"}, "allowEmptyValue": True}, ["q=1", "q=", "q"], ["q=a", ""]),
        ({"in": "header", "schema": POINT}, ["x,1"], ["x=1", "x,a"]),
        ({"in": "header", "schema": POINT, "explode": True}, ["x=1", "x=1, tags=a"], ["x,1"]),
        ({"in": "cookie", "schema": INTEGERS, "explode": False}, ["a=b; q=1,2", "q=1%2C2"], ["q=a", "a=b"]),
        ({"in": "cookie", "schema": INTEGERS}, ["q=1; q=2"], ["q=1; q=b"]),
        ({"in": "cookie", "schema": POINT}, ["x=1; tags=a"], ["y=1"]),
    ],
)
def test_style_decides_how_a_value_is_written(parameter: Any, valid: list[str], invalid: list[str]) -> None:
    assert {sent: status(sent, parameter) for sent in valid} == dict.fromkeys(valid, 200)
    assert {sent: status(sent, parameter) for sent in invalid} == dict.fromkeys(invalid, 400)


def test_open_object_has_no_other_parameters_or_credentials() -> None:
    mock = minimal(
        {
            f"{GET}/parameters/1": {"name": "filter", "in": "query", "schema": OPEN},
            "#/paths/~1items~1{id}/parameters": [{"name": "page", "in": "query", "schema": {"type": "string"}}],
            "#/components/securitySchemes/key": {"type": "apiKey", "in": "query", "name": "key"},
            f"{GET}/security": [{"key": []}],
        }
    )
    assert get("/items/1?key=K%2B1&page=a&b=1", mock=mock).status == 200
    assert get("/items/1?key=K%2B1&b=b", mock=mock).status == 400


@pytest.mark.parametrize("name", ["Accept", "CONTENT-TYPE", "authorization"])
def test_header_parameter_that_openapi_ignores_is_ignored(name: str) -> None:
    parameter = {"name": name, "in": "header", "required": True, "schema": {"const": "x"}}
    assert get(mock=minimal({f"{GET}/parameters/1": parameter})).status == 200


def test_path_parameter_may_be_an_array() -> None:
    mock = minimal({f"{GET}/parameters/0/schema": INTEGERS})
    assert [get(f"/items/{ids}", mock=mock).status for ids in ("1", "1,2", "a")] == [200, 200, 400]
