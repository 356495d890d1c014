"""The client does not require ``readOnly`` properties in requests, nor ``writeOnly`` ones in responses."""

import re
from pathlib import Path
from typing import Any

import pytest

from contract import yaml_io
from contract.one_way_properties import without_one_way_requirements
from contract.output import generate
from support.small_contract import contract, operation, sources

ID, SECRET = {"type": "string", "readOnly": True}, {"type": "string", "writeOnly": True}
PROPERTIES = {"id": ID, "name": {"type": "string"}, "secret": SECRET}
USER = {"type": "object", "required": ["id", "name", "secret"], "properties": PROPERTIES}
REFERENCE = {"$ref": "#/components/schemas/User"}


def body(schema: Any) -> dict[str, Any]:
    return {"description": "A body.", "content": {"application/json": {"schema": schema}}}


def users(request: Any, response: Any, **schemas: Any) -> dict[str, Any]:
    """A contract with an operation of these bodies."""
    fields: dict[str, Any] = {"responses": {"200": body(response)}, "requestBody": body(request)}
    return contract({"/users": {"post": operation("post_users", **fields)}}, components={"schemas": schemas})


@pytest.mark.parametrize(
    ("request_schema", "response_schema", "required"),
    [
        (REFERENCE, REFERENCE, ["name"]),
        (REFERENCE, {}, ["name", "secret"]),
        ({}, {"type": "array", "items": REFERENCE}, ["id", "name"]),
        ({}, {}, ["id", "name", "secret"]),
    ],
)
def test_direction_decides_what_is_required(request_schema: Any, response_schema: Any, required: list[str]) -> None:
    document = users(request_schema, response_schema, User=USER)
    assert without_one_way_requirements(document)["components"]["schemas"]["User"]["required"] == required
    assert USER["required"] == ["id", "name", "secret"]


@pytest.mark.parametrize(
    "schema",
    [
        {"required": ["id"], "properties": {"id": {"$ref": "#/components/schemas/Id"}}},
        {"required": ["id"], "properties": {"id": {"allOf": [{"$ref": "#/components/schemas/Id"}]}}},
        {"required": ["id"], "allOf": [{"$ref": "#/components/schemas/Base"}]},
        {"allOf": [{"$ref": "#/components/schemas/Base"}, {"required": ["id"]}]},
        {"oneOf": [{"required": ["id"]}], "properties": {"id": ID}},
    ],
)
def test_property_can_stand_in_another_schema(schema: Any) -> None:
    base = {"type": "object", "properties": {"id": ID}}
    document = without_one_way_requirements(users(REFERENCE, {}, User=schema, Id=ID, Base=base))
    assert "'required': ['id']" not in repr(document["components"])


def test_contract_without_such_properties_is_the_same() -> None:
    document = users(REFERENCE, REFERENCE, User={"required": ["name"], "properties": {"name": {}}})
    assert without_one_way_requirements(document) is document


def test_model_does_not_require_them(tmp_path: Path) -> None:
    generate(sources(tmp_path, users(REFERENCE, REFERENCE, User=USER)), tmp_path / "generated")
    model = (tmp_path / "generated" / "playbook3d_api" / "models" / "user.py").read_text(encoding="utf-8")
    assert re.findall(r"^    (id|name|secret): (.+?)(?: = |$)", model, re.MULTILINE) == [
        ("name", "str"),
        ("id", "str | Unset"),
        ("secret", "str | Unset"),
    ]
    effective = yaml_io.to_plain(yaml_io.read(tmp_path / "generated" / "openapi.yaml"))
    assert effective["components"]["schemas"]["User"] == USER
