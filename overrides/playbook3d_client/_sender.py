"""The two drivers of the policy: what the generated functions use in place of an httpx client.

They send without redirects (a redirect would carry credentials to wherever it points) and without the auth
of the httpx client (which would replace the token).
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import httpx

from playbook3d_client._errors import ConfigurationError
from playbook3d_client._policy import Answer, Failure, Settings, exchange
from playbook3d_client._routes import Route, route_of

# httpx looks at the Location of a redirect that it is told not to follow, and not all that it then raises is
# an error of its own.
_FAILURES = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)

# Sends a request as it is. None would have httpx look for a user in the URL, on each request.
_NO_AUTH = httpx.Auth()


class _Builder:
    """Makes requests as ``build_request`` of an httpx client does.

    Most requests of a client differ in their URL only; merging the same headers anew each time would take an
    eighth of the whole call.
    """

    def __init__(self, http: httpx.Client | httpx.AsyncClient, settings: Settings) -> None:
        self._http = http
        self._settings = settings
        self._own = type(http).build_request not in (httpx.Client.build_request, httpx.AsyncClient.build_request)
        # One value, so that no thread can take what another has merged for its own credentials.
        self._last: tuple[object, list[tuple[bytes, bytes]]] = (None, [])

    def __call__(self, url: str, options: Mapping[str, Any], credentials: Mapping[str, str]) -> httpx.Request:
        http, settings = self._http, self._settings
        if http.is_closed:
            raise ConfigurationError("The client is closed: make the call before that, or with another client.")
        if self._own or "headers" in options or http.params or http.cookies:
            own = {**options.get("headers", {}), **settings.headers, **credentials}
            whole: dict[str, Any] = {**options, **settings.request_options, "url": url, "headers": own}
            return http.build_request(**whole)
        parts = (http.headers.raw, credentials)
        merged_from, merged = self._last
        if merged_from != parts:
            headers = httpx.Headers(http.headers)
            headers.update({**settings.headers, **credentials})
            merged = headers.raw
            self._last = (parts, merged)
        timeout = settings.request_options.get("timeout", http.timeout)
        whole = {**options, "url": url, "headers": merged, "extensions": {"timeout": timeout.as_dict()}}
        return httpx.Request(**whole)


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
        try:
            response = self._http.send(request, stream=True, auth=_NO_AUTH, follow_redirects=False)
        except _FAILURES as error:
            return Failure(error, None)
        try:
            response.read()
        except httpx.HTTPError as error:
            return Failure(error, response)
        finally:
            response.close()
        return response

    def sleep(self, seconds: float) -> None:
        """Wait before the next attempt."""
        time.sleep(seconds)

    def ask(self, source: Callable[[], object]) -> object:
        """Ask for the token."""
        return source()


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
        try:
            response = await self._http.send(request, stream=True, auth=_NO_AUTH, follow_redirects=False)
        except _FAILURES as error:
            return Failure(error, None)
        try:
            await response.aread()
        except httpx.HTTPError as error:
            return Failure(error, response)
        finally:
            await response.aclose()
        return response

    async def sleep(self, seconds: float) -> None:
        """Wait before the next attempt, under whichever event loop this is."""
        import anyio  # httpx brings it; a call that is not repeated does not need it

        await anyio.sleep(seconds)

    async def ask(self, source: Callable[[], object]) -> object:
        """Ask for the token; the function may be one to be awaited."""
        token = source()
        return await cast(Awaitable[object], token) if hasattr(token, "__await__") else token
