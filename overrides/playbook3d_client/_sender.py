"""The two drivers of the policy: what the generated functions use in place of an httpx client.

They send without redirects (a redirect would carry credentials to wherever it points) and without the auth
of the httpx client (which would replace the token).
"""

import signal
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, NamedTuple, cast

import httpx

from playbook3d_client._errors import ConfigurationError
from playbook3d_client._policy import Answer, Failure, Settings, exchange
from playbook3d_client._routes import Route, route_of

# httpx looks at the Location of a redirect that it is told not to follow, and not all that it then raises is
# an error of its own.
_FAILURES = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)

# Sends a request as it is. None would have httpx look for a user in the URL, on each request.
_NO_AUTH = httpx.Auth()


class _Merged(NamedTuple):
    """The headers of an httpx client, of the options and of the credentials, as they were merged once."""

    of: tuple[object, ...]
    headers: httpx.Headers
    #: With what httpx adds to a request that has no content, by method and base URL.
    finished: dict[tuple[str, str], httpx.Headers]


# What an httpx client has whose requests nobody has taken in hand.
_BUILD_REQUEST = (httpx.Client.build_request, httpx.AsyncClient.build_request)

# What a request without content sends.
_NOTHING = httpx.ByteStream(b"")


class _Builder:
    """Makes requests as ``build_request`` of an httpx client does.

    Most requests of a client differ in their URL only. To merge and finish the same headers anew each time
    would take a sixth of the whole call.
    """

    def __init__(self, http: httpx.Client | httpx.AsyncClient, settings: Settings) -> None:
        self._http = http
        self._settings = settings
        # One value, so that no thread can take what another has merged for its own credentials.
        self._merged = _Merged((), httpx.Headers(), {})

    def __call__(self, base_url: str, options: Mapping[str, Any], credentials: Mapping[str, str]) -> httpx.Request:
        http, settings = self._http, self._settings
        if http.is_closed:
            raise ConfigurationError("The client is closed: make the call before that, or with another client.")
        whole: dict[str, Any] = {**options, "url": base_url + options["url"]}
        stock = type(http).build_request in _BUILD_REQUEST and "build_request" not in vars(http)
        if not stock or "headers" in options or "cookies" in options or http.params:
            whole |= settings.request_options
            whole["headers"] = self._with_ours(httpx.Headers(options.get("headers")), credentials)
            return http.build_request(**whole)
        merged_of = (http.headers.raw, credentials)
        merged = self._merged
        if merged.of != merged_of:
            headers = self._with_ours(httpx.Headers(http.headers), credentials)
            self._merged = merged = _Merged(merged_of, headers, {})
        timeout = settings.request_options.get("timeout", http.timeout)
        whole |= {"headers": merged.headers, "extensions": {"timeout": timeout.as_dict()}}
        if http.cookies or len(options) > 2:  # beside the method and the URL: content, or a query
            return httpx.Request(**whole, cookies=http.cookies)
        kind = (options["method"], base_url)
        if (finished := merged.finished.get(kind)) is None:
            request = httpx.Request(**whole)
            merged.finished[kind] = httpx.Headers(request.headers)  # a copy: hooks may change those of a request
            return request
        whole |= {"headers": finished, "stream": _NOTHING}
        request = httpx.Request(**whole)
        request.read()
        return request

    def _with_ours(self, headers: httpx.Headers, credentials: Mapping[str, str]) -> httpx.Headers:
        headers.update(self._settings.headers)
        headers.update(credentials)
        return headers


def _raised_by_a_signal_handler(error: Exception) -> OSError | None:
    """The ``TimeoutError``, or other ``OSError``, of a signal handler that httpcore took for one of the socket.

    Such a time limit is the user's, and no failure that may pass.
    """
    root = None if error.__cause__ is None else error.__cause__.__context__
    if not isinstance(root, OSError):
        return None
    handlers = [signal.getsignal(number) for number in signal.valid_signals()]
    codes = [getattr(handler, "__code__", None) for handler in handlers]
    trace = root.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code in codes:
            return root
        trace = trace.tb_next
    return None


