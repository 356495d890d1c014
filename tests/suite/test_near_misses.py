"""Credentials and UUIDs that are compared too loosely or too strictly: each kind is tried, on each of them."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote
from uuid import UUID

import pytest

from playbook3d_conformance.checks.near_misses import credential_probes
from playbook3d_mock import Request, Response
from support import breaching_server as server
from support.breaching_server import json_response, run_suite

SUCCESS = json_response(200, {"message": "Done."})

UUID_KINDS = [
    "has a character too many", "has a character too many in front", "lacks its last character",
    "lacks its first character", "starts with a letter that is not a hexadecimal digit",
    "ends with a letter that is not a hexadecimal digit", "ends with a digit that is not ASCII",
    "has an underscore among its digits", "starts with a sign", "has no dashes", "lacks its last dash",
    "has its dashes in other places", "has dashes that are not ASCII", "is in braces", "is in one brace",
    "is in parentheses", "is in brackets", "is in quotes", "has the prefix urn:uuid:", "has the prefix uuid:",
    "has a space in front", "has a space behind it", "has a line end in front", "has a line end behind it",
    "has another line behind it", "has a NUL behind it", "has an extension", "has a parameter", "is there twice",
]  # fmt: skip
CREDENTIAL_KINDS = [
    "is missing", "is wrong", "is null", "is a pattern", "has a quote in it", "is empty", "lacks its last character",
    "lacks its first character", "has a character too many", "has a character too many in front",
    "has another first character", "has another character in the middle", "has another character near its end",
    "has another last character",
    "has letters of the other case", "is in quotes", "follows a comma", "is in the query", "is in a cookie",
]  # fmt: skip
KEY_KINDS = ["has a word before it", "has a scheme"]
TOKEN_KINDS = [
    "has no scheme", "has the scheme Basic", "has the scheme Digest", "has the scheme Token", "has the scheme JWT",
    "has the scheme OAuth", "has the scheme ApiKey", "has the scheme XBearer", "has no space",
    "has a word before the credential", "has a word after the credential", "lacks what follows its last dot",
]  # fmt: skip


def problems(output: str) -> set[str]:
    """What the suite says, from "instead of" to the end of the sentence."""
    return set(re.findall(r"instead of \S+(?: to a near-miss UUID in \w+)?: (.*?)\.", " ".join(output.split())))


def test_each_kind_of_near_miss_uuid_is_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = run_suite(tmp_path, lambda _, response: SUCCESS if response.status == 400 else response)
    assert run.status == 1
    expected = {f"{name} {kind}" for name in ("team_id", "run_id") for kind in UUID_KINDS}
    assert expected - problems(capsys.readouterr().out) == set()


def test_each_kind_of_near_miss_credential_is_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = run_suite(tmp_path, lambda _, response: SUCCESS if response.status == 401 else response)
    assert run.status == 1
    expected = {f"{name} {kind}" for name in ("Authorization", "x-api-key") for kind in CREDENTIAL_KINDS}
    expected |= {f"Authorization {kind}" for kind in TOKEN_KINDS} | {f"x-api-key {kind}" for kind in KEY_KINDS}
    expected |= {"Authorization has the value of x-api-key", "x-api-key has the value of Authorization"}
    expected |= {"all credentials are missing", "the credentials are swapped"}
    assert expected - problems(capsys.readouterr().out) == set()


# Each says whether a server accepts a request that the mock rejects.
LOOSE: dict[str, tuple[Callable[[Request], bool], str]] = {
    "key in the query": (lambda request: server.KEY.encode() in request.query, "x-api-key is in the query"),
    "token in the query": (
        lambda request: b"access_token=" + server.TOKEN.encode() in request.query,
        "Authorization is in the query",
    ),
    "key in a cookie": (
        lambda request: server.KEY.encode() in (request.header(b"cookie") or b""),
        "x-api-key is in a cookie",
    ),
    "first seven characters skipped": (
        lambda request: (request.header(b"authorization") or b"")[7:] == server.TOKEN.encode(),
        "Authorization has the scheme Digest",
    ),
    "UUIDs as Python reads them": (
        lambda request: all(is_uuid(unquote(segment.decode())) for segment in request.raw_path.split(b"/")[2:]),
        "run_id has an underscore among its digits",
    ),
}


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(("accepts", "problem"), LOOSE.values(), ids=LOOSE)
def test_loose_comparison_is_reported(
    accepts: Callable[[Request], bool], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def breach(request: Request, response: Response) -> Response:
        is_loose = response.status in (400, 401) and len(request.raw_path.split(b"/")) == 4 and accepts(request)
        return SUCCESS if is_loose else response

    run = run_suite(tmp_path, breach)
    output = capsys.readouterr().out
    assert problem in problems(output)
    assert run.status == 1


@pytest.mark.parametrize("status", [401, 403, 500])
def test_scheme_with_case_is_reported(status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def breach(request: Request, response: Response) -> Response:
        is_other = (request.header(b"authorization") or b"").startswith((b"bearer", b"BEARER"))
        return json_response(status) if is_other else response

    assert run_suite(tmp_path, breach).status == 1
    output = capsys.readouterr().out
    for scheme in ("bearer", "BEARER"):
        assert (
            f"answered {status} instead of 200, although names have no case: Authorization has the scheme {scheme}"
            in output
        )


def test_unsigned_jwt_is_tried() -> None:
    probes = {probe.variation: probe.headers for probe in credential_probes({"Authorization": "Bearer e30.e30.sig"})}
    scheme, token = probes["Authorization is a JWT without a signature"]["Authorization"].split()
    header, payload, signature = token.split(".")
    assert (scheme, payload, signature) == ("Bearer", "e30", "")
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["alg"] == "none"


def test_same_credential_in_both_places_is_not_a_near_miss() -> None:
    sent = {"Authorization": "Bearer same", "x-api-key": "same"}
    variations = {probe.variation for probe in credential_probes(sent)}
    assert not {"x-api-key has the value of Authorization", "the credentials are swapped"} & variations


def test_header_names_are_tried_in_the_other_case() -> None:
    sent = {"Authorization": "Bearer t", "x-api-key": "k"}
    accepted = [probe.headers for probe in credential_probes(sent) if probe.is_valid]
    assert {"aUTHORIZATION": "Bearer t", "x-api-key": "k"} in accepted
    assert {"Authorization": "Bearer t", "X-API-KEY": "k"} in accepted
