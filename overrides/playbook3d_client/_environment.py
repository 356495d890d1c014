"""Proxies and certificates of the environment: the variables that httpx reads, validated by their names.

httpx itself rejects some values of ``NO_PROXY`` that Docker sets, and does not say which variable is invalid. Messages
show no value: the URL of a proxy may have a password.
"""

import os
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from ipaddress import IPv6Address
from urllib.parse import urlsplit
from urllib.request import getproxies

from playbook3d_client._errors import ConfigurationError
from playbook3d_client._options import encode_host

# With the host as httpx reads it: in a user, "@" is encoded. httpx rejects longer URLs.
_PROXY_URL = re.compile(r"(?=.{1,65536}\Z)(?:https?|socks5h?)://(?:[^@/?#]*@)?([^@/?#]*)(?:[/?#].*)?", re.IGNORECASE)

_ADDRESS = re.compile(r"\[|[0-9.]+(:|\Z)")


def environment_proxies() -> dict[str, str | None]:
    """The URL of the proxy for each URL pattern of httpx, ``None`` for those without; raises ``ConfigurationError``."""
    proxies = getproxies()
    excluded = [host.strip() for host in proxies.get("no", "").split(",")]
    if "*" in excluded:
        return {}
    patterns: dict[str, str | None] = {
        f"{scheme}://": _proxy_url(scheme, proxies[scheme])
        for scheme in ("http", "https", "all")
        if proxies.get(scheme)
    }
    return patterns | dict.fromkeys(_excluded_patterns(excluded)) if patterns else {}


def environment_certificates(default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """What verifies servers: ``SSL_CERT_FILE``, ``SSL_CERT_DIR``, or the default; raises ``ConfigurationError``."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    # OpenSSL reads a list of folders, too.
    if not file and folder and not any(map(os.path.isdir, folder.split(os.pathsep))):
        raise ConfigurationError("SSL_CERT_DIR is not a folder: name one with certificates, or unset the variable.")
    try:
        return ssl.create_default_context(cafile=file or None, capath=folder) if file or folder else default()
    except OSError as error:
        key_log = os.environ.get("SSLKEYLOGFILE")
        if key_log and error.filename == key_log:
            problem = "SSLKEYLOGFILE cannot be written: name another file"
        else:
            problem = f"{'SSL_CERT_FILE' if file else 'SSL_CERT_DIR'} cannot be read: name a file of PEM certificates"
        raise ConfigurationError(f"{problem}, or unset the variable ({error.strerror or error}).") from error


def _proxy_url(scheme: str, value: str) -> str:
    name = f"{scheme}_proxy"
    variable = name if name in os.environ else name.upper()
    url = value.strip()
    url = url if "://" in url else f"http://{url}"
    if not _is_proxy(url):
        raise ConfigurationError(f"{variable} is not the URL of a proxy: use http://host:port, or unset the variable.")
    if url.lower().startswith("socks") and find_spec("socksio") is None:
        raise ConfigurationError(f"{variable} names a SOCKS proxy: install httpx[socks], or unset the variable.")
    # For httpx both mean that the proxy resolves names, but before 0.28 it knows only the second.
    return re.sub("^socks5h:", "socks5:", url, flags=re.IGNORECASE)


def _is_proxy(url: str) -> bool:
    match = _PROXY_URL.fullmatch(url)
    return match is not None and url.isprintable() and _encode_authority(match[1]) is not None


def _encode_authority(text: str) -> str | None:
    """Host and port, as the connection will encode them; ``None`` if they are invalid."""
    with suppress(ValueError):
        parts = urlsplit(f"//{text}")
        name = parts.hostname or ""
        host = encode_host(f"[{name}]" if ":" in name else name)
        if text.isprintable() and host and parts.port != 0:
            return f"{host}:{parts.port}" if parts.port else host
    return None


def _excluded_patterns(hosts: list[str]) -> Iterator[str]:
    """The patterns of ``NO_PROXY``. What is no host excludes nothing; nor does a range of addresses, as in httpx."""
    for entry in hosts:
        scheme, separator, host = entry.rpartition("://")
        with suppress(ValueError):
            host = f"[{IPv6Address(host)}]"
        name = host.removeprefix("*").removeprefix(".")
        authority = _encode_authority(name)
        if not authority or scheme.lower() not in ("", "all", "http", "https"):
            continue
        if _ADDRESS.match(authority):
            wildcard = ""
        elif host.startswith((".", "*.")):
            wildcard = "*."
        else:
            wildcard = "*" if host != name or not (separator or authority == "localhost") else ""
        yield f"{scheme or 'all'}://{wildcard}{authority}"
        if wildcard == "*" and authority.startswith("xn--"):  # httpx decodes such a name, but not the names below it
            yield f"{scheme or 'all'}://{authority}"
