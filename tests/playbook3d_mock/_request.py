"""A request as the mock judges it: bytes as they came, and how to find a value in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def is_token(name: str) -> bool:
    """Whether a header field or a cookie can have this name (RFC 9110 §5.6.2)."""
    return _TOKEN.fullmatch(name) is not None


def field_key(name: str) -> bytes:
    """The name of a header field as requests hold it (RFC 9110 §5.1: it is case-insensitive)."""
    return name.lower().encode("utf-8")


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Field names are lower-case; the path is raw, which is to say not percent-decoded.

    Only method and path are shown by `repr`: the rest may hold credentials.
    """

    method: str
    raw_path: bytes
    query: bytes = field(default=b"", repr=False)
    headers: tuple[tuple[bytes, bytes], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)

    def header(self, name: bytes) -> bytes | None:
        """The value of a header field, by its lower-case name; several lines are one list (RFC 9110 §5.3)."""
        values = [value for key, value in self.headers if key == name]
        return b", ".join(values).strip(b" \t") if values else None

    def query_values(self, name: str) -> list[str]:
        """The raw values of a query parameter, as latin-1, in order. A '+' is a space, as in HTML forms."""
        wanted = name.encode("utf-8")
        found: list[str] = []
        for pair in self.query.split(b"&"):
            key, _, value = pair.replace(b"+", b" ").partition(b"=")
            if unquote_to_bytes(key) == wanted:
                found.append(value.decode("latin-1"))
        return found

    def cookies(self, name: str) -> list[str]:
        """The raw values of a cookie, as latin-1 (RFC 6265 §4.2.1)."""
        found: list[str] = []
        for key, line in self.headers:
            if key == b"cookie":
                pairs = (pair.partition("=") for pair in line.decode("latin-1").split(";"))
                found.extend(value.strip(" \t") for cookie, _, value in pairs if cookie.strip(" \t") == name)
        return found
