"""The verdict on a server: its exit status, and what it says was not tested or not seen."""

import itertools
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from playbook3d_conformance.checks.observations import Observation
from playbook3d_conformance.openapi import read_schema
from playbook3d_conformance.server.verdict import judge
from playbook3d_mock import Request, Response
from support.breaching_server import (
    CONTRACT,
    CUT,
    IDS,
    REAL_PATH,
    Breach,
    always,
    instead_of,
    json_response,
    run_suite,
)

HTML = Response(403, ((b"content-type", b"text/html"), (b"content-length", b"2")), b"No")
IS_PLAIN = re.compile(rb"/cancel(/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}){2}")


def gateway(request: Request, response: Response) -> Response:
    """Refuses paths that it finds odd."""
    is_odd = request.raw_path.startswith(b"/cancel/") and not IS_PLAIN.fullmatch(request.raw_path)
    return HTML if is_odd else response


def expire_after(count: int) -> Breach:
    """A server that accepts the credentials a few times."""
    accepted = itertools.count()
    return lambda _, response: json_response(401) if response.status == 200 and next(accepted) >= count else response


def rate_limit(*headers: tuple[bytes, bytes]) -> Breach:
    """A server that answers every other request 429."""
    requests = itertools.count()
    limited = json_response(429, None, *headers)
    return lambda request, response: limited if request.method == "POST" and next(requests) % 2 else response


VERDICTS: dict[str, tuple[Breach, int, str]] = {
    "the mock": (
        lambda _, response: response,
        0,
        "No violation found; never seen: 402, 404, 500.",
    ),
    "404 to every authorised request": (
        instead_of(200, json_response(404)),
        0,
        "No violation found; never seen: 200, 402, 500.",
    ),
    "404 to a malformed id": (
        instead_of(400, json_response(404)),
        0,
        "answered 404 to malformed UUIDs, which is taken for a rejection.",
    ),
    "403 of a gateway": (gateway, 0, "answered 403 without JSON to invalid or odd requests, as gateways do."),
    "400 in HTML": (instead_of(400, replace(HTML, status=400)), 0, "never seen: 400, 402, 404, 500."),
    "401 in HTML": (instead_of(401, replace(HTML, status=401)), 1, "Undocumented Content-Type"),
    "404 page to a malformed id": (
        instead_of(400, replace(HTML, status=404)),
        0,
        "answered 404 without JSON to invalid or odd requests, as gateways do.",
    ),
    "403 of a gateway to a query": (
        lambda request, response: HTML if request.query else response,
        0,
        "answered 403 instead of 401 to a credential in the query or a cookie.",
    ),
    "connection lost": (
        lambda request, response: CUT if b"null" in request.raw_path else response,
        3,
        "a request had no response.",
    ),
    "undeclared property": (
        instead_of(200, json_response(200, {"message": "Done.", "state": 1})),
        0,
        "the body of the 200 has undeclared properties: state.",
    ),
    "429 with Retry-After": (rate_limit((b"retry-after", b"0")), 0, "No violation found"),
    "429 without Retry-After": (rate_limit(), 3, "requests were answered 429"),
    "429 with a long Retry-After": (rate_limit((b"retry-after", b"61")), 3, "requests were answered 429"),
    "429 with an invalid Retry-After": (rate_limit((b"retry-after", b"soon")), 3, "requests were answered 429"),
    "always 429": (always(429), 3, "requests were answered 429: lower the rate"),
    "always 401": (
        always(401),
        3,
        "every valid request was answered 401: the credentials are wrong, or have expired.",
    ),
    "expired credentials": (
        expire_after(1),
        3,
        "at the end every valid request was answered 401: the credentials may have expired.",
    ),
    "HTML to a plain request": (instead_of(200, HTML), 1, "The server does not keep the contract"),
    "5XX": (instead_of(200, json_response(500)), 1, "The server does not keep the contract"),
    "missing property": (
        instead_of(200, json_response(200, {"state": 1})),
        1,
        "The body of the 200 has none of the declared properties: message",
    ),
}


