"""The credentials: where they come from, which values are valid, and which of them a call carries."""

import re
from abc import ABC, abstractmethod
from base64 import b64encode
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import Any, NamedTuple, cast
from urllib.parse import quote

from playbook3d_api._runtime import Operation, Scheme
from playbook3d_client._errors import ConfigurationError
from playbook3d_client._redaction import MASK, clear_locals_on_error

_HINTS = {"api_key": "an API key", "token": "a bearer token", "basic": "a user and a password"}
_PREFIXES = {"api_key": "", "token": "Bearer ", "basic": "Basic "}

# Not for credentials, whatever the schemes are called.
_RESERVED_VARIABLES = {"PLAYBOOK_BASE_URL"}

# Visible ASCII: what else a header value may hold (RFC 9110 §5.5) is never part of a credential, but the
# newline of a file or the space of a copied line often is. In cookies, RFC 6265 §4.1.1.
_VALID = re.compile(r"[!-~]")
_VALID_IN_COOKIES = re.compile(r"[!#-+\--:<-\[\]-~]")

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
    """The credentials of the security schemes, by name; each may be missing until a call needs it."""

    def __init__(self, schemes: Iterable[Scheme]) -> None:
        self._schemes = {scheme.name: scheme for scheme in schemes}
        self._inputs = _read_inputs(self._schemes.values())
        self.sources: dict[str, TokenSource] = {}
        self.values: dict[str, str] = {}
        #: User and password, of which a value is made.
        self.parts: dict[str, tuple[str, ...]] = {}
        #: What the sources returned of late, for any call: a server may echo a token that is still valid.
        self.recent: deque[str] = deque(maxlen=8)

    def replace(
        self,
        *,
        api_key: str | None,
        token: str | TokenSource | None,
        credentials: Mapping[str, Any] | None,
        environment: Mapping[str, str],
    ) -> "Credentials":
        """A copy with other credentials; the environment supplies those that are missing then.

        In the environment an empty value counts as missing. Raises ``ConfigurationError`` for a credential that cannot
        be sent.
        """
        replaced = Credentials(self._schemes.values())
        replaced.sources, replaced.values, replaced.parts = {**self.sources}, {**self.values}, {**self.parts}
        for name, argument, value in self._read_arguments({"api_key": api_key, "token": token}, credentials):
            replaced._set(name, argument, value)
        for name, (_, variables) in self._inputs.items():
            if not replaced._has(name) and (variable := next(filter(environment.get, variables), None)):
                replaced._set(name, variable, environment[variable])
        return replaced

    def _read_arguments(
        self, shorthands: Mapping[str, object], credentials: object
    ) -> Iterable[tuple[str, str, object]]:
        """The scheme, the argument and the value of each credential that is given."""
        if not isinstance(credentials, Mapping | None):
            raise ConfigurationError(
                f"credentials= must be a mapping of security schemes to credentials, not {type(credentials).__name__}."
            )
        mapping = cast("Mapping[str, object]", credentials or {})
        given = {name: value for name, value in mapping.items() if value is not None}
        for name, value in given.items():
            if name not in self._schemes:
                raise ConfigurationError(
                    f"credentials= has an unknown security scheme: use {', '.join(self._schemes) or 'none'}."
                )
            yield name, f"credentials={{{name!r}: …}}", value
        for kind, value in shorthands.items():
            names = [scheme.name for scheme in self._schemes.values() if scheme.kind == kind]
            if value is None or not names:  # no call sends it
                continue
            if len(names) > 1:
                raise ConfigurationError(
                    f"{kind}= is ambiguous: pass credentials= with the security schemes {', '.join(names)}."
                )
            if names[0] in given:
                raise ConfigurationError(f"{kind}= and credentials= both have the credential {names[0]}.")
            yield names[0], f"{kind}=", value

    def _set(self, name: str, origin: str, value: object) -> None:
        scheme = self._schemes[name]
        self.sources.pop(name, None)
        if scheme.kind == "token" and callable(value):
            self.values.pop(name, None)
            self.sources[name] = cast("TokenSource", value)
        elif scheme.kind == "basic":
            user, password = _user_and_password(origin, value)
            self.parts[name] = (f"{user}:{password}", password or user)
            self.values[name] = b64encode(self.parts[name][0].encode()).decode()
        else:
            self.values[name] = validate_credential(scheme.kind, origin, value, scheme.location)

    def __repr__(self) -> str:
        return f"Credentials({', '.join(f'{name}={MASK}' for name in filter(self._has, self._schemes))})"

    def credentials_for(self, operation: Operation) -> "CallCredentials":
        """The credentials that the contract asks for on a call of ``operation``.

        Of several alternatives the first whose credentials are all present is used. Raises ``ConfigurationError``,
        which names argument and variable, when there is none.
        """
        for schemes in operation.security or ((),):
            if all(self._has(scheme.name) for scheme in schemes):
                return CallCredentials(self, schemes)
        missing = [scheme for scheme in operation.security[0] if not self._has(scheme.name)]
        raise ConfigurationError(f"{operation.name} needs {' and '.join(map(self._hint, missing))}.")

    def variables_for(self, operation: Operation) -> list[str]:
        """The environment variables of the credentials that an operation requires, by its first alternative."""
        return [self._inputs[scheme.name].variables[-1] for scheme in next(iter(operation.security), ())]

    def _has(self, name: str) -> bool:
        return name in self.values or name in self.sources

    def _hint(self, scheme: Scheme) -> str:
        argument, variables = self._inputs[scheme.name]
        return f"{_HINTS[scheme.kind]} (pass {argument} or set {variables[-1]})"

    def mask_variables(self, text: str, environment: Mapping[str, str]) -> str:
        """Redact the values of the variables, valid or not, of 8 characters or more."""
        values = [environment.get(name, "") for _, variables in self._inputs.values() for name in variables]
        parts = (part for value in values for part in (value, *value.split(), value.partition(":")[2]))
        return _mask(text, _quoted_secrets(parts))


