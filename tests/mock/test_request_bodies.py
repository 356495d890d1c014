"""Request bodies: media types, and JSON judged by its schema."""

from typing import Any

import pytest

from playbook3d_mock import Mock
from support.mock_requests import GET, KEY, RUNS, TOKEN, ask, content, get, header, minimal, read_contract, request

VALID = b'{"origin": "x"}'


def send(body: bytes, content_type: str | None = "application/json") -> Any:
    return ask("/runs", body=body, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        VALID,
        b'{"origin": "x", "origin": "y"}',
        b'{"origin": "\\ud83d\\ude00", "inputs": {"a": {"b": 1e300, "c": null}}}',
        b'{"origin": "x", "any": ' + b"[" * 499 + b"]" * 499 + b"}",
        b'{"origin": "x", "any": [' + b"{}," * 10_000 + b"0]}",
    ],
)
def test_valid_body_is_accepted(body: bytes) -> None:
    assert send(body).status == 201


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "is required"),
        (b"{}", '"origin" is a required property'),
        (b"null", 'the value is not of type "object"'),
        (b'{"origin": ""}', "/origin: the value is shorter than 1 character"),
        (b'{"origin": "x", "more": 1}', "Additional properties are not allowed"),
        (b'{"origin": "x", "inputs": {"a": []}}', "/inputs/a: the value is not valid under any of the schemas"),
        (b'{"origin":\n}', "is not JSON: line 2, column 1: Expecting value"),
        (b"\xef\xbb\xbf{}", "is not JSON: line 1, column 1"),
        (b'{"origin": "\xff"}', "is not Unicode text"),
        (b'{"origin": "\\ud800"}', "is not Unicode text"),
        (b'{"\\ud800": 1}', "is not Unicode text"),
        (b'{"any": NaN}', "has a number that is not finite or has too many digits"),
        (b'{"any": 1e999}', "has a number that is not finite"),
        (b'{"any": ' + b"1" * 5000 + b"}", "has a number that is not finite or has too many digits"),
        (b'{"origin": "x", "any": ' + b"[" * 500 + b"]" * 500 + b"}", "is nested too deeply"),
        (b"[" * 100_000, "is nested too deeply"),
    ],
)
def test_invalid_body_is_rejected_with_the_reason(body: bytes, message: str) -> None:
    response = send(body)
    assert response.status == 422
    assert content(response)["detail"].startswith(f"Refused: body: {message}")


def test_long_name_is_truncated_in_the_message() -> None:
    response = send(b'{"origin": "x", "' + b"y" * 100_000 + b'": 1}')
    assert (response.status, len(response.body) < 500) == (422, True)


def test_media_type_ignores_case_and_parameters() -> None:
    assert send(VALID, "Application/JSON; charset=utf-8").status == 201


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/jsonx"])
def test_undeclared_media_type_is_415_if_documented(content_type: str | None) -> None:
    assert send(VALID, content_type).status == 415
    verdict = RUNS.engine.judge(request("/runs", body=VALID, content_type=content_type))
    assert verdict.text == "header Content-Type: must be application/json"


def test_undeclared_media_type_is_invalid_input_otherwise() -> None:
    mock = Mock(read_contract("runs", {"#/paths/~1runs/post/responses/415": None}), api_key=KEY, token=TOKEN)
    response = ask("/runs", mock=mock, body=VALID, content_type="text/plain")
    assert (response.status, header(response, "content-type")) == (422, "application/problem+json")


@pytest.mark.parametrize(("content_type", "status"), [("application/octet-stream", 200), ("text/plain", 400)])
def test_no_bytes_are_a_body_of_bytes(content_type: str, status: int) -> None:
    mock = minimal({f"{GET}/requestBody": {"required": True, "content": {"application/octet-stream": {}}}})
    assert get(mock=mock, content_type=content_type).status == status
