"""The mock on a contract with more in it than the API's: every kind of part that it claims to understand."""

import copy
import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from conformance import stock
from playbook3d_mock import Mock, Reply, Request

# An oracle of its own making, in pure Python; the mock validates with jsonschema-rs.
jsonschema: Any = importlib.import_module("jsonschema")

RUN = {
    "type": "object",
    "required": ["id", "state", "parent"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "state": {"enum": ["queued", "executed"]},
        "parent": {"anyOf": [{"$ref": "#/components/schemas/Run"}, {"type": "null"}]},
        "seconds": {"type": ["number", "null"], "exclusiveMinimum": 2, "example": 2.5},
        "labels": {"type": "array", "items": {"type": "string"}},
    },
}
PROBLEM = {
    "type": "object",
    "required": ["code", "detail"],
    "properties": {"code": {"type": "integer"}, "title": {"enum": ["oops"]}, "detail": {"type": "string"}},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.1",
    "info": {"title": "Richer", "version": "1"},
    "servers": [{"url": "https://example.com"}],
    "security": [{"key": []}],
    "paths": {
        "/runs": {
            "parameters": [
                {"name": "limit", "in": "query", "schema": {"type": "string"}},
                {"name": "x-trace", "in": "header", "schema": {"type": "string", "maxLength": 5}},
            ],
            "get": {
                "tags": ["runs"],
                "parameters": [
                    {"$ref": "#/components/parameters/State"},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9}},
                    {"name": "n", "in": "query", "schema": {"type": "array", "items": {"type": "integer"}}},
                    {
                        "name": "tag",
                        "in": "query",
                        "explode": False,
                        "schema": {"type": "array", "items": {"type": "string", "maxLength": 3}, "maxItems": 2},
                    },
                    {"name": "deep", "in": "query", "schema": {"type": ["boolean", "null"]}},
                    {"name": "ratio", "in": "query", "schema": {"anyOf": [{"type": "number"}, {"const": "auto"}]}},
                    {"name": "session", "in": "cookie", "schema": {"type": "integer"}},
                    {"name": "x-ids", "in": "header", "schema": {"type": "array", "items": {"type": "integer"}}},
                ],
                "responses": {
                    "200": {
                        "description": "Runs.",
                        "headers": {"X-Total": {"required": True, "schema": {"type": "integer", "minimum": 3}}},
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Run"}}
                            }
                        },
                    },
                    "4XX": {"$ref": "#/components/responses/Problem"},
                },
            },
            "post": {
                "tags": ["runs"],
                "operationId": "start_run",
                "security": [{"bearer": []}, {"inQuery": []}],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["origin"],
                                "additionalProperties": False,
                                "properties": {
                                    "origin": {"type": "string", "minLength": 1},
                                    "inputs": {"$ref": "#/components/schemas/Inputs"},
                                    "any": {},
                                },
                            }
                        }
                    },
                },
                "responses": {
                    "201": {
                        "description": "Started.",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Run"},
                                "examples": {
                                    "first": {"value": {"id": "0" * 8 + "-0000-0000-0000-" + "0" * 12,
                                                        "state": "queued", "parent": None}}
                                },
                            }
                        },
                    },
                    "202": {"description": "Queued."},
                    "401": {"$ref": "#/components/responses/Problem"},
                    "415": {"description": "Not JSON."},
                    "422": {"$ref": "#/components/responses/Problem"},
                },
            },
        },
        "/runs/{run}": {
            "delete": {
                "security": [],
                "parameters": [{"name": "run", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"204": {"description": "Gone."}, "405": {"$ref": "#/components/responses/Problem"}},
            },
        },
        "/runs/latest": {"get": {"security": [{}], "responses": {"default": {"description": "Anything."}}}},
        "/pages/{number}/{name}": {
            "parameters": [
                {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}},
                {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}},
            ],
            "delete": {
                "security": [],
                "responses": {"204": {"description": "Gone."}, "4XX": {"$ref": "#/components/responses/Problem"}},
            },
        },
        "/pages/{number}/result.{kind}": {
            "parameters": [
                {"name": "kind", "in": "path", "required": True, "schema": {"enum": ["png", "jpg"]}},
                {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}},
            ],
            "get": {
                "security": [],
                "responses": {
                    "200": {"description": "Bytes.", "content": {"image/png": {}}},
                    "400": {"$ref": "#/components/responses/Problem"},
                    "404": {
                        "description": "None.",
                        "content": {"text/plain": {"schema": {"type": "string", "example": "no résult"}}},
                    },
                },
            },
        },
    },
    "components": {
        "parameters": {
            "State": {"name": "state", "in": "query", "required": True, "schema": {"enum": ["queued", "executed"]}}
        },
        "responses": {
            "Problem": {
                "description": "Refused.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        },
        "schemas": {
            "Run": RUN,
            "Problem": PROBLEM,
            "Inputs": {"type": "object", "additionalProperties": {"anyOf": [
                {"type": ["string", "number", "null"]}, {"$ref": "#/components/schemas/Inputs"}]}},
        },
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "bearer": {"type": "http", "scheme": "Bearer"},
            "inQuery": {"type": "apiKey", "in": "query", "name": "api key"},
        },
    },
}  # fmt: skip

