"""The two clients: what they are given, what they own, and how long they live."""

import os
import platform
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NoReturn, Self, cast

import httpx

from playbook3d_api.api import AsyncOperations, Operations, RawResponse
from playbook3d_api.client import AuthenticatedClient
from playbook3d_api.types import UNSET, Unset
from playbook3d_client._credentials import Credentials, TokenSource, is_credential
from playbook3d_client._errors import ConfigurationError
from playbook3d_client._policy import Settings
from playbook3d_client._routes import route_named
from playbook3d_client._sender import AsyncSender, Sender
from playbook3d_client._version import __version__

#: 30 seconds for each phase of an exchange, 5 to connect.
DEFAULT_TIMEOUT = httpx.Timeout(30.0, connect=5.0)

DEFAULT_MAX_RETRIES = 2

# Seconds; a socket cannot wait for much longer.
_LONGEST_TIMEOUT = 1e9

Timeout = float | httpx.Timeout | None

_BASE_URL_VARIABLE = "PLAYBOOK_BASE_URL"

# RFC 9110 §5.1 and §5.5, without what only some of the ways to a server let through.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD = re.compile(r"([!-~]([ \t!-~]*[!-~])?)?")


class _Client(AuthenticatedClient):
    """What the two clients share: the generated client's type, with our way of sending behind it.

    The generated functions ask their client for one thing, something to call ``request`` on; both clients
    answer with a sender. What the generated class offers beside that has no meaning here, and says so.
    """

    _http_type: ClassVar[type[httpx.Client | httpx.AsyncClient]]
    _sender_type: ClassVar[Any]  # Sender or AsyncSender, for the httpx client of its kind

    def __init__(
        self,
        *,
        api_key: str | None,
        token: str | TokenSource | None,
        base_url: str | None,
        timeout: Timeout | Unset,
        max_retries: int,
        http_client: httpx.Client | httpx.AsyncClient | None,
    ) -> None:
        if not isinstance(http_client, self._http_type | None):
            raise ConfigurationError(
                f"http_client= must be an httpx.{self._http_type.__name__}, not {type(http_client).__name__}."
            )
        base_url = base_url if base_url is not None else os.environ.get(_BASE_URL_VARIABLE) or None
        if isinstance(timeout, Unset):
            # The user's own httpx client has a timeout of its own, which only an explicit one replaces.
            request_options = {} if http_client is not None else {"timeout": DEFAULT_TIMEOUT}
        else:
            request_options = {"timeout": _usable_timeout(timeout)}
        settings = Settings(
            credentials=Credentials(api_key=api_key, token=token, environment=os.environ),
            base_url=None if base_url is None else _usable_base_url(base_url),
            request_options=request_options,
            headers=httpx.Headers(),
            max_retries=_usable_max_retries(max_retries),
        )
        self._owns_http = http_client is None
        self._set_up(settings, http_client or self._own_http())

    def _own_http(self) -> httpx.Client | httpx.AsyncClient:
        try:
            return self._http_type(headers=_HEADERS)
        except (ValueError, OSError, ImportError) as error:  # a proxy or a certificate of the environment
            raise ConfigurationError(f"httpx cannot be set up as the environment asks: {error}") from error

    def _set_up(self, settings: Settings, http: httpx.Client | httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._sender = self._sender_type(http, settings)
        # The token stays with the credentials: the generated class would show its own in repr().
        super().__init__(base_url=settings.base_url or "", token="")

    def with_options(
        self,
        *,
        timeout: Timeout | Unset = UNSET,
        max_retries: int | Unset = UNSET,
        headers: Mapping[str, str] | Unset = UNSET,
    ) -> Self:
        """A client with other options that shares this one's connections: for one call, or for many.

        Args:
            timeout: As for the constructor.
            max_retries: As for the constructor.
            headers: Headers to send with each request, over those that were set before.

        The connections are those of the client that it was made from, and are closed with it. Raises
        ``ConfigurationError`` for an option that cannot be used.
        """
        settings = self._settings
        if not isinstance(timeout, Unset):
            settings = settings._replace(request_options={"timeout": _usable_timeout(timeout)})
        if not isinstance(max_retries, Unset):
            settings = settings._replace(max_retries=_usable_max_retries(max_retries))
        if not isinstance(headers, Unset):
            merged = httpx.Headers(settings.headers)
            merged.update(_usable_headers(headers))
            settings = settings._replace(headers=merged)
        client = object.__new__(type(self))
        client.__dict__.update(self.__dict__)
        client._owns_http = False
        client._set_up(settings, self._http)
        return client

    def __repr__(self) -> str:
        # Of a client whose construction failed, too: debuggers and error reports show those.
        settings: Settings | None = getattr(self, "_settings", None)
        return f"{type(self).__name__}(base_url={settings and settings.base_url!r})"

    # The generated class compares by value, and so cannot be hashed. A client is itself and no other.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:  # type: ignore[override]  # there it is None
        return id(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds connections and credentials: it cannot be pickled or copied")

    def _no(self, *_: Any, **__: Any) -> NoReturn:
        raise ConfigurationError(
            f"{type(self).__name__} does not take its settings, nor its httpx client, from the methods of the "
            "generated client: give them to its constructor."
        )

    with_headers = with_cookies = with_timeout = set_httpx_client = set_async_httpx_client = _no


class PlaybookClient(_Client, Operations):
    """A blocking client of the Playbook API; the operations are methods grouped by tag.

    Args:
        api_key: The API key, sent as ``x-api-key``. Default: ``PLAYBOOK_API_KEY``.
        token: The user's JWT, sent as bearer token, or a function that returns it and is asked before each
            request; see ``CachedToken``. Default: ``PLAYBOOK_TOKEN``.
        base_url: Where the API is, an absolute URL. Default: ``PLAYBOOK_BASE_URL``, else the server that the
            contract names.
        timeout: Seconds that each phase of an exchange may take (connecting, sending, waiting for bytes, for
            a free connection), or an ``httpx.Timeout``, or ``None`` for no limit. Default: ``DEFAULT_TIMEOUT``.
            These bound phases, and not the call as a whole.
        max_retries: How many times a request is repeated after a failure that may pass: no connection, a
            timeout, 408, 429, 500, 502, 503, 504. Where the server may have acted, only operations that the
            contract calls idempotent are repeated. Default: 2.
        http_client: An ``httpx.Client`` of your own, for proxies, limits, hooks or tests; you close it. Its
            redirects and its auth are not used; its headers, cookies and params are, and its timeout unless
            you give one here.

    Raises:
        ConfigurationError: A credential or the base URL is unusable; the message says why.

    Use it as a context manager, or call ``close``. Every call raises a ``PlaybookError`` for any answer that
    is not a success. The functions of ``playbook3d_api`` take it as their ``client``, too.
    """

    _http_type = httpx.Client
    _sender_type = Sender
    _http: httpx.Client
    _sender: Sender

    def __init__(
        self,
        *,
        api_key: str | None = None,
        token: str | Callable[[], str] | None = None,
        base_url: str | None = None,
        timeout: Timeout | Unset = UNSET,
        max_retries: int = DEFAULT_MAX_RETRIES,
        http_client: httpx.Client | None = None,
    ) -> None:
        super().__init__(
            api_key=api_key,
            token=token,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            http_client=http_client,
        )

    def get_httpx_client(self) -> httpx.Client:
        """What the generated functions send with: of an httpx client it has ``request`` alone."""
        return cast(httpx.Client, self._sender)

    def get_async_httpx_client(self) -> NoReturn:
        """Raises: the blocking client makes no asynchronous calls."""
        raise ConfigurationError("PlaybookClient makes blocking calls: use AsyncPlaybookClient to await them.")

    def _call(self, tag: str, name: str, /, **arguments: Any) -> Any:
        return self._sender.call(route_named(tag, name), arguments).parsed

    def _call_raw(self, tag: str, name: str, /, **arguments: Any) -> RawResponse[Any]:
        answer = self._sender.call(route_named(tag, name), arguments)
        return RawResponse(answer.response, answer.parsed, retries_taken=answer.retries_taken)

    def close(self) -> None:
        """Close the connections, unless they are those of ``http_client``."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> NoReturn:
        raise TypeError("PlaybookClient is for `with`; AsyncPlaybookClient is for `async with`")


class AsyncPlaybookClient(_Client, AsyncOperations):
    """The Playbook API to be awaited: as ``PlaybookClient``, with an ``httpx.AsyncClient`` as ``http_client``.

    A function given as ``token`` may be one to be awaited; see ``AsyncCachedToken``. Use it as an asynchronous
    context manager, or await ``aclose``; and in one event loop, as its connections are.
    """

    _http_type = httpx.AsyncClient
    _sender_type = AsyncSender
    _http: httpx.AsyncClient
    _sender: AsyncSender

    def __init__(
        self,
        *,
        api_key: str | None = None,
        token: str | TokenSource | None = None,
        base_url: str | None = None,
        timeout: Timeout | Unset = UNSET,
        max_retries: int = DEFAULT_MAX_RETRIES,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        super().__init__(
            api_key=api_key,
            token=token,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            http_client=http_client,
        )

    def get_httpx_client(self) -> NoReturn:
        """Raises: the asynchronous client makes no blocking calls."""
        raise ConfigurationError("AsyncPlaybookClient makes calls to be awaited: use PlaybookClient for blocking ones.")

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """What the generated functions send with: of an httpx client it has ``request`` alone."""
        return cast(httpx.AsyncClient, self._sender)

    async def _call(self, tag: str, name: str, /, **arguments: Any) -> Any:
        return (await self._sender.call(route_named(tag, name), arguments)).parsed

    async def _call_raw(self, tag: str, name: str, /, **arguments: Any) -> RawResponse[Any]:
        answer = await self._sender.call(route_named(tag, name), arguments)
        return RawResponse(answer.response, answer.parsed, retries_taken=answer.retries_taken)

    async def aclose(self) -> None:
        """Close the connections, unless they are those of ``http_client``."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __enter__(self) -> NoReturn:
        raise TypeError("AsyncPlaybookClient is for `async with`; PlaybookClient is for `with`")


_HEADERS = {"User-Agent": f"playbook3d-client/{__version__} python/{platform.python_version()}"}


def _usable_base_url(value: object) -> str:
    name = f"base_url= or {_BASE_URL_VARIABLE}"
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} must be a string, not {type(value).__name__}.")
    try:
        url = httpx.URL(value)
        # As the connection will: a label that is empty or too long fails only here.
        url.host.encode("idna")
    except (httpx.InvalidURL, TypeError, UnicodeError) as error:
        raise ConfigurationError(f"{name} is not a URL: {error}.") from error
    # Credentials in it would replace the token; a query or a fragment would swallow the path.
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or set("?#") & set(value):
        raise ConfigurationError(
            f"{name} must be an http or https URL with a host and perhaps a path, and nothing else: "
            "https://api.playbook3d.com"
        )
    return str(url).rstrip("/")


def _usable_timeout(value: object) -> httpx.Timeout:
    if value is None or type(value) in (int, float) or isinstance(value, httpx.Timeout):
        timeout = httpx.Timeout(cast(Timeout, value))
        phases = [seconds for seconds in timeout.as_dict().values() if seconds is not None]
        if all(type(seconds) in (int, float) and 0 <= seconds < _LONGEST_TIMEOUT for seconds in phases):
            return timeout
    raise ConfigurationError(f"timeout= must be seconds, an httpx.Timeout, or None for no limit, not {value!r}.")


def _usable_max_retries(value: int) -> int:
    if type(value) is not int or value < 0:
        raise ConfigurationError(f"max_retries= must be a whole number, 0 or more, not {value!r}.")
    return value


def _usable_headers(headers: Mapping[Any, Any]) -> Mapping[str, str]:
    """``headers`` as they are, if they can be sent; no message shows a value."""
    if not hasattr(headers, "items"):
        raise ConfigurationError(f"headers= must be a mapping of names to values, not {type(headers).__name__}.")
    for name, value in headers.items():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise ConfigurationError(f"headers= has {name!r}, which is not the name of a header.")
        if is_credential(name):
            raise ConfigurationError(
                f"headers= has {name}: give credentials as api_key= and token= to the constructor."
            )
        if not isinstance(value, str) or not _FIELD.fullmatch(value):
            raise ConfigurationError(
                f"headers= has a value for {name} that is not a string of visible ASCII characters."
            )
    return headers
