"""Responses: status, headers and body as the contract documents them."""

import json
from typing import Any

import pytest
from openapi_spec_validator import validate as validate_openapi

from support.mock_requests import GET, JSON, STOPPED, ask, content, get, header, minimal, read_contract
from support.oracle import validate

OK = f"{GET}/responses/200"
STRING = {"type": "string"}
LIST = {"items": {"properties": {"msg": STRING}}}
NESTED = {"error": {"code": 1, "message": ...}}


@pytest.mark.parametrize("name", ["minimal", "runs"])
def test_contract_of_the_tests_is_openapi(name: str) -> None:
    validate_openapi(read_contract(name))


def test_valid_request_is_answered_with_the_example() -> None:
    response = ask()
    assert (response.status, content(response)) == (200, STOPPED)
    assert response.headers == ((b"content-type", b"application/json"), (b"content-length", b"29"))


def test_first_named_example_is_sent() -> None:
    response = ask("/runs", body=b'{"origin":"x"}', content_type="application/json")
    assert (response.status, content(response)["id"]) == (201, "00000000-0000-0000-0000-000000000000")


def test_generated_list_is_valid_and_has_its_required_header() -> None:
    response = get("/runs?state=queued")
    identifier = "00000000-0000-4000-8000-000000000000"
    assert content(response) == [{"id": identifier, "state": "queued", "parent": None, "seconds": 2.5, "labels": [""]}]
    assert header(response, "x-total") == "3"
    validate(content(response)[0], {"$ref": "#/components/schemas/Run"}, read_contract("runs"))


def test_204_has_neither_content_nor_its_headers() -> None:
    response = ask("/runs/x", "DELETE")
    assert (response.status, response.headers, response.body) == (204, (), b"")


def test_response_without_content_is_empty() -> None:
    assert get("/runs/latest").headers == ((b"content-length", b"0"),)


def test_bytes_and_text_are_sent_as_their_media_types() -> None:
    image, text = get("/pages/7/result.png"), get("/pages/7/result.jpg", prefer="code=404")
    assert (image.status, header(image, "content-type"), image.body) == (200, "image/png", b"playbook3d mock\n")
    assert (text.status, header(text, "content-type")) == (404, "text/plain; charset=utf-8")
    assert text.body.decode() == "no résult"


def test_json_is_preferred_among_media_types() -> None:
    names = ("text/plain", "application/json", "image/png")
    media_types = {name: {"schema": STRING, "example": name} for name in names}
    assert get(mock=minimal({f"{OK}/content": media_types})).body == b'"application/json"'


def test_names_may_begin_with_x() -> None:
    changes = {
        f"{OK}/headers": {"x-total": {"required": True, "schema": {"type": "integer"}, "example": 3}},
        f"{JSON}/example": None,
        f"{JSON}/examples": {"x-one": {"value": {"result": "named"}}},
        f"{GET}/responses/x-note": {"$ref": "#/nowhere"},  # an extension
    }
    response = get(mock=minimal(changes))
    assert (header(response, "x-total"), content(response)) == ("3", {"result": "named"})


