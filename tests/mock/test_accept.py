"""``Accept``: which media type a response has, and 406."""

from typing import Any

import pytest

from playbook3d_mock import Mock
from support.mock_requests import GET, RUNS, content, get, header, minimal

CSV, JSON = "text/csv; charset=utf-8", "application/json"


def two_media_types() -> Mock:
    media = {"text/csv": {"example": "a,b"}, "application/json": {"example": {"a": "b"}}}
    return minimal({f"{GET}/responses/200/content": media})


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        (";;;", JSON),
        ("json", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV;charset=utf-8", CSV),
        ("text/*", CSV),
        ("text/csv;q=0.5, application/json;q=0.4", CSV),
        ("text/csv;q=0.4, application/json;q=0.5", JSON),
        ("text/csv, application/json", JSON),
        ("text/csv, */*;q=0.1", CSV),
        ("application/json;q=0, */*", CSV),
        ("text/html, application/*;q=0.2", JSON),
        ("text/csv;q=2, application/json;q=0.1", CSV),
    ],
)
def test_accept_decides_the_media_type(accept: str | None, media_type: str) -> None:
    response = get(mock=two_media_types(), accept=accept)
    assert (response.status, header(response, "content-type")) == (200, media_type)


@pytest.mark.parametrize("accept", ["text/html", "application/*;q=0", "*/*;q=0", "text/csv", "application/jsonx"])
def test_unacceptable_response_is_406(accept: str) -> None:
    response = get(mock=minimal(), accept=accept)
    assert (response.status, content(response)) == (406, {"message": "header Accept: the response is application/json"})


@pytest.mark.parametrize(
    ("key", "schema", "sent"),
    [
        ("*/*", {"type": "object"}, "application/json"),
        ("*/*", {"type": "string", "format": "binary"}, "application/octet-stream"),
        ("application/*", {}, "application/json"),
        ("text/*", {"type": "string"}, "text/plain; charset=utf-8"),
        ("image/*", {"type": "string"}, "image/png"),
        ("application/json; version=2", {}, "application/json; version=2"),
        ("text/csv;header=present", {}, "text/csv;header=present; charset=utf-8"),
    ],
)
def test_range_is_sent_as_one_media_type(key: str, schema: Any, sent: str) -> None:
    response = get(mock=minimal({f"{GET}/responses/200/content": {key: {"schema": schema}}}))
    assert (response.status, header(response, "content-type")) == (200, sent)


def test_parameters_tell_media_types_apart() -> None:
    media = {f"application/json; v={version}": {"example": version} for version in (1, 2)}
    mock = minimal({f"{GET}/responses/200/content": media})
    accepts = ["application/json", "application/json;v=2", "application/json;v=3", "application/json; v=1, text/html"]
    assert [content(get(mock=mock, accept=accept)) for accept in accepts] == [1, 2, 1, 1]


def test_error_and_empty_response_disregard_accept() -> None:
    assert get("/runs", accept="text/html").status == 400
    assert get("/runs/latest", mock=RUNS, accept="text/html").status == 200


def test_preferred_status_is_negotiated() -> None:
    responses = {f"{GET}/responses/404": {"description": "None.", "content": {"text/plain": {"example": "none"}}}}
    mock = minimal(responses)
    assert get(mock=mock, accept="text/plain", prefer="code=404").status == 404
    assert get(mock=mock, accept="application/json", prefer="code=404").status == 406
