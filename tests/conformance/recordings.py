"""What a real server once answered, checked against the contract: the way in which reality corrects it.

A recording is a HAR file (version 1.2), as `make conformance` writes it, and browsers do.
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

from conformance.arguments import ARGUMENTS, some_case
from conformance.extension import CHECKS, declared_properties, strict_json
from conformance.models import differences
from conformance.outcomes import as_sent, content, error_body, error_class
from conformance.speakers import STYLES, UNHEARD_OF, Speakers
from conformance.subject import SUBJECTS, Subject
from conformance.wire import values

RECORDINGS = Path(__file__).parents[1] / "recordings"
REDACTED = {"", "[Filtered]", "redacted"}
# Neither belongs to a body any more: HAR holds it as it was decoded.
_HOP_BY_HOP = {"content-encoding", "content-length", "transfer-encoding"}
_SECRET = {"authorization", "proxy-authorization", "cookie", "set-cookie"}
_JWT = re.compile(r"eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]{5,}")


class RecordingError(Exception):
    """A file that is no recording; the message says where it is not."""


def entries(path: Path) -> list[dict[str, Any]]:
    """The exchanges of a recording; raises ``RecordingError``."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["log"]["entries"]
        for entry in found:
            list(_secrets(entry))  # reads what the answer does not have
            _response(entry)
    except httpx.InvalidURL:
        raise RecordingError(f"{path.name} has a request whose URL is none") from None  # a password may be why
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordingError(f"{path.name} is no HAR file: {type(error).__name__}: {error}") from error
    if not found:
        raise RecordingError(f"{path.name} has no entries")
    return list(found)


def problems(entry: dict[str, Any]) -> Iterator[str]:
    """What is wrong with an exchange: a secret in it, the contract against the answer, the client against both."""
    yield from _secrets(entry)
    subject = _subject(entry)
    if subject is None:
        yield f"{entry['request']['method']} {entry['request']['url']} is no operation of the contract"
        return
    yield from _by_contract(subject, entry)
    for style in STYLES:
        yield from _by_client(subject, entry, style)


def _secrets(entry: dict[str, Any]) -> Iterator[str]:
    secret = {name for subject in SUBJECTS for name in subject.credentials} | _SECRET
    for side in ("request", "response"):
        found = [(one["name"], one["value"]) for one in entry[side]["headers"] if one["name"].lower() in secret]
        found += [(f"cookie {one['name']}", one["value"]) for one in entry[side].get("cookies", [])]
        for name, value in found:
            if value not in REDACTED:
                yield f"the {side}'s {name} is not redacted: put {sorted(REDACTED)[1]} in its place"
    if httpx.URL(entry["request"]["url"]).userinfo:
        yield "the request's URL has a user in it: take it out"
    if _JWT.search(json.dumps(entry)):
        yield "there is a JWT in it: put something else in its place"


def _subject(entry: dict[str, Any]) -> Subject | None:
    """The operation that was called, whatever the server; concrete paths before templated ones."""
    path = urlsplit(entry["request"]["url"]).path
    for subject in sorted(SUBJECTS, key=lambda one: one.operation.path.count("{")):
        template = re.sub(r"\\\{[^}]*\\\}", "[^/]*", re.escape(subject.operation.path))
        if subject.operation.method.upper() == entry["request"]["method"] and re.search(f"{template}$", path):
            return subject
    return None


def _response(entry: dict[str, Any]) -> httpx.Response:
    sent, answered = entry["request"], entry["response"]
    held = answered["content"]
    text = held.get("text", "")
    body = base64.b64decode(text) if held.get("encoding") == "base64" else text.encode()
    headers = [(one["name"], one["value"]) for one in answered["headers"] if one["name"].lower() not in _HOP_BY_HOP]
    request = httpx.Request(sent["method"], sent["url"])
    response = httpx.Response(answered["status"], headers=headers, content=body, request=request)
    response.elapsed = timedelta(milliseconds=entry.get("time", 0))
    return response


def _by_contract(subject: Subject, entry: dict[str, Any]) -> Iterator[str]:
    checks = [*CHECKS, strict_json, declared_properties]
    try:
        some_case(subject.operation).validate_response(_response(entry), checks=checks)
    except FailureGroup as failures:
        yield from (" ".join(str(failure).split()) for failure in failures.exceptions)


def _by_client(subject: Subject, entry: dict[str, Any], style: str) -> Iterator[str]:
    recorded = _response(entry)
    transport = httpx.MockTransport(lambda _: _response(entry))
    with Speakers(transport, **UNHEARD_OF).opened() as speakers:
        outcome = speakers.outcome(style, subject, ARGUMENTS.some(subject.operation))
    if not recorded.is_success:
        if type(outcome) is not error_class(recorded.status_code) or outcome.body != error_body(recorded.content):
            yield f"{style}: the client raises {outcome!r}"
    elif isinstance(outcome, Exception):
        yield f"{style}: the client raises {outcome!r}"
    else:
        declared = ARGUMENTS.answer(subject.operation, recorded.status_code)
        if declared is not None:
            yield from (f"{style}: {one}" for one in differences(declared, outcome, content(recorded)))
        if values(as_sent(outcome)) != values(content(recorded)):
            yield f"{style}: the client makes {as_sent(outcome)!r} of it"
