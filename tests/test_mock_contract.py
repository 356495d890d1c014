"""What the mock refuses to serve, with the place and the reason, and what it reads where nothing is given."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from playbook3d_mock import ContractError, Engine, Request
from playbook3d_mock._loading import default_path, load

AT = "#/paths/~1a~1{id}/get"
OK = AT + "/responses/200"
SCHEMA = OK + "/content/application~1json/schema"


def document() -> Any:
    """A contract that is served; each case below breaks it in one place."""
    return copy.deepcopy(
        {
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {
                "/a/{id}": {
                    "get": {
                        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                        "responses": {
                            "200": {
                                "description": "Good.",
                                "content": {
                                    "application/json": {
                                        "schema": {"type": "object", "properties": {"result": {"type": "string"}}},
                                        "example": {"result": "good"},
                                    }
                                },
                            }
                        },
                    }
                }
            },
            "components": {
                "schemas": {"S": {"type": "object", "$defs": {"a": {"nullable": True}}}},
                "securitySchemes": {},
            },
        }
    )


def engine(contract: Any) -> Engine:
    return Engine(contract, api_key="k", token="t")


def put(pointer: str, value: Any) -> Callable[[Any], None]:
    """A change that sets what a JSON pointer names; None removes it."""
    *way, last = [token.replace("~1", "/").replace("~0", "~") for token in pointer.removeprefix("#/").split("/")]

    def change(contract: Any) -> None:
        place: Any = contract
        for token in way:
            place = place[int(token) if hasattr(place, "insert") else token]
        if value is None:
            del place[last]
        elif hasattr(place, "insert"):
            place.insert(int(last), value)
        else:
            place[last] = value

    return change


def parameter(**fields: Any) -> Callable[[Any], None]:
    good: dict[str, Any] = {"name": "q", "in": "query", "schema": {"type": "string"}}
    return put(AT + "/parameters/1", {key: value for key, value in (good | fields).items() if value is not None})


def scheme(**fields: Any) -> Callable[[Any], None]:
    return put("#/components/securitySchemes/s", fields)


def test_the_contract_that_the_cases_break_is_served() -> None:
    assert engine(document()).handle(Request("GET", b"/a/b")).body == b'{"result":"good"}'


DOCUMENTS = {
    "no version": (put("#/openapi", None), "#", "has no field 'openapi'"),
    "3.0": (put("#/openapi", "3.0.3"), "#/openapi", "is '3.0.3'; this mock reads OpenAPI 3.1"),
    "3.2": (put("#/openapi", "3.2.0"), "#/openapi", "is '3.2.0'"),
    "a number": (put("#/openapi", 3.1), "#/openapi", "is 3.1;"),
    "no operation": (put("#/paths/~1a~1{id}", None), "#/paths", "declares no operation"),
    "no paths": (put("#/paths", None), "#", "declares no operation"),
    "unknown field": (put("#/swagger2", {}), "#/swagger2", "'swagger2' is no field that OpenAPI 3.1 has here"),
    "unknown dialect": (put("#/jsonSchemaDialect", "urn:x"), "#/jsonSchemaDialect", "dialect 'urn:x'"),
    "paths is a list": (put("#/paths", [1]), "#/paths", "must be an object, not an array"),
    "a key twice": (put("#/info", {"x": 1, 7: 1, "7": 1}), "#/info", "names the key '7' twice"),
    "a key that is none": (put("#/info", {None: 1}), "#/info", "the key None must be a string"),
    "no JSON": (put("#/info/x", {1, 2}), "#/info/x", "nothing that JSON can hold"),
    "not a number": (put("#/info/x", float("nan")), "#/info/x", "nan is nothing that JSON can hold"),
    "surrogate": (put("#/info/x", "\ud800"), "#/info/x", "half of a surrogate pair"),
}
REFERENCES = {
    "external": (put(AT + "/responses/400", {"$ref": "other.yaml#/x"}), AT + "/responses/400", "within the document"),
    "dangling": (put(AT + "/responses/400", {"$ref": "#/components/x"}), AT + "/responses/400", "nothing at #/comp"),
    "no pointer": (put(AT + "/responses/400", {"$ref": "#x"}), AT + "/responses/400", "is not a JSON pointer"),
    "the whole": (put(AT + "/responses/400", {"$ref": "#"}), AT + "/responses/400", "is not a JSON pointer"),
    "itself": (put(AT + "/responses/400", {"$ref": "#/paths/~1a~1%7Bid%7D/get/responses/400"}),
               AT + "/responses/400", "leads back to itself"),
    "in a schema": (put(SCHEMA + "/properties/x", {"$ref": "#/nowhere"}), SCHEMA + "/properties/x", "nothing at"),
    "path item": (put("#/paths/~1b", {"$ref": "#/paths/~1a~1{id}", "summary": "x"}), "#/paths/~1b", "nothing beside"),
}  # fmt: skip
SCHEMAS = {
    "invalid": (put(SCHEMA + "/properties/x", {"type": "strin"}), SCHEMA + "/properties/x/type", "JSON Schema 2020-12"),
    "pattern": (put(SCHEMA + "/properties/x", {"pattern": "["}), SCHEMA + "/properties/x/pattern", "JSON Schema"),
    "nullable": (put(SCHEMA + "/properties/x", {"nullable": True}), SCHEMA + "/properties/x/nullable", "3.1 has no"),
    "behind a reference": (
        put(SCHEMA + "/properties/x", {"$ref": "#/components/schemas/S/$defs/a"}),
        "#/components/schemas/S/$defs/a/nullable",
        "3.1 has no",
    ),
    "$id": (put(SCHEMA + "/$id", "urn:x"), SCHEMA + "/$id", "'$id' is not supported"),
    "anchor": (put(SCHEMA + "/$defs", {"a": {"$anchor": "x"}}), SCHEMA + "/$defs/a/$anchor", "not supported"),
    "dialect": (put(SCHEMA + "/$schema", "urn:x"), SCHEMA + "/$schema", "the dialect 'urn:x'"),
}
SECURITY = {
    "oauth2": (scheme(type="oauth2", flows={}), "#/components/securitySchemes/s", "kind 'oauth2' are not"),
    "openIdConnect": (scheme(type="openIdConnect"), "#/components/securitySchemes/s", "'openIdConnect'"),
    "mutualTLS": (scheme(type="mutualTLS"), "#/components/securitySchemes/s", "'mutualTLS'"),
    "basic": (scheme(type="http", scheme="basic"), "#/components/securitySchemes/s", "'http basic'"),
    "place": (scheme(type="apiKey", name="k", **{"in": "body"}), "#/components/securitySchemes/s/in", "no place"),
    "name": (scheme(type="apiKey", name="a b", **{"in": "header"}), "#/components/securitySchemes/s/name", "'a b'"),
    "unknown": (put(AT + "/security", [{"nope": []}]), AT + "/security/0/nope", "no security scheme 'nope'"),
}
PARAMETERS = {
    "style": (parameter(style="deepObject"), AT + "/parameters/1/style", "'deepObject' is not supported"),
    "object": (parameter(schema={"type": "object"}), AT + "/parameters/1/schema", "type 'object'"),
    "no type": (parameter(schema={"minLength": 1}), AT + "/parameters/1/schema", "must name the type"),
    "no schema": (parameter(schema=None), AT + "/parameters/1", "must have a 'schema'"),
    "content": (parameter(schema=None, content={}), AT + "/parameters/1/content", "'content' are not"),
    "items": (parameter(schema={"type": "array"}), AT + "/parameters/1/schema", "'items' of one simple type"),
    "cookie array": (parameter(**{"in": "cookie", "schema": {"type": "array", "items": {"type": "string"}}}),
                     AT + "/parameters/1/schema", "cookie parameters of the type 'array'"),
    "empty": (parameter(allowEmptyValue=True), AT + "/parameters/1/allowEmptyValue", "not supported"),
    "place": (parameter(**{"in": "body"}), AT + "/parameters/1/in", "'body' is no place"),
    "name": (parameter(**{"in": "header", "name": "a b"}), AT + "/parameters/1/name", "no name that a header"),
    "Authorization": (parameter(**{"in": "header", "name": "Authorization"}), AT + "/parameters/1", "OpenAPI ignores"),
    "Accept": (parameter(**{"in": "header", "name": "ACCEPT"}), AT + "/parameters/1", "OpenAPI ignores"),
    "twice": (parameter(**{"in": "path", "name": "id"}), AT + "/parameters/1", "declared twice"),
    "not in path": (parameter(**{"in": "path", "name": "x", "required": True}), AT + "/parameters/1", "'{x}'"),
    "not declared": (put(AT + "/parameters", []), AT, "'{id}' of the path is not declared"),
    "optional": (put(AT + "/parameters/0/required", False), AT + "/parameters/0", "'required: true'"),
    "unknown field": (parameter(type="string"), AT + "/parameters/1/type", "no field"),
}  # fmt: skip
OTHER = {
    "parameters": [{"name": "other", "in": "path", "required": True, "schema": {"type": "string"}}],
    "delete": {"responses": {"default": {"description": "x"}}},
}
PATHS = {
    "no slash": (put("#/paths/b", {}), "#/paths/b", "must start with '/'"),
    "braces": (put("#/paths/~1b{", {}), "#/paths/~1b{", "not a template segment"),
    "two in one": (put("#/paths/~1{a}.{b}", {}), "#/paths/~1{a}.{b}", "two parameters in one segment"),
    "twice": (put("#/paths/~1{a}~1{a}", {}), "#/paths/~1{a}~1{a}", "names a parameter twice"),
    "ambiguous": (put("#/paths/~1a~1{other}", OTHER), "#/paths/~1a~1{other}", "cannot be told from another path"),
    "method": (put("#/paths/~1a~1{id}/query", {}), "#/paths/~1a~1{id}/query", "no field"),
}
BODIES = {
    "form": (put(AT + "/requestBody", {"content": {"multipart/form-data": {}}}),
             AT + "/requestBody/content/multipart~1form-data", "'multipart/form-data' are not supported"),
    "range": (put(AT + "/requestBody", {"content": {"*/*": {}}}), AT + "/requestBody/content/*~1*", "no single media"),
    "none": (put(AT + "/requestBody", {"content": {}}), AT + "/requestBody", "must have a 'content'"),
}  # fmt: skip
RESPONSES = {
    "none": (put(AT + "/responses", None), AT, "must have 'responses'"),
    "no success": (put(AT + "/responses", {"404": {"description": "x"}}), AT + "/responses", "no success"),
    "1xx": (put(AT + "/responses/100", {"description": "x"}), AT + "/responses/100", "cannot answer 1xx"),
    "status": (put(AT + "/responses/2xx", {"description": "x"}), AT + "/responses/2xx", "'2xx' is no status"),
    "204": (put(AT + "/responses/204", {"description": "x", "content": {"text/plain": {}}}),
            AT + "/responses/204/content", "has no content"),
    "no description": (put(OK + "/description", None), OK, "must have a string 'description'"),
    "media type": (put(OK + "/content/application~1*", {}), OK + "/content/application~1*", "no single media type"),
    "parameters": (put(OK + "/content/text~1plain;v=1", {}), OK + "/content/text~1plain;v=1", "with parameters"),
    "header": (put(OK + "/headers", {"X": {"required": True, "schema": {"type": "object"}}}),
               OK + "/headers/X/schema", "no example that the header 'X' could have"),
    "header name": (put(OK + "/headers", {"é": {"required": True}}), OK + "/headers/é", "no name that a header"),
    "type name": (put(OK + "/content/text~1é", {}), OK + "/content/text~1é", "no single media type"),
    "XML": (put(OK + "/content", {"application/xml": {"schema": {"type": "object"}}}),
            OK + "/content/application~1xml", "must be described as a string"),
}  # fmt: skip
EXAMPLES = {
    "breaks": (put(SCHEMA.replace("schema", "example"), {"result": 1}), SCHEMA.replace("schema", "example"),
               "the example breaks its schema: /result: the value is not of type \"string\""),
    "drifts": (put(SCHEMA.replace("schema", "example"), {"description": "x"}), SCHEMA.replace("schema", "example"),
               "none of the properties that its schema declares: result"),
    "drifts in the schema": (put(SCHEMA + "/example", {"description": "x"}), SCHEMA + "/example", "none of the"),
    "drifts below": (put(SCHEMA, {"properties": {"result": {"properties": {"a": {}}}},
                                  "example": {"result": {"b": 1}}}),
                     SCHEMA + "/example/result", "declares: a"),
    "drifts in a list": (put(SCHEMA, {"items": {"properties": {"a": {}}}, "example": [{"a": 1}, {"b": 1}]}),
                         SCHEMA + "/example/1", "declares: a"),
    "external": (put(OK + "/content/application~1json", {"examples": {"x": {"externalValue": "http://x"}}}),
                 OK + "/content/application~1json/examples/x", "'value' in the document itself"),
    "impossible": (put(OK + "/content/application~1json", {"schema": {"type": "string", "pattern": "^a+$"}}),
                   SCHEMA, "no valid example could be composed, so give one"),
}  # fmt: skip
CASES = {
    f"{group}: {name}": case
    for group, cases in {
        "document": DOCUMENTS, "reference": REFERENCES, "schema": SCHEMAS, "security": SECURITY, "path": PATHS,
        "parameter": PARAMETERS, "request body": BODIES, "response": RESPONSES, "example": EXAMPLES,
    }.items()
    for name, case in cases.items()
}  # fmt: skip


@pytest.mark.parametrize(("change", "pointer", "said"), CASES.values(), ids=CASES)
def test_what_is_not_understood_is_refused_with_its_pointer(
    change: Callable[[Any], None], pointer: str, said: str
) -> None:
    contract = document()
    change(contract)
    with pytest.raises(ContractError) as caught:
        engine(contract)
    assert caught.value.pointer == pointer
    assert said in caught.value.message
    assert str(caught.value) == f"{pointer}: {caught.value.message}"
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("place", "query", "cookie", "said"),
    [
        ("query", b"", b"", "is missing"),
        ("query", b"s%C3%A9=%6b", b"", None),
        ("query", b"s%C3%A9=x", b"", "is not the API key that the mock accepts"),
        ("query", b"s%C3%A9=%ff", b"", "is not the API key that the mock accepts"),
        ("query", b"s%C3%A9=k&s%C3%A9=k", b"", "is not the API key that the mock accepts"),
        ("cookie", b"", b"a=b", "is missing"),
        ("cookie", b"", b"a=b; s=k", None),
    ],
)
def test_an_api_key_may_travel_in_query_or_cookie(place: str, query: bytes, cookie: bytes, said: str | None) -> None:
    contract = document()
    name = "sé" if place == "query" else "s"
    scheme(type="apiKey", name=name, **{"in": place})(contract)
    put(AT + "/security", [{"s": []}])(contract)
    reply = engine(contract).handle(Request("GET", b"/a/b", query, ((b"cookie", cookie),)))
    assert json.loads(reply.body) == ({"message": f"{place} {name}: {said}"} if said else {"result": "good"})
    assert dict(reply.headers).get(b"www-authenticate") == (
        (b'ApiKey realm="s%C3%A9"' if place == "query" else b'ApiKey realm="s"') if said else None
    )


def test_a_path_without_operations_is_not_there() -> None:
    contract = document()
    put("#/paths/~1b", {"summary": "Later."})(contract)
    assert engine(contract).handle(Request("GET", b"/b")).status == 404


def test_what_a_path_may_have_beside_operations_changes_nothing() -> None:
    contract = document()
    put("#/paths/x-internal", {"get": 1})(contract)
    for field, value in (("summary", "s"), ("description", "d"), ("servers", []), ("parameters", [])):
        put(f"#/paths/~1a~1{{id}}/{field}", value)(contract)
    put("#/paths/~1b~1{id}", {"$ref": "#/paths/~1a~1{id}"})(contract)
    for path in (b"/a/b", b"/b/b"):
        assert engine(contract).handle(Request("GET", path)).body == b'{"result":"good"}'
    assert [one.path for one in engine(contract).operations] == ["/a/{id}", "/b/{id}"]


def test_what_http_asks_for_replaces_an_example_of_the_contract() -> None:
    contract = document()
    required = {"required": True, "schema": {"type": "string", "example": "by example"}}
    put(AT + "/responses/405", {"description": "x", "headers": {"Allow": required, "X-Own": required}})(contract)
    assert engine(contract).handle(Request("PUT", b"/a/b")).headers == (
        (b"x-own", b"by example"),
        (b"content-length", b"0"),
        (b"allow", b"GET, HEAD"),
    )


def test_roles_are_refused() -> None:
    contract = document()
    scheme(type="http", scheme="bearer")(contract)
    put(AT + "/security", [{"s": ["admin"]}])(contract)
    with pytest.raises(ContractError, match="scopes and roles are not supported"):
        engine(contract)


def test_a_schema_that_requires_itself_without_end_is_refused() -> None:
    contract = document()
    put("#/components/schemas/S", {"required": ["s"], "properties": {"s": {"$ref": "#/components/schemas/S"}}})(
        contract
    )
    put(OK + "/content/application~1json", {"schema": {"$ref": "#/components/schemas/S"}})(contract)
    with pytest.raises(ContractError, match="requires itself without end"):
        engine(contract)


JSON_BODY = OK + "/content/application~1json"
PLAIN = {"schema": {"type": "string", "example": "plain"}}


@pytest.mark.parametrize(
    ("schema", "example", "said"),
    [
        ({"properties": {"code": {"type": "string"}, "detail": {"type": "string"}}}, {"code": "E1"},
         {"code": "E1", "detail": "Good: path id: "}),
        ({"properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}, {"a": 1},
         {"a": 1, "b": "Good: path id: "}),
        ({"properties": {"result": {"type": "string", "maxLength": 25}}}, {"result": "short"}, {"result": "short"}),
        ({"properties": {"result": {"enum": ["one"]}}}, {"result": "one"}, {"result": "one"}),
        ({"type": "string"}, "short", "Good: path id: "),
        ({"type": "array"}, [1], [1]),
    ],
)  # fmt: skip
def test_the_text_of_an_error_goes_where_the_declared_shape_has_room(schema: Any, example: Any, said: Any) -> None:
    contract = document()
    put(AT + "/responses/400", {"description": "Good.", "content": {
        "application/json": {"schema": schema, "example": example}}})(contract)  # fmt: skip
    reply = engine(contract).handle(Request("GET", b"/a/%zz"))
    problem = "has a '%' that begins no percent-encoding"
    assert reply.status == 400
    assert reply.body.decode().replace(problem, "") == json.dumps(said, separators=(",", ":"))


def test_an_example_of_an_open_object_may_have_keys_of_its_own() -> None:
    contract = document()
    schema = {"properties": {"a": {}}, "additionalProperties": {"type": "integer"}}
    put(JSON_BODY, {"schema": schema, "example": {"own": 1}})(contract)
    assert engine(contract).handle(Request("GET", b"/a/b")).body == b'{"own":1}'


def test_json_is_taken_where_a_response_has_several_media_types() -> None:
    contract = document()
    content = contract["paths"]["/a/{id}"]["get"]["responses"]["200"]["content"]
    content["application/json"] = {"schema": PLAIN["schema"]}
    contract["paths"]["/a/{id}"]["get"]["responses"]["200"]["content"] = {"text/plain": PLAIN, **content}
    assert engine(contract).handle(Request("GET", b"/a/b")).body == b'"plain"'


@pytest.mark.parametrize(
    ("schema", "body"),
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
def test_a_schema_without_example_is_answered_with_the_plainest_value(schema: Any, body: Any) -> None:
    contract = document()
    put(JSON_BODY, {"schema": schema})(contract)
    assert json.loads(engine(contract).handle(Request("GET", b"/a/b")).body) == body


def test_types_that_all_refer_to_each_other_have_an_example_in_no_time() -> None:
    contract = document()
    names = [f"T{i}" for i in range(12)]
    fields = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    contract["components"]["schemas"] = {name: {"type": "object", "properties": fields} for name in names}
    put(OK + "/content/application~1json", {"schema": fields["T0"]})(contract)
    assert engine(contract).handle(Request("GET", b"/a/b")).status == 200


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("c.yaml", b"a: [", "is not YAML 1.2: line 1, column 5: "),
        ("c.yaml", b"a: 1\na: 2", "is not YAML 1.2: line 2, column 1: found duplicate key"),
        ("c.yaml", b"\x00", "is not YAML 1.2: "),
        ("c.yaml", b"a: !!python/object x", "is not YAML 1.2: line 1"),
        ("c.yaml", b"\xff\xfe", "is not UTF-8 text"),
        ("c.yaml", b"", "#: must be an object, not null"),
        ("c.yaml", b"hello", "#: must be an object, not a string"),
        ("c.yaml", b"swagger: '2.0'", "#/openapi: is 'Swagger 2.0'"),
        ("c.yaml", b"a: &x\n  b: *x", "#/a/b: contains itself"),
        ("c.yaml", b"[" * 600, "is nested too deeply"),
        ("c.json", b"{", "is not JSON: line 1, column 2"),
        ("c.json", b'{"a": 1, "a": 2}', "names a key twice in one object: 'a'"),
        ("c.json", b"[" * 100_000, "is nested too deeply"),
        ("missing.yaml", None, "cannot be read: No such file or directory"),
    ],
)
def test_an_unreadable_file_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ContractError) as caught:
        load(path)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_yaml_keys_and_dates_are_the_text_they_are(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    text = json.dumps(document()).replace('"200"', "200").replace('"good"', "2024-02-29")
    path.write_text(text, "utf-8")
    assert engine(path).handle(Request("GET", b"/a/b")).body == b'{"result":"2024-02-29"}'


def test_escaped_surrogate_pairs_in_yaml_are_one_character(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(json.dumps(document()).replace('"good"', '"\\ud83d\\ude00"'), "utf-8")
    assert engine(path).handle(Request("GET", b"/a/b")).body == '{"result":"😀"}'.encode()


def test_each_mock_has_a_contract_of_its_own() -> None:
    one, other = (cast(Any, load().value) for _ in range(2))
    one["paths"].clear()
    assert other["paths"]


def test_the_contract_of_a_checkout_comes_first_then_the_packaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "tests" / "playbook3d_mock"
    monkeypatch.setattr("playbook3d_mock._loading.__file__", str(package / "_loading.py"))
    assert default_path() == package / "openapi.yaml"
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated" / "openapi.yaml").touch()
    assert default_path() == tmp_path / "generated" / "openapi.yaml"


def test_all_names_every_public_name_and_each_is_there() -> None:
    import playbook3d_mock

    for name in playbook3d_mock.__all__:
        assert getattr(playbook3d_mock, name).__name__ == name
    assert sorted(playbook3d_mock.__all__) == playbook3d_mock.__all__
    with pytest.raises(AttributeError):
        _ = playbook3d_mock.Nothing


def test_a_path_is_served_at_the_root_and_below_the_path_of_each_server() -> None:
    contract = document()
    put("#/servers", [{"url": "https://host/v1/"}, {"url": "https://host"}])(contract)
    variables = {"region": {"default": "eu"}, "tier": {"default": "v2"}}
    put("#/paths/~1a~1{id}/servers", [{"url": "https://{region}.host/api/{tier}", "variables": variables}])(contract)
    put(AT + "/servers", [{"url": "/v3"}])(contract)
    served = engine(contract)
    for base in ("", "/v1", "/api/v2", "/v3"):
        assert served.handle(Request("GET", f"{base}/a/1".encode())).status == 200
    for base in ("/v4", "/v1/v3", "/v", "/api"):
        assert served.handle(Request("GET", f"{base}/a/1".encode())).status == 404


def test_a_server_whose_url_is_none_is_refused_with_its_place() -> None:
    contract = document()
    put(AT + "/servers", [{"url": "http://[host"}])(contract)
    with pytest.raises(ContractError) as refusal:
        engine(contract)
    assert str(refusal.value) == f"{AT}/servers/0: 'http://[host' is no URL"


def test_what_an_author_has_named_is_no_extension() -> None:
    contract = document()
    put(OK + "/headers", {"x-total": {"required": True, "schema": {"type": "integer"}, "example": 3}})(contract)
    put(OK + "/content/application~1json/example", None)(contract)
    put(OK + "/content/application~1json/examples", {"x-one": {"value": {"result": "named"}}})(contract)
    scheme = {"type": "apiKey", "in": "header", "name": "x-api-key"}
    put("#/components/securitySchemes/x-key", scheme)(contract)
    put(AT + "/security", [{"x-key": []}])(contract)
    put(AT + "/responses/x-note", {"$ref": "#/nowhere"})(contract)  # and this one is
    served = engine(contract)
    assert served.handle(Request("GET", b"/a/1")).status == 401
    reply = served.handle(Request("GET", b"/a/1", headers=((b"x-api-key", b"k"),)))
    assert (reply.status, dict(reply.headers)[b"x-total"], reply.body) == (200, b"3", b'{"result":"named"}')


@pytest.mark.parametrize(
    ("kind", "status"), [((b"content-type", b"application/octet-stream"), 200), ((b"accept", b"*/*"), 400)]
)
def test_where_bytes_will_do_none_do_as_well(kind: tuple[bytes, bytes], status: int) -> None:
    contract = document()
    put(AT + "/requestBody", {"required": True, "content": {"application/octet-stream": {}}})(contract)
    assert engine(contract).handle(Request("GET", b"/a/1", headers=(kind,))).status == status
