"""Routes: from the raw path of a request to a path template of the contract.

Paths are matched before percent-decoding: a %2F does not end its segment (RFC 3986 §2.2). Concrete paths come before
templated ones (OpenAPI 3.1, Paths Object). Path parameters are never empty.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from playbook3d_mock._document import Node

T = TypeVar("T")

_CONTROL_PATHS = "/__mock__"
_EXPRESSION = re.compile(r"\{([^{}]+)\}")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
# A percent sign that encodes nothing: clients send it as %25.
_LITERAL_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_UNRESERVED = re.compile("[A-Za-z0-9._~-]")
# What a path may hold beside unreserved characters (RFC 3986 §3.3).
_PATH = "!$&'()*+,;=:@/%"


def path_parameters(path: Node) -> list[str]:
    """The parameter names in a path template, the key of ``path``, in order; raises ``ContractError``."""
    names: list[str] = []
    for segment in path.key.split("/"):
        before, *rest = _EXPRESSION.split(segment)
        if len(rest) > 2:
            raise path.error(f"{segment!r}: two parameters in one segment are not supported")
        if "{" in before or "}" in before or (rest and ("{" in rest[1] or "}" in rest[1])):
            raise path.error(f"{segment!r} is not a template segment: a parameter is written '{{name}}'")
        names.extend(rest[:1])
    if len(set(names)) < len(names):
        raise path.error("has a duplicate parameter")
    return names


def require_uncontrolled(node: Node, path: str) -> None:
    """Raise ``ContractError`` if a path is one of those that control the mock."""
    if f"{path}/".startswith(f"{_CONTROL_PATHS}/"):
        raise node.error(f"the paths below {_CONTROL_PATHS} are those that control the mock")


class Routes(Generic[T]):
    """The path templates of a contract, concrete ones first, with a ``T`` for each."""

    def __init__(self) -> None:
        self._routes: list[tuple[list[tuple[bool, int, str]], re.Pattern[str], T]] = []
        self._base_paths: list[str] = []

    def add_servers(self, owner: Node) -> None:
        """Match all paths also below those of the servers that ``owner`` declares: clients send there."""
        servers = owner.get("servers")
        for server in servers.elements() if servers else ():
            url, variables = server.text("url"), server.get("variables")
            for name, variable in variables.members() if variables else ():
                url = url.replace(f"{{{name}}}", variable.text("default"))
            try:
                base_path = _normalize(f"/{urlsplit(url).path.strip('/')}").rstrip("/")  # it may be relative
            except ValueError as error:
                raise server.error(f"{url!r} is not a URL") from error
            require_uncontrolled(server, base_path)
            if base_path and base_path not in self._base_paths:
                self._base_paths.append(base_path)

    def add(self, path: Node, target: T) -> None:
        """Add a path template, the key of ``path``; raises ``ContractError`` if it is ambiguous."""
        literals = [
            _normalize(quote(_LITERAL_PERCENT.sub("%25", part), safe=_PATH))
            for part in _EXPRESSION.split(path.key)[::2]
        ]
        # By segment: a literal comes first, then the longer text around a parameter.
        rank = [("\0" in segment, -len(segment), segment) for segment in "\0".join(literals).split("/")]
        if any(rank == other for other, _, _ in self._routes):
            raise path.error("is ambiguous: another path differs only in the names of its parameters")
        self._routes.append((rank, re.compile("([^/]+)".join(map(re.escape, literals))), target))
        self._routes.sort(key=lambda route: route[0])

    def match(self, raw_path: str) -> tuple[T, tuple[str, ...]] | None:
        """The target of a path, and the raw values of its parameters; tried as it is, then without a base path."""
        raw_path = _normalize(raw_path)
        below = [raw_path.removeprefix(base) for base in self._base_paths if raw_path.startswith(f"{base}/")]
        for path in (raw_path, *below):
            for _, pattern, target in self._routes:
                if match := pattern.fullmatch(path):
                    return target, match.groups()
        return None


def _normalize(raw: str) -> str:
    """An equivalent path (RFC 3986 §6.2.2): unreserved characters decoded, other escapes in upper case."""
    return _ESCAPE.sub(_normalize_escape, raw)


def _normalize_escape(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()
