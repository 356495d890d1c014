"""OpenAPI 3.0 and 3.2 are read as 3.1; what only 3.2 has, and Swagger 2.0, are rejected."""

from pathlib import Path
from typing import Any

import pytest

from contract import yaml_io
from contract.errors import PipelineError
from contract.output import read_effective_contract
from contract.reading import read_contract
from contract.refresh import refresh
from contract.sources import Sources, Targets
from support.small_contract import RunGenerate, contract, operation, overlay, sources, write

NULL = {"type": "null"}
REFERENCE = {"$ref": "#/components/schemas/B"}
READ_AS_3_0 = "nullable is no keyword of OpenAPI 3.1; it is read as in 3.0."


def schemas(version: str, **fields: Any) -> dict[str, Any]:
    fields.setdefault("B", {"type": "object"})
    return contract(openapi=version, components={"schemas": fields})


def read_schema(version: str, schema: Any) -> Any:
    """What becomes of the schema in a contract of this version."""
    return read_contract("small", schemas(version, A=schema)).contract["components"]["schemas"]["A"]


@pytest.mark.parametrize(
    ("schema", "raised"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "string", "enum": ["a", None], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"enum": ["a"], "nullable": True}, {"enum": ["a", None]}),
        ({"properties": {"a": {}}, "nullable": True}, {"properties": {"a": {}}, "type": ["object", "null"]}),
        ({"properties": {"nullable": {"type": "string"}}}, {"properties": {"nullable": {"type": "string"}}}),
        ({**REFERENCE, "nullable": True}, {"anyOf": [REFERENCE, NULL]}),
        (
            {"allOf": [REFERENCE], "nullable": True, "description": "A.", "readOnly": True},
            {"description": "A.", "readOnly": True, "anyOf": [{"allOf": [REFERENCE]}, NULL]},
        ),
        (
            {"type": "object", "allOf": [REFERENCE], "nullable": True},
            {"anyOf": [{"type": "object", "allOf": [REFERENCE]}, NULL]},
        ),
        ({"oneOf": [REFERENCE], "nullable": True}, {"oneOf": [REFERENCE, NULL]}),
        ({"anyOf": [REFERENCE, NULL], "nullable": True}, {"anyOf": [REFERENCE, NULL]}),
        (
            {"type": "object", "oneOf": [REFERENCE], "nullable": True},
            {"anyOf": [{"type": "object", "oneOf": [REFERENCE]}, NULL]},
        ),
        ({"nullable": True}, {}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"items": {"maximum": 1, "exclusiveMaximum": True}}, {"items": {"exclusiveMaximum": 1}}),
    ],
)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_nullable_and_bounds_are_read_as_their_author_meant(version: str, schema: Any, raised: Any) -> None:
    assert read_schema(version, schema) == raised


@pytest.mark.parametrize(
    ("schema", "raised"),
    [
        ({"type": "string", "example": "a"}, {"type": "string", "examples": ["a"]}),
        ({"type": "string", "format": "byte"}, {"type": "string", "format": "byte", "contentEncoding": "base64"}),
        ({**REFERENCE, "description": "A.", "type": "string", "minLength": 1}, {**REFERENCE, "description": "A."}),
    ],
)
def test_3_0_schemas_are_raised(schema: Any, raised: Any) -> None:
    assert read_schema("3.0.3", schema) == raised


@pytest.mark.parametrize("schema", [{"format": "binary"}, {"contentMediaType": "application/octet-stream"}])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_bytes_are_declared_in_both_ways(version: str, schema: Any) -> None:
    both = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
    assert read_schema(version, {"type": "string", **schema}) == both
    encoded = {"type": "string", "contentMediaType": "image/png", "contentEncoding": "base64"}
    assert read_schema(version, encoded) == encoded


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_ignored_fields_beside_references_are_removed(version: str) -> None:
    page = {"name": "page", "in": "query", "schema": {"type": "integer"}}
    reference = {"$ref": "#/components/parameters/Page"}
    paths = {"/a": {"get": operation("a", parameters=[{**reference, "required": True, "x-a": 1}])}}
    document = contract(paths, openapi=version, components={"parameters": {"Page": page}})
    read, warnings = read_contract("small", document)
    assert read["paths"]["/a"]["get"]["parameters"] == [reference]
    texts = [f"#/paths/~1a/get/parameters/0/{key}: {key} is ignored beside $ref." for key in ("required", "x-a")]
    assert warnings == (texts if version == "3.1.0" else [])


