"""Security: the requirements of an operation, and whether a request meets them.

Requirements are alternatives (OR) of schemes that are needed together (AND); an operation's own replace the document's.
No message shows a credential, received or expected.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from playbook3d_mock._request import is_token, percent_decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playbook3d_mock._document import ContractError, Node
    from playbook3d_mock._request import Request

Kind = Literal["api_key", "token", "basic"]

_LABELS = {"api_key": "API key", "token": "token", "basic": "user and password"}
_WORDS = {"token": "Bearer", "basic": "Basic"}


@dataclass(frozen=True, slots=True)
class Scheme:
    """A security scheme.

    Attributes:
        name: Its name in the contract.
        kind: "token" for a bearer token, "basic" for user and password, "api_key".
        location: "header", "query" or "cookie".
        parameter: The name of the header, query parameter or cookie.
    """

    name: str
    kind: Kind
    location: str
    parameter: str

    @property
    def challenge(self) -> str:
        """Its part of ``WWW-Authenticate`` (RFC 9110 §11.6.1). API keys have no registered scheme."""
        if self.kind == "basic":
            return f'Basic realm="{quote(self.name)}", charset="UTF-8"'  # RFC 7617 §2
        return "Bearer" if self.kind == "token" else f'ApiKey realm="{quote(self.parameter)}"'

    def problem(self, request: Request, expected: str) -> str | None:
        """Why a request lacks this credential, or ``None``."""
        values = request.values(self.location, self.parameter)
        if not values:
            return f"{self.location} {self.parameter}: is missing"
        credential = self._decode(values)
        if word := _WORDS.get(self.kind):
            scheme, _, credential = credential.partition(b" ")
            credential = credential.strip(b" ")
            # RFC 9110 §11.1: the name of a scheme is case-insensitive.
            if scheme.lower() != word.lower().encode():
                return f"{self.location} {self.parameter}: must be '{word}' and a token"
        if self.kind == "basic":
            credential = _from_base64(credential)
        if not compare_digest(credential, expected.encode()):
            return f"{self.location} {self.parameter}: is not the {_LABELS[self.kind]} that the mock accepts"
        return None

    def _decode(self, values: list[str]) -> bytes:
        if self.location == "header":
            return values[0].encode("latin-1")
        try:
            return percent_decode(values[0]).encode() if len(values) == 1 else b""
        except ValueError:
            return b""  # present, but wrong


def _from_base64(encoded: bytes) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except binascii.Error:
        return b""  # present, but wrong


@dataclass(frozen=True, slots=True)
class Security:
    """The requirements of an operation.

    Attributes:
        alternatives: One must be met, with all of its schemes; without any, no credentials are needed.
    """

    alternatives: tuple[tuple[Scheme, ...], ...]

    def problem(self, request: Request, credentials: Mapping[str, str]) -> str | None:
        """What a request lacks of the first alternative, or ``None`` if it meets one.

        Args:
            request: The request.
            credentials: The credentials that are accepted, by the name of the scheme.
        """
        problems = [
            [text for scheme in schemes if (text := scheme.problem(request, credentials[scheme.name]))]
            for schemes in self.alternatives
        ]
        return "; ".join(problems[0]) if all(problems) and problems else None

    def challenges(self) -> str:
        """``WWW-Authenticate`` of a 401, which must name a scheme (RFC 9110 §15.5.2)."""
        schemes = [scheme for alternative in self.alternatives for scheme in alternative]
        registered = [scheme.challenge for scheme in schemes if scheme.kind in _WORDS]
        return ", ".join(dict.fromkeys(registered or (scheme.challenge for scheme in schemes)))


def read_security(operation: Node, root: Node) -> Security:
    """The requirements of an operation, its own or the document's, that the mock can judge.

    Raises ``ContractError`` if it can judge none.
    """
    node = operation.get("security") or root.get("security")
    alternatives: list[tuple[Scheme, ...]] = []
    problems: list[ContractError] = []
    for requirement in node.elements() if node else ():
        schemes = [*_read_requirement(requirement, root)]
        problems += (unsupported := [scheme for scheme in schemes if not isinstance(scheme, Scheme)])
        if not unsupported:
            alternatives.append(tuple(scheme for scheme in schemes if isinstance(scheme, Scheme)))
    if problems and not alternatives:
        raise problems[0]
    return Security(tuple(alternatives))


def _read_requirement(requirement: Node, root: Node) -> Iterator[Scheme | ContractError]:
    components = root.get("components")
    declared = components.get("securitySchemes") if components else None
    schemes = dict(declared.members()) if declared else {}
    for name, scopes in requirement.members():
        if name not in schemes:
            raise scopes.error(f"components have no security scheme {name!r}")
        yield _read_scheme(name, schemes[name])


def _read_scheme(name: str, node: Node) -> Scheme | ContractError:
    """A security scheme, or why it is not supported; raises ``ContractError`` if it is invalid."""
    node.require_known_fields(
        "type", "description", "name", "in", "scheme", "bearerFormat", "flows", "openIdConnectUrl"
    )
    scheme_type = node.text("type")
    if scheme_type == "http":
        scheme_type = f"http {node.text('scheme').lower()}"
    match scheme_type:
        case "apiKey":
            location, parameter = node.text("in"), node.text("name")
            if location not in ("header", "query", "cookie"):
                raise node.child("in").error(f"{location!r} is not a location for an API key: header, query or cookie")
            if location != "query" and not is_token(parameter):
                raise node.child("name").error(f"{parameter!r} is not a valid name of a {location}")
            return Scheme(name, "api_key", location, parameter)
        case "http bearer" | "oauth2" | "openIdConnect":
            return Scheme(name, "token", "header", "Authorization")
        case "http basic":
            return Scheme(name, "basic", "header", "Authorization")
        case _:
            return node.error(
                f"security schemes of the type {scheme_type!r} are not supported: only http bearer, http basic, "
                "apiKey, oauth2 and openIdConnect are"
            )
