"""Request bodies: media types, and JSON judged by its schema."""

from typing import Any

import pytest

from playbook3d_mock import Mock
from support.mock_requests import GET, RUNS, SECRETS, ask, content, get, header, minimal, read_contract, request

VALID = b'{"origin": "x"}'


def send(body: bytes, content_type: str | None = "application/json") -> Any:
    return ask("/runs", body=body, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        VALID,
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
        (b'{"origin": "x", "origin": "y"}', "has an object with a duplicate key"),
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
        (b'{"origin": "x", "inputs": {' + b",".join(b'"%d":true' % n for n in range(100_000)) + b"}}", "/inputs/0: "),
        (b"[" + b"1," * 200_001 + b"1]", "is too large: the mock reads at most 200000 values"),
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
    mock = Mock(read_contract("runs", {"#/paths/~1runs/post/responses/415": None}), credentials=SECRETS)
    response = ask("/runs", mock=mock, body=VALID, content_type="text/plain")
    assert (response.status, header(response, "content-type")) == (422, "application/problem+json")


@pytest.mark.parametrize(("content_type", "status"), [("application/octet-stream", 200), ("text/plain", 400)])
def test_no_bytes_are_a_body_of_bytes(content_type: str, status: int) -> None:
    mock = minimal({f"{GET}/requestBody": {"required": True, "content": {"application/octet-stream": {}}}})
    assert get(mock=mock, content_type=content_type).status == status


@pytest.mark.parametrize("encoding", [None, "", "identity"])
def test_content_without_encoding_is_accepted(encoding: str | None) -> None:
    assert ask("/runs", body=VALID, content_type="application/json", content_encoding=encoding).status == 201


def test_encoded_content_is_415() -> None:
    sent = request("/runs", body=VALID, content_type="application/json", content_encoding="gzip")
    assert RUNS.engine.judge(sent).text == "header Content-Encoding: is not supported: send the content as it is"
    assert RUNS.handle(sent).status == 415


def body_of(media_types: dict[str, Any]) -> Mock:
    return minimal({f"{GET}/requestBody": {"required": True, "content": media_types}})


@pytest.mark.parametrize(
    ("declared", "content_type", "body", "status"),
    [
        ("text/plain", "text/plain", b"abc", 200),
        ("text/plain", "text/plain; charset=utf-8", b"abcd", 400),
        ("text/plain", "text/plain", b"\xff", 400),
        ("image/png", "image/png", b"\xff\x00\x80", 200),
        ("image/png", "image/png", b"\xff\x00\x80\x80", 400),
        ("image/png", "image/jpeg", b"", 400),
        ("image/*", "image/jpeg", b"abc", 200),
        ("image/*", "imagejpeg", b"abc", 400),
        ("*/*", "image/jpeg", b"abc", 200),
        ("*/*", "application/json", b'"abc"', 200),
        ("*/*", "application/json", b"abc", 400),
        ("*/*", None, b"abc", 400),
        ("application/json; v=1", "application/json;v=1; charset=utf-8", b'"abc"', 200),
        ("application/json; v=1", "application/json", b'"abc"', 400),
    ],
)
def test_any_media_type_is_judged_by_its_schema(
    declared: str, content_type: str | None, body: bytes, status: int
) -> None:
    mock = body_of({declared: {"schema": {"type": "string", "maxLength": 3}}})
    assert get(mock=mock, body=body, content_type=content_type).status == status


def test_most_specific_media_type_is_used() -> None:
    mock = body_of({key: {"schema": {"const": key}} for key in ("*/*", "text/*", "text/plain")})
    for sent, declared in {"text/plain": "text/plain", "text/html": "text/*", "application/json": "*/*"}.items():
        body = f'"{declared}"' if sent.endswith("json") else declared
        assert get(mock=mock, body=body.encode(), content_type=sent).status == 200


def test_described_xml_is_not_parsed() -> None:
    mock = body_of({"application/xml": {"schema": {"type": "object", "required": ["a"]}}})
    assert get(mock=mock, body=b"<a/>", content_type="application/xml").status == 200


def test_undeclared_body_is_noted() -> None:
    response = get(mock=minimal(), body=b"x", content_type="text/plain")
    assert (response.status, header(response, "x-mock-note")) == (200, "body: is not declared, and was ignored")
    assert header(get(mock=minimal()), "x-mock-note") is None


def test_undeclared_body_is_415_if_documented() -> None:
    mock = minimal({f"{GET}/responses/415": {"description": "No."}})
    assert [get(mock=mock, body=body).status for body in (b"x", b"")] == [415, 200]