mock = Mock(DOCUMENT, api_key="K+1", token="T")
KEY = ("X-Key", "K+1")
BEARER = ("Authorization", "Bearer T")
JSON = ("Content-Type", "application/json")


def ask(method: str, target: str, *headers: tuple[str, str], body: bytes = b"") -> Reply:
    path, _, query = target.partition("?")
    fields = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in headers)
    return mock.handle(Request(method, path.encode(), query.encode(), fields, body))


def test_the_richer_contract_is_openapi() -> None:
    validate(DOCUMENT)


@pytest.mark.parametrize(
    "query",
    [
        "state=queued",
        "state=executed&limit=9&deep=true&ratio=1e-3",
        "state=queued&n=1&n=-2&n=0&tag=a,b%2Cc",
        "state=queued&ratio=auto&unknown=%zz&&=",
        "%73tate=queued",
        "state=queued&tag=",
        "state=queued&n=",
        "state=queued&limit=1.0",
    ],
)
def test_good_queries_are_accepted(query: str) -> None:
    assert ask("GET", f"/runs?{query}", KEY).status == 200


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "query state: is required"),
        ("state=", 'query state: the value is not one of "queued" or "executed"'),
        ("state=queued&state=queued", "query state: is given more than once"),
        ("state=%ff", "query state: is not UTF-8 once percent-decoded"),
        ("state=queued&limit=0", "query limit: the value is less than the minimum of 1"),
        ("state=queued&limit=+1", 'query limit: the value is not of type "integer"'),
        ("state=queued&limit=01", "query limit"),
        ("state=queued&limit=1_0", "query limit"),
        ("state=queued&limit=%D9%A3", "query limit"),
        ("state=queued&limit=" + "9" * 5000, "query limit"),
        ("state=queued&limit=NaN", "query limit"),
        ("state=queued&n=1&n=x", "query n: /1: the value is not of type"),
        ("state=queued&tag=a,b,c", "query tag: the value has more than 2 items"),
        ("state=queued&tag=a,four", "query tag: /1: the value is longer than 3 characters"),
        ("state=queued&deep=True", "query deep"),
        ("state=queued&deep=null", "query deep"),
        ("state=queued&ratio=automatic", "query ratio"),
    ],
)
def test_bad_queries_are_refused_by_name_in_the_declared_shape(query: str, said: str) -> None:
    reply = ask("GET", f"/runs?{query}", KEY)
    body = json.loads(reply.body)
    assert reply.status == 400
    assert dict(reply.headers)[b"content-type"] == b"application/problem+json"
    assert body["detail"].startswith(f"Refused: {said}")
    jsonschema.validate(body, PROBLEM)


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (("X-Trace", "\xe9" * 5), 200),
        (("X-Trace", "sixsix"), 400),
        (("X-Ids", "1, 2 ,3"), 200),
        (("X-Ids", "1;2"), 400),
        (("Cookie", "a=b; session=7; c"), 200),
        (("Cookie", "session=x"), 400),
        (("Cookie", "session=1; session=2"), 400),
    ],
)
def test_headers_and_cookies_are_judged_by_their_schemas(header: tuple[str, str], status: int) -> None:
    assert ask("GET", "/runs?state=queued", KEY, header).status == status