@pytest.mark.parametrize(
    ("schema", "example", "expected"),
    [
        ({"properties": {"code": STRING, "detail": STRING}}, {"code": "E1"}, {"code": "E1", "detail": ...}),
        ({"properties": {"a": {}, "b": STRING}}, {"a": 1}, {"a": 1}),
        ({"properties": {"error_message": STRING, "code": STRING}}, {}, {"error_message": ...}),
        ({"properties": {"error": {"properties": {"code": {}, "message": STRING}}}}, {"error": {"code": 1}}, NESTED),
        (
            {"properties": {"detail": {"items": {"properties": {"msg": STRING}}}}},
            {"detail": [{}]},
            {"detail": [{"msg": ...}]},
        ),
        ({"properties": {"a": {"properties": {"title": STRING}}}}, {"a": {}}, {"a": {"title": ...}}),
        ({"properties": {"result": {"type": "string", "maxLength": 25}}}, {"result": "short"}, {"result": "short"}),
        ({"properties": {"result": {"enum": ["one"]}}}, {"result": "one"}, {"result": "one"}),
        ({"type": "string"}, "short", ...),
        ({"type": "array"}, [1], [1]),
    ],
    ids=[
        "known property",
        "no known property",
        "compound",
        "object",
        "list",
        "deep",
        "too long",
        "enum",
        "string",
        "array",
    ],
)
def test_error_message_stands_where_the_schema_allows_it(schema: Any, example: Any, expected: Any) -> None:
    media_types = {"application/json": {"schema": schema, "example": example}}
    mock = minimal({f"{GET}/responses/400": {"description": "Bad\n request.", "content": media_types}})
    response = get("/items/%zz", mock=mock)
    message = "Bad request: path id: has an invalid percent-encoding"
    expected_body = json.dumps(expected, default=lambda _: message, separators=(",", ":"))
    assert (response.status, response.body.decode()) == (400, expected_body)


def test_description_replaces_the_example_of_a_shared_error_schema() -> None:
    """The schema has one example for all statuses; the description says what this one means."""
    shared = {"type": "object", "properties": {"result": STRING}, "example": {"result": "Something."}}
    reference = {"schema": {"$ref": "#/components/schemas/Error"}}
    changes = {
        "#/components/schemas": {"Error": shared},
        f"{GET}/responses/402": {"description": "Not\n paid.", "content": {"application/json": reference}},
        f"{GET}/responses/403": {
            "description": "Forbidden.",
            "content": {"application/json": {**reference, "example": {"result": "Its own."}}},
        },
        f"{GET}/responses/409": {"description": "Twice.", "content": {"application/json": {"schema": shared}}},
    }
    mock = minimal(changes)
    texts = [content(get(mock=mock, prefer=f"code={status}"))["result"] for status in (402, 403, 409)]
    assert texts == ["Not paid.", "Its own.", "Something."]


def test_optional_header_is_sent_if_it_has_a_value() -> None:
    headers = {
        "X-Example": {"schema": STRING, "example": "given"},
        "X-Text": {"schema": STRING},
        "X-Schema": {"schema": {"type": "integer", "minimum": 3}},
        "X-List": {"schema": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2}},
        "X-Nothing": {"description": "Neither."},
        "X-Control": {"schema": {"const": "a\nb"}},
        "Content-Encoding": {"schema": STRING},
    }
    mock = minimal({f"{OK}/headers": headers})
    response = get(mock=mock)
    sent = {name: header(response, name.lower()) for name in headers}
    values = {"X-Example": "given", "X-Text": "x", "X-Schema": "3", "X-List": "a,a"}
    assert sent == dict.fromkeys(headers, None) | values
    assert len(mock.engine.problems) == 2
    assert ["X-Nothing" in problem for problem in mock.engine.problems] == [True, False]


def test_required_header_without_a_value_is_501() -> None:
    mock = minimal({f"{OK}/headers": {"X": {"required": True, "schema": {"const": "a\nb"}}}})
    assert get(mock=mock).status == 501


@pytest.mark.parametrize(
    ("documented", "status"),
    [
        (["302"], 302),
        (["404", "307"], 307),
        (["404"], 404),
        (["4XX"], 400),
        (["500", "4XX"], 400),
        (["default", "404"], 200),
        (["2XX", "404"], 200),
        (["202", "201", "default"], 201),
    ],
)
def test_valid_request_gets_the_lowest_success_or_status(documented: list[str], status: int) -> None:
    assert (
        get("/items/1", mock=minimal({f"{GET}/responses": {key: {"description": "x"} for key in documented}})).status
        == status
    )


def test_missing_description_is_reported() -> None:
    mock = minimal({f"{GET}/responses/404": {"content": {"application/json": {"schema": {"type": "object"}}}}})
    assert get(mock=mock, prefer="code=404").status == 404
    assert mock.engine.problems == (f"{GET}/responses/404: must have a string 'description'",)
