"""Schemas that openapi-python-client cannot read cost no operation: the client takes any value there."""

from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.generated_package import generated_package
from support.small_contract import RunGenerate, contract, operation, sources

TEXT = {"type": "string"}
A = "#/components/schemas/A"
CONFLICT = {"allOf": [{"properties": {"a": TEXT}}, {"properties": {"a": {"type": "integer"}}}]}


def exchanging(schema: Any, **schemas: Any) -> dict[str, Any]:
    """A contract with an operation that takes and returns a schema."""
    content = {"content": {"application/json": {"schema": {"$ref": A}}}}
    responses = {"200": {"description": "The same.", **content}}
    paths = {"/echo": {"post": operation("echo", requestBody={"required": True, **content}, responses=responses)}}
    return contract(paths, components={"schemas": {"A": schema, **schemas}})


def echo(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=request.read())


ANY = {
    "conflict": (CONFLICT, {"a": "x"}),
    "array of itself": ({"type": "array", "items": {"$ref": A}}, [[], [[]]]),
    "definition": ({"type": "object", "$defs": {"b": TEXT}, "properties": {"b": {"$ref": f"{A}/$defs/b"}}}, {"b": "x"}),
    "names": ({"type": "object", "properties": {"@": TEXT, "$": TEXT}}, {"@": "x", "$": "y"}),
}
READ = {
    "boolean": ({"type": "object", "properties": {"a": True}}, {"a": [1]}),
    "array": ({"type": "array"}, [1, "a"]),
    "enumeration of types": ({"enum": [1, "a"]}, "a"),
    "enumeration of booleans": ({"enum": [True]}, True),
    "enumeration of numbers": ({"type": "number", "enum": [1.5, 2.5]}, 1.5),
    "constant": ({"type": "object", "properties": {"a": {"const": True}, "b": {"const": {"c": 1}}}}, {"b": {"c": 1}}),
    "required alternatives": (
        {"type": "object", "properties": {"a": TEXT}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {"a": "x"},
    ),
    "annotated": ({"allOf": [{"$ref": "#/components/schemas/B"}, {"description": "More."}]}, "x"),
    "extended": ({"allOf": [{"$ref": "#/components/schemas/C"}], "properties": {"e": TEXT}}, {"c": "x", "e": "y"}),
}


@pytest.mark.parametrize(("schema", "value"), [*ANY.values(), *READ.values()], ids=[*ANY, *READ])
def test_value_is_sent_and_returned(schema: Any, value: Any, tmp_path: Path) -> None:
    document = exchanging(schema, B=TEXT, C={"type": "object", "properties": {"c": TEXT}})
    with generated_package(tmp_path, document) as package:
        models = package.module("models")
        model = getattr(models, "A", None)
        result = package.client(echo).things.echo(body=model.from_dict(value) if model else value)
        assert (result.to_dict() if model else result) == value
        if model:
            assert not result.additional_keys


@pytest.mark.parametrize(("schema", "value"), ANY.values(), ids=ANY)
def test_any_value_is_reported(schema: Any, value: Any, tmp_path: Path, run: RunGenerate) -> None:
    status, _, err = run(sources(tmp_path, exchanging(schema)), tmp_path / "generated")
    assert status == 0
    assert err.startswith(f"any value: {A}")


def test_contract_without_models_can_be_imported(tmp_path: Path) -> None:
    with generated_package(tmp_path, contract()) as package:
        assert package.module("models").__all__ == ()


def test_optional_body_of_simple_types_is_sent(tmp_path: Path) -> None:
    content = {"application/json": {"schema": {"anyOf": [TEXT, {"type": "integer"}]}}}
    document = contract({"/echo": {"post": operation("echo", requestBody={"content": content})}})
    bodies: list[bytes] = []

    def handle(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        return httpx.Response(204)

    with generated_package(tmp_path, document) as package:
        client = package.client(handle)
        client.things.echo(body=5)
        client.things.echo()
    assert bodies == [b"5", b""]


NULL = {"content": {"application/json": {"schema": {"type": "null"}}}}
FAILING = operation("fail", requestBody=NULL, responses={"200": {"description": "Null.", **NULL}})


def test_operation_whose_module_cannot_be_imported_is_rejected(tmp_path: Path, run: RunGenerate) -> None:
    document = contract({"/a": {"get": operation("a")}, "/x": {"post": FAILING}})
    status, _, err = run(sources(tmp_path, document), tmp_path / "generated")
    assert status == 2
    assert ": #/paths/~1x/post: openapi-python-client fails on it: the generated module " in err
    assert "things/fail.py cannot be imported: TypeError" in err
    assert not (tmp_path / "generated").exists()


def test_body_that_is_neither_json_nor_text_is_bytes(tmp_path: Path) -> None:
    content = {"content": {"application/xml": {"schema": {"type": "object", "properties": {"a": TEXT}}}}}
    responses = {"200": {"description": "The same.", **content}}
    post = operation("echo", requestBody={"required": True, **content}, responses=responses)
    with generated_package(tmp_path, contract({"/echo": {"post": post}})) as package:
        file = package.module("types").File(payload=BytesIO(b"<a/>"))
        result = package.client(echo).things.echo(body=file)
        assert result.payload.read() == b"<a/>"
