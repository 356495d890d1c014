"""httpx clients with the defaults of this package: for its own connections, and for users who change one of them."""

import platform
import threading
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from playbook3d_client._environment import environment_certificates, environment_proxies
from playbook3d_client._options import DEFAULT_TIMEOUT
from playbook3d_client._version import __version__

USER_AGENT = f"playbook3d-client/{__version__} python/{platform.python_version()}"

#: Exchanges at a time; further calls wait for their turn. httpx's own pool costs the square of the calls that wait for
#: it, and loses connections when such a call is cancelled, so none may wait there.
MAX_EXCHANGES = 90
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=MAX_EXCHANGES, keepalive_expiry=5.0)

# The options that a client passes to its transports.
_TRANSPORT_OPTIONS = {"verify", "cert", "http1", "http2", "limits"}


def _with_defaults(
    options: dict[str, Any], transport_type: type[httpx.HTTPTransport | httpx.AsyncHTTPTransport]
) -> dict[str, Any]:
    headers = httpx.Headers({"User-Agent": USER_AGENT})
    headers.update(options.get("headers"))
    # A jar that takes none: cookies for one user's token would travel with the next user's.
    cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    defaults = {"timeout": DEFAULT_TIMEOUT, "limits": LIMITS, "cookies": cookies}
    return _with_environment({**defaults, **options, "headers": headers}, transport_type)


def _with_environment(options: dict[str, Any], transport_type: Any) -> dict[str, Any]:
    """The options in place of the environment, of which httpx rejects parts without naming the variable."""
    if not options.get("trust_env", True) or options.get("transport") is not None:
        return options
    if options.get("verify", True) is True:
        options["verify"] = environment_certificates(httpx.create_ssl_context)
    if options.get("proxy") is None:
        transport_options = {name: options[name] for name in _TRANSPORT_OPTIONS & options.keys()}
        mounts = {
            pattern: url and transport_type(proxy=url, **transport_options)
            for pattern, url in environment_proxies().items()
        }
        options["mounts"] = mounts | (options.get("mounts") or {})
    return {**options, "trust_env": False}


class DefaultHttpxClient(httpx.Client):
    """An ``httpx.Client`` with the defaults of ``PlaybookClient``, to be given as ``http_client``.

    Args:
        options: Those of ``httpx.Client``, such as ``proxy``, ``verify`` and ``trust_env``. Defaults that differ from
            httpx: the timeout (``DEFAULT_TIMEOUT``), 90 exchanges at a time, no cookies, and the User-Agent.

    Raises ``ConfigurationError`` for an invalid variable of the environment.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**_with_defaults(options, httpx.HTTPTransport))
        self.limiter = threading.Semaphore(MAX_EXCHANGES)


class DefaultAsyncHttpxClient(httpx.AsyncClient):
    """As ``DefaultHttpxClient``, an ``httpx.AsyncClient`` for ``AsyncPlaybookClient``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**_with_defaults(options, httpx.AsyncHTTPTransport))
        self._limiter: Any = None

    @property
    def limiter(self) -> Any:
        """An ``anyio.Semaphore``: made when it is used, because httpx imports anyio only then."""
        if self._limiter is None:
            import anyio

            self._limiter = anyio.Semaphore(MAX_EXCHANGES)
        return self._limiter
