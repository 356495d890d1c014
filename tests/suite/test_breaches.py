"""Servers that break the contract, most of which pass Schemathesis with its default settings."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from playbook3d_mock import Mock, Request, Response
from support import breaching_server as server
from support.breaching_server import always, instead_of, json_response, raw_response

SUCCESS = json_response(200, {"message": "Done."})


def crash_if(condition: Callable[[Request], bool]) -> server.Breach:
    return lambda request, response: json_response(500) if response.status == 200 and condition(request) else response


def accept_if(status: int, condition: Callable[[Request], object]) -> server.Breach:
    return lambda request, response: SUCCESS if response.status == status and condition(request) else response


def ignoring(name: bytes) -> server.Breach:
    """A server that does not read a header field: it behaves as if it were right."""
    right = {b"x-api-key": server.KEY.encode(), b"authorization": b"Bearer " + server.TOKEN.encode()}
    mock = Mock(server.CONTRACT, api_key=server.KEY, token=server.TOKEN)

    def breach(request: Request, _: Response) -> Response:
        fields = dict(request.headers) | {name: right[name]}
        return mock.handle(
            Request(request.method, request.raw_path, request.query, tuple(fields.items()), request.body)
        )

    return breach


def has_both_secrets(request: Request) -> bool:
    sent = {request.header(b"x-api-key"), (request.header(b"authorization") or b"").removeprefix(b"Bearer ")}
    return sent == {server.KEY.encode(), server.TOKEN.encode()}


def has_prefix_of_token(request: Request) -> bool:
    return server.TOKEN[:20].encode() in (request.header(b"authorization") or b"")


def is_basic(request: Request) -> bool:
    return (request.header(b"authorization") or b"").startswith(b"Basic ")


def has_36_characters(request: Request) -> bool:
    return all(re.match(b".{36}", segment) for segment in request.raw_path.split(b"/")[2:])


def redirect(request: Request, response: Response) -> Response:
    is_first = response.status == 200 and not request.query
    return json_response(307, None, (b"location", request.raw_path + b"?again")) if is_first else response


BREACHES: dict[str, tuple[server.Breach, list[str]]] = {
    "always 404": (always(404), ["instead of 401: x-api-key is missing"]),
    "duplicate names": (
        instead_of(200, raw_response(200, b'{"message":"a","message":"b"}')),
        ["not strictly JSON: duplicate names in an object"],
    ),
    "NaN": (instead_of(200, raw_response(200, b'{"message":"a","at":NaN}')), ["NaN is not a number in JSON"]),
    "byte order mark": (instead_of(200, raw_response(200, b'\xef\xbb\xbf{"message":"a"}')), ["not strictly JSON"]),
    "empty success": (instead_of(200, json_response(200, {})), ["200 has none of the declared properties: message"]),
    "another property in an error": (
        instead_of(401, json_response(401, {"description": "No."})),
        ["401 has none of the declared properties: result"],
    ),
    "401 to some valid requests": (
        lambda request, response: (
            json_response(401) if response.status == 200 and request.raw_path.split(b"/")[2] == server.NIL else response
        ),
        ["valid requests were answered 401, and others were not, with the same credentials"],
    ),
    "another body to another scheme": (
        lambda request, response: (
            raw_response(401, b"No.") if response.status == 401 and is_basic(request) else response
        ),
        ["JSON deserialization error: when Authorization has the scheme Basic"],
    ),
    "404 to an undeclared method": (
        instead_of(405, json_response(404)),
        ["is not declared, and was answered 404 instead of 405"],
    ),
    "405 that allows undeclared methods": (
        instead_of(405, json_response(405, None, (b"allow", b"GET, POST, DELETE"))),
        ["allows DELETE, GET, POST; the contract declares POST"],
    ),
    "redirect": (redirect, ["Received: 307"]),
    "crash on the nil UUID": (crash_if(lambda request: server.NIL in request.raw_path), ["Server error"]),
    "crash on an upper-case UUID": (
        crash_if(lambda request: request.raw_path != request.raw_path.lower()),
        ["Server error"],
    ),
    "UUIDs by their first characters": (
        accept_if(400, has_36_characters),
        [
            "instead of 4XX to a near-miss UUID in team_id: team_id has a character too many",
            "team_id ends with a letter that is not a hexadecimal digit",
        ],
    ),
    "token without its scheme, or its end": (
        accept_if(401, has_prefix_of_token),
        ["instead of 401: Authorization has no scheme", "instead of 401: Authorization lacks its last character"],
    ),
    "API key ignored": (ignoring(b"x-api-key"), ["instead of 401: x-api-key is missing"]),
    "token ignored": (ignoring(b"authorization"), ["instead of 401: Authorization is missing"]),
    "swapped credentials": (accept_if(401, has_both_secrets), ["instead of 401: the credentials are swapped"]),
}


def test_violations_are_summarized(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.run_suite(tmp_path, BREACHES["UUIDs by their first characters"][0])
    summary = capsys.readouterr().out.partition("\nViolations:\n")[2]
    operation = "POST /cancel/{team_id}/{run_id}"
    title = f"{operation}: answered 200 instead of 4XX to a near-miss UUID in"
    assert re.search(rf"^\d+ x {re.escape(title)} team_id \(first: team_id has a character", summary, re.MULTILINE)
    assert re.search(rf"^\d+ x {re.escape(title)} run_id \(first: run_id has a character", summary, re.MULTILINE)
    assert "near-miss UUID" not in summary.partition("The server does not keep the contract")[2]


@pytest.mark.parametrize(("breach", "messages"), BREACHES.values(), ids=BREACHES)
def test_breach_is_reported(
    breach: server.Breach, messages: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert server.run_suite(tmp_path, breach, ("--wrong-methods",)).status == 1
    output = " ".join(capsys.readouterr().out.split())
    assert [message for message in messages if message not in output] == []
    assert "The server does not keep the contract: see above." in output
