"""The credentials that the mock accepts: one for each security scheme that an operation requires."""

from __future__ import annotations

import re
import secrets
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from playbook3d_mock._security import Scheme

# RFC 9110 §5.5 allows more, but not everywhere in a value.
_VISIBLE_ASCII = re.compile("[!-~]+")
_PAIR = re.compile("[!-9;-~]*:[ -~]*")  # a user has no colon (RFC 7617 §2)


class Credentials:
    """A credential for each scheme; random where none is given.

    Args:
        schemes: The schemes that operations require.
        given: Credentials by the name of the scheme: an API key, a token, or user and password.
        api_key: That of the only scheme with an API key.
        token: That of the only scheme with a bearer token.
        earlier: Those of the contract before: schemes that it or one before it had, too, keep theirs.

    Attributes:
        schemes: The schemes that operations require.
        by_scheme: The credentials, by the name of the scheme; user and password are joined by a colon.

    Raises:
        ValueError: A credential is invalid, or not that of a scheme; it is not shown.
    """

    def __init__(
        self,
        schemes: Iterable[Scheme],
        given: Mapping[str, str | tuple[str, str]],
        *,
        api_key: str | None = None,
        token: str | None = None,
        earlier: Credentials | None = None,
    ) -> None:
        self.schemes = tuple(schemes)
        self._kinds: dict[str, str] = {scheme.name: scheme.kind for scheme in self.schemes}
        if unknown := given.keys() - self._kinds.keys():
            required = ", ".join(self._kinds) or "none"
            raise ValueError(f"no operation requires the security scheme {min(unknown)}; required are: {required}")
        self._shorthands = {"api_key": api_key or str(uuid.uuid4()), "token": token or secrets.token_urlsafe(32)}
        if earlier:
            self._shorthands = earlier._shorthands
            known = earlier._known.items()
            given = {**{name: value for (name, kind), value in known if self._kinds.get(name) == kind}, **given}
        for name, value in {"api_key": api_key, "token": token}.items():
            if value is not None:
                _validate(name, name, value)
                self._names(name)
        self.by_scheme = {name: self._choose(name, kind, given) for name, kind in self._kinds.items()}
        chosen = {(name, kind): self.by_scheme[name] for name, kind in self._kinds.items()}
        self._known: dict[tuple[str, str], str] = {**(earlier._known if earlier else {}), **chosen}

    def __repr__(self) -> str:
        return f"Credentials({', '.join(self._kinds)})"

    def _names(self, kind: str) -> list[str]:
        """The scheme of a kind, if there is one; raises ``ValueError`` if there are several."""
        names = [name for name in self._kinds if self._kinds[name] == kind]
        if len(names) > 1:
            raise ValueError(f"{kind} is ambiguous: use the credentials of the security schemes {', '.join(names)}")
        return names

    def _choose(self, name: str, kind: str, given: Mapping[str, str | tuple[str, str]]) -> str:
        if name in given:
            value = given[name]
            return _validate(kind, f"credential {name}", value if isinstance(value, str) else ":".join(value))
        if [*self._kinds.values()].count(kind) == 1 and kind in self._shorthands:
            return self._shorthands[kind]
        return {"api_key": str(uuid.uuid4()), "token": secrets.token_urlsafe(32)}.get(
            kind, f"user:{secrets.token_urlsafe(16)}"
        )

    def only(self, kind: str) -> str:
        """The only API key or token; a random one if no operation requires any. ``ValueError`` if there are several."""
        names = self._names(kind)
        return self.by_scheme[names[0]] if names else self._shorthands[kind]

    @property
    def environment(self) -> dict[str, str]:
        """The credentials as variables of the environment, as the client reads them."""
        variables = credential_variables(self._kinds)
        return {variables[name][-1]: value for name, value in self.by_scheme.items()}


def credential_variables(kinds: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The variables of the environment that hold the credential of each scheme, best first.

    The first is ``PLAYBOOK_`` and the name of the scheme, its words in capitals and joined by ``_``, with a number if
    another scheme has the same. ``PLAYBOOK_API_KEY`` and ``PLAYBOOK_TOKEN`` are for the only scheme of the kind, unless
    they belong to another.

    Args:
        kinds: "api_key", "token" or "basic", by the name of the scheme.
    """
    owners = {"PLAYBOOK_BASE_URL": ""}  # by variable
    for name in sorted(kinds):
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]", "_", name).upper()
        variable, number = f"PLAYBOOK_{words}", 2
        while variable in owners:
            variable, number = f"PLAYBOOK_{words}_{number}", number + 1
        owners[variable] = name
    variables: dict[str, tuple[str, ...]] = {name: (variable,) for variable, name in owners.items() if name}
    for kind, shorthand in {"api_key": "PLAYBOOK_API_KEY", "token": "PLAYBOOK_TOKEN"}.items():
        names = [name for name in kinds if kinds[name] == kind]
        if len(names) == 1 and shorthand not in owners:
            variables[names[0]] += (shorthand,)
    return variables


def _validate(kind: str, name: str, value: str) -> str:
    if kind == "basic":
        if not _PAIR.fullmatch(value):
            raise ValueError(f"{name} must be visible ASCII characters: user, colon, password")
    elif not _VISIBLE_ASCII.fullmatch(value):
        raise ValueError(f"{name} must be visible ASCII characters, without spaces, and not empty")
    return value
