"""The credentials: where they come from, which values are usable, and which of them a call carries."""

import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping

from playbook3d_api._operations import SCHEMES, Operation, Scheme
from playbook3d_client._errors import ConfigurationError

_VARIABLES = {"api_key": "PLAYBOOK_API_KEY", "token": "PLAYBOOK_TOKEN"}
_HINTS = {"api_key": "an API key", "token": "a bearer token"}

# Visible ASCII: what else a header value may hold (RFC 9110 §5.5) is never part of a credential, but the
# newline of a file or the space of a copied line often is.
_USABLE = re.compile(r"[!-~]+")
_MASK = "***"

#: Asked for the token of each attempt; in the async client it may be a function to be awaited.
TokenSource = Callable[[], str | Awaitable[str]]


class Expiring(ABC):
    """A source that keeps a token, and can be told that a server has refused it."""

    @abstractmethod
    def expire(self, token: str) -> None:
        """Do not give out ``token`` any more."""


class Credentials:
    """An API key and a token, either of which may be missing until a call needs it.

    Each comes from its argument, else from the environment (``PLAYBOOK_API_KEY``, ``PLAYBOOK_TOKEN``; there an
    empty value counts as none). Raises ``ConfigurationError`` for a value that no header can carry.
    """

    def __init__(self, *, api_key: str | None, token: str | TokenSource | None, environment: Mapping[str, str]) -> None:
        self.source = token if callable(token) else None
        given = {"api_key": api_key, "token": token}
        self.values: dict[str, str] = {}
        self._fixed: dict[tuple[tuple[str, ...], ...], Carried] = {}
        #: What ``source`` returned of late, for any call: a server may speak of a token that is still good.
        self.recent: deque[str] = deque(maxlen=8)
        for name, value in given.items():
            source = f"{name}="
            if value is None:
                source = _VARIABLES[name]
                value = environment.get(source) or None
            if value is not None and value is not self.source:
                self.values[name] = usable(name, source, value)

    def __repr__(self) -> str:
        known = [*self.values, *(["token"] if self.source else [])]
        return f"Credentials({', '.join(f'{name}={_MASK}' for name in known)})"

    def for_(self, operation: Operation) -> "Carried":
        """Those that the contract asks for on a call of ``operation``.

        Of several alternatives the first whose credentials are all there is used. Raises ``ConfigurationError``,
        naming argument and variable, when there is none.
        """
        if (known := self._fixed.get(operation.security)) is not None:
            return known
        for alternative in operation.security or ((),):
            schemes = [SCHEMES[name] for name in alternative]
            if all(self._has(scheme.credential) for scheme in schemes):
                carried = Carried(self, schemes)
                if carried.source is None:
                    self._fixed[operation.security] = carried
                return carried
        wanted = [SCHEMES[name].credential for name in operation.security[0]]
        missing = [name for name in wanted if not self._has(name)]
        raise ConfigurationError(
            f"{operation.name} needs "
            + " and ".join(f"{_HINTS[name]}: pass {name}= or set {_VARIABLES[name]}" for name in missing)
            + "."
        )

    def _has(self, name: str) -> bool:
        return name in self.values or (name == "token" and self.source is not None)


class Carried:
    """What one call carries of the credentials: those that its operation asks for, and no other.

    Without a ``source`` it never changes, and serves every call.
    """

    __slots__ = ("_credentials", "_schemes", "_tokens", "headers", "source")

    def __init__(self, credentials: Credentials, schemes: list[Scheme]) -> None:
        self._credentials = credentials
        self._schemes = schemes
        self._tokens: list[str] = []  # of this call, the latest last
        self.source: TokenSource | None = None
        if credentials.source is not None and any(scheme.credential == "token" for scheme in schemes):
            self.source = credentials.source
        #: The headers to send them in; of a token with a source only once it is there.
        self.headers = self._headers(credentials.values)

    def _headers(self, values: Mapping[str, str]) -> dict[str, str]:
        there = [scheme for scheme in self._schemes if scheme.credential in values]
        return {scheme.header: scheme.prefix + values[scheme.credential] for scheme in there}

    def take(self, token: object) -> None:
        """Carry what ``source`` returned; raises ``ConfigurationError`` if it is no token."""
        self._tokens.append(usable("token", "token= (what its function returned)", token))
        self._credentials.recent.append(self._tokens[-1])
        self.headers = self._headers({**self._credentials.values, "token": self._tokens[-1]})

    def expire(self) -> bool:
        """After a 401: whether another token is to be had than the one that was refused."""
        if not isinstance(self.source, Expiring):
            return False
        self.source.expire(self._tokens[-1])
        return True

    def mask(self, text: str) -> str:
        """``text`` with every credential that occurs in it made unreadable."""
        known = {*self._credentials.values.values(), *self._credentials.recent, *self._tokens}
        # As the errors of libraries quote them, too: in the repr of bytes.
        known |= {value.replace("\\", "\\\\") for value in known}
        known |= {value.replace("'", "\\'") for value in known}
        # The longer first, in case one is part of the other.
        for value in sorted(known, key=len, reverse=True):
            text = text.replace(value, _MASK)
        return text


def is_credential(header: str) -> bool:
    """Whether a header is one that credentials travel in."""
    return header.lower() in {scheme.header.lower() for scheme in SCHEMES.values()} | {"authorization"}


def usable(name: str, source: str, value: object) -> str:
    """``value`` as it is sent, without a leading ``Bearer``; no message ever shows it."""
    if hasattr(value, "__await__"):
        if isinstance(value, Coroutine):
            value.close()
        raise ConfigurationError(f"{source} is to be awaited: AsyncPlaybookClient and AsyncCachedToken do that.")
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
