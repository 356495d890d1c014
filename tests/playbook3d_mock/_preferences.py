"""Preferences: what a request asks for by ``Prefer`` (RFC 7240), as a reply.

| preference | asks for |
| --- | --- |
| ``code=404`` | a status, documented or not |
| ``example=name`` | an example of the contract, by its name |
| ``dynamic=true`` | a body drawn at random from its schema |
| ``delay=0.5`` | a wait before the response, in seconds |
| ``drip=2`` | a body that is sent in pieces over this time, in seconds |
| ``fault=reset`` | a fault |

What cannot be honoured is ignored, as RFC 7240 §2 demands, and noted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from playbook3d_mock._faults import FAULTS
from playbook3d_mock._replies import Reply, check_seconds
from playbook3d_mock._request import is_token

if TYPE_CHECKING:
    from playbook3d_mock._request import Request
    from playbook3d_mock._responses import Responses

_CODE = re.compile("[2-5][0-9]{2}")
# The other preferences are called like the attributes of a reply.
_ATTRIBUTES = {"code": "status"}
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


class Preferences(NamedTuple):
    """What a request asks for.

    Attributes:
        reply: The reply, ``None`` if it asks for nothing that the mock can give.
        applied: The preferences in it, as they stand in ``Preference-Applied``.
        ignored: Why others are not in it.
    """

    reply: Reply | None = None
    applied: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


_NONE = Preferences()


def read_preferences(request: Request, responses: Responses) -> Preferences:
    """What a request asks for, of an operation with these responses."""
    if not (given := request.preferences()):
        return _NONE
    options: dict[str, Any] = {}
    applied: list[str] = []
    ignored: list[str] = []
    for name in ("code", "example", "dynamic", "delay", "drip", "fault"):
        if name in given:
            try:
                options[_ATTRIBUTES.get(name, name)] = _read(name, given[name], options, responses)
            except ValueError as error:
                ignored.append(f"Prefer: {name} {error}, and was ignored")
            else:
                applied.append(f"{name}={given[name] if is_token(given[name]) else _quoted(given[name])}")
    return Preferences(Reply(**options) if options else None, tuple(applied), tuple(ignored))


def _read(name: str, text: str, options: dict[str, Any], responses: Responses) -> Any:
    """The value of a preference; raises ``ValueError`` if the mock cannot honour it."""
    documented = responses.find(options.get("status", responses.success))
    match name:
        case "code":
            if _CODE.fullmatch(text):
                return int(text)
            raise ValueError("is not a final status")
        case "example":
            names = documented.examples
            if text in names and text.isascii() and text.isprintable():  # others cannot stand in Preference-Applied
                return text
            raise ValueError(f"is not the name of a valid example; there are {', '.join(map(ascii, names)) or 'none'}")
        case "dynamic":
            if text not in ("true", "false"):
                raise ValueError("is neither true nor false")
            if text == "true" and "example" in options:
                raise ValueError("is not for an example")
            if text == "true" and not documented.can_vary:
                raise ValueError("has no schema to draw a body from")
            return text == "true"
        case "fault":
            if text in FAULTS:
                return text
            raise ValueError(f"is unknown; known are {', '.join(FAULTS)}")
        case _:
            if not _SECONDS.fullmatch(text):
                raise ValueError("is not a number of seconds")
            check_seconds(float(text))
            return float(text)


def _quoted(text: str) -> str:
    """A quoted string (RFC 9110 §5.6.4)."""
    return '"{}"'.format(re.sub(r'(["\\])', r"\\\1", text))
