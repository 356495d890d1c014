"""The two families of httpx: httpx itself, and httpx2, its successor with the same API.

A family is the module. It is known by the objects that the user hands in; httpx2 is imported only for one of them.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

_SUCCESSOR = "httpx2"


class HttpFamily(Protocol):
    """What the client uses of ``httpx`` or ``httpx2``; the classes of both go by the types of httpx."""

    __name__: str
    Client: type[httpx.Client]
    AsyncClient: type[httpx.AsyncClient]
    Auth: type[httpx.Auth]
    QueryParams: type[httpx.QueryParams]
    Request: type[httpx.Request]
    Response: type[httpx.Response]
    Timeout: type[httpx.Timeout]
    SyncByteStream: type[httpx.SyncByteStream]
    AsyncByteStream: type[httpx.AsyncByteStream]

    HTTPError: type[httpx.HTTPError]
    HTTPStatusError: type[httpx.HTTPStatusError]
    InvalidURL: type[httpx.InvalidURL]
    StreamError: type[httpx.StreamError]
    TransportError: type[httpx.TransportError]
    TimeoutException: type[httpx.TimeoutException]
    ConnectError: type[httpx.ConnectError]
    ConnectTimeout: type[httpx.ConnectTimeout]
    PoolTimeout: type[httpx.PoolTimeout]
    ProxyError: type[httpx.ProxyError]
    ReadError: type[httpx.ReadError]
    ReadTimeout: type[httpx.ReadTimeout]
    LocalProtocolError: type[httpx.LocalProtocolError]
    UnsupportedProtocol: type[httpx.UnsupportedProtocol]


class HttpClient(Protocol):
    """An ``httpx.Client`` or an ``httpx2.Client``: the type needs neither package."""

    @property
    def is_closed(self) -> bool: ...
    @property
    def build_request(self) -> Callable[..., Any]: ...
    @property
    def close(self) -> Callable[[], None]: ...


class AsyncHttpClient(Protocol):
    """An ``httpx.AsyncClient`` or an ``httpx2.AsyncClient``."""

    @property
    def is_closed(self) -> bool: ...
    @property
    def build_request(self) -> Callable[..., Any]: ...
    @property
    def aclose(self) -> Callable[[], Any]: ...


class HttpTimeout(Protocol):
    """An ``httpx.Timeout`` or an ``httpx2.Timeout``."""

    @property
    def as_dict(self) -> Callable[[], dict[str, float | None]]: ...


def family_of(value: object) -> HttpFamily:
    """The family of an object, by the packages of its class and of those it derives from; of any other, httpx."""
    packages = {base.__module__.partition(".")[0] for base in type(value).__mro__}
    return load_family(_SUCCESSOR if _SUCCESSOR in packages else httpx.__name__)


def loaded_families() -> list[HttpFamily]:
    """The families that the program has imported."""
    return [load_family(name) for name in (httpx.__name__, _SUCCESSOR) if name in sys.modules]


def to_httpx(timeout: HttpTimeout) -> httpx.Timeout:
    """The timeout, of either family, as one of httpx."""
    return httpx.Timeout(**timeout.as_dict())


def load_family(name: str) -> HttpFamily:
    """The family of a name, such as an error keeps in its pickle; httpx if the other is not installed."""
    if name == _SUCCESSOR:
        try:
            return cast("HttpFamily", import_module(_SUCCESSOR))
        except ModuleNotFoundError:
            pass
    return httpx