def test_examples_are_data() -> None:
    body = {
        "schema": {"type": "object", "default": {"nullable": True}},
        "example": {"nullable": True, "$ref": "x.json"},
    }
    document = contract(
        {"/a": {"post": operation("a", requestBody={"content": {"application/json": body}})}},
        **{"openapi": "3.0.0", "x-docs": {"$ref": "./start.md", "schema": {"nullable": True}}},
    )
    read = read_contract("small", document).contract
    assert read["x-docs"] == {"$ref": "./start.md", "schema": {"nullable": True}}
    assert read["paths"]["/a"]["post"]["requestBody"]["content"]["application/json"] == body


def test_nullable_in_3_1_is_a_warning() -> None:
    nullable = {"type": "string", "nullable": True}
    document = schemas("3.1.0", A={"properties": {"a": dict(nullable), "b": dict(nullable)}})
    _, warnings = read_contract("small", document)
    assert warnings == [f"#/components/schemas/A/properties/a/nullable and 1 more: {READ_AS_3_0}"]
    assert not read_contract("small", schemas("3.0.3", A=nullable)).warnings


def test_overlay_is_applied_to_the_published_version(tmp_path: Path) -> None:
    source = "openapi: 3.0.3 # as published\ninfo: {title: T, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n"
    source += "    A: # of a kind\n      type: string\n"
    action = {"target": "$[?@.schemas].schemas.A", "update": {"nullable": True}}
    paths = write(tmp_path / "small.yaml", source), write(tmp_path / "over.yaml", overlay(action))
    document, _ = read_effective_contract(Sources(*paths))
    text = yaml_io.dump(document)
    assert "openapi: 3.1.1 # as published\n" in text
    assert "    A: # of a kind\n      type:\n      - string\n      - 'null'\n" in text


def test_warnings_are_printed(tmp_path: Path, run: RunGenerate) -> None:
    source = sources(tmp_path, schemas("3.1.0", A={"type": "string", "nullable": True}))
    status, _, err = run(source, tmp_path / "generated")
    assert (status, err) == (0, f"warning: #/components/schemas/A/nullable: {READ_AS_3_0}\n")


def test_3_0_page_is_refreshed(tmp_path: Path) -> None:
    text = f"````yaml get /things\n{yaml_io.render(contract(openapi='3.0.3'))}````\n"
    page = write(tmp_path / "things.md", text)
    targets = Targets(tmp_path / "pages", tmp_path / "small.yaml")
    assert not refresh([str(page)], targets).warnings
    assert read_contract("small", yaml_io.read(targets.contract)).contract["openapi"] == "3.1.1"


def test_3_2_without_its_own_fields_is_lowered() -> None:
    responses = {"200": {"summary": "Fine."}}
    document = contract(
        {"/a": {"get": operation("a", responses=responses)}},
        openapi="3.2.0",
        tags=[{"name": "things", "summary": "Things", "kind": "nav", "parent": "all"}, {"name": "all"}],
        servers=[{"url": "https://api.example", "name": "main"}],
    )
    read, warnings = read_contract("small", document)
    assert (read["openapi"], warnings) == ("3.1.1", [])
    assert read["paths"]["/a"]["get"]["responses"] == {"200": {"description": ""}}
    assert read["tags"] == [{"name": "things"}, {"name": "all"}]
    assert read["servers"] == [{"url": "https://api.example"}]


@pytest.mark.parametrize(
    ("paths", "fields", "place"),
    [
        ({"/a": {"query": operation("a")}}, {}, "#/paths/~1a/query"),
        ({"/a": {"additionalOperations": {"LINK": operation("a")}}}, {}, "#/paths/~1a/additionalOperations"),
        ({"/a": {"get": operation("a", parameters=[{"in": "querystring"}])}}, {}, "#/paths/~1a/get/parameters/0/in"),
        ({}, {"$self": "https://a.example"}, "#/$self"),
    ],
)
def test_fields_of_3_2_alone_are_rejected(paths: Any, fields: Any, place: str) -> None:
    with pytest.raises(
        PipelineError, match=r"^small: only OpenAPI 3\.2 has this, and 3\.1 is supported:\n  #"
    ) as error:
        read_contract("small", contract(paths, openapi="3.2.0", **fields))
    assert str(error.value).endswith(f"\n  {place}")
