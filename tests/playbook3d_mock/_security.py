"""Security: the requirements of an operation, and whether a request meets them.

Requirements are alternatives (OR) of schemes that are needed together (AND); an operation's own replace the document's.
No message shows a credential, received or expected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import quote

from playbook3d_mock._request import is_token, percent_decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playbook3d_mock._document import Node
    from playbook3d_mock._request import Request

_VISIBLE_ASCII = re.compile("[!-~]+")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials that the mock accepts; raises ``ValueError`` if a header cannot carry them.

    Attributes:
        api_key: For every ``apiKey`` scheme.
        token: For every bearer scheme.
    """

    api_key: str = field(repr=False)
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("api_key", "token"):
            # RFC 9110 §5.5 allows more, but not everywhere in a value.
            if not _VISIBLE_ASCII.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} must be visible ASCII characters, without spaces, and not empty")


@dataclass(frozen=True, slots=True)
class Scheme:
    """A security scheme.

    Attributes:
        location: "header", "query" or "cookie".
        name: The name of the header, query parameter or cookie.
        secret: The credential that is accepted.
        bearer: Whether it is an HTTP bearer token, rather than an API key.
    """

    location: str
    name: str
    secret: bytes = field(repr=False)
    bearer: bool

    @property
    def challenge(self) -> str:
        """Its part of ``WWW-Authenticate`` (RFC 9110 §11.6.1). API keys have no registered scheme."""
        return "Bearer" if self.bearer else f'ApiKey realm="{quote(self.name)}"'

    def problem(self, request: Request) -> str | None:
        """Why a request lacks this credential, or ``None``."""
        values = request.values(self.location, self.name)
        if not values:
            return f"{self.location} {self.name}: is missing"
        credential = self._decode(values)
        if self.bearer:
            scheme, _, credential = credential.partition(b" ")
            credential = credential.strip(b" ")
            # RFC 9110 §11.1: the name of a scheme is case-insensitive.
            if scheme.lower() != b"bearer":
                return f"{self.location} {self.name}: must be 'Bearer' and a token"
        if not compare_digest(credential, self.secret):
            label = "token" if self.bearer else "API key"
            return f"{self.location} {self.name}: is not the {label} that the mock accepts"
        return None

    def _decode(self, values: list[str]) -> bytes:
        if self.location == "header":
            return values[0].encode("latin-1")
        try:
            return percent_decode(values[0]).encode() if len(values) == 1 else b""
        except ValueError:
            return b""  # present, but wrong


@dataclass(frozen=True, slots=True)
class Security:
    """The requirements of an operation.

    Attributes:
        alternatives: One must be met, with all of its schemes; without any, no credentials are needed.
    """

    alternatives: tuple[tuple[Scheme, ...], ...]

    def problem(self, request: Request) -> str | None:
        """What a request lacks of the first alternative, or ``None`` if it meets one."""
        problems = [[text for scheme in schemes if (text := scheme.problem(request))] for schemes in self.alternatives]
        return "; ".join(problems[0]) if all(problems) and problems else None

    def challenges(self) -> str:
        """``WWW-Authenticate`` of a 401, which must name a scheme (RFC 9110 §15.5.2)."""
        schemes = [scheme for alternative in self.alternatives for scheme in alternative]
        registered = [scheme.challenge for scheme in schemes if scheme.bearer]
        return ", ".join(dict.fromkeys(registered or (scheme.challenge for scheme in schemes)))


def read_schemes(root: Node, credentials: Credentials) -> dict[str, Scheme]:
    """The security schemes that a contract declares; raises ``ContractError`` for those that are not supported."""
    components = root.get("components")
    declared = components.get("securitySchemes") if components else None
    return {name: _read_scheme(node, credentials) for name, node in declared.members()} if declared else {}


def _read_scheme(node: Node, credentials: Credentials) -> Scheme:
    node.require_known_fields(
        "type", "description", "name", "in", "scheme", "bearerFormat", "flows", "openIdConnectUrl"
    )
    scheme_type = node.text("type")
    if scheme_type == "apiKey":
        location, name = node.text("in"), node.text("name")
        if location not in ("header", "query", "cookie"):
            raise node.child("in").error(f"{location!r} is not a location for an API key: header, query or cookie")
        if location != "query" and not is_token(name):
            raise node.child("name").error(f"{name!r} is not a valid name of a {location}")
        return Scheme(location, name, credentials.api_key.encode("ascii"), bearer=False)
    if scheme_type == "http":
        if node.text("scheme").lower() == "bearer":
            return Scheme("header", "Authorization", credentials.token.encode("ascii"), bearer=True)
        scheme_type = f"http {node.text('scheme')}"
    raise node.error(f"security schemes of the type {scheme_type!r} are not supported: only http bearer and apiKey are")


def read_security(operation: Node, root: Node, schemes: dict[str, Scheme]) -> Security:
    """The requirements of an operation, its own or the document's."""
    node = operation.get("security") or root.get("security")
    if node is None:
        return Security(())
    return Security(tuple(tuple(_read_requirement(requirement, schemes)) for requirement in node.elements()))


def _read_requirement(requirement: Node, schemes: dict[str, Scheme]) -> Iterator[Scheme]:
    for name, roles in requirement.members():
        if name not in schemes:
            raise roles.error(f"components have no security scheme {name!r}")
        if list(roles.elements()):
            raise roles.error("scopes and roles are not supported")
        yield schemes[name]