@pytest.mark.parametrize(("breach", "status", "message"), VERDICTS.values(), ids=VERDICTS)
def test_verdict_says_what_was_observed(
    breach: Breach, status: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = run_suite(tmp_path, breach)
    printed = capsys.readouterr().out
    assert message in printed
    assert run.status == status, printed


def test_gateway_may_refuse_valid_but_odd_requests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract = read_schema(CONTRACT).raw_schema
    (operation,) = contract["paths"].pop("/cancel/{team_id}/{run_id}").values()
    operation["parameters"] = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
        {"name": "note", "in": "query", "schema": {"type": "string", "maxLength": 9}},
    ]
    contract["paths"]["/note/{id}"] = {"post": operation}

    def breach(request: Request, response: Response) -> Response:
        return HTML if b"%" in request.query else response

    assert run_suite(tmp_path, breach, ("--examples", "20"), contract=contract).status == 0
    assert "answered 403 without JSON to invalid or odd requests, as gateways do." in capsys.readouterr().out


@pytest.mark.parametrize(("status", "expected"), [(401, 3), (429, 3), (402, 1), (404, 1), (500, 1)])
def test_real_request_must_succeed(
    status: int, expected: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def breach(request: Request, response: Response) -> Response:
        return json_response(status) if request.raw_path == REAL_PATH else response

    assert run_suite(tmp_path, breach, IDS).status == expected, capsys.readouterr().out


def test_real_request_is_repeated_after_a_429(tmp_path: Path) -> None:
    """The server says that it did not act."""
    real: list[bytes] = []

    def breach(request: Request, response: Response) -> Response:
        if request.raw_path != REAL_PATH:
            return response
        real.append(request.raw_path)
        return response if real[1:] else json_response(429, None, (b"retry-after", b"0"))

    assert run_suite(tmp_path, breach, IDS).status == 0
    assert len(real) == 2


SEEN = [Observation("status", "POST /a", "200"), Observation("status", "POST /a", "404")]


@pytest.mark.parametrize(
    ("documented", "line"),
    [
        ({"POST /a": ["200", "404"]}, "No violation found; every documented status was seen."),
        ({"POST /a": ["2XX", "4XX", "5XX"]}, "No violation found; never seen: 5XX."),
        ({"POST /a": ["200", "default"]}, "No violation found; every documented status was seen."),
        ({"POST /a": ["200", "4XX", "default"]}, "No violation found; never seen: default."),
        ({"POST /a": ["201"], "GET /b": ["200"]}, "No violation found; never seen: POST /a: 201; GET /b: 200."),
    ],
)
def test_statuses_that_were_never_seen_are_named(documented: dict[str, list[str]], line: str) -> None:
    assert judge(documented, SEEN, has_failed=False) == (0, [line])


def test_violation_counts_more_than_what_was_not_tested() -> None:
    incomplete = [*SEEN, Observation("incomplete", "POST /a", "no valid request succeeded")]
    assert judge({}, incomplete, has_failed=True, ended_after=9).status == 1
    assert judge({}, incomplete, has_failed=False).status == 3


def violation(title: str, example: str) -> Observation:
    return Observation("violation", "POST /a", title, example)


def test_most_frequent_violation_comes_first() -> None:
    observations = [violation("rare", "once"), *(violation("frequent", f"POST /a frequent: {n}\n") for n in range(3))]
    assert judge({}, observations, has_failed=True).lines[:-1] == [
        "Violations:",
        "3 x POST /a: frequent (first: 0)",
        "1 x POST /a: rare (first: once)",
    ]


def test_summary_of_the_violations_is_short() -> None:
    observations = [violation(f"title {n}", "word " * 100) for n in range(99)]
    lines = judge({}, observations, has_failed=True).lines
    assert lines[-2] == "and 79 other kinds"
    assert len(lines) == 23
    assert max(map(len, lines)) < 200


@pytest.mark.parametrize(("arguments", "status"), [((), 2), (("--mock", "--dry-run"), 0)])
def test_command_has_the_status_of_the_verdict(arguments: tuple[str, ...], status: int) -> None:
    command = [sys.executable, "-m", "playbook3d_conformance", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
