"""Validates the options of constructors and of ``with_options``."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple, cast

import httpx

from playbook3d_client._credentials import Credentials
from playbook3d_client._errors import ConfigurationError
from playbook3d_client._http_family import HttpTimeout, family_of, to_httpx
from playbook3d_client._redaction import number_or_type
from playbook3d_client._request_checks import is_field_value

#: 30 seconds for each phase of an exchange, 5 to connect.
DEFAULT_TIMEOUT = httpx.Timeout(30.0, connect=5.0)

DEFAULT_MAX_RETRIES = 2

BASE_URL_VARIABLE = "PLAYBOOK_BASE_URL"

NO_SERVER = f"The contract of the API names no server: give base_url=https://…, or set {BASE_URL_VARIABLE}."

Timeout = float | HttpTimeout | None

# Seconds; a socket cannot wait for much longer.
_MAX_TIMEOUT = 1e9

_MAX_PORT = 65535
# Host and port of an authority without a user (RFC 3986 §3.2); the lengths of a name are those of RFC 1035 §2.3.4.
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:]*)(?::?(.*))", re.DOTALL)
_HOST_NAME = re.compile(r"(?=.{1,254}\Z)([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?")

# RFC 9110 §5.1.
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class NotGiven(Enum):
    """The type of ``NOT_GIVEN``, the default of options for which ``None`` has a meaning."""

    NOT_GIVEN = "NOT_GIVEN"

    def __repr__(self) -> str:
        return self.name


NOT_GIVEN = NotGiven.NOT_GIVEN


class ClientOptions(NamedTuple):
    """What applies to every call of a client."""

    credentials: Credentials
    base_url: str | None  # None: the first server that the contract names for the operation, if it does
    timeout: httpx.Timeout | None  # None: the timeout of the httpx client
    max_retries: int
    headers: Mapping[str, str]
    deadline: float | None  # seconds of a whole call


def read_base_url(argument: object, environment: Mapping[str, str]) -> str | None:
    """The URL of the argument, else of the environment, else ``None``; raises ``ConfigurationError``."""
    if argument is not None:
        return validate_base_url(argument)
    variable = environment.get(BASE_URL_VARIABLE)
    return validate_base_url(variable, BASE_URL_VARIABLE) if variable else None


def validate_base_url(value: object, name: str = "base_url=") -> str:
    """An absolute URL, without slashes at its end; raises ``ConfigurationError``.

    Its message shows no part of the URL: any part may be a misplaced password.
    """
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} must be a string, not {type(value).__name__}.")
    if problem := _url_problem(value):
        raise ConfigurationError(f"{name} {problem}.")
    return str(httpx.URL(value)).rstrip("/")


def _url_problem(value: str) -> str | None:
    """Why this is not the URL of a server, and what to do."""
    for position, character in enumerate(value):
        if character.isspace() or not character.isprintable():
            return f"has a space or a control character, at position {position} of {len(value)}: remove it"
    scheme, separator, rest = value.partition("://")
    if not separator:
        return f"{'has no scheme' if value else 'is empty'}: use http://… or https://…"
    if scheme.lower() not in ("http", "https"):
        return "has a scheme other than http and https: use https://…"
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    # Credentials in it would replace the token; a query or a fragment would swallow the path.
    if "@" in authority:
        return "has a user or a password: remove it, and give credentials as api_key=, token= or credentials="
    if set("?#\\") & set(rest):
        return "has a query, a fragment or a backslash: use only scheme, host, port and path"
    host, port = cast("re.Match[str]", _AUTHORITY.match(authority)).groups()
    if port and not (re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) <= _MAX_PORT):
        return f"has an invalid port: use a number from 1 to {_MAX_PORT}"
    if not is_host(host):
        return f"has {'an invalid' if host else 'no'} host: use a name or an IP address after the scheme"
    try:
        httpx.URL(value)
    except httpx.InvalidURL:
        return "is not a valid URL: use only scheme, host, port and path"
    return None


def is_host(host: str) -> bool:
    """Whether a URL can have this host: a name, also an international one, or an IP address."""
    return encode_host(host) is not None


def encode_host(host: str) -> str | None:
    """The host as the connection will encode it; ``None`` if a URL cannot have it."""
    try:
        url = httpx.URL(f"http://{host}")
        encoded = url.raw_host.decode()
        if host.startswith("["):
            return f"[{encoded}]"
        # An invalid international name fails only in `host`.
        return encoded if _HOST_NAME.fullmatch(encoded) and url.host else None
    except (httpx.InvalidURL, UnicodeError):
        return None


def validate_timeout(value: object) -> httpx.Timeout:
    """An ``httpx.Timeout`` whose phases a socket can wait for; raises ``ConfigurationError``."""
    invalid: list[object] = [value]
    if (timeout := _to_timeout(value)) is not None:
        phases = [seconds for seconds in timeout.as_dict().values() if seconds is not None]
        invalid = [each for each in phases if type(each) not in (int, float) or not 0 <= each < _MAX_TIMEOUT]
        if not invalid:
            return timeout
    raise ConfigurationError(
        "timeout= must be seconds, an httpx.Timeout, an httpx2.Timeout, or None for no limit, "
        f"not {number_or_type(invalid[0])}."
    )


def _to_timeout(value: object) -> httpx.Timeout | None:
    if value is None or type(value) in (int, float):
        return httpx.Timeout(cast("float | None", value))
    return to_httpx(value) if isinstance(value, family_of(value).Timeout) else None


def validate_max_retries(value: object) -> int:
    """A whole number, 0 or more; raises ``ConfigurationError``."""
    if type(value) is not int or value < 0:
        raise ConfigurationError(f"max_retries= must be a whole number, 0 or more, not {number_or_type(value)}.")
    return value


def validate_deadline(value: object) -> float | None:
    """Seconds above 0, or ``None``; raises ``ConfigurationError``."""
    if value is not None and (type(value) not in (int, float) or not 0 < cast(float, value) < _MAX_TIMEOUT):
        raise ConfigurationError(
            f"deadline= must be a number of seconds above 0, or None for no limit, not {number_or_type(value)}."
        )
    return cast("float | None", value)


def validate_headers(headers: Mapping[Any, Any], credential_headers: frozenset[str]) -> Mapping[str, str | None]:
    """``headers``, if they can be sent and hold no credential; raises ``ConfigurationError``, which shows no value.

    A value may be ``None``: ``merge_headers`` then takes the header away.
    """
    if not hasattr(headers, "items"):
        raise ConfigurationError(f"headers= must be a mapping of names to values, not {type(headers).__name__}.")
    for name, value in headers.items():
        if not isinstance(name, str) or not _FIELD_NAME.fullmatch(name):
            raise ConfigurationError(f"headers= has {_invalid_name(name)}.")
        if name.lower() in credential_headers:
            raise ConfigurationError(f"headers= has {name}: give credentials as api_key=, token= or credentials=.")
        if value is not None and (not isinstance(value, str) or not is_field_value(value)):
            raise ConfigurationError(
                f"headers= has a value for {name} that is not a string of visible ASCII characters."
            )
    return headers


def _invalid_name(name: object) -> str:
    """What is wrong with it, without what may be a credential."""
    if not isinstance(name, str):
        return f"a name that must be a string, not {type(name).__name__}"
    start, colon, _ = name.partition(":")
    line = (
        f", which starts with {start}: give it and its value separately"
        if colon and _FIELD_NAME.fullmatch(start)
        else ""
    )
    return f"an invalid header name{line}"


def merge_headers(headers: Mapping[str, str], over: Mapping[str, str | None]) -> httpx.Headers:
    """``headers``, with those of ``over`` in place of the same names in any case; ``None`` takes one away."""
    merged = httpx.Headers(headers)
    for name, value in over.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = value
    return merged
