"""Methods: 405 with ``Allow``, and HEAD."""

import pytest

from support.mock_requests import GET, STOP, ask, content, get, header, minimal


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "QUERY", "post", "\x00"])
def test_another_method_is_405_with_allow(method: str) -> None:
    response = ask(method=method, authorization=None)
    assert (response.status, header(response, "allow")) == (405, "POST")
    assert content(response) == {"result": "this path allows POST only"}


def test_405_has_the_documented_shape() -> None:
    response = ask("/runs/x", "PATCH")
    assert content(response) == {"code": 0, "title": "oops", "detail": "Refused: this path allows DELETE only"}
    assert header(response, "allow") == "DELETE"


def test_allow_replaces_an_example_of_the_contract() -> None:
    required = {"required": True, "schema": {"type": "string", "example": "by example"}}
    documented = {"description": "x", "headers": {"Allow": required, "X-Own": required}}
    response = ask("/items/1", "PUT", mock=minimal({f"{GET}/responses/405": documented}))
    assert response.headers == ((b"x-own", b"by example"), (b"content-length", b"0"), (b"allow", b"GET, HEAD"))


@pytest.mark.parametrize("target", ["/runs/latest", "/pages/7/result.png", "/runs?state=queued"])
def test_head_has_the_headers_of_get_and_no_content(target: str) -> None:
    head, full = ask(target, "HEAD"), get(target)
    assert (head.status, head.headers, head.body) == (full.status, full.headers, b"")


def test_head_of_a_path_without_get_is_405() -> None:
    response = ask(STOP, "HEAD")
    assert (response.status, response.body) == (405, b"")
    assert header(response, "content-length") == str(len('{"result":"this path allows POST only"}'))
