"""The two clients: what they are given, what they own, and how long they live."""

import math
import os
import platform
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, NoReturn, Self, cast

import httpx

from playbook3d_api.api import AsyncOperations, Operations
from playbook3d_api.client import AuthenticatedClient
from playbook3d_api.types import Response
from playbook3d_client._credentials import Credentials
from playbook3d_client._errors import ConfigurationError
from playbook3d_client._policy import Settings
from playbook3d_client._sender import AsyncSender, Sender
from playbook3d_client._version import __version__

#: 30 seconds for each phase of an exchange, 5 to connect.
DEFAULT_TIMEOUT = httpx.Timeout(30.0, connect=5.0)

Timeout = float | httpx.Timeout | None

_BASE_URL_VARIABLE = "PLAYBOOK_BASE_URL"


class _Client(AuthenticatedClient):
    """What the two clients share: the generated client's type, with our way of sending behind it.

    The generated functions ask their client for one thing, something to call ``request`` on; both clients
    answer with a sender. What the generated class offers beside that has no meaning here, and says so.
    """

    _http_type: ClassVar[type[httpx.Client | httpx.AsyncClient]]

    def __init__(
        self,
        *,
        api_key: str | None,
        token: str | None,
        base_url: str | None,
        timeout: Timeout,
        http_client: httpx.Client | httpx.AsyncClient | None,
    ) -> None:
        if not isinstance(http_client, self._http_type | None):
            raise ConfigurationError(
                f"http_client= must be an httpx.{self._http_type.__name__}, not {type(http_client).__name__}."
            )
        base_url = base_url if base_url is not None else os.environ.get(_BASE_URL_VARIABLE) or None
        # The user's own httpx client has a timeout of its own, which only an explicit one replaces.
        keep_theirs = http_client is not None and timeout is DEFAULT_TIMEOUT
        self._settings = Settings(
            credentials=Credentials(api_key=api_key, token=token, environment=os.environ),
            base_url=None if base_url is None else _usable_base_url(base_url),
            request_options={} if keep_theirs else {"timeout": _usable_timeout(timeout)},
        )
        self._owns_http = http_client is None
        # The token stays with the credentials: the generated class would show its own in repr().
        super().__init__(base_url=self._settings.base_url or "", token="")

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
        token: The user's JWT, sent as bearer token. Default: ``PLAYBOOK_TOKEN``.
        base_url: Where the API is, an absolute URL. Default: ``PLAYBOOK_BASE_URL``, else the server that the
            contract names.
        timeout: Seconds that each phase of an exchange may take (connecting, sending, waiting for bytes, for
            a free connection), or an ``httpx.Timeout``, or ``None`` for no limit. Default: 30, connecting 5.
        http_client: An ``httpx.Client`` of your own, for proxies, limits, hooks or tests; you close it. Its
            redirects and its auth are not used, and its timeout is unless you give one here.

    Raises:
        ConfigurationError: A credential or the base URL is unusable; the message says why.

    Use it as a context manager, or call ``close``. Every call raises a ``PlaybookError`` for any answer that
    is not a success. The functions of ``playbook3d_api`` take it as their ``client``, too.
    """

    _http_type = httpx.Client

    def __init__(
        self,
        *,
        api_key: str | None = None,
        token: str | None = None,
        base_url: str | None = None,
        timeout: Timeout = DEFAULT_TIMEOUT,
        http_client: httpx.Client | None = None,
    ) -> None:
        super().__init__(api_key=api_key, token=token, base_url=base_url, timeout=timeout, http_client=http_client)
        self._http = http_client or httpx.Client(headers=_HEADERS)
        self._sender = Sender(self._http, self._settings)

    def get_httpx_client(self) -> httpx.Client:
        """What the generated functions send with; see ``_Client``."""
        return cast(httpx.Client, self._sender)

    def get_async_httpx_client(self) -> NoReturn:
        """Raises: the blocking client makes no asynchronous calls."""
        raise ConfigurationError("PlaybookClient makes blocking calls: use AsyncPlaybookClient to await them.")

    def _call(self, function: Callable[..., Response[Any]], /, **arguments: Any) -> Any:
        return function(client=self, **arguments).parsed

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

    Use it as an asynchronous context manager, or await ``aclose``.
    """

    _http_type = httpx.AsyncClient

    def __init__(
        self,
        *,
        api_key: str | None = None,
        token: str | None = None,
        base_url: str | None = None,
        timeout: Timeout = DEFAULT_TIMEOUT,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        super().__init__(api_key=api_key, token=token, base_url=base_url, timeout=timeout, http_client=http_client)
        self._http = http_client or httpx.AsyncClient(headers=_HEADERS)
        self._sender = AsyncSender(self._http, self._settings)

    def get_httpx_client(self) -> NoReturn:
        """Raises: the asynchronous client makes no blocking calls."""
        raise ConfigurationError("AsyncPlaybookClient makes calls to be awaited: use PlaybookClient for blocking ones.")

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """What the generated functions send with; see ``_Client``."""
        return cast(httpx.AsyncClient, self._sender)

    async def _call(self, function: Callable[..., Awaitable[Response[Any]]], /, **arguments: Any) -> Any:
        return (await function(client=self, **arguments)).parsed

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


def _usable_base_url(value: str) -> str:
    name = f"base_url= or {_BASE_URL_VARIABLE}"
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


def _usable_timeout(value: Timeout) -> httpx.Timeout:
    try:
        timeout = httpx.Timeout(value)
        phases = [seconds for seconds in timeout.as_dict().values() if seconds is not None]
        if all(not isinstance(seconds, bool) and 0 <= seconds < math.inf for seconds in phases):
            return timeout
    except (TypeError, AssertionError):
        pass  # what httpx, or the comparison, makes of another type
    raise ConfigurationError(f"timeout= must be seconds, an httpx.Timeout, or None for no limit, not {value!r}.")
