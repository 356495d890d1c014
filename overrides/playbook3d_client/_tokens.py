"""Keeps the token that a function fetches, so that calls need not fetch one each."""

import base64
import json
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from typing import Any, cast

from playbook3d_client._credentials import usable
from playbook3d_client._errors import ConfigurationError

#: Seconds before a token's end at which another is fetched: what a call may take on its way.
_MARGIN = 30.0
#: An ``exp`` from here on is no time (it may be in milliseconds).
_NEVER = 1e11


class _Flight:
    """One fetch, and those who wait for it."""

    def __init__(self, landed: Any) -> None:
        self.landed = landed  # an event of threading, or of anyio
        self.token: str | None = None
        self.error: Exception | None = None


class _Cache:
    """What both forms share: which token is kept, how long, and who fetches the next one."""

    def __init__(self, fetch: Callable[[], Any], *, lifetime: float = 300.0) -> None:
        if not callable(fetch):
            raise ConfigurationError(f"fetch must be a function that returns a token, not {type(fetch).__name__}.")
        if type(lifetime) not in (int, float) or not lifetime > 0:
            raise ConfigurationError(f"lifetime= must be a number of seconds above 0, not {lifetime!r}.")
        self._fetch = fetch
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._token: str | None = None
        self._good_until = 0.0
        self._flight: _Flight | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self._fetch, '__qualname__', type(self._fetch).__name__)})"

    def expire(self, token: str) -> None:
        """Do not give out ``token`` any more: a server has refused it."""
        with self._lock:
            if self._token == token:
                self._token = None

    def _steps(self, event: Callable[[], Any]) -> Generator[Callable[[], Any], Any, str]:
        """The way to a token: yields functions to call (and to await), and is sent what they return."""
        while True:
            with self._lock:
                if self._token is not None and time.time() < self._good_until:
                    return self._token
                flight = self._flight
                leads = flight is None
                if flight is None:
                    flight = self._flight = _Flight(event())
            if leads:
                return (yield from self._lead(flight))
            yield flight.landed.wait
            if flight.error is not None:
                raise flight.error
            if flight.token is not None:
                return flight.token
            # Whoever fetched was interrupted: another takes over.

    def _lead(self, flight: _Flight) -> Generator[Callable[[], Any], Any, str]:
        try:
            token = usable("token", "token= (what its function returned)", (yield self._fetch))
            with self._lock:
                self._token, self._good_until = token, _end(token, self._lifetime)
            flight.token = token
            return token
        except Exception as error:
            flight.error = error
            raise
        finally:
            with self._lock:
                self._flight = None
            flight.landed.set()


class CachedToken(_Cache):
    """Turns a function that fetches a JWT into a ``token=`` for the clients.

    Args:
        fetch: Returns a fresh token. What it raises comes out of the call that needed the token.
        lifetime: Seconds for which a token is kept that does not say when it ends. Default: 300.

    A token is kept until 30 seconds before its ``exp`` (RFC 7519 §4.1.4), or for nine tenths of what it has
    left where that is less. However many threads ask, one fetch is under way, and all get its token, or its
    error. After a 401 the client fetches afresh, and repeats the refused call once.

    Raises:
        ConfigurationError: ``fetch`` is no function, or returned something that no header can carry.
    """

    def __call__(self) -> str:
        """The token to send now."""
        steps = self._steps(threading.Event)
        try:
            step = next(steps)
            while True:
                try:
                    result = step()
                except BaseException as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(result)
        except StopIteration as done:
            return cast(str, done.value)


class AsyncCachedToken(_Cache):
    """As ``CachedToken``, for a function to be awaited: for ``AsyncPlaybookClient``, in one event loop."""

    def __init__(self, fetch: Callable[[], Awaitable[str]], *, lifetime: float = 300.0) -> None:
        super().__init__(fetch, lifetime=lifetime)

    async def __call__(self) -> str:
        """The token to send now."""
        import anyio  # as in the sender

        steps = self._steps(anyio.Event)
        try:
            step = next(steps)
            while True:
                try:
                    result = await step()
                except BaseException as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(result)
        except StopIteration as done:
            return cast(str, done.value)


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