def test_several_lines_of_a_header_are_one_list() -> None:
    assert ask("GET", "/runs?state=queued", KEY, ("X-Ids", "1"), ("X-Ids", "2")).status == 200
    assert ask("GET", "/runs?state=queued", KEY, ("X-Ids", "1"), ("X-Ids", "b")).status == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"origin": "x"}', 201),
        (b'{"origin": "x", "origin": "y"}', 201),
        (b'{"origin": "\\ud83d\\ude00", "inputs": {"a": {"b": 1e300, "c": null}}}', 201),
        (b"", 422),
        (b"{}", 422),
        (b'{"origin": ""}', 422),
        (b'{"origin": "x", "more": 1}', 422),
        (b'{"origin": "x", "inputs": {"a": []}}', 422),
        (b'{"origin": "x", "any": NaN}', 422),
        (b'{"origin": "x", "any": -Infinity}', 422),
        (b'{"origin": "x", "any": 1e999}', 422),
        (b'{"origin": "x", "inputs": {"a": ' + b"1" * 5000 + b"}}", 422),
        (b'{"origin": "\\ud800"}', 422),
        (b'{"\\ud800": 1}', 422),
        (b'{"origin": "\xff"}', 422),
        (b"\xef\xbb\xbf{}", 422),
        (b'{"origin": "x", "any": ' + b"[" * 499 + b"]" * 499 + b"}", 201),
        (b'{"origin": "x", "any": ' + b"[" * 500 + b"]" * 500 + b"}", 422),
        (b'{"origin": "x", "any": [' + b"{}," * 10_000 + b"0]}", 201),
        (b"[" * 100_000, 422),
        (b'{"a":' * 100_000, 422),
        (b"{", 422),
        (b"null", 422),
    ],
)  # fmt: skip
def test_json_bodies_are_judged_by_their_schema(body: bytes, status: int) -> None:
    reply = ask("POST", "/runs", BEARER, JSON, body=body)
    assert reply.status == status
    if status == 422:
        assert json.loads(reply.body)["detail"].startswith("Refused: body: ")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"origin": "\xff"}', "is not Unicode text"),
        (b'{"origin": "\\ud800"}', "is not Unicode text"),
        (b'{"any": 1e999}', "has a number that JSON cannot carry"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"origin":\n}', "is not JSON: line 2, column 1: Expecting value"),
        (b'{"origin": "x", "inputs": {"a": []}}', "/inputs/a: the value is not valid under any of the schemas"),
    ],
)
def test_what_is_wrong_with_a_body_is_said(body: bytes, said: str) -> None:
    reply = ask("POST", "/runs", BEARER, JSON, body=body)
    assert json.loads(reply.body)["detail"].startswith(f"Refused: body: {said}")


def test_a_name_of_any_length_is_not_repeated_in_full() -> None:
    reply = ask("POST", "/runs", BEARER, JSON, body=b'{"origin": "x", "' + b"y" * 100_000 + b'": 1}')
    assert (reply.status, len(reply.body) < 500) == (422, True)


@pytest.mark.parametrize("kind", ["Application/JSON; charset=utf-8", "application/json"])
def test_the_media_type_is_read_without_case_and_parameters(kind: str) -> None:
    assert ask("POST", "/runs", BEARER, ("Content-Type", kind), body=b'{"origin":"x"}').status == 201


@pytest.mark.parametrize("kind", [(), (("Content-Type", "text/plain"),), (("Content-Type", "application/jsonx"),)])
def test_another_media_type_is_answered_415_where_that_is_documented(kind: tuple[tuple[str, str], ...]) -> None:
    assert ask("POST", "/runs", BEARER, *kind, body=b'{"origin":"x"}').status == 415


def test_the_verdict_on_another_media_type_names_the_header() -> None:
    fields = ((b"authorization", b"Bearer T"), (b"content-type", b"text/plain"))
    verdict = mock.engine.judge(Request("POST", b"/runs", b"", fields, b"origin=x"))
    assert verdict.operation is not None
    assert verdict.operation.name == "POST /runs"
    assert verdict.text == "header Content-Type: " + str(verdict.problem)
    assert "application/json" in str(verdict.problem)


def test_another_media_type_is_bad_input_where_415_is_not_documented() -> None:
    document = copy.deepcopy(DOCUMENT)
    del document["paths"]["/runs"]["post"]["responses"]["415"]
    other = Mock(document, api_key="K+1", token="T")
    for kind, body, status in ((b"text/plain", b"origin=x", 422), (b"application/json", b'{"origin":"x"}', 201)):
        fields = ((b"authorization", b"Bearer T"), (b"content-type", kind))
        assert other.handle(Request("POST", b"/runs", b"", fields, body)).status == status


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/runs", (BEARER,), 201),
        ("/runs?api+key=K%2B1", (), 201),
        ("/runs?api%20key=K%2B1", (), 201),
        ("/runs?api+key=K%2B1", (("Authorization", "Bearer wrong"),), 201),
        ("/runs?api+key=K+1", (), 401),
        ("/runs?api+key=K%2B1&api+key=K%2B1", (), 401),
        ("/runs?api+key=%ff", (), 401),
        ("/runs", (KEY,), 401),
    ],
)
def test_one_of_several_alternatives_will_do(target: str, headers: tuple[tuple[str, str], ...], status: int) -> None:
    assert ask("POST", target, *headers, JSON, body=b'{"origin":"x"}').status == status


