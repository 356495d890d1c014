"""Examples of the contract, by their name."""

from typing import Any

import pytest

from playbook3d_mock import Response
from support.mock_requests import GET, JSON, content, header, minimal, request

OK = f"{GET}/responses/200"
CHANGES = {
    JSON: {
        "schema": {"type": "object", "properties": {"n": {"type": "integer"}, "message": {"type": "string"}}},
        "examples": {
            "one": {"value": {"n": 1}},
            "two": {"$ref": "#/components/examples/Two"},
            "invalid": {"value": {"n": "three"}},
        },
    },
    "#/components/examples": {"Two": {"value": {"n": 2}}},
    f"{OK}/content/text~1plain": {
        "schema": {"type": "string"},
        "examples": {"two": {"value": "2"}, "text": {"value": "t"}},
    },
    f"{OK}/content/application~1xml": {"schema": {"type": "object"}, "examples": {"xml": {"value": "<a/>"}}},
}
MOCK = minimal(CHANGES)
RESPONSES = MOCK.engine.operations[0].responses


def respond(example: str | None, *, message: str | None = None, **headers: Any) -> Response:
    """The response 200 with an example."""
    return RESPONSES.find(200).response(200, message, request("/items/1", "GET", **headers), example=example)


def test_example_is_sent_by_its_name() -> None:
    assert [content(respond(name)) for name in ("one", "two", None)] == [{"n": 1}, {"n": 2}, {"n": 1}]


def test_names_are_those_of_valid_examples() -> None:
    assert RESPONSES.find(200).examples == ("one", "two", "text", "xml")
    assert RESPONSES.find(404).examples == ()
    (problem,) = MOCK.engine.problems
    assert problem.startswith(f"{JSON}/examples/invalid/value: the example does not match its schema")


@pytest.mark.parametrize(
    ("example", "accept", "media_type"),
    [
        ("two", None, "application/json"),
        ("two", "text/plain", "text/plain; charset=utf-8"),
        ("text", "application/json", "text/plain; charset=utf-8"),
        ("xml", None, "application/xml"),
        ("two", "application/xml", "application/json"),
    ],
)
def test_media_type_is_one_that_has_the_example(example: str, accept: str | None, media_type: str) -> None:
    assert header(respond(example, accept=accept), "content-type") == media_type


def test_unknown_example_leaves_the_default() -> None:
    assert content(respond("invalid")) == {"n": 1}


def test_example_can_carry_a_message() -> None:
    assert content(respond("two", message="Why.")) == {"n": 2, "message": "Good: Why."}
