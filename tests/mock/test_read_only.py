"""``readOnly`` and ``writeOnly`` properties, in requests and in responses."""

import json
from typing import Any

import pytest

from playbook3d_mock import Mock
from support.mock_requests import ask, content

USER = {"$ref": "#/components/schemas/User"}
FIELDS = {
    "id": {"type": "string", "readOnly": True},
    "name": {"type": "string"},
    "password": {"$ref": "#/components/schemas/Password"},
}


def users(**fields: Any) -> Mock:
    """A mock that creates users; the schema has these fields, too."""
    media = {"application/json": {"schema": USER}}
    responses = {"201": {"description": "Created.", "content": media}, "400": {"description": "Invalid."}}
    operation = {"requestBody": {"required": True, "content": media}, "responses": responses}
    user = {"type": "object", "required": list(FIELDS), "properties": FIELDS, **fields}
    return Mock(
        {
            "openapi": "3.1.0",
            "info": {"title": "Users", "version": "1"},
            "paths": {"/users": {"post": operation}},
            "components": {"schemas": {"User": user, "Password": {"type": "string", "writeOnly": True}}},
        }
    )


def create(body: Any, mock: Mock) -> Any:
    return ask("/users", mock=mock, body=json.dumps(body).encode(), content_type="application/json")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "n", "password": "p"}, 201),
        ({"name": "n", "password": "p", "id": "1"}, 201),
        ({"name": "n", "password": "p", "id": 1}, 400),
        ({"name": "n"}, 400),
    ],
)
def test_request_needs_no_read_only_property(body: Any, status: int) -> None:
    assert create(body, users()).status == status


def test_response_has_no_write_only_property() -> None:
    response = create({"name": "n", "password": "p"}, users())
    assert content(response) == {"id": "", "name": ""}


def test_example_is_sent_without_its_write_only_properties() -> None:
    mock = users(example={"id": "7", "name": "n", "password": "p"})
    assert content(create({"name": "n", "password": "p"}, mock)) == {"id": "7", "name": "n"}
    assert mock.engine.problems == ()


def test_read_only_property_of_a_branch_is_not_required() -> None:
    branch = {"properties": {"created": {"type": "string", "allOf": [{"readOnly": True}]}}}
    mock = users(allOf=[branch, {"required": ["created"]}])
    assert create({"name": "n", "password": "p"}, mock).status == 201
    assert "created" in content(create({"name": "n", "password": "p"}, mock))
