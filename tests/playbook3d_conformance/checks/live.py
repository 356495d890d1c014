"""The extension for servers with real data behind gateways: ``playbook3d_conformance.checks``, with patience.

A 429 with ``Retry-After`` is waited for, and what a gateway refuses is not held against the API. With
``CONFORMANCE_SEND_ONCE`` no operation is sent a second request: Hypothesis repeats what failed, and after a lost
response the server may have acted.
"""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from playbook3d_conformance.checks.hooks import EXCUSES
from playbook3d_conformance.checks.observations import observe
from playbook3d_conformance.schemas import content_type, is_json

if TYPE_CHECKING:
    import requests
    from schemathesis import HookContext, Response
    from schemathesis.core.failures import Failure

    from playbook3d_conformance.openapi import AnyCase

# Of one request: how often it is waited for, and how long at most.
_MAX_WAITS, _MAX_SECONDS = 5, 60
# What a gateway may find odd in a target or a body of printable text.
_ODD = re.compile(r"[^\w\s/?&=.,:;{}\[\]\"+-]", re.ASCII)
_MAX_PLAIN_LENGTH = 200
_VALUES = (ParameterLocation.PATH, ParameterLocation.QUERY, ParameterLocation.COOKIE, ParameterLocation.BODY)

_sent: set[str] = set()


@schemathesis.hook
def before_call(context: HookContext, case: AnyCase, kwargs: dict[str, Any]) -> None:
    """Have requests wait, and refuse a second request where only one may be sent."""
    label = case.operation.label
    if os.environ.get("CONFORMANCE_SEND_ONCE"):
        if label in _sent:
            raise AssertionError(f"{label} was sent once, and is not sent again.")
        _sent.add(label)
    kwargs["hooks"] = {"response": wait_for_rate_limit}


def wait_for_rate_limit(response: requests.Response, **options: Any) -> requests.Response:
    """A hook of requests: the response to the request when it is repeated after ``Retry-After`` (RFC 6585 §4)."""
    for _ in range(_MAX_WAITS):
        seconds = _retry_after(response) if response.status_code == 429 else None
        if seconds is None or seconds > _MAX_SECONDS:
            break
        _ = response.content  # it must be read before the connection is used again
        time.sleep(seconds)
        response = response.connection.send(response.request, **options)
    return response


def _retry_after(response: requests.Response) -> float | None:
    try:
        return Retry().parse_retry_after(response.headers.get("Retry-After", ""))
    except InvalidHeader:
        return None


def is_rate_limited(failure: Failure, case: AnyCase, response: Response) -> bool:
    """Whether the server would not answer now, so that nothing is known."""
    if response.status_code != 429 or failure.case_id not in (None, case.id):
        return False
    observe("incomplete", case.operation.label, "requests were answered 429: lower the rate (--rate 1/s)")
    return True


def is_refused_by_gateway(failure: Failure, case: AnyCase, response: Response) -> bool:
    """Whether an invalid or odd request got a client error that is no JSON: not the API's own."""
    status = response.status_code
    if not 400 <= status <= 499 or status == 401 or failure.case_id not in (None, case.id):
        return False
    if is_json(content_type(response)) or not _is_odd(case, response):
        return False
    observe("note", case.operation.label, f"answered {status} without JSON to invalid or odd requests, as gateways do")
    return True


def _is_odd(case: AnyCase, response: Response) -> bool:
    """Whether a value is invalid, or has unusual characters; a missing credential is not odd."""
    if case.meta is not None and any(map(case.meta.is_negative_at, _VALUES)):
        return True
    target = (response.request.url or "").partition("://")[2]
    body = response.request.body or ""
    text = target + (body.decode(errors="replace") if isinstance(body, bytes) else str(body))
    return len(text) > _MAX_PLAIN_LENGTH or _ODD.search(text) is not None


EXCUSES.extend([is_rate_limited, is_refused_by_gateway])
