"""Whether a request, as a generated module describes it, is the one that its arguments mean."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from ipaddress import ip_address
from socket import inet_aton
from typing import Any, NamedTuple
from urllib.parse import urlsplit

_FIELD_VALUE = re.compile(r"([!-~]([ \t!-~]*[!-~])?)?")

# The servers that a warning has named.
_unencrypted: "set[_Server]" = set()


@cache
def path_pattern(template: str) -> re.Pattern[str]:
    """Matches the paths of a template, with one group for each parameter, which is one segment."""
    literals = re.split(r"\{[^}]*\}", template)
    return re.compile("([^/]*)".join(map(re.escape, literals)))


def validate_path(template: str, path: str) -> None:
    """Raise ``ValueError`` for a path parameter with which the request would go to another path.

    An empty segment, ``.`` and ``..`` are removed on the way (RFC 3986 §5.2.4), however they are quoted.
    """
    if "/." in path or "//" in path or path.endswith("/"):
        names = re.findall(r"\{([^}]*)\}", template)
        match = path_pattern(template).fullmatch(path)
        for name, value in zip(names, match.groups() if match else (), strict=False):
            if value in ("", ".", ".."):
                raise ValueError(f"{name} must not be {value!r}: the request would go to another path")


def is_field_value(text: str) -> bool:
    """Whether a header can have this value (RFC 9110 §5.5), without what only some servers and proxies accept."""
    return bool(_FIELD_VALUE.fullmatch(text))


def validate_values(arguments: Mapping[str, Any]) -> None:
    """Raise ``TypeError`` or ``ValueError`` for what cannot be sent, or would not arrive whole; both name it."""
    for name, value in arguments.get("headers", {}).items():
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a string, not {type(value).__name__}")
        if not is_field_value(value):
            raise ValueError(f"{name} must consist of visible ASCII characters, with spaces only between them")
    for name, value in arguments.get("cookies", {}).items():
        if ";" in str(value) or not is_field_value(str(value)):  # it ends a cookie (RFC 6265 §4.1.1)
            raise ValueError(
                f"{name} must consist of visible ASCII characters but semicolons, with spaces only between them"
            )
    for name, value in arguments.get("params", {}).items():
        _require_encodable(name, value, default=str)
    if "json" in arguments:
        _require_encodable("body", arguments["json"], allow_nan=False)


def _require_encodable(name: str, value: object, **options: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False, **options).encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} has an unpaired surrogate in it, which cannot be sent") from None
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name} cannot be sent: {error}") from None


def is_repeatable(arguments: Mapping[str, Any]) -> bool:
    """Whether the request can be sent twice: a body that is read from a file is gone once it was sent."""
    return "content" not in arguments and "files" not in arguments


def is_first_unencrypted_use(base_url: str) -> bool:
    """Whether anyone on the way can read the requests to this server, and no call has asked before."""
    if not base_url.lower().startswith("http://"):
        return False
    server = _server(base_url)
    if server in _unencrypted or _is_loopback(server.host):
        return False
    _unencrypted.add(server)
    return True


class _Server(NamedTuple):
    host: str
    port: int


@cache
def _server(url: str) -> _Server:
    """That of a plain http URL; one host has one spelling."""
    parts = urlsplit(url)
    return _Server((parts.hostname or "").removesuffix("."), parts.port or 80)


@cache
def _is_loopback(host: str) -> bool:
    """Whether the requests stay on this machine (RFC 6761 §6.3 for names)."""
    with suppress(ValueError):
        address = ip_address(host)
        return (getattr(address, "ipv4_mapped", None) or address).is_loopback
    with suppress(OSError):
        return inet_aton(host)[0] == 127  # as in 127.1, which the resolver of the system reads
    return host == "localhost" or host.endswith(".localhost")