class CallCredentials:
    """The credentials of one call: those that its operation asks for, and no other."""

    __slots__ = ("_credentials", "_tokens", "cookies", "headers", "params", "schemes", "source")

    def __init__(self, credentials: Credentials, schemes: tuple[Scheme, ...]) -> None:
        self._credentials = credentials
        self._tokens: list[str] = []  # of this call, the latest last
        self.schemes = schemes
        #: There is one at most: a request has one header ``Authorization``.
        self.source = next(filter(None, (credentials.sources.get(scheme.name) for scheme in schemes)), None)
        #: What to send; with the token of a source only after ``use_token``.
        self.headers: dict[str, str] = {}
        self.params: dict[str, str] = {}
        self.cookies: dict[str, str] = {}
        for scheme in schemes:
            if scheme.name in credentials.values:
                self._add(scheme, credentials.values[scheme.name])

    def _add(self, scheme: Scheme, value: str) -> None:
        part = {"header": self.headers, "query": self.params, "cookie": self.cookies}[scheme.location]
        part[scheme.parameter] = _PREFIXES[scheme.kind] + value

    @clear_locals_on_error
    def use_token(self, token: object) -> None:
        """Carry what ``source`` returned; raises ``ConfigurationError`` if it is not a valid token."""
        self._tokens.append(validate_credential("token", "token= (what its function returned)", token))
        self._credentials.recent.append(self._tokens[-1])
        self._add(next(each for each in self.schemes if each.name in self._credentials.sources), self._tokens[-1])

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
            return _mask(text, secrets)

        return mask

    def _secrets(self) -> list[str]:
        credentials = self._credentials
        parts = (part for each in credentials.parts.values() for part in each)
        return _quoted_secrets((*credentials.values.values(), *parts, *credentials.recent, *self._tokens))


def _quoted_secrets(values: Iterable[str]) -> list[str]:
    """The values that are secrets, also as libraries quote them: in the repr of bytes, and in a URL."""
    secrets = {value for value in values if len(value) >= MIN_SECRET_LENGTH}
    quoted = {quote(value, safe="") for value in secrets}
    secrets |= {value.replace("\\", "\\\\") for value in secrets}
    secrets |= {value.replace("'", "\\'") for value in secrets} | quoted
    # The longer first, in case one is part of the other.
    return sorted(secrets, key=len, reverse=True)


