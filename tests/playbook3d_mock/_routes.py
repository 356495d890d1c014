"""Routing: from the raw, undecoded path of a request to a path template of the contract.

Segments are told apart before anything is decoded, so that a %2F stays in its segment (RFC 3986 §2.2).
A literal segment wins over a templated one (OpenAPI 3.1, Paths Object: concrete before templated), and
no parameter is ever empty.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import quote, unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from ._contract import Node

T = TypeVar("T")

_EXPRESSION = re.compile(r"\{([^{}]+)\}")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_UNRESERVED = re.compile("[A-Za-z0-9._~-]")
# What a path may hold beside unreserved characters, '/' and '%' (RFC 3986 §3.3).
_PATH = "!$&'()*+,;=:@/%"


def decode(raw: str) -> str:
    """Percent-decode a component that came as latin-1; raises ValueError where that gives no UTF-8 text."""
    if "%" not in raw and raw.isascii():
        return raw
    if _BROKEN_ESCAPE.search(raw):
        raise ValueError("has a '%' that begins no percent-encoding")
    try:
        return unquote_to_bytes(raw.encode("latin-1")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError("is not UTF-8 once percent-decoded") from error


def parameter_names(path: str, item: Node) -> list[str]:
    """The parameters of the path template of a Path Item, in order; refuses what is no template."""
    found: list[str] = []
    for segment in path.split("/"):
        before, *rest = _EXPRESSION.split(segment)
        if len(rest) > 2:
            raise item.error(f"{segment!r} has two parameters in one segment, which is not supported")
        if "{" in before or "}" in before or (rest and ("{" in rest[1] or "}" in rest[1])):
            raise item.error(f"{segment!r} is not a template segment: a parameter is written '{{name}}'")
        found.extend(rest[:1])
    if len(set(found)) < len(found):
        raise item.error("names a parameter twice")
    return found


class Routes(Generic[T]):
    """The path templates of a contract, the more concrete ones first, with a `T` for each."""

    def __init__(self) -> None:
        self._routes: list[tuple[list[tuple[bool, int, str]], re.Pattern[str], T]] = []
        self._by_length: dict[int, list[tuple[re.Pattern[str], T]]] = {}
        self._bases: list[str] = []

    def add_servers(self, owner: Node) -> None:
        """Match all paths below those of the servers that a part of the contract names, too: clients send there."""
        servers = owner.get("servers")
        for server in servers.elements() if servers else ():
            url, variables = server.text("url"), server.get("variables")
            for name, variable in variables.members() if variables else ():
                url = url.replace(f"{{{name}}}", variable.text("default"))
            try:
                base = urlsplit(url).path.rstrip("/")
            except ValueError as error:
                raise server.error(f"{url!r} is no URL") from error
            if base and base not in self._bases:
                self._bases.append(base)

    def add(self, path: str, item: Node, end: T) -> None:
        """Add the path template of a Path Item; refuses one that cannot be told from another."""
        literals = [_normal(quote(part, safe=_PATH)) for part in _EXPRESSION.split(path)[::2]]
        shape = "\0".join(literals)
        # Segment by segment: a literal, or else the longer text around a parameter, is the more concrete.
        rank = [("\0" in segment, -len(segment), segment) for segment in shape.split("/")]
        if any(rank == known for known, _, _ in self._routes):
            raise item.error("cannot be told from another path: only the names of their parameters differ")
        self._routes.append((rank, re.compile("([^/]+)".join(map(re.escape, literals))), end))
        self._routes.sort(key=lambda route: route[0])
        self._by_length = {}
        for known, pattern, there in self._routes:
            self._by_length.setdefault(len(known), []).append((pattern, there))

    def match(self, raw_path: str) -> tuple[T, tuple[str, ...]] | None:
        """What the template that the path matches leads to, with the raw values of its parameters.

        It is matched as it is, and else without the path of a server.
        """
        below = (raw_path.removeprefix(base) for base in self._bases if raw_path.startswith(f"{base}/"))
        return next((match for one in (raw_path, *below) if (match := self._match(one))), None)

    def _match(self, raw_path: str) -> tuple[T, tuple[str, ...]] | None:
        if "%" in raw_path:
            raw_path = _normal(raw_path)
        for pattern, end in self._by_length.get(raw_path.count("/") + 1, ()):
            if match := pattern.fullmatch(raw_path):
                return end, match.groups()
        return None


def _normal(raw: str) -> str:
    """An equivalent path (RFC 3986 §6.2.2): unreserved characters not encoded, others in upper case."""
    return _ESCAPE.sub(_normal_escape, raw)


def _normal_escape(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()
