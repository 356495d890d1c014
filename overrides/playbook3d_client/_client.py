"""Joins the core with the generated operations."""

from playbook3d_api._operations import CONTRACT
from playbook3d_api.api import AsyncOperations, Operations
from playbook3d_client._base_client import AsyncClient, BlockingClient


class PlaybookClient(BlockingClient, Operations):
    """A blocking client of the Playbook API; the operations are methods grouped by tag.

    Args:
        api_key: The API key, sent as ``x-api-key``. Default: ``PLAYBOOK_API_KEY``.
        token: The user's JWT, sent as bearer token, or a function that returns it and is called before each
            request; see ``CachedToken``. Default: ``PLAYBOOK_TOKEN``.
        credentials: The credential of each security scheme of the contract, by the name of the scheme: an API key, a
            token or a function as for ``token``, user and password as a pair or as ``user:password``. ``api_key`` and
            ``token`` are shorthands for the only scheme of the kind. Default: for ``keyB``, ``PLAYBOOK_KEY_B``.
        base_url: Where the API is, an absolute URL. Default: ``PLAYBOOK_BASE_URL``, else the server that the
            contract names; required if it names none, or a relative one, whose path then belongs to this URL. Plain
            ``http`` to a host that is not loopback is warned of once.
        timeout: Seconds that each phase of an exchange may take (connecting, sending, waiting for bytes), or an
            ``httpx.Timeout`` or ``httpx2.Timeout``, or ``None`` for no limit. Default: ``DEFAULT_TIMEOUT``. It bounds
            each phase, not the whole call.
        deadline: Seconds that a whole call may take, retries and waits included; then ``APITimeoutError`` is raised.
            An async call is cancelled. A blocking one looks at the clock between its steps, the phases of an exchange
            and the chunks of a body, so name resolution, or headers that drip, can take longer. Default: no limit.
        headers: Headers to send with each request.
        max_retries: How many times a request is repeated after a retryable failure: no connection, a timeout, 408,
            429, 500, 502, 503, 504. If the server may have acted, only operations that the contract calls idempotent
            are repeated. Default: 2.
        http_client: An ``httpx.Client`` or ``httpx2.Client`` of your own, for proxies, limits, hooks or tests; you
            close it. The client honours its headers, cookies, params and, unless you give one here or it is httpx's
            default, timeout, and ignores its redirect and auth settings. ``DefaultHttpxClient`` is one with the
            defaults of this package.

    Raises:
        ConfigurationError: An option is invalid; the message says why.

    Use it as a context manager, or call ``close``. Every call raises a ``PlaybookError`` for any response that is not
    a success.
    """

    _contract = CONTRACT


class AsyncPlaybookClient(AsyncClient, AsyncOperations):
    """The Playbook API, async: as ``PlaybookClient``, with an ``AsyncClient`` of httpx or httpx2 as ``http_client``.

    A function that returns a token may be async; see ``AsyncCachedToken``. Use it as an asynchronous
    context manager, or await ``aclose``; and in one event loop, as its connections are.
    """

    _contract = CONTRACT