@pytest.mark.parametrize(
    ("query", "said"),
    [("", "header Authorization: is missing"), ("?api+key=%ff", "header Authorization: is missing")],
)
def test_the_first_alternative_is_the_one_that_is_asked_for(query: str, said: str) -> None:
    assert json.loads(ask("POST", f"/runs{query}").body)["detail"] == f"Refused: {said}"


def test_an_api_key_alone_is_challenged_for_too() -> None:
    reply = ask("GET", "/runs?state=queued")
    assert (reply.status, dict(reply.headers)[b"www-authenticate"]) == (401, b'ApiKey realm="X-Key"')


def test_a_list_is_composed_of_valid_elements_with_its_required_header() -> None:
    reply = ask("GET", "/runs?state=queued", KEY)
    body = json.loads(reply.body)
    assert body == [{
        "id": "00000000-0000-4000-8000-000000000000", "state": "queued", "parent": None,
        "seconds": 2.5, "labels": [""],
    }]  # fmt: skip
    assert dict(reply.headers)[b"x-total"] == b"3"
    jsonschema.validate(body, {"type": "array", "items": RUN, "components": DOCUMENT["components"]})


def test_the_first_named_example_is_served() -> None:
    body = json.loads(ask("POST", "/runs", BEARER, JSON, body=b'{"origin":"x"}').body)
    assert body == {"id": "00000000-0000-0000-0000-000000000000", "state": "queued", "parent": None}


def test_a_response_without_content_is_empty() -> None:
    reply = ask("DELETE", "/runs/x")
    assert (reply.status, reply.headers, reply.body) == (204, (), b"")
    assert ask("GET", "/runs/latest").body == b""


def test_bytes_and_text_are_served_as_their_media_types() -> None:
    image = ask("GET", "/pages/7/result.png")
    text = ask("GET", "/pages/7/result.jpg", ("Prefer", "code=404"))
    assert (image.status, dict(image.headers)[b"content-type"], image.body) == (200, b"image/png", b"playbook3d mock\n")
    assert (text.status, dict(text.headers)[b"content-type"]) == (404, b"text/plain; charset=utf-8")
    assert text.body.decode() == "no résult"


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("DELETE", "/runs/latest", 405),
        ("DELETE", "/runs/latest%2F", 204),
        ("GET", "/pages/7/result.gif", 400),
        ("GET", "/pages/x/result.png", 400),
        ("GET", "/pages/7/result.", 405),
        ("GET", "/v1/runs", 404),
        ("DELETE", "/pages/7/result.png", 405),
        ("DELETE", "/pages/7/result", 204),
        ("DELETE", "/pages/7/%C3%A9", 204),
        ("DELETE", "/pages/7/é", 204),
        ("DELETE", "/pages/7/%E9", 400),
        ("HEAD", "/pages/7/result.png", 200),
    ],
)
def test_literal_paths_win_and_parameters_find_their_places(method: str, target: str, status: int) -> None:
    assert ask(method, target).status == status


def test_raw_bytes_in_a_path_must_be_utf_8() -> None:
    assert mock.handle(Request("DELETE", b"/pages/7/\xe9")).status == 400


def test_405_has_the_declared_shape_and_names_head_beside_get() -> None:
    declared, plain = ask("PATCH", "/runs/x"), ask("PATCH", "/runs/latest")
    assert json.loads(declared.body) == {"code": 0, "title": "oops", "detail": "Refused: this path answers DELETE only"}
    assert dict(declared.headers)[b"allow"] == b"DELETE"
    assert dict(plain.headers)[b"allow"] == b"GET, HEAD"


def test_a_range_and_the_default_answer_for_their_statuses() -> None:
    assert ask("GET", "/runs?state=queued", KEY, ("Prefer", "code=451")).status == 451
    assert ask("GET", "/runs?state=queued", KEY, ("Prefer", "code=500")).status == 400
    assert ask("GET", "/runs/latest", ("Prefer", "code=503")).status == 503
    for code in (100, 99, 600, 1000):
        assert ask("GET", "/runs/latest", ("Prefer", f"code={code}")).status == 400


# The mock's own gate: tests/conformance holds the full runs.


def test_stock_schemathesis_finds_nothing(tmp_path: Path) -> None:
    contract = tmp_path / "contract.json"
    contract.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    configured = {
        "hooks": "conformance.extension",
        "generation": {"deterministic": True, "database": "none", "max-examples": 5},
        "phases": {"coverage": {"enabled": False}},
        # One of the credentials travels in the query.
        "checks": {"EachCredential": {"enabled": False}, "EachUUID": {"enabled": False}},
    }
    with mock.serve() as url:
        outcome = stock.run(
            contract, url, {}, configured=configured, options=["-HX-Key: K+1", "-HAuthorization: Bearer T"]
        )
    assert outcome.passed, outcome.output