class Sender:
    """Drives the policy with an ``httpx.Client``."""

    def __init__(self, http: httpx.Client, settings: Settings) -> None:
        self._http = http
        self._settings = settings
        self._build = _Builder(http, settings)

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """What a generated function calls; raises a ``PlaybookError`` unless the answer is a declared 2xx."""
        return self._drive(route_of(method, url), {"method": method, "url": url, **options}).response

    def call(self, route: Route, arguments: Mapping[str, Any]) -> Answer:
        """What a bound method calls; raises as ``request`` does."""
        return self._drive(route, route.options(**arguments))

    def _drive(self, route: Route, options: Mapping[str, Any]) -> Answer:
        steps = exchange(self._settings, self._build, route, options)
        result: Any = None
        while True:
            try:
                action, argument = steps.send(result)
            except StopIteration as done:
                return cast(Answer, done.value)
            result = getattr(self, action)(argument)

    def send(self, request: httpx.Request) -> httpx.Response | Failure:
        """Send one request, and read the answer."""
        response = None
        try:
            response = self._http.send(request, stream=True, auth=_NO_AUTH, follow_redirects=False)
            response.read()
            return response
        except _FAILURES as error:
            if limit := _raised_by_a_signal_handler(error):
                raise limit from None
            return Failure(error, response)
        finally:
            if response is not None:
                response.close()

    def sleep(self, seconds: float) -> None:
        """Wait before the next attempt."""
        time.sleep(seconds)

    def ask(self, source: Callable[[], object]) -> object:
        """Ask for the token."""
        return source()


class _Awaited(httpx.AsyncByteStream):
    """A body that is a file, which httpx refuses to send where it awaits; it is read as httpx reads those of a form."""

    def __init__(self, blocking: httpx.SyncByteStream) -> None:
        self._blocking = blocking

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._blocking:
            yield chunk


class AsyncSender:
    """Drives the policy with an ``httpx.AsyncClient``."""

    def __init__(self, http: httpx.AsyncClient, settings: Settings) -> None:
        self._http = http
        self._settings = settings
        self._build = _Builder(http, settings)

    async def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """What a generated function calls; raises a ``PlaybookError`` unless the answer is a declared 2xx."""
        return (await self._drive(route_of(method, url), {"method": method, "url": url, **options})).response

    async def call(self, route: Route, arguments: Mapping[str, Any]) -> Answer:
        """What a bound method calls; raises as ``request`` does."""
        return await self._drive(route, route.options(**arguments))

    async def _drive(self, route: Route, options: Mapping[str, Any]) -> Answer:
        steps = exchange(self._settings, self._build, route, options)
        result: Any = None
        while True:
            try:
                action, argument = steps.send(result)
            except StopIteration as done:
                return cast(Answer, done.value)
            result = await getattr(self, action)(argument)

    async def send(self, request: httpx.Request) -> httpx.Response | Failure:
        """Send one request, and read the answer."""
        if not isinstance(request.stream, httpx.AsyncByteStream):
            request.stream = _Awaited(request.stream)
        response = None
        try:
            response = await self._http.send(request, stream=True, auth=_NO_AUTH, follow_redirects=False)
            await response.aread()
            return response
        except ssl.SSLError as error:  # which httpcore maps for blocking clients only
            failure = httpx.ReadError(str(error), request=request)
            failure.__cause__ = error
            return Failure(failure, response)
        except _FAILURES as error:
            return Failure(error, response)
        finally:
            if response is not None:
                await response.aclose()

    async def sleep(self, seconds: float) -> None:
        """Wait before the next attempt, under whichever event loop this is."""
        import anyio  # httpx brings it; a call that is not repeated does not need it

        await anyio.sleep(seconds)

    async def ask(self, source: Callable[[], object]) -> object:
        """Ask for the token; the function may be one to be awaited."""
        token = source()
        return await cast(Awaitable[object], token) if hasattr(token, "__await__") else token
