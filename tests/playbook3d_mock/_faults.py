"""Faults of responses: those of the content are made here, those of the wire are acted out by the adapters."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from playbook3d_mock._media_types import essence, is_json
from playbook3d_mock._responses import with_headers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playbook3d_mock._document import Json
    from playbook3d_mock._responses import Response
    from playbook3d_mock._schemas import Validator

WIRE_FAULTS = ("reset", "reset-in-body", "truncation", "wrong-content-length")
CONTENT_FAULTS = ("wrong-content-type", "malformed-json", "invalid-body", "redirect")
#: All by name.
FAULTS = (*WIRE_FAULTS, *CONTENT_FAULTS)
# RFC 2606 §2: a host that never exists.
_ANOTHER_ORIGIN = b"http://another-origin.invalid"
_WRONG_VALUES: tuple[Json, ...] = (None, [], {}, 0, "", True)


class FaultError(ValueError):
    """A response cannot have this fault; the message says why."""


def with_fault(response: Response, fault: str, target: bytes, validator: Validator | None) -> Response:
    """A response with a fault.

    Args:
        response: The response.
        fault: The fault; one of the wire is only marked in the response.
        target: The path of the request, with its query.
        validator: What judges the JSON of its body, if the contract describes that.

    Raises:
        FaultError: The response cannot have this fault.
    """
    headers = dict(response.headers)
    media_type = headers.get(b"content-type", b"").decode("latin-1")
    response = replace(response, fault=fault)
    match fault:
        case "reset":
            return response
        case "redirect":
            # 307: a client that follows it repeats the method, the body and, if it is careless, the credentials.
            return with_headers(replace(response, status=307), {b"location": _ANOTHER_ORIGIN + target})
        case _ if not response.body:
            raise FaultError("the response has no body")
        case "wrong-content-type":
            wrong = b"text/plain; charset=utf-8" if essence(media_type) == "text/html" else b"text/html; charset=utf-8"
            return with_headers(response, {b"content-type": wrong})
        case "malformed-json":
            if not is_json(media_type):
                raise FaultError("the response is not JSON")
            cut = response.body.rstrip()[:-1]
            # The first digits of a number are a number.
            return _with_body(response, cut if cut and not cut.isdigit() else b"{" + cut)
        case "invalid-body":
            if not is_json(media_type) or validator is None:
                raise FaultError("the contract has no schema for the body")
            try:
                value: Json = json.loads(response.body)
            except ValueError as error:
                raise FaultError("the body is no JSON") from error
            for candidate in _variants(value):
                if not validator.is_valid(candidate):
                    return _with_body(response, json.dumps(candidate).encode("ascii"))
            raise FaultError("every body that was tried is valid")
        case _:
            if len(response.body) < 2:
                raise FaultError("the body is too short to be cut")
            return response


def _variants(value: Json) -> Iterator[Json]:
    """Values that differ in one place, the nearest first: a property of another type, one that is missing, all."""
    if isinstance(value, dict):
        for name in value:
            yield from ({**value, name: wrong} for wrong in _WRONG_VALUES if type(wrong) is not type(value[name]))
        for name in value:
            yield {key: member for key, member in value.items() if key != name}
    yield from _WRONG_VALUES


def _with_body(response: Response, body: bytes) -> Response:
    return with_headers(replace(response, body=body), {b"content-length": str(len(body)).encode("ascii")})