def _mask(text: str, secrets: Iterable[str]) -> str:
    for value in secrets:
        text = text.replace(value, MASK)
    return text


def credential_headers(schemes: Iterable[Scheme]) -> frozenset[str]:
    """The names, in lower case, of the headers that credentials travel in."""
    places = [("cookie" if scheme.location == "cookie" else scheme.parameter, scheme.location) for scheme in schemes]
    return frozenset({name.lower() for name, location in places if location != "query"} | {"authorization"})


class _Input(NamedTuple):
    """How a user gives a credential: the argument, and the variables in the order in which they are read."""

    argument: str
    variables: tuple[str, ...]


def _read_inputs(schemes: Iterable[Scheme]) -> dict[str, _Input]:
    """How a user gives the credential of each scheme.

    The variable is ``PLAYBOOK_`` and the name of the scheme, its words in capitals and joined by ``_``; a number
    follows if another scheme has the same variable. ``PLAYBOOK_API_KEY`` and ``PLAYBOOK_TOKEN`` are for the only scheme
    of the kind, unless they belong to another scheme.
    """
    kinds = [scheme.kind for scheme in schemes]
    variables: dict[str, Scheme] = {}
    for scheme in sorted(schemes):
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]", "_", scheme.name).upper()
        variable, number = f"PLAYBOOK_{words}", 2
        while variable in variables or variable in _RESERVED_VARIABLES:
            variable, number = f"PLAYBOOK_{words}_{number}", number + 1
        variables[variable] = scheme
    own = {scheme.name: variable for variable, scheme in variables.items()}
    inputs: dict[str, _Input] = {}
    for scheme in schemes:
        shorthand = f"PLAYBOOK_{scheme.kind.upper()}"
        is_only = scheme.kind != "basic" and kinds.count(scheme.kind) == 1
        is_free = variables.get(shorthand, scheme) is scheme
        argument = f"{scheme.kind}=" if is_only else f"credentials={{{scheme.name!r}: …}}"
        inputs[scheme.name] = _Input(argument, (own[scheme.name], *([shorthand] if is_only and is_free else [])))
    return inputs


def _user_and_password(origin: str, value: object) -> tuple[str, str]:
    """User and password of HTTP basic (RFC 7617 §2); raises ``ConfigurationError``, which does not show them."""
    pair: object = tuple(value.split(":", 1)) if isinstance(value, str) else value
    if not isinstance(pair, tuple) or [*map(type, cast("tuple[object, ...]", pair))] != [str, str]:
        raise ConfigurationError(f"{origin} must be (user, password) or 'user:password'.")
    user, password = cast("tuple[str, str]", pair)
    if ":" in user or not (user + password).isprintable():
        raise ConfigurationError(f"{origin} has a colon in the user, or a control character.")
    return user, password


def validate_credential(kind: str, origin: str, value: object, location: str = "header") -> str:
    """``value`` as it is sent, without a leading ``Bearer``; raises ``ConfigurationError``, which does not show it."""
    if hasattr(value, "__await__"):
        if isinstance(value, Coroutine):
            value.close()
        raise ConfigurationError(f"{origin} is an async function: use AsyncPlaybookClient, or AsyncCachedToken.")
    if not isinstance(value, str):
        raise ConfigurationError(f"{origin} must be a string, not {type(value).__name__}.")
    if kind == "token" and value[:7].lower() == "bearer ":
        value = value[7:]
    if not value:
        raise ConfigurationError(f"{origin} is empty.")
    allowed, text = (_VALID_IN_COOKIES, "allowed in a cookie") if location == "cookie" else (_VALID, "visible ASCII")
    for position, character in enumerate(value):
        if not allowed.match(character):
            raise ConfigurationError(
                f"{origin} has a character that is not {text}, at position {position} of {len(value)}: "
                "was a space or a line end copied with it?"
            )
    return value
