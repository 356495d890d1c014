"""httpx clients with the defaults of this package: for its own connections, and for users who change one of them."""

import platform
import threading
from collections import deque
from collections.abc import Sized
from concurrent.futures import Future, wait
from functools import cached_property
from heapq import heappop, heappush
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httpx

from playbook3d_client._environment import environment_certificates, environment_proxies
from playbook3d_client._options import DEFAULT_TIMEOUT
from playbook3d_client._version import __version__

USER_AGENT = f"playbook3d-client/{__version__} python/{platform.python_version()}"

# httpx's pool costs the square of its connections, and of the calls that wait for one, and loses connections when such
# a call is cancelled. So there are several small pools, and no call waits in them: it waits for its turn before.
_POOLS = 9
_POOL_SIZE = 10
#: Exchanges at a time; further calls wait for their turn.
MAX_EXCHANGES = _POOLS * _POOL_SIZE
_POOL_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=_POOL_SIZE, keepalive_expiry=5.0)

#: The extension of a request with the number of its turn, which picks the pool.
TURN = "playbook3d_turn"


class Turns:
    """Numbers for so many exchanges at a time, given first come, first served: the lowest that is free."""

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._free: list[int] = [*range(count)]
        self._waiting: deque[Future[int]] = deque()

    def acquire(self, timeout: float | None) -> int | None:
        """Wait for a number; ``None`` if it does not come within so many seconds."""
        with self._lock:
            if self._free:
                return heappop(self._free)
            turn: Future[int] = Future()
            self._waiting.append(turn)
        try:
            wait([turn], timeout)
        except BaseException:  # of a signal handler
            self._give_up(turn)
            raise
        if not turn.done():
            self._give_up(turn)
            return None
        return turn.result()

    def _give_up(self, turn: Future[int]) -> None:
        if not turn.cancel():  # it has just come
            self.release(turn.result())

    def release(self, number: int) -> None:
        """Give the number back."""
        with self._lock:
            while self._waiting:
                turn = self._waiting.popleft()
                if turn.set_running_or_notify_cancel():
                    turn.set_result(number)
                    return
            heappush(self._free, number)


class AsyncTurns:
    """As ``Turns``, for one event loop."""

    def __init__(self, count: int) -> None:
        import anyio

        self._semaphore = anyio.Semaphore(count)
        self._free: list[int] = [*range(count)]

    async def acquire(self) -> int:
        """Wait for a number."""
        await self._semaphore.acquire()
        return heappop(self._free)

    def release(self, number: int) -> None:
        """Give the number back."""
        heappush(self._free, number)
        self._semaphore.release()


class _Pools(httpx.BaseTransport):
    """Several of httpx's transports, each for a range of turns."""

    def __init__(self, count: int, **options: Any) -> None:
        self._pools = [httpx.HTTPTransport(**options) for _ in range(count)]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._pools[_index(request, self._pools)].handle_request(request)

    def close(self) -> None:
        for pool in self._pools:
            pool.close()


class _AsyncPools(httpx.AsyncBaseTransport):
    """As ``_Pools``."""

    def __init__(self, count: int, **options: Any) -> None:
        self._pools = [httpx.AsyncHTTPTransport(**options) for _ in range(count)]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._pools[_index(request, self._pools)].handle_async_request(request)

    async def aclose(self) -> None:
        for pool in self._pools:
            await pool.aclose()


def _index(request: httpx.Request, pools: Sized) -> int:
    turn: int = request.extensions.get(TURN, 0)  # a request that the user makes has none
    return turn // _POOL_SIZE % len(pools)


def _with_defaults(options: dict[str, Any], pools_type: type[_Pools | _AsyncPools]) -> dict[str, Any]:
    headers = httpx.Headers({"User-Agent": USER_AGENT})
    headers.update(options.get("headers"))
    # They take none: cookies for one user's token would travel with the next user's.
    cookies = httpx.Cookies(options.get("cookies"))
    cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    options = {"timeout": DEFAULT_TIMEOUT, **options, "headers": headers, "cookies": cookies.jar}
    return options if options.get("transport") is not None else _with_transports(options, pools_type)


def _with_transports(options: dict[str, Any], pools_type: type[_Pools | _AsyncPools]) -> dict[str, Any]:
    """The options with transports of ours in place of all that httpx would make transports of.

    httpx would also read the environment, of which it rejects parts without naming the variable.
    """
    count = 1 if "limits" in options else _POOLS
    limits, proxy = options.pop("limits", _POOL_LIMITS), options.pop("proxy", None)
    verify, cert, trust_env = options.pop("verify", True), options.pop("cert", None), options.pop("trust_env", True)
    if verify is True and trust_env:
        verify = environment_certificates(httpx.create_ssl_context)
    context = httpx.create_ssl_context(verify=verify, cert=cert, trust_env=False)
    versions = {name: options.pop(name) for name in ("http1", "http2") if name in options}

    def pools(proxy: Any = None) -> _Pools | _AsyncPools:
        return pools_type(count, verify=context, limits=limits, proxy=proxy, **versions)

    proxies = {"all://": proxy} if proxy is not None else environment_proxies() if trust_env else {}
    mounts: dict[str, Any] = {pattern: url and pools(url) for pattern, url in proxies.items()}
    mounts.update(options.get("mounts") or {})
    return {**options, "transport": pools(), "mounts": mounts, "trust_env": False}


def _count_of_turns(options: dict[str, Any]) -> int:
    limits: httpx.Limits | None = options.get("limits")
    return min(MAX_EXCHANGES, (limits and limits.max_connections) or MAX_EXCHANGES)


class DefaultHttpxClient(httpx.Client):
    """An ``httpx.Client`` with the defaults of ``PlaybookClient``, to be given as ``http_client``.

    Args:
        options: Those of ``httpx.Client``, such as ``proxy``, ``verify`` and ``trust_env``. Defaults that differ from
            httpx: the timeout (``DEFAULT_TIMEOUT``), 90 exchanges at a time, or ``max_connections`` of ``limits`` if
            that is less, no cookies of servers, and the User-Agent.

    Raises ``ConfigurationError`` for an invalid variable of the environment.
    """

    def __init__(self, **options: Any) -> None:
        self.turns = Turns(_count_of_turns(options))
        super().__init__(**_with_defaults(options, _Pools))


class DefaultAsyncHttpxClient(httpx.AsyncClient):
    """As ``DefaultHttpxClient``, an ``httpx.AsyncClient`` for ``AsyncPlaybookClient``."""

    def __init__(self, **options: Any) -> None:
        self._count_of_turns = _count_of_turns(options)
        super().__init__(**_with_defaults(options, _AsyncPools))

    @cached_property
    def turns(self) -> AsyncTurns:
        """Made when it is used, because httpx imports anyio only then."""
        return AsyncTurns(self._count_of_turns)
