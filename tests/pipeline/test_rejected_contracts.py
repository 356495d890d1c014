"""A contract that is invalid, or that the client could not honour, is rejected by pointer, and nothing is written."""

from pathlib import Path
from typing import Any

import pytest

from support.small_contract import RunGenerate, contract, files, operation, sources, write


def runs(**fields: Any) -> dict[str, Any]:
    """A contract with a second operation, ``GET /runs``."""
    return contract({"/runs": {"get": operation("list_runs", **fields)}})


def schemas(**fields: Any) -> dict[str, Any]:
    return contract(components={"schemas": fields})


def scheme(document: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A contract with a security scheme, and another of the same header."""
    two = {"type": "http", "scheme": "basic"}
    return {**document, "components": {"securitySchemes": {"one": fields, "two": two}}}


def header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}


def with_key(**item: Any) -> dict[str, Any]:
    """A contract with an API key, and with this item at ``/runs``."""
    key = {"type": "apiKey", "in": "header", "name": "x-Key"}
    parameters = {"Key": header("X-Key"), "Id": header("X-Id")}
    return contract({"/runs": item}, components={"securitySchemes": {"key": key}, "parameters": parameters})


def get_by(name: str) -> dict[str, Any]:
    """A path item with one operation, and a path parameter."""
    parameter = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    return {"get": operation(f"get_by_{name}", parameters=[parameter])}


QUERY = {"name": "q", "in": "query", "schema": {"type": "string"}}
ID, KEY = {"$ref": "#/components/parameters/Id"}, {"$ref": "#/components/parameters/Key"}
RUNS, SCHEMA = "#/paths/~1runs", "#/components/schemas/A"
CREDENTIAL = "is a credential, but still a parameter"
URL = "is not an http or https URL"

INVALID: list[tuple[Any, str]] = [
    ("openapi: 3.1.0\ninfo: [\n", ", line 3, column 1: not YAML: "),
    ({"swagger": "2.0"}, ": Swagger 2.0 is not supported: convert it to OpenAPI 3 first (npx swagger2openapi"),
    (contract(openapi="3.3.0"), ": not an OpenAPI 3.0, 3.1 or 3.2 document (openapi: '3.3.0')"),
    (contract(openapi=3.1), ": not an OpenAPI 3.0, 3.1 or 3.2 document (openapi: 3.1)"),
    (
        contract(info={"title": "T", "version": []}, tags=5),
        '#/info/version: [] is not of type "string"\n  #/tags: 5 is',
    ),
    (contract() | {"paths": [5]}, "\n  #/paths: [5] is not of type"),
    (schemas(A={"properties": {"b": {"type": "text"}}}), f"{SCHEMA}/properties/b/type: 'text' is not valid under any"),
    (schemas(A={"allOf": [{"$ref": SCHEMA}]}), f"{SCHEMA}/allOf/0/$ref refers to {SCHEMA}, which includes itself"),
    (schemas(A={"items": {"$ref": "#/info"}}), f"{SCHEMA}/items/$ref refers to #/info, which is not a schema"),
    (runs(parameters=[{"$ref": "#/info"}]), f"{RUNS}/get/parameters/0/$ref refers to #/info, which is not one of the"),
    (contract({"/a": get_by("b")}), "#/paths/~1a/get/parameters/0: the path has no {b}"),
    (runs(parameters=[QUERY, {**QUERY, "required": True}]), f"{RUNS}/get/parameters/1: the query parameter q is"),
    (schemas(A={"$ref": "b.yaml"}), f"{SCHEMA}/$ref refers to b.yaml, outside the document: copy"),
    (schemas(A={"allOf": [{}, {"$ref": "#/no"}]}), f"{SCHEMA}/allOf/1/$ref refers to #/no, which does not exist"),
    (schemas(A={"$ref": SCHEMA}), f"{SCHEMA}/$ref refers to {SCHEMA}, which does not exist"),
    (schemas(A={"$ref": 5}), f"{SCHEMA}/$ref: must be a string, not 5"),
    (
        contract({"/x": {"$ref": "#/components/pathItems/X"}}, components={"pathItems": {"X": {}}}),
        ": #/paths/~1x/$ref: the generator does not follow",
    ),
    (
        contract({"/runs/{a}": get_by("a"), "/runs/{b}": get_by("b")}),
        f": {RUNS}~1{{b}}/get: differs from /runs/{{a}} only in the names of its parameters",
    ),
    (
        scheme(runs(security=[{"one": []}]), type="http", scheme="digest"),
        f": {RUNS}/get/security/0: HTTP bearer and basic, API keys, OAuth 2 and OpenID Connect are supported, not its "
        "security scheme one (http digest): replace it in the overlay",
    ),
    (scheme(contract(security=[{"one": []}]), type="mutualTLS"), ": #/paths/~1things/get: HTTP bearer and basic"),
    (
        scheme(contract(security=[{"one": [], "two": []}]), type="http", scheme="bearer"),
        ": #/paths/~1things/get: its security schemes one and two use the same header: require one of them",
    ),
    (runs(security=[{"oauth": []}]), f": {RUNS}/get/security/0: its security scheme oauth is not declared"),
    (runs(parameters=[header("AUTHORIZATION")]), f": {RUNS}/get/parameters/0: AUTHORIZATION {CREDENTIAL}"),
    (with_key(get=operation("a", parameters=[ID, KEY])), f": {RUNS}/get/parameters/1: X-Key {CREDENTIAL}"),
    (with_key(get=operation("a"), parameters=[ID, KEY]), f": {RUNS}/parameters/1: X-Key {CREDENTIAL}"),
    (runs(servers=[{"url": "http://[::1"}]), f"{RUNS}/get/servers/0/url: the server 'http://[::1' {URL}"),
    (contract(servers=[{"url": "ftp://a.example"}]), f"#/servers/0/url: the server 'ftp://a.example' {URL}"),
    (
        runs(requestBody={"content": {"text/plain": {"schema": {"type": "string"}}}}),
        f": {RUNS}/get: openapi-python-client cannot generate this: Unsupported content type text/plain",
    ),
]


@pytest.mark.parametrize(("document", "message"), INVALID, ids=[message for _, message in INVALID])
def test_contract_is_rejected_and_nothing_is_written(
    document: Any, message: str, tmp_path: Path, run: RunGenerate
) -> None:
    source = sources(tmp_path, document)
    output = tmp_path / "generated"
    output.mkdir()
    write(output / "openapi.yaml", "old")
    before = files(tmp_path)
    status, out, err = run(source, output)
    assert (status, out) == (2, "")
    assert err.startswith(f"python -m contract: {source.contract}")
    assert message in err
    assert " object at 0x" not in err
    assert files(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["generated", "over.yaml", "small.yaml"]
