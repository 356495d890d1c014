"""The credentials: where they come from, which values are valid, and which of them a call carries."""

import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping

from playbook3d_api._runtime import Operation, Scheme
from playbook3d_client._errors import ConfigurationError
from playbook3d_client._redaction import MASK, clear_locals_on_error

_VARIABLES = {"api_key": "PLAYBOOK_API_KEY", "token": "PLAYBOOK_TOKEN"}
_HINTS = {"api_key": "an API key", "token": "a bearer token"}

# Visible ASCII: what else a header value may hold (RFC 9110 §5.5) is never part of a credential, but the
# newline of a file or the space of a copied line often is.
_VALID = re.compile(r"[!-~]+")

#: A shorter value is no secret, and is not masked: it would be found in every text ("key", "t").
MIN_SECRET_LENGTH = 8

#: Called for the token of each attempt; in the async client it may be an async function.
TokenSource = Callable[[], str | Awaitable[str]]


class RefreshableToken(ABC):
    """A source that caches a token, and fetches another after a server has rejected it."""

    @abstractmethod
    def expire(self, token: str) -> None:
        """Do not return ``token`` any more."""


class Credentials:
    """An API key and a token, either of which may be missing until a call needs it.

    Each comes from its argument, else from the environment (``PLAYBOOK_API_KEY``, ``PLAYBOOK_TOKEN``; there an
    empty value counts as missing). Raises ``ConfigurationError`` for a value that no header can carry.
    """

    def __init__(self, *, api_key: str | None, token: str | TokenSource | None, environment: Mapping[str, str]) -> None:
        self.source = token if callable(token) else None
        self.values: dict[str, str] = {}
        #: What ``source`` returned of late, for any call: a server may echo a token that is still valid.
        self.recent: deque[str] = deque(maxlen=8)
        for name, value in {"api_key": api_key, "token": token}.items():
            origin = f"{name}="
            if value is None:
                origin = _VARIABLES[name]
                value = environment.get(origin) or None
            if value is not None and value is not self.source:
                self.values[name] = validate_credential(name, origin, value)

    def replace(self, *, api_key: str | None, token: str | TokenSource | None) -> "Credentials":
        """Others, with those of this that are not given."""
        return Credentials(
            api_key=self.values.get("api_key") if api_key is None else api_key,
            token=(self.source or self.values.get("token")) if token is None else token,
            environment={},
        )

    def __repr__(self) -> str:
        present = [*self.values, *(["token"] if self.source else [])]
        return f"Credentials({', '.join(f'{name}={MASK}' for name in present)})"

    def credentials_for(self, operation: Operation) -> "CallCredentials":
        """The credentials that the contract asks for on a call of ``operation``.

        Of several alternatives the first whose credentials are all present is used. Raises ``ConfigurationError``,
        which names argument and variable, when there is none.
        """
        for schemes in operation.security or ((),):
            if all(self._has(scheme.credential) for scheme in schemes):
                return CallCredentials(self, schemes)
        missing = [scheme.credential for scheme in operation.security[0] if not self._has(scheme.credential)]
        raise ConfigurationError(
            f"{operation.name} needs "
            + " and ".join(f"{_HINTS[name]}: pass {name}= or set {_VARIABLES[name]}" for name in missing)
            + "."
        )

    def _has(self, name: str) -> bool:
        return name in self.values or (name == "token" and self.source is not None)


class CallCredentials:
    """The credentials of one call: those that its operation asks for, and no other."""

    __slots__ = ("_credentials", "_schemes", "_tokens", "headers", "source")

    def __init__(self, credentials: Credentials, schemes: tuple[Scheme, ...]) -> None:
        self._credentials = credentials
        self._schemes = schemes
        self._tokens: list[str] = []  # of this call, the latest last
        self.source: TokenSource | None = None
        if credentials.source is not None and any(scheme.credential == "token" for scheme in schemes):
            self.source = credentials.source
        #: The headers to send; with the token of a source only after ``use_token``.
        self.headers = self._headers_of(credentials.values)

    def _headers_of(self, values: Mapping[str, str]) -> dict[str, str]:
        present = [scheme for scheme in self._schemes if scheme.credential in values]
        return {scheme.header: scheme.prefix + values[scheme.credential] for scheme in present}

    @clear_locals_on_error
    def use_token(self, token: object) -> None:
        """Carry what ``source`` returned; raises ``ConfigurationError`` if it is not a valid token."""
        self._tokens.append(validate_credential("token", "token= (what its function returned)", token))
        self._credentials.recent.append(self._tokens[-1])
        self.headers = self._headers_of({**self._credentials.values, "token": self._tokens[-1]})

    def expire(self) -> bool:
        """After a 401: have the source return another token; returns whether it can."""
        if not isinstance(self.source, RefreshableToken):
            return False
        self.source.expire(self._tokens[-1])
        return True

    def new_mask(self) -> Callable[[str], str]:
        """A function that redacts every credential of 8 characters or more: those of its first use."""
        secrets: list[str] | None = None

        def mask(text: str) -> str:
            nonlocal secrets
            if secrets is None:
                secrets = self._secrets()
            for value in secrets:
                text = text.replace(value, MASK)
            return text

        return mask

    def _secrets(self) -> list[str]:
        values = (*self._credentials.values.values(), *self._credentials.recent, *self._tokens)
        secrets = {value for value in values if len(value) >= MIN_SECRET_LENGTH}
        # As libraries quote them, too: in the repr of bytes.
        secrets |= {value.replace("\\", "\\\\") for value in secrets}
        secrets |= {value.replace("'", "\\'") for value in secrets}
        # The longer first, in case one is part of the other.
        return sorted(secrets, key=len, reverse=True)


def credential_headers(schemes: Iterable[Scheme]) -> frozenset[str]:
    """The names, in lower case, of the headers that credentials travel in."""
    return frozenset({scheme.header.lower() for scheme in schemes} | {"authorization"})


def validate_credential(name: str, origin: str, value: object) -> str:
    """``value`` as it is sent, without a leading ``Bearer``; raises ``ConfigurationError``, which does not show it."""
    if hasattr(value, "__await__"):
        if isinstance(value, Coroutine):
            value.close()
        raise ConfigurationError(f"{origin} is an async function: use AsyncPlaybookClient, or AsyncCachedToken.")
    if not isinstance(value, str):
        raise ConfigurationError(f"{origin} must be a string, not {type(value).__name__}.")
    if name == "token" and value[:7].lower() == "bearer ":
        value = value[7:]
    if not value:
        raise ConfigurationError(f"{origin} is empty.")
    if not _VALID.fullmatch(value):
        position = next(index for index, character in enumerate(value) if not _VALID.match(character))
        raise ConfigurationError(
            f"{origin} has a character that is not visible ASCII, at position {position} of {len(value)}: "
            "was a space or a line end copied with it?"
        )
    return value
