"""Caches the token that a function fetches, so that calls share one fetch."""

import base64
import json
import os
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

import sniffio

from playbook3d_client._credentials import RefreshableToken, validate_credential
from playbook3d_client._errors import ConfigurationError
from playbook3d_client._redaction import clear_locals_on_error, number_or_type

#: Seconds before a token's expiry at which another is fetched: what a call may take to arrive.
EXPIRY_MARGIN = 30.0
#: An ``exp`` from here on is not in seconds; it may be in milliseconds.
MAX_EXPIRY = 1e11


# The caches that fetch in this context, each with its process: one whose function asks it for the token would wait
# for itself.
_FETCHING: ContextVar[tuple[object, ...]] = ContextVar("_FETCHING", default=())


class _Token:
    """A token, and when it expires, in seconds since the epoch."""

    __slots__ = ("expiry", "value")

    def __init__(self, value: str, expiry: float) -> None:
        self.value = value
        self.expiry = expiry


class _Fetch(NamedTuple):
    """The result of a fetch: a token, or the error for all that waited for it."""

    number: int
    result: str | Exception


class _TokenCache(RefreshableToken):
    """What both forms share: the token, its expiry, and the result of the last fetch.

    Whoever wants to fetch takes a lock; whoever had to wait for it takes what another has fetched meanwhile. An
    interrupted fetch leaves no result, so that the next in line fetches.
    """

    @clear_locals_on_error
    def __init__(self, fetch: Callable[[], Any], *, lifetime: float = 300.0) -> None:
        if not callable(fetch):
            raise ConfigurationError(f"fetch must be a function that returns a token, not {type(fetch).__name__}.")
        if type(lifetime) not in (int, float) or not lifetime > 0:
            raise ConfigurationError(f"lifetime= must be a number of seconds above 0, not {number_or_type(lifetime)}.")
        self._fetch = fetch
        self._lifetime = lifetime
        self._token = _Token("", 0.0)
        self._last_fetch = _Fetch(0, "")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self._fetch, '__qualname__', type(self._fetch).__name__)})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be pickled or copied: it holds a token")

    def expire(self, token: str) -> None:
        """Do not return ``token`` any more: a server has rejected it."""
        cached = self._token
        if cached.value == token:
            cached.expiry = 0.0  # of this object: another thread may have stored a newer token meanwhile

    def _valid_token(self) -> str | None:
        if (self, os.getpid()) in _FETCHING.get():
            raise ConfigurationError("The function that fetches the token makes a call that needs that very token.")
        cached = self._token
        return cached.value if time.time() < cached.expiry else None

    @contextmanager
    def _record_fetch_error(self) -> Generator[None]:
        """Record an error as the fetch's result, for all that wait for it."""
        outer = _FETCHING.set((*_FETCHING.get(), (self, os.getpid())))
        try:
            yield
        except Exception as error:
            self._last_fetch = _Fetch(self._last_fetch.number + 1, error)
        finally:
            _FETCHING.reset(outer)

    @clear_locals_on_error
    def _store(self, fetched: object) -> None:
        token = validate_credential("token", "token= (what its function returned)", fetched)
        self._token = _Token(token, _refresh_time(token, self._lifetime))
        self._last_fetch = _Fetch(self._last_fetch.number + 1, token)

    def _result(self) -> str:
        result = self._last_fetch.result
        if isinstance(result, Exception):
            raise result
        return result


class CachedToken(_TokenCache):
    """Turns a function that fetches a JWT into a ``token=`` for the clients.

    Args:
        fetch: Returns a fresh token. What it raises comes out of the call that needed the token.
        lifetime: Seconds for which a token without a valid ``exp`` is cached. Default: 300.

    A token is cached until 30 seconds before its ``exp`` (RFC 7519 §4.1.4), or for nine tenths of the time that it
    has left if that is less. Threads that ask at once share one fetch, and get its token, or its error. After a 401
    the client fetches afresh, and repeats the rejected call once; for that it has to be given this very object, and
    not a function that calls it.

    Raises:
        ConfigurationError: ``fetch`` is not a function, or returned something that no header can carry.
    """

    @clear_locals_on_error
    def __init__(self, fetch: Callable[[], str], *, lifetime: float = 300.0) -> None:
        super().__init__(fetch, lifetime=lifetime)
        self._lock, self._process = threading.Lock(), os.getpid()

    def __call__(self) -> str:
        """The token to send now."""
        # First: a fetch that ends after this line counts, whether its token is seen below or not.
        fetch = self._last_fetch.number
        if (token := self._valid_token()) is not None:
            return token
        if self._process != os.getpid():  # forked: another thread may have held the lock, and does not exist here
            self._lock, self._process = threading.Lock(), os.getpid()
        with self._lock:
            if self._last_fetch.number == fetch:
                with self._record_fetch_error():
                    self._store(self._fetch())
            return self._result()


class AsyncCachedToken(_TokenCache):
    """As ``CachedToken``, for an async function: for ``AsyncPlaybookClient``, in one event loop."""

    @clear_locals_on_error
    def __init__(self, fetch: Callable[[], Awaitable[str]], *, lifetime: float = 300.0) -> None:
        super().__init__(fetch, lifetime=lifetime)
        self._lock: Any = None
        self._lock_of: tuple[int, object] | None = None  # the process and the event loop

    async def __call__(self) -> str:
        """The token to send now."""
        fetch = self._last_fetch.number
        if (token := self._valid_token()) is not None:
            return token
        if self._lock_of != (owner := (os.getpid(), running_loop())):
            import anyio  # httpx brings it; a client with a fixed token does not need it

            # Forked, or in a loop after one that was abandoned: whoever holds the lock never releases it.
            self._lock, self._lock_of = anyio.Lock(), owner
        async with self._lock:
            if self._last_fetch.number == fetch:
                with self._record_fetch_error():
                    self._store(await self._fetch())
            return self._result()


def running_loop() -> object:
    """What identifies the event loop."""
    if sniffio.current_async_library() == "trio":
        return import_module("trio").lowlevel.current_trio_token()
    return import_module("asyncio").get_running_loop()


def _refresh_time(token: str, lifetime: float) -> float:
    """When to fetch another, in seconds since the epoch."""
    now = time.time()
    expiry = _expiry(token)
    return now + lifetime if expiry is None else expiry - min(EXPIRY_MARGIN, (expiry - now) / 10)


def _expiry(token: str) -> float | None:
    """``exp`` of a JWT; ``None`` if it is missing or invalid, or the token is not a JWT."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        expiry = float(claims["exp"])
    except (LookupError, TypeError, ValueError, OverflowError, RecursionError):
        return None
    return expiry if 0 <= expiry < MAX_EXPIRY else None
