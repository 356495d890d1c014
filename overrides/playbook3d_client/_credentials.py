"""The credentials: where they come from, which values are usable, and which of them a call carries."""

import re
from collections.abc import Mapping

from playbook3d_api._operations import SCHEMES, Operation
from playbook3d_client._errors import ConfigurationError

_VARIABLES = {"api_key": "PLAYBOOK_API_KEY", "token": "PLAYBOOK_TOKEN"}
_HINTS = {"api_key": "an API key", "token": "a bearer token"}

# Visible ASCII: what else a header value may hold (RFC 9110 §5.5) is never part of a credential, but the
# newline of a file or the space of a copied line often is.
_USABLE = re.compile(r"[!-~]+")
_MASK = "***"


class Credentials:
    """An API key and a token, either of which may be missing until a call needs it.

    Each comes from its argument, else from the environment (``PLAYBOOK_API_KEY``, ``PLAYBOOK_TOKEN``; there an
    empty value counts as none). Raises ``ConfigurationError`` for a value that no header can carry.
    """

    def __init__(self, *, api_key: str | None, token: str | None, environment: Mapping[str, str]) -> None:
        given = {"api_key": api_key, "token": token}
        self._values: dict[str, str] = {}
        for name, value in given.items():
            source = f"{name}="
            if value is None:
                source = _VARIABLES[name]
                value = environment.get(source) or None
            if value is not None:
                self._values[name] = _usable(name, source, value)

    def __repr__(self) -> str:
        return f"Credentials({', '.join(f'{name}={_MASK}' for name in self._values)})"

    def headers(self, operation: Operation) -> dict[str, str]:
        """The headers that the contract asks for on a call of ``operation``.

        Of several alternatives the first whose credentials are all there is used. Raises ``ConfigurationError``,
        naming argument and variable, when there is none.
        """
        if not operation.security:
            return {}
        for alternative in operation.security:
            schemes = [SCHEMES[name] for name in alternative]
            if all(scheme.credential in self._values for scheme in schemes):
                return {scheme.header: scheme.prefix + self._values[scheme.credential] for scheme in schemes}
        wanted = [SCHEMES[name].credential for name in operation.security[0]]
        missing = [name for name in wanted if name not in self._values]
        raise ConfigurationError(
            f"{operation.name} needs "
            + " and ".join(f"{_HINTS[name]}: pass {name}= or set {_VARIABLES[name]}" for name in missing)
            + "."
        )

    def mask(self, text: str) -> str:
        """``text`` with every credential that occurs in it made unreadable."""
        # The longer first, in case one is part of the other.
        for value in sorted(self._values.values(), key=len, reverse=True):
            text = text.replace(value, _MASK)
        return text


def _usable(name: str, source: str, value: object) -> str:
    """``value`` as it is sent, without a leading ``Bearer``; no message ever shows it."""
    if not isinstance(value, str):
        raise ConfigurationError(f"{source} must be a string, not {type(value).__name__}.")
    if name == "token" and value[:7].lower() == "bearer ":
        value = value[7:]
    if not value:
        raise ConfigurationError(f"{source} is empty.")
    if not _USABLE.fullmatch(value):
        position = next(index for index, character in enumerate(value) if not _USABLE.match(character))
        raise ConfigurationError(
            f"{source} has a character that is not visible ASCII, at position {position} of {len(value)}: "
            "was a space or a line end copied with it?"
        )
    return value
