"""Credentials: the security requirements of an operation, and whether a request meets them.

Requirements are alternatives (OR) of schemes that are needed together (AND); an operation's own replace the
document's. No message ever repeats a secret, received or expected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import quote

from ._request import field_key, is_token
from ._routes import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._contract import Node
    from ._request import Request

_VISIBLE = re.compile("[!-~]+")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the mock accepts: one API key for every apiKey scheme, one token for every bearer scheme."""

    api_key: str = field(repr=False)
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("api_key", "token"):
            # RFC 9110 §5.5: other characters would not survive a header field as they are.
            if not _VISIBLE.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} must be visible ASCII characters, without spaces, and not empty")


@dataclass(frozen=True, slots=True)
class Scheme:
    """A security scheme: where a credential travels, and which value is right."""

    place: str
    name: str
    key: bytes
    secret: bytes = field(repr=False)
    bearer: bool

    @property
    def challenge(self) -> str:
        """Its part of WWW-Authenticate (RFC 9110 §11.6.1). For API keys no scheme is registered."""
        return "Bearer" if self.bearer else f'ApiKey realm="{quote(self.name)}"'

    def problem(self, request: Request) -> str | None:
        """Why a request does not carry this credential; None where it does."""
        found = request.header(self.key) if self.place == "header" else self._received(request)
        if found is None:
            return f"{self.place} {self.name}: is missing"
        if self.bearer:
            scheme, _, found = found.partition(b" ")
            found = found.strip(b" ")
            # RFC 9110 §11.1: the name of a scheme is case-insensitive.
            if scheme.lower() != b"bearer":
                return f"{self.place} {self.name}: must be 'Bearer' and a token"
        if not compare_digest(found, self.secret):
            return f"{self.place} {self.name}: is not the {'token' if self.bearer else 'API key'} that the mock accepts"
        return None

    def _received(self, request: Request) -> bytes | None:
        values = request.query_values(self.name) if self.place == "query" else request.cookies(self.name)
        if not values:
            return None
        try:
            # Given twice, or not decodable, it is no credential, and not a missing one either.
            return b"" if len(values) > 1 else decode(values[0]).encode("utf-8")
        except ValueError:
            return b""


@dataclass(frozen=True, slots=True)
class Security:
    """The alternatives of one operation; without any, no credentials are needed."""

    alternatives: tuple[tuple[Scheme, ...], ...]

    def problem(self, request: Request) -> str | None:
        """Why no alternative is met, by what the first one lacks; None where one is."""
        told: str | None = None
        for schemes in self.alternatives:
            problems = [text for scheme in schemes if (text := scheme.problem(request))]
            if not problems:
                return None
            told = told or "; ".join(problems)
        return told

    def challenges(self) -> str:
        """WWW-Authenticate for a 401, which must name at least one scheme (RFC 9110 §15.5.2)."""
        schemes = [scheme for alternative in self.alternatives for scheme in alternative]
        registered = [scheme.challenge for scheme in schemes if scheme.bearer]
        return ", ".join(dict.fromkeys(registered or (scheme.challenge for scheme in schemes)))


def schemes(root: Node, credentials: Credentials) -> dict[str, Scheme]:
    """The security schemes that a contract declares; refuses kinds that a mock cannot check."""
    components = root.get("components")
    declared = components.get("securitySchemes") if components else None
    return {name: _scheme(node, credentials) for name, node in declared.members()} if declared else {}


def _scheme(node: Node, credentials: Credentials) -> Scheme:
    node.only("type", "description", "name", "in", "scheme", "bearerFormat", "flows", "openIdConnectUrl")
    kind = node.text("type")
    if kind == "apiKey":
        place, name = node.text("in"), node.text("name")
        if place not in ("header", "query", "cookie"):
            raise node.child("in").error(f"{place!r} is no place for an API key")
        if place != "query" and not is_token(name):
            raise node.child("name").error(f"{name!r} is no name that a {place} can have")
        return Scheme(place, name, field_key(name), credentials.api_key.encode("ascii"), bearer=False)
    if kind == "http" and node.text("scheme").lower() == "bearer":
        return Scheme("header", "Authorization", b"authorization", credentials.token.encode("ascii"), bearer=True)
    named = f"http {node.text('scheme')}" if kind == "http" else kind
    raise node.error(f"security schemes of the kind {named!r} are not supported: only http bearer and apiKey are")


def security(operation: Node, root: Node, known: dict[str, Scheme]) -> Security:
    """The requirements of an operation, its own or the document's."""
    node = operation.get("security") or root.get("security")
    if node is None:
        return Security(())
    return Security(tuple(tuple(_required(requirement, known)) for requirement in node.elements()))


def _required(requirement: Node, known: dict[str, Scheme]) -> Iterable[Scheme]:
    for name in requirement.object():
        if name not in known:
            raise requirement.child(name).error(f"there is no security scheme {name!r} in components")
        if list(requirement.child(name).elements()):
            raise requirement.child(name).error("scopes and roles are not supported")
        yield known[name]
