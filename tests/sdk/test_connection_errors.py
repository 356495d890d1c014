"""Exchanges without a complete response: which error they raise, and its cause."""

import ssl
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import Mock

import httpx
import pytest

from playbook3d_client import APIConnectionError, APIResponseValidationError, APITimeoutError, NotFoundError
from support.client_styles import DRIVERS, STOP_URL, Call, answering, awaited

TLS_ERROR = ssl.SSLError(1, "[SSL: BAD_RECORD_MAC]")


class LostBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that an error cuts off."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"resu'
        raise self._error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


RESET = {"stream": LostBody(httpx.ReadError("reset"))}
BROKEN_TLS = {"stream": LostBody(TLS_ERROR)}
BROKEN_GZIP: dict[str, Any] = {
    "stream": httpx.ByteStream(b"no gzip"),
    "headers": {"content-encoding": "gzip", "x-request-id": "r-7"},
}


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(
    ("cause", "error", "message"),
    [
        (httpx.ConnectError("refused"), APIConnectionError, "got no usable answer (ConnectError: refused)"),
        (httpx.RemoteProtocolError(""), APIConnectionError, "got no usable answer (RemoteProtocolError)"),
        (httpx.DecodingError("gzip"), APIConnectionError, "got no usable answer (DecodingError: gzip)"),
        (httpx.ConnectTimeout("slow"), APITimeoutError, "timed out (ConnectTimeout: slow)"),
        (httpx.ReadTimeout(""), APITimeoutError, "timed out (ReadTimeout)"),
        (httpx.ReadTimeout(": at MAX"), APITimeoutError, "timed out (ReadTimeout: : at MAX)"),
    ],
)
def test_failed_exchange_is_a_connection_error(
    call: Call, cause: httpx.HTTPError, error: type[APIConnectionError], message: str
) -> None:
    with pytest.raises(APIConnectionError) as raised:
        call(Mock(side_effect=cause))
    assert type(raised.value) is error
    assert str(raised.value) == raised.value.message == f"stop_thing {message}"
    assert raised.value.__cause__ is cause
    assert (raised.value.request.method, str(raised.value.request.url)) == ("POST", STOP_URL)


def test_retries_taken_has_a_default() -> None:
    assert APIConnectionError("m", request=httpx.Request("POST", "https://host/")).retries_taken == 0


def test_async_tls_error_is_a_connection_error() -> None:
    """Httpcore maps TLS errors after the handshake for blocking clients only."""
    with pytest.raises(APIConnectionError, match=r"\(ReadError: .*BAD_RECORD_MAC") as raised:
        awaited(Mock(side_effect=TLS_ERROR))
    cause: Any = raised.value.__cause__
    assert (type(cause), cause.__cause__) == (httpx.ReadError, TLS_ERROR)
    assert cause.request is raised.value.request


@pytest.mark.parametrize(
    ("call", "content"),
    [(call, content) for call in DRIVERS for content in (RESET, BROKEN_GZIP)] + [(awaited, BROKEN_TLS)],
)
def test_error_status_wins_over_a_lost_body(call: Call, content: dict[str, Any]) -> None:
    with pytest.raises(NotFoundError, match=r"^stop_thing answered 404: Not Found$"):
        call(answering(404, **content))


@pytest.mark.parametrize("call", DRIVERS)
def test_response_with_a_lost_body_keeps_its_headers(call: Call) -> None:
    with pytest.raises(NotFoundError) as raised:
        call(answering(404, **BROKEN_GZIP))
    assert raised.value.request_id == "r-7"
    assert raised.value.response.headers == {"x-request-id": "r-7"}
    assert (raised.value.response.content, raised.value.body) == (b"", None)


@pytest.mark.parametrize("call", DRIVERS)
def test_2xx_with_a_lost_body_is_an_error(call: Call) -> None:
    with pytest.raises(APIConnectionError, match="ReadError: reset"):
        call(answering(200, **RESET))
    with pytest.raises(APIResponseValidationError, match="answered 200 with a body that cannot be decoded") as raised:
        call(answering(200, **BROKEN_GZIP))
    assert (raised.value.status_code, raised.value.request_id, raised.value.body) == (200, "r-7", None)
    assert isinstance(raised.value.__cause__, httpx.DecodingError)


@pytest.mark.parametrize("response", [None, httpx.Response(404)])
@pytest.mark.parametrize("call", DRIVERS)
def test_hook_error_without_request_is_wrapped(call: Call, response: Any) -> None:
    no_request: Any = None
    with pytest.raises(APIConnectionError, match="HTTPStatusError: odd"):
        call(Mock(side_effect=httpx.HTTPStatusError("odd", request=no_request, response=response)))
