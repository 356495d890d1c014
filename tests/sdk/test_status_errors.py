"""Error statuses: the class, the message and the attributes of the error."""

from typing import Any

import pytest

from playbook3d_client import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
)
from support.client_styles import KEY, STOP_URL, answering, blocking, error_of
from support.http_family import httpx


def status_error(status: int, **content: Any) -> APIStatusError:
    """The error of a call that a server answers with ``status``."""
    return error_of(APIStatusError, blocking, answering(status, **content))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (402, PaymentRequiredError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (409, ConflictError),
        (422, UnprocessableEntityError),
        (429, RateLimitError),
        *[(status, InternalServerError) for status in (500, 600, 999)],
        *[(status, APIStatusError) for status in (100, 304, 499)],
    ],
)
def test_each_status_has_its_error(status: int, error: type[APIStatusError]) -> None:
    raised = status_error(status, json={"result": "What  went\nwrong."}, headers={"x-request-id": "r-1"})
    assert type(raised) is error
    assert str(raised) == raised.message == f"stop_thing answered {status}: What went wrong. (request id r-1)"
    assert (raised.status_code, raised.response.status_code) == (status, status)
    assert (raised.request_id, raised.body) == ("r-1", {"result": "What  went\nwrong."})
    assert (raised.request.method, str(raised.request.url)) == ("POST", STOP_URL)


@pytest.mark.parametrize(
    ("status", "content", "phrase"),
    [
        (400, b"", "Bad Request"),
        (520, b"\xff\xfe{", "a status without a standard meaning"),
        (999, b"[" * 60_000, "a status without a standard meaning"),
    ],
)
def test_malformed_body_keeps_the_status(status: int, content: bytes, phrase: str) -> None:
    raised = status_error(status, content=content)
    assert raised.message == f"stop_thing answered {status}: {phrase}"
    assert (raised.status_code, raised.body, raised.response.content) == (status, None, content)


KIB = 1024


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b'"' + b"x" * (64 * KIB - 2) + b'"', "x" * (64 * KIB - 2)),
        (b'"' + b"x" * (64 * KIB - 1) + b'"', '"' + "x" * (64 * KIB - 1)),
        (b"{" + b'"a": 0, ' * 1_000_000 + b'"a": 0}', "{" + ('"a": 0, ' * 8 * KIB)[:-1]),
        ("é".encode() * 40 * KIB, "é" * 32 * KIB),
        (b"\xff" * 100 * KIB, "\ufffd" * (64 * KIB // 3)),
    ],
    ids=["64 KiB", "one more", "a million members", "not ASCII", "not Unicode"],
)
def test_body_of_more_than_64_kib_is_cut_text(content: bytes, body: str) -> None:
    raised = status_error(400, content=content)
    assert raised.body == body
    assert raised.response.content == content


@pytest.mark.parametrize(
    ("body", "message"),
    [
        # The best known key of the body, with a printable text.
        ({"error": "e", "detail": "t", "description": "d", "message": "m", "result": "r"}, "r"),
        ({"error": "e", "detail": "t", "description": "d", "message": "m"}, "m"),
        ({"error": "e", "detail": "t", "description": "d"}, "d"),
        ({"error": "e", "detail": "t"}, "t"),
        ({"description": "d", "result": " "}, "d"),
        ({"description": "d", "result": "\x07"}, "d"),
        ({"description": "d", "result": 7}, "d"),
        ({"error": "\x1b[31mred\x07"}, "[31mred"),
        (["list"], "Bad Request"),
    ],
)
def test_message_is_the_best_text_of_the_body(body: object, message: str) -> None:
    raised = status_error(400, json=body)
    assert (raised.message, raised.body) == (f"stop_thing answered 400: {message}", body)


@pytest.mark.parametrize(("encoding", "text"), [("utf-8", "naïve"), ("utf-16", "naïve"), ("latin-1", "na\ufffdve")])
def test_body_is_decoded_in_the_encodings_of_json(encoding: str, text: str) -> None:
    """Invalid UTF-8 is replaced."""
    assert status_error(400, content='{"result": "naïve"}'.encode(encoding)).body == {"result": text}


@pytest.mark.parametrize(("length", "shown"), [(500, "x" * 475), (501, "x" * 475 + "…")])
def test_message_is_cut_at_500_characters(length: int, shown: str) -> None:
    prefix = "stop_thing answered 403: "
    assert status_error(403, json={"result": "x" * (length - len(prefix))}).message == prefix + shown


@pytest.mark.parametrize(
    ("request_id", "shown"),
    [
        ("r-1", " (request id r-1)"),
        ("", ""),
        ("r\x071", " (request id r1)"),
        ("r" * 600, f" (request id {'r' * 500}…)"),
        (f"r-{KEY}", " (request id r-***)"),
    ],
)
def test_message_ends_with_the_request_id(request_id: str, shown: str) -> None:
    """Whole, however long the reason is."""
    headers = {"x-request-id": request_id}
    error = status_error(404, json={"result": "x" * 600}, headers=headers)
    assert error.message == str(error) == "stop_thing answered 404: " + "x" * 475 + "…" + shown


def test_optional_attributes_have_defaults() -> None:
    assert (status_error(404).request_id, status_error(404).retries_taken) == (None, 0)
    request = httpx.Request("POST", "https://host/")
    error = NotFoundError("m", response=httpx.Response(404, request=request))
    assert (error.retries_taken, error.body, error.request_id) == (0, None, None)
    assert APIConnectionError("m", request=request).retries_taken == 0
