"""``readOnly`` and ``writeOnly`` as the suite reads them: for requests, and for responses."""

from typing import Any

import pytest

from playbook3d_conformance.read_write import as_read, without_annotations
from playbook3d_conformance.schemas import validator

USER = {
    "type": "object",
    "required": ["id", "name", "password"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "name": {"type": "string"},
        "password": {"$ref": "#/components/schemas/Password"},
    },
}
DOCUMENT: dict[str, Any] = {
    "components": {"schemas": {"User": USER, "Password": {"type": "string", "writeOnly": True}}}
}
REFERENCE = {"$ref": "#/components/schemas/User"}


@pytest.mark.parametrize(
    ("value", "in_request", "in_response"),
    [
        ({"name": "n", "password": "p"}, True, False),
        ({"id": "1", "name": "n"}, False, True),
        ({"id": "1", "name": "n", "password": "p"}, True, False),
        ({"id": 1, "name": "n", "password": "p"}, False, False),
    ],
)
def test_each_side_has_its_own_properties(value: Any, in_request: bool, in_response: bool) -> None:
    assert validator(REFERENCE, DOCUMENT, "request").is_valid(value) is in_request
    assert validator({"items": REFERENCE}, DOCUMENT, "response").is_valid([value]) is in_response


def test_property_of_another_branch_is_not_required() -> None:
    schema = {"allOf": [{"properties": {"id": {"readOnly": True}}}, {"required": ["id", "name"]}]}
    assert as_read("request", schema, DOCUMENT)["allOf"][1] == {"required": ["name"]}


def test_data_is_no_schema() -> None:
    data = {"properties": {"a": {"readOnly": True}}, "required": ["a"]}
    assert as_read("request", {"const": data}, DOCUMENT) == {"const": data}
    assert without_annotations({"const": data, "readOnly": True}) == {"const": data}


def test_property_may_be_called_as_an_annotation() -> None:
    schema = {"properties": {"readOnly": {"type": "boolean"}}, "required": ["readOnly"]}
    assert as_read("request", schema, DOCUMENT) == schema
    assert without_annotations(schema) == schema
