"""A server that breaks the contract is caught by the suite, when it is pointed at with BASE_URL.

Most of these servers pass Schemathesis with its default settings.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from conformance.__main__ import main
from conformance.subject import EFFECTIVE
from playbook3d_mock import Mock, Request, Response
from serving import CREDENTIALS, KEY, NIL, TOKEN, Breach, Server, always, raw, reply


def instead_of(status: int, other: Response) -> Breach:
    return lambda _request, answer: other if answer.status == status else answer


def where(condition: Callable[[Request], bool], other: Response) -> Breach:
    return lambda request, answer: other if answer.status == 200 and condition(request) else answer


def without(*names: bytes) -> Breach:
    """A server that does not look at some header fields: it takes them for what they ought to be."""
    right = {b"x-api-key": KEY.encode(), b"authorization": b"Bearer " + TOKEN.encode()}
    mock = Mock(EFFECTIVE, api_key=KEY, token=TOKEN)

    def breach(request: Request, _: Response) -> Response:
        fields = dict(request.headers) | {name: right[name] for name in names}
        seen = Request(request.method, request.raw_path, request.query, tuple(fields.items()), request.body)
        return mock.handle(seen)

    return breach


def swapped(request: Request, answer: Response) -> Response:
    """A server that takes either secret in either place."""
    secrets = {KEY.encode(), TOKEN.encode()}
    found = {request.header(b"x-api-key"), (request.header(b"authorization") or b"").removeprefix(b"Bearer ")}
    return reply(200, {"message": "Done."}) if answer.status == 401 and found == secrets else answer


def as_uuid(pattern: bytes) -> Breach:
    """A server that takes for a UUID what begins as a pattern says."""

    def breach(request: Request, answer: Response) -> Response:
        taken = all(re.match(pattern, segment) for segment in request.raw_path.split(b"/")[2:])
        return reply(200, {"message": "Done."}) if answer.status == 400 and taken else answer

    return breach


class Case(NamedTuple):
    """A server, by what it does wrong, and what is said of it."""

    name: str
    breach: Breach
    said: str
    also: str = ""


MISSED = [
    Case("every answer is 401", always(401), "Valid data should have been accepted"),
    Case("every answer is 404", always(404), "instead of 401: x-api-key is missing"),
    Case(
        "every answer is 429", always(429), "answered 429, so that not every credential was tried: send less at a time"
    ),
    Case("a name twice in an object", instead_of(200, raw(200, b'{"message":"a","message":"b"}')), "a name twice"),
    Case("NaN", instead_of(200, raw(200, b'{"message":"a","at":NaN}')), "NaN is no number of JSON"),
    Case("a byte order mark", instead_of(200, raw(200, b'\xef\xbb\xbf{"message":"a"}')), "not strictly JSON"),
    Case("no key of the success", instead_of(200, reply(200, {})), "200 has nothing of what the contract declares"),
    Case("another key in an error", instead_of(401, reply(401, {"description": "No."})), "(description)"),
    Case(
        "a key too many in the success",
        instead_of(200, reply(200, {"message": "Done.", "state": 1})),
        "declare (state)",
    ),
    Case("a wrong method answered 404", instead_of(405, reply(404)), "was answered 404 instead of 405"),
    Case(
        "a 405 that allows what is not declared",
        instead_of(405, reply(405, headers=((b"allow", b"GET, POST, DELETE"),))),
        "allows DELETE, GET, POST",
    ),
    Case(
        "a redirect to the same place",
        lambda request, answer: (
            reply(307, headers=((b"location", request.raw_path + b"?again"),))
            if answer.status == 200 and not request.query
            else answer
        ),
        "Received: 307",
    ),
    Case("a crash on the nil UUID", where(lambda request: NIL in request.raw_path, reply(500)), "Server error"),
    Case(
        "a crash on an upper-case UUID",
        where(lambda request: request.raw_path != request.raw_path.lower(), reply(500)),
        "Server error",
    ),
    Case(
        "whatever begins with 36 characters",
        as_uuid(b".{36}"),
        "instead of 400, 401, 422: team_id has one character more",
        "team_id has a letter that is no digit",
    ),
    Case(
        "what is malformed does not exist",
        lambda _, answer: reply(404) if answer.status == 400 else answer,
        "Expected: 400, 401, 422",
    ),
    Case(
        "a token without its scheme, or by its beginning",
        lambda request, answer: (
            reply(200, {"message": "Done."})
            if answer.status == 401 and TOKEN[:20].encode() in (request.header(b"authorization") or b"")
            else answer
        ),
        "instead of 401: Authorization has no scheme",
        "instead of 401: Authorization lacks its last character",
    ),
    Case("the API key does not count", without(b"x-api-key"), "instead of 401: x-api-key is missing"),
    Case("the token does not count", without(b"authorization"), "instead of 401: Authorization is missing"),
    Case("either secret in either place", swapped, "instead of 401: the credentials are swapped"),
]


def conform(url: str, reports: Path, **more: str) -> int:
    return main(
        {"BASE_URL": url, "RATE": "1000/s", "EXAMPLES": "1", "WRONG_METHODS": "1", **CREDENTIALS, **more}, reports
    )


@pytest.mark.parametrize("case", MISSED, ids=lambda case: case.name)
def test_a_server_that_stock_checks_let_pass_is_caught(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Server(case.breach).served() as url:
        assert conform(url, tmp_path) == 1
    output = " ".join(capsys.readouterr().out.split())
    assert case.said in output
    assert case.also in output


def test_a_server_that_keeps_the_contract_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Server().served() as url:
        assert conform(url, tmp_path) == 0
    assert "The server keeps the contract." in capsys.readouterr().out
