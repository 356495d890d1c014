"""CORS: what browsers need to call the mock from a page of another origin (WHATWG Fetch, "CORS protocol").

Every origin is allowed, also with credentials: nothing behind the mock is worth protecting.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from playbook3d_mock._request import is_token
from playbook3d_mock._responses import Response

if TYPE_CHECKING:
    from playbook3d_mock._request import Request

_ORIGIN = re.compile(rb"[!-~]+")
_MAX_AGE = b"600"
# Each of these in a response of the contract would contradict ours.
_PREFIX = b"access-control-"
_ALLOW_ORIGIN = b"access-control-allow-origin"
_ALLOW_CREDENTIALS = (b"access-control-allow-credentials", b"true")


def origin_of(request: Request) -> bytes | None:
    """The origin of the page that sends a request, ``None`` if no browser does."""
    origin = request.header(b"origin")
    return origin if origin and _ORIGIN.fullmatch(origin) else None


def preflight_response(request: Request, origin: bytes) -> Response | None:
    """The response to a preflight request, ``None`` if it is another: all that it asks for is allowed."""
    method = request.header(b"access-control-request-method") if request.method == "OPTIONS" else None
    if method is None or not is_token(method.decode("latin-1")):
        return None
    headers = [
        (_ALLOW_ORIGIN, origin),
        _ALLOW_CREDENTIALS,
        (b"access-control-allow-methods", method),
        (b"access-control-max-age", _MAX_AGE),
        (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
    ]
    names = (request.header(b"access-control-request-headers") or b"").decode("latin-1").split(",")
    if names := [name.strip() for name in names if is_token(name.strip())]:
        headers.append((b"access-control-allow-headers", ", ".join(names).encode("ascii")))
    if request.header(b"access-control-request-private-network") == b"true":  # WICG, "Private Network Access"
        headers.append((b"access-control-allow-private-network", b"true"))
    return Response(204, tuple(headers))


def with_cors(response: Response, origin: bytes) -> Response:
    """A response that a page of this origin may read."""
    others = [header for header in response.headers if not header[0].startswith(_PREFIX) and header[0] != b"vary"]
    varies = [value for name, value in response.headers if name == b"vary"]
    exposed = dict.fromkeys(name for name, _ in others)
    headers = [*others, (_ALLOW_ORIGIN, origin), _ALLOW_CREDENTIALS, (b"vary", b", ".join([*varies, b"Origin"]))]
    if exposed:
        headers.append((b"access-control-expose-headers", b", ".join(exposed)))
    return replace(response, headers=tuple(headers))
