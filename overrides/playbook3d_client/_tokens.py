"""Keeps the token that a function fetches, so that calls need not fetch one each."""

import base64
import json
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from playbook3d_client._credentials import Expiring, usable
from playbook3d_client._errors import ConfigurationError

#: Seconds before a token's end at which another is fetched: what a call may take on its way.
_MARGIN = 30.0
#: An ``exp`` from here on is no time (it may be in milliseconds).
_NEVER = 1e11


# The caches whose functions are at work here: one that asks for the token that it fetches would wait for itself.
_FETCHING: ContextVar[tuple[object, ...]] = ContextVar("_FETCHING", default=())


class _Cache(Expiring):
    """What both forms share: which token is kept and how long, and what came of the last fetch.

    Who wants to fetch takes a lock; who had to wait for it takes what another has fetched meanwhile. An
    interrupted fetch leaves nothing behind, so that the next in line fetches.
    """

    def __init__(self, fetch: Callable[[], Any], *, lifetime: float = 300.0) -> None:
        if not callable(fetch):
            raise ConfigurationError(f"fetch must be a function that returns a token, not {type(fetch).__name__}.")
        if type(lifetime) not in (int, float) or not lifetime > 0:
            raise ConfigurationError(f"lifetime= must be a number of seconds above 0, not {lifetime!r}.")
        self._fetch = fetch
        self._lifetime = lifetime
        self._kept: tuple[str, float] = ("", 0.0)  # the token, and until when
        self._landed: tuple[int, str | Exception] = (0, "")  # how many fetches, and what came of the last

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self._fetch, '__qualname__', type(self._fetch).__name__)})"

    def expire(self, token: str) -> None:
        """Do not give out ``token`` any more: a server has refused it."""
        if self._kept[0] == token:
            self._kept = ("", 0.0)

    def _fresh(self) -> str | None:
        if self in _FETCHING.get():
            raise ConfigurationError("The function that fetches the token makes a call that needs that very token.")
        token, good_until = self._kept
        return token if time.time() < good_until else None

    @contextmanager
    def _landing(self) -> Generator[None]:
        """Have an error be what comes of the fetch, for whoever waits for it."""
        outside = _FETCHING.set((*_FETCHING.get(), self))
        try:
            yield
        except Exception as error:
            self._landed = (self._landed[0] + 1, error)
        finally:
            _FETCHING.reset(outside)

    def _keep(self, fetched: object) -> None:
        token = usable("token", "token= (what its function returned)", fetched)
        self._kept = (token, _end(token, self._lifetime))
        self._landed = (self._landed[0] + 1, token)

    def _result(self) -> str:
        result = self._landed[1]
        if isinstance(result, Exception):
            raise result
        return result


class CachedToken(_Cache):
    """Turns a function that fetches a JWT into a ``token=`` for the clients.

    Args:
        fetch: Returns a fresh token. What it raises comes out of the call that needed the token.
        lifetime: Seconds for which a token is kept that does not say when it ends. Default: 300.

    A token is kept until 30 seconds before its ``exp`` (RFC 7519 §4.1.4), or for nine tenths of what it has
    left where that is less. However many threads ask, one fetch is under way, and all get its token, or its
    error. After a 401 the client fetches afresh, and repeats the refused call once; for that it has to be
    given this very object, and not a function that asks it.

    Raises:
        ConfigurationError: ``fetch`` is no function, or returned something that no header can carry.
    """

    def __init__(self, fetch: Callable[[], str], *, lifetime: float = 300.0) -> None:
        super().__init__(fetch, lifetime=lifetime)
        self._fetching = threading.Lock()

    def __call__(self) -> str:
        """The token to send now."""
        before = self._landed[0]  # first: what lands after it counts, whether it is seen as fresh or not
        if (token := self._fresh()) is not None:
            return token
        with self._fetching:
            if self._landed[0] == before:
                with self._landing():
                    self._keep(self._fetch())
            return self._result()


class AsyncCachedToken(_Cache):
    """As ``CachedToken``, for a function to be awaited: for ``AsyncPlaybookClient``, in one event loop."""

    def __init__(self, fetch: Callable[[], Awaitable[str]], *, lifetime: float = 300.0) -> None:
        super().__init__(fetch, lifetime=lifetime)
        self._fetching: Any = None

    async def __call__(self) -> str:
        """The token to send now."""
        before = self._landed[0]
        if (token := self._fresh()) is not None:
            return token
        if self._fetching is None:
            import anyio  # as in the sender

            self._fetching = anyio.Lock()
        async with self._fetching:
            if self._landed[0] == before:
                with self._landing():
                    self._keep(await self._fetch())
            return self._result()


def _end(token: str, lifetime: float) -> float:
    """When to fetch another, in seconds since the epoch."""
    now = time.time()
    expiry = _expiry(token)
    return now + lifetime if expiry is None else expiry - min(_MARGIN, (expiry - now) / 10)


def _expiry(token: str) -> float | None:
    """``exp`` of a JWT; ``None`` where it has none, or is none."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        expiry = float(claims["exp"])
    except (LookupError, TypeError, ValueError, OverflowError, RecursionError):
        return None
    return expiry if 0 <= expiry < _NEVER else None
