"""The address of a server, and of the proxy to it."""

from urllib.parse import urlsplit

from requests.utils import get_environ_proxies, select_proxy

from playbook3d_conformance.server.errors import UsageError


def validate_url(url: str) -> str:
    """A base URL without its last slash; raises ``UsageError`` without the URL, which may hold a password."""
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        is_valid = is_valid and "@" not in parts.netloc and not set(url) & set("?# \t\r\n\\")
        (parts.hostname or "").encode("idna")  # fails for invalid names of hosts
    except ValueError:
        is_valid = False
    if not is_valid:
        raise UsageError("--base-url must be like https://api.example.com, without a user, a query or a fragment.")
    return url.rstrip("/")


def find_proxy(url: str) -> str:
    """The proxy that the environment names for a URL, or an empty string; raises ``UsageError`` without its URL."""
    proxy = select_proxy(url, get_environ_proxies(url))
    if not proxy:
        return ""
    try:
        parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
        if parts.hostname and (parts.port or 1) > 0 and "@" not in parts.path + parts.query + parts.fragment:
            return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    except ValueError:
        pass
    raise UsageError("the proxy of the environment must be like http://proxy.example.com:3128.")
