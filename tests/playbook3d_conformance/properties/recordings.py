"""Compares what a real server once answered with the contract and the client.

A recording is a HAR file (version 1.2), as `make conformance` and browsers write it.
"""

import base64
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from schemathesis.core.failures import FailureGroup

from playbook3d_conformance.checks.responses import RESPONSE_CHECKS
from playbook3d_conformance.credentials import required_schemes
from playbook3d_conformance.openapi import AnyOperation
from playbook3d_conformance.properties.arguments import ARGUMENTS
from playbook3d_conformance.properties.clients import STYLES, UNUSED_CREDENTIALS, open_clients
from playbook3d_conformance.properties.expectations import as_sent, content, error_body, error_class
from playbook3d_conformance.properties.model_comparison import differences
from playbook3d_conformance.properties.normalized_request import normalize_json
from playbook3d_conformance.properties.operations import EFFECTIVE, OPERATIONS, any_case

RECORDINGS = Path(__file__).parents[2] / "recordings"
REDACTED = "[Filtered]"
_REDACTIONS = {"", REDACTED, "redacted"}
# HAR holds decoded bodies, so these no longer apply.
_ENCODING_HEADERS = {"content-encoding", "content-length", "transfer-encoding"}
_SECRET_HEADERS = {"authorization", "proxy-authorization", "cookie", "set-cookie"} | {
    scheme.parameter.lower() for scheme in required_schemes(EFFECTIVE).values()
}
_JWT = re.compile(r"eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]{5,}")


class RecordingError(Exception):
    """An invalid recording; the message says where."""


def read_entries(path: Path) -> list[dict[str, Any]]:
    """The exchanges of a recording; raises ``RecordingError``."""
    try:
        entries = list(json.loads(path.read_text(encoding="utf-8"))["log"]["entries"])
        for entry in entries:
            list(_secrets(entry))  # reads what _response does not
            _response(entry)
    except httpx.InvalidURL:
        raise RecordingError(f"{path.name}: invalid URL of a request") from None  # it may hold a password
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordingError(f"{path.name}: not a HAR file: {type(error).__name__}: {error}") from error
    if not entries:
        raise RecordingError(f"{path.name}: no entries")
    return entries


def problems(entry: dict[str, Any]) -> Iterator[str]:
    """What is wrong with an exchange: secrets in it, breaches of the contract, and what the client makes of it."""
    yield from _secrets(entry)
    operation = _operation(entry)
    if operation is None:
        yield f"{entry['request']['method']} {entry['request']['url']} is not an operation of the contract"
        return
    yield from _contract_problems(operation, entry)
    for style in STYLES:
        yield from (f"{style}: {problem}" for problem in _client_problems(operation, entry, style))


def _secrets(entry: dict[str, Any]) -> Iterator[str]:
    for side in ("request", "response"):
        fields = [
            (field["name"], field["value"])
            for field in entry[side]["headers"]
            if field["name"].lower() in _SECRET_HEADERS
        ]
        fields += [(f"cookie {cookie['name']}", cookie["value"]) for cookie in entry[side].get("cookies", [])]
        for name, value in fields:
            if value not in _REDACTIONS:
                yield f"the {side}'s {name} is not redacted: replace it by {REDACTED}"
    if httpx.URL(entry["request"]["url"]).userinfo:
        yield "the request's URL has a user: remove it"
    if _JWT.search(json.dumps(entry)):
        yield "it contains a JWT: replace it"


def _operation(entry: dict[str, Any]) -> AnyOperation | None:
    """The operation that was called, on any server; concrete paths before templated ones."""
    path = urlsplit(entry["request"]["url"]).path
    for operation in sorted(OPERATIONS, key=lambda operation: operation.path.count("{")):
        template = re.sub(r"\\\{[^}]*\\\}", "[^/]*", re.escape(operation.path))
        is_method = operation.method.upper() == entry["request"]["method"]
        if is_method and re.search(f"{template}$", path):
            return operation
    return None


def _response(entry: dict[str, Any]) -> httpx.Response:
    request, response = entry["request"], entry["response"]
    text = response["content"].get("text", "")
    body = base64.b64decode(text) if response["content"].get("encoding") == "base64" else text.encode()
    headers = [
        (field["name"], field["value"])
        for field in response["headers"]
        if field["name"].lower() not in _ENCODING_HEADERS
    ]
    sent = httpx.Request(request["method"], request["url"])
    recorded = httpx.Response(response["status"], headers=headers, content=body, request=sent)
    recorded.elapsed = timedelta(milliseconds=entry.get("time", 0))
    return recorded


def _contract_problems(operation: AnyOperation, entry: dict[str, Any]) -> Iterator[str]:
    try:
        any_case(operation).validate_response(_response(entry), checks=RESPONSE_CHECKS)
    except FailureGroup as failures:
        yield from (" ".join(str(failure).split()) for failure in failures.exceptions)


def _client_problems(operation: AnyOperation, entry: dict[str, Any], style: str) -> Iterator[str]:
    recorded = _response(entry)
    with open_clients(httpx.MockTransport(lambda _: _response(entry)), UNUSED_CREDENTIALS) as clients:
        outcome = clients.outcome(style, operation, ARGUMENTS.valid(operation))
    if not recorded.is_success:
        if type(outcome) is not error_class(recorded.status_code) or outcome.body != error_body(recorded.content):
            yield f"the client raises {outcome!r}"
    elif isinstance(outcome, Exception):
        yield f"the client raises {outcome!r}"
    else:
        declared = ARGUMENTS.response(operation, recorded.status_code)
        if declared is not None:
            yield from differences(declared, outcome, content(recorded))
        if normalize_json(as_sent(outcome)) != normalize_json(content(recorded)):
            yield f"the client returns {as_sent(outcome)!r}"
