"""A request in bytes, and how to find values in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_INVALID_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
# Name and value of a preference, before its parameters. An unclosed quoted string runs to the end (RFC 9110 §5.6.4).
_QUOTED = r'"(?:[^"\\]|\\.)*+"?'
_PREFERENCE = re.compile(rf'((?:{_QUOTED}|[^",;])*)(?:;(?:{_QUOTED}|[^",])*)?', re.DOTALL)


def is_token(name: str) -> bool:
    """Whether a header field or a cookie can have this name (RFC 9110 §5.6.2)."""
    return _TOKEN.fullmatch(name) is not None


def percent_decode(raw: str) -> str:
    """Decode a URL component given as latin-1; raises ``ValueError`` if the result is not UTF-8."""
    if "%" not in raw and raw.isascii():
        return raw
    if _INVALID_ESCAPE.search(raw):
        raise ValueError("has an invalid percent-encoding")
    try:
        return unquote_to_bytes(raw.encode("latin-1")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError("is not UTF-8 after percent-decoding") from error


def read_pairs(encoded: bytes) -> list[tuple[str, str]]:
    """The decoded names and raw values, as latin-1, of a query or a form; a '+' is a space, as in HTML forms."""
    pairs = [pair.replace(b"+", b" ").partition(b"=") for pair in encoded.split(b"&")] if encoded else []
    return [(unquote_to_bytes(key).decode("utf-8", "replace"), value.decode("latin-1")) for key, _, value in pairs]


def _unquoted(text: str) -> str:
    """The value of a token or a quoted string (RFC 9110 §5.6.4)."""
    return re.sub(r"\\(.)", r"\1", text.strip('"')) if text.startswith('"') else text


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Its ``repr`` shows method and path only, since the rest may hold credentials.

    Attributes:
        method: The method, case-sensitive.
        raw_path: The path before percent-decoding, without the query.
        query: The query before percent-decoding, without the ``?``.
        headers: Pairs of name, in lower case, and value.
        body: The content.
        path_parameters: The decoded values of the path parameters, once the path has matched.
    """

    method: str
    raw_path: bytes
    query: bytes = field(default=b"", repr=False)
    headers: tuple[tuple[bytes, bytes], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    path_parameters: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, compare=False)

    def header(self, name: bytes) -> bytes | None:
        """The value of a header, by its lower-case name; repeated lines are joined (RFC 9110 §5.3)."""
        values = [value for key, value in self.headers if key == name]
        return b", ".join(values).strip(b" \t") if values else None

    def pairs(self, location: str) -> list[tuple[str, str]]:
        """The names and raw values, as latin-1, of the query or the cookies, in order.

        Args:
            location: "query" or "cookie".
        """
        if location == "query":
            return read_pairs(self.query)
        lines = [line.decode("latin-1") for key, line in self.headers if key == b"cookie"]
        pairs = [pair.partition("=") for line in lines for pair in line.split(";")]  # RFC 6265 §4.2.1
        return [(key.strip(" \t"), value.strip(" \t")) for key, _, value in pairs]

    def values(self, location: str, name: str) -> list[str]:
        """The raw values of a parameter or credential, as latin-1, in order.

        Args:
            location: "query", "header" or "cookie".
            name: Its name; that of a header in any case (RFC 9110 §5.1).
        """
        if location == "header":
            value = self.header(name.lower().encode())
            return [] if value is None else [value.decode("latin-1")]
        return [value for key, value in self.pairs(location) if key == name]

    def preferences(self) -> dict[str, str]:
        """The values of the preferences in ``Prefer`` that have one; of several the first (RFC 7240 §2)."""
        found: dict[str, str] = {}
        header = self.header(b"prefer")
        pair: str
        for pair in _PREFERENCE.findall(header.decode("latin-1")) if header else ():
            key, _, value = pair.partition("=")
            if value := _unquoted(value.strip(" \t")):
                found.setdefault(key.strip(" \t").lower(), value)
        return found

    @property
    def target(self) -> bytes:
        """Path and query, before percent-decoding."""
        return b"?".join(filter(None, (self.raw_path, self.query)))

    @property
    def path(self) -> str:
        """The path, percent-decoded."""
        return unquote_to_bytes(self.raw_path).decode("utf-8", "replace")

    def json(self) -> Any:
        """The content, which is JSON; raises ``ValueError`` if it is not."""
        return json.loads(self.body)
