"""What is invalid in a contract, and can mean only one thing, is read with a warning."""

from typing import Any

import pytest

from contract.reading import read_contract
from support.small_contract import contract, operation

A = "#/components/schemas/A"
PATH_C = {"name": "c", "in": "path", "required": True, "schema": {"type": "integer"}}


def read(document: Any) -> tuple[Any, list[str]]:
    return read_contract("small", document)


@pytest.mark.parametrize(
    ("schema", "repaired", "warning"),
    [
        ({"required": ["a", "b", "a"]}, {"required": ["a", "b"]}, f"{A}/required/2: required has this twice; the"),
        ({"enum": [1, True, 1]}, {"enum": [1, True]}, f"{A}/enum/2: enum has this twice; the"),
        ({"type": ["null", "null"]}, {"type": ["null"]}, f"{A}/type/1: type has this twice; the"),
        ({"examples": {"a": 1}}, {}, f"{A}/examples: this examples has the wrong type"),
        ({"description": None}, {}, f"{A}/description: this description has the wrong type"),
        ({"properties": None}, {}, f"{A}/properties: this properties has the wrong type"),
        ({"type": "integer", "default": "5"}, {"type": "integer"}, f"{A}/default: the default breaks its schema"),
        ({"$ref": "#/components/schemas/B", "default": 1}, {"$ref": "#/components/schemas/B"}, f"{A}/default: the"),
    ],
)
def test_schema_is_read_as_its_author_meant(schema: Any, repaired: Any, warning: str) -> None:
    document, warnings = read(contract(components={"schemas": {"A": schema, "B": {"type": "string"}}}))
    assert document["components"]["schemas"]["A"] == repaired
    assert [text[: len(warning)] for text in warnings] == [warning]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": ["a"], "properties": {"required": {"type": "string"}}},
        {"type": ["string", "null"], "default": None, "example": None},
        {"$ref": "#/components/schemas/B", "default": "b"},
    ],
)
def test_valid_schema_stays_as_it_is(schema: Any) -> None:
    document, warnings = read(contract(components={"schemas": {"A": schema, "B": {"type": "string"}}}))
    assert (document["components"]["schemas"]["A"], warnings) == (schema, [])


def test_repeated_tag_and_parameter_are_read_once() -> None:
    parameter = {"name": "q", "in": "query", "schema": {"type": "string"}}
    paths = {"/a": {"get": operation("a", parameters=[parameter, dict(parameter)], tags=["t", "t"])}}
    document, warnings = read(contract(paths, tags=[{"name": "t"}, {"name": "t", "description": "T."}]))
    assert document["tags"] == [{"name": "t"}]
    assert document["paths"]["/a"]["get"]["parameters"] == [parameter]
    assert document["paths"]["/a"]["get"]["tags"] == ["t"]
    assert len(warnings) == 2  # a text for each array
    assert warnings[0].startswith("#/tags/1 and 1 more: ")


def test_response_without_a_description_has_an_empty_one() -> None:
    document, warnings = read(contract({"/a": {"get": operation("a", responses={"204": {}})}}))
    assert document["paths"]["/a"]["get"]["responses"] == {"204": {"description": ""}}
    assert warnings == [
        "#/paths/~1a/get/responses/204: this response has no description; it is read with an empty one."
    ]


@pytest.mark.parametrize(
    ("info", "repaired", "warning"),
    [
        ({"title": "T", "version": 1.5}, {"title": "T", "version": "1.5"}, "#/info/version: the version must be a"),
        ({"title": "T"}, {"title": "T", "version": "0"}, "#/info: the document has no version; it is read as 0"),
        ({"version": "1"}, {"version": "1", "title": "API"}, "#/info: the document has no title; it is read as API"),
    ],
)
def test_incomplete_info_is_completed(info: Any, repaired: Any, warning: str) -> None:
    document, warnings = read(contract(info=info))
    assert document["info"] == repaired
    assert [text[: len(warning)] for text in warnings] == [warning]


def test_document_without_info_has_one() -> None:
    document = contract()
    del document["info"]
    assert read(document)[0]["info"] == {"title": "API", "version": "0"}


def test_operation_without_responses_has_any() -> None:
    paths = {"/a": {"get": {"operationId": "a"}, "put": operation("b", responses={})}}
    document, warnings = read(contract(paths))
    for method in ("get", "put"):
        assert document["paths"]["/a"][method]["responses"] == {"default": {"description": ""}}
    assert warnings == ["#/paths/~1a/get and 1 more: this operation has no responses; it is read with any."]


def test_parameter_and_header_without_a_schema_are_strings() -> None:
    response = {"description": "", "headers": {"X-Rate": {"description": "The rate."}}}
    paths = {"/a": {"get": operation("a", parameters=[{"name": "q", "in": "query"}], responses={"200": response})}}
    document, warnings = read(contract(paths))
    fields = document["paths"]["/a"]["get"]
    assert fields["parameters"][0]["schema"] == {"type": "string"}
    assert fields["responses"]["200"]["headers"]["X-Rate"]["schema"] == {"type": "string"}
    assert len(warnings) == 1


def test_undeclared_path_parameter_is_a_string() -> None:
    page = {"name": "page", "in": "query", "schema": {"type": "integer"}}
    document, warnings = read(
        contract({"/a/{b}/{c}": {"parameters": [PATH_C], "get": operation("a", parameters=[page])}})
    )
    declared = {"name": "b", "in": "path", "required": True, "schema": {"type": "string"}}
    assert document["paths"]["/a/{b}/{c}"]["get"]["parameters"] == [page, declared]
    assert warnings == ["#/paths/~1a~1{b}~1{c}/get: the path parameter b is not declared; it is read as a string."]


def test_path_parameter_is_required() -> None:
    parameters = [{**PATH_C, "required": False}]
    document, warnings = read(contract({"/a/{c}": {"get": operation("a", parameters=parameters)}}))
    assert document["paths"]["/a/{c}"]["get"]["parameters"] == [PATH_C]
    assert len(warnings) == 1


def test_repeated_operation_id_stays_with_its_first_operation() -> None:
    document, warnings = read(contract({"/a": {"get": operation("list_things"), "post": operation("a")}}))
    assert "operationId" not in document["paths"]["/a"]["get"]
    assert document["paths"]["/things"]["get"]["operationId"] == "list_things"
    place = "#/paths/~1a/get/operationId: list_things is that of #/paths/~1things/get, too"
    assert warnings == [f"{place}; this operation is named by its path."]
