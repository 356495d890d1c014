"""What the client gets to know of each operation, ``_operations.py``."""

from typing import Any

import pytest

from contract.operations import METHODS, normalize_path
from contract.operations_source import render_operations
from playbook3d_api._runtime import Contract, Operation, Scheme, SuccessResponse
from support.small_contract import NO_CONTENT, contract, operation

TOKEN = Scheme("bearer", "token", "header", "Authorization")
KEY = Scheme("key", "api_key", "header", "X-Key")
QUERY, COOKIE = Scheme("query", "api_key", "query", "key"), Scheme("cookie", "api_key", "cookie", "sid")
OAUTH, OPENID = (
    Scheme("oauth", "token", "header", "Authorization"),
    Scheme("openid", "token", "header", "Authorization"),
)
BASIC = Scheme("basic", "basic", "header", "Authorization")
SCHEMES = {
    "bearer": {"type": "http", "scheme": "Bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"$ref": "#/components/securitySchemes/session"},
    "session": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "oauth": {"type": "oauth2", "flows": {}},
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://x.example"},
    "basic": {"type": "http", "scheme": "BASIC"},
    "digest": {"type": "http", "scheme": "digest"},
    "tls": {"type": "mutualTLS"},
}


Object = dict[str, Any]


def read(document: Object) -> Contract:
    """The contract that a generated client would import."""
    names = {
        (method, normalize_path(path)): ("tag", item[method]["operationId"])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    }
    namespace: dict[str, Any] = {"__package__": "playbook3d_api"}  # the rendered module imports its types
    exec(render_operations(document, names), namespace)  # noqa: S102
    result: Contract = namespace["CONTRACT"]
    return result


def read_operation(
    fields: Object, item: Object | None = None, document: Object | None = None, method: str = "get"
) -> Operation:
    """``method /one``, with fields of the operation, of its path item and of the document."""
    schemas = {"Flag": {"type": "boolean"}, "Ring": {"anyOf": [{"$ref": "#/components/schemas/Ring"}]}}
    paths = {"/one": {**(item or {}), method: operation("one", **fields)}}
    components = {"securitySchemes": SCHEMES, "schemas": schemas}
    (result,) = read(contract(components=components) | {"paths": paths} | (document or {})).operations
    return result


@pytest.mark.parametrize(
    ("document", "fields", "security"),
    [
        ({}, {}, ()),
        ({}, {"security": [{"key": []}]}, ((KEY,),)),
        ({}, {"security": [{"bearer": [], "key": []}]}, ((TOKEN, KEY),)),
        ({}, {"security": [{"key": []}, {"bearer": []}, {}]}, ((KEY,), (TOKEN,), ())),
        ({"security": [{"bearer": []}]}, {}, ((TOKEN,),)),
        ({"security": [{"bearer": []}]}, {"security": [{"key": []}]}, ((KEY,),)),
        ({"security": [{"key": []}, {"bearer": []}]}, {}, ((KEY,), (TOKEN,))),
        ({"security": [{"bearer": []}]}, {"security": []}, ()),
        ({"security": [{"bearer": []}]}, {"security": [{}]}, ((),)),
        ({}, {"security": [{}, {"key": []}]}, ((KEY,), ())),
        ({}, {"security": [{"query": [], "cookie": [], "key": []}]}, ((QUERY, COOKIE, KEY),)),
        ({}, {"security": [{"oauth": ["read"]}, {"openid": []}, {"basic": []}]}, ((OAUTH,), (OPENID,), (BASIC,))),
        ({}, {"security": [{"digest": []}, {"tls": [], "key": []}, {"key": []}]}, ((KEY,),)),
        ({}, {"security": [{"bearer": [], "basic": []}, {"bearer": []}]}, ((TOKEN,),)),
    ],
)
def test_security_alternatives_are_read(document: Object, fields: Object, security: Any) -> None:
    assert read_operation(fields, document=document).security == security


def test_unrequired_schemes_are_left_out() -> None:
    paths = {"/one": {"get": operation("one", security=[{"key": []}, {"tls": []}])}}
    assert read(contract(paths, components={"securitySchemes": SCHEMES})).schemes == (KEY,)


A, B, C = ({"servers": [{"url": f"https://{name}.example"}]} for name in "abc")
REGIONS = {"url": "https://{region}.example/{v}/", "variables": {"region": {"default": "eu"}, "v": {"default": "2"}}}


@pytest.mark.parametrize(
    ("document", "item", "fields", "servers"),
    [
        (A, {}, {}, ("https://a.example",)),
        (A, B, {}, ("https://b.example",)),
        (A, {}, C, ("https://c.example",)),
        (A, B, C, ("https://c.example",)),
        (A, {"servers": []}, {}, ("https://a.example",)),
        (A, B, {"servers": []}, ("https://b.example",)),
        (A, {}, {"servers": [REGIONS, {"url": "http://d.example/"}]}, ("https://eu.example/2", "http://d.example")),
        ({"servers": []}, {}, {}, ()),
        (A, {}, {"servers": [{"url": "/v1"}, {"url": "https://d.example"}]}, ()),
        (A, {}, {"servers": [{"url": "https://d.example"}, {"url": "/v1"}]}, ("https://d.example",)),
        (A, {"servers": [{"url": ""}]}, {}, ()),
        (A, {"servers": [{"url": "//d.example/v1"}]}, {}, ()),
        (A, {"servers": [{"url": "https://{tenant}.d.example"}]}, {}, ()),
    ],
)
def test_innermost_servers_take_precedence(
    document: Object, item: Object, fields: Object, servers: tuple[str, ...]
) -> None:
    assert read_operation(fields, item, document).servers == servers


@pytest.mark.parametrize(
    ("servers", "default"),
    [
        (["https://a.example/", "https://b.example"], "https://a.example"),
        (["/v1"], "https://c.example"),
        ([], "https://c.example"),
    ],
)
def test_first_absolute_server_is_the_default(servers: list[str], default: str) -> None:
    document = {"servers": [{"url": url} for url in servers]}
    assert read(contract() | document | {"paths": {"/one": {"get": operation("one", **C)}}}).server == default


def test_empty_contract_has_no_default_server() -> None:
    assert read(contract(servers=[]) | {"paths": {}}).server == ""


@pytest.mark.parametrize("method", METHODS)
def test_method_or_mark_makes_idempotent(method: str) -> None:
    by_method = method not in {"post", "patch"}
    marks: list[dict[str, Any]] = [{}, {"x-idempotent": True}, {"x-idempotent": "yes"}, {"x-idempotent": False}]
    idempotent = [read_operation(mark, method=method).idempotent for mark in marks]
    assert idempotent == [by_method, True, by_method, by_method]


def test_deprecated_is_what_the_contract_says() -> None:
    flags = [read_operation(fields).deprecated for fields in ({"deprecated": True}, {"deprecated": False}, {})]
    assert flags == [True, False, False]


def test_operation_has_tag_name_method_and_path() -> None:
    paths = {"/a/{b}": {"put": operation("put_b", security=[{"bearer": [], "key": []}])}}
    document = contract(paths, components={"securitySchemes": SCHEMES})
    result = read(document)
    assert [fields[:4] for fields in result.operations] == [
        ("list_things", "tag", "GET", "/things"),
        ("put_b", "tag", "PUT", "/a/{b}"),
    ]
    assert (result.schemes, result.package) == ((TOKEN, KEY), "playbook3d_api.api")


@pytest.mark.parametrize(
    ("statuses", "ranges"),
    [
        (["204"], [(204, 204)]),
        (["2XX", "201"], [(201, 201), (200, 299)]),
        (["default", "404"], [(200, 299)]),
        (["default", "2XX", "200"], [(200, 200), (200, 299), (200, 299)]),
        (["404"], []),
    ],
)
def test_single_success_statuses_precede_ranges(statuses: list[str], ranges: list[tuple[int, int]]) -> None:
    responses = dict.fromkeys(statuses, NO_CONTENT["204"])
    success = read_operation({"responses": responses}).success
    assert success == tuple(SuccessResponse(low, high, (), ()) for low, high in ranges)


INTEGER = {"type": "integer"}


def test_default_response_has_json_types_of_its_own() -> None:
    schemas = {"200": {"type": "array", "items": INTEGER}, "2XX": {"type": "string"}, "default": {"type": "object"}}
    responses = {
        status: {"description": "", "content": {"application/json": {"schema": schema}}}
        for status, schema in schemas.items()
    }
    assert read_operation({"responses": responses}).success == (
        SuccessResponse(200, 200, ("array",), ("number",)),
        SuccessResponse(200, 299, ("string",), ()),
        SuccessResponse(200, 299, ("object",), ()),
    )


@pytest.mark.parametrize(
    ("schema", "json_types", "item_types"),
    [
        ({"type": "object"}, ("object",), ()),
        ({"type": ["object", "null"], "properties": {"a": {}}}, ("null", "object"), ()),
        ({"properties": {"a": {}}}, ("object",), ()),
        ({"type": "array", "items": INTEGER}, ("array",), ("number",)),
        ({"type": ["array", "null"], "items": INTEGER}, ("array", "null"), ()),
        ({"anyOf": [INTEGER, {"type": "string"}]}, ("number", "string"), ()),
        ({"allOf": [{"type": ["object", "null"]}, {"type": "object"}]}, ("object",), ()),
        ({"oneOf": [{"$ref": "#/components/schemas/Flag"}, {"type": "null"}]}, ("boolean", "null"), ()),
        ({"enum": ["a", 1, None]}, ("null", "number", "string"), ()),
        ({"const": True}, ("boolean",), ()),
        ({"$ref": "#/components/schemas/Flag"}, ("boolean",), ()),
        ({"anyOf": [{"$ref": "#/components/schemas/Ring"}, {"type": "null"}]}, (), ()),
        ({}, (), ()),
        (True, (), ()),
    ],
)
def test_json_types_of_a_success_are_read(schema: Any, json_types: Any, item_types: Any) -> None:
    responses = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    assert read_operation({"responses": responses}).success == (SuccessResponse(200, 200, json_types, item_types),)


@pytest.mark.parametrize(
    ("media_types", "json_types"),
    [
        (["Application/JSON ; charset=utf-8"], ("object",)),
        (["application/problem+json"], ("object",)),
        (["image/png"], ()),
        (["application/json", "text/plain"], ()),
        ([], ()),
    ],
)
def test_only_json_bodies_have_json_types(media_types: list[str], json_types: tuple[str, ...]) -> None:
    content = {media_type: {"schema": {"type": "object"}} for media_type in media_types}
    response = {"description": "", "content": content}
    for responses in ({"200": response}, {"200": {"$ref": "#/x-response"}}):
        (success,) = read_operation({"responses": responses}, document={"x-response": response}).success
        assert success.json_types == json_types
