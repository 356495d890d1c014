"""Exchanges without a complete response: which error they raise, and its cause."""

import ssl
from typing import Any
from unittest.mock import Mock

import pytest

from playbook3d_client import APIConnectionError, APIResponseValidationError, APITimeoutError, NotFoundError
from support.client_styles import DRIVERS, STOP_URL, Call, LostBody, answering, asynchronous, blocking, error_of, hooks
from support.http_family import httpx

TLS_ERROR = ssl.SSLError(1, "[SSL: BAD_RECORD_MAC]")
HEADERS = {"x-request-id": "r-7"}
RESET = {"headers": HEADERS, "stream": LostBody()}
BROKEN_TLS = {"headers": HEADERS, "stream": LostBody(TLS_ERROR)}
BROKEN_GZIP = {"headers": {**HEADERS, "content-encoding": "gzip"}, "stream": httpx.ByteStream(b"no gzip")}


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(
    ("cause", "error", "message"),
    [
        (
            httpx.RemoteProtocolError(""),
            APIConnectionError,
            "got no usable answer from {} (RemoteProtocolError)",
        ),
        (
            httpx.DecodingError("gzip"),
            APIConnectionError,
            "got no usable answer from {} (DecodingError: gzip)",
        ),
        (
            httpx.ConnectTimeout(": at MAX"),
            APITimeoutError,
            "timed out at {} (ConnectTimeout: : at MAX)",
        ),
    ],
)
def test_failed_exchange_is_a_connection_error(
    call: Call, cause: httpx.HTTPError, error: type[APIConnectionError], message: str
) -> None:
    raised = error_of(APIConnectionError, call, Mock(side_effect=cause))
    assert type(raised) is error
    assert str(raised) == raised.message == f"stop_thing {message.format('api.fixture.invalid')}"
    assert raised.__cause__ is cause
    assert (raised.request.method, str(raised.request.url)) == ("POST", STOP_URL)


def test_async_tls_error_is_a_connection_error() -> None:
    """Httpcore maps TLS errors after the handshake for blocking clients only."""
    raised = error_of(APIConnectionError, asynchronous, Mock(side_effect=TLS_ERROR))
    cause: Any = raised.__cause__
    assert (type(cause), str(cause), cause.__cause__) == (httpx.ReadError, str(TLS_ERROR), TLS_ERROR)
    assert cause.request is raised.request


@pytest.mark.parametrize(
    ("call", "content"),
    [(call, content) for call in DRIVERS for content in (RESET, BROKEN_GZIP)] + [(asynchronous, BROKEN_TLS)],
)
def test_error_status_wins_over_a_lost_body(call: Call, content: dict[str, Any]) -> None:
    error = error_of(NotFoundError, call, answering(404, **content))
    assert (error.message, error.request_id, error.body) == (
        "stop_thing answered 404: Not Found (request id r-7)",
        "r-7",
        None,
    )
    assert (dict(error.response.headers), error.response.content) == (HEADERS, b"")


@pytest.mark.parametrize("call", DRIVERS)
def test_2xx_with_a_lost_body_is_an_error(call: Call) -> None:
    lost = error_of(APIConnectionError, call, answering(200, **RESET))
    assert lost.message.endswith("got no usable answer from api.fixture.invalid (ReadError: reset) (request id r-7)")
    broken = error_of(APIResponseValidationError, call, answering(200, **BROKEN_GZIP))
    assert "answered 200 with a body that cannot be decoded (" in broken.message
    assert (broken.status_code, broken.request_id, broken.body) == (200, "r-7", None)
    assert isinstance(broken.__cause__, httpx.DecodingError)


@pytest.mark.parametrize("call", DRIVERS)
def test_hook_error_without_request_is_wrapped(call: Call) -> None:
    no_request: Any = None
    hook_error = httpx.HTTPStatusError("odd", request=no_request, response=httpx.Response(404))
    assert "HTTPStatusError: odd" in error_of(APIConnectionError, call, Mock(side_effect=hook_error)).message


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("https://HOST.example/v1", "host.example"),
        ("https://host.example:8080", "host.example:8080"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("https://bücher.example", "xn--bcher-kva.example"),
    ],
)
@pytest.mark.parametrize("cause", [httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadError, httpx.PoolTimeout])
def test_message_names_the_host(call: Call, base_url: str, host: str, cause: type[httpx.TransportError]) -> None:
    error = error_of(APIConnectionError, call, Mock(side_effect=cause("x")), base_url=base_url)
    assert f" {host} ({cause.__name__}: x)" in error.message


def test_message_names_no_user() -> None:
    """A hook of the user's httpx client may put one into the URL."""

    def add_user(request: httpx.Request) -> None:
        request.url = request.url.copy_with(username="user", password="word")

    error = error_of(
        APIConnectionError,
        blocking,
        Mock(side_effect=httpx.ConnectError("x")),
        http=hooks(blocking, "request", add_user),
    )
    assert error.message == "stop_thing got no usable answer from api.fixture.invalid (ConnectError: x)"
