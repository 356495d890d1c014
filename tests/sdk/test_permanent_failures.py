"""Connections that cannot succeed are not retried: an invalid certificate, a name that is no host."""

import socket
import ssl
from collections.abc import Generator
from typing import Any, NoReturn

import pytest

from playbook3d_client import APIConnectionError
from support.client_styles import DRIVERS, Call, blocking, error_of, in_turn
from support.http_family import httpx

INVALID_CERTIFICATE = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED]")
CERTIFICATE_REQUIRED = ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED]")
CERTIFICATE_REQUIRED.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
BROKEN_TLS = ssl.SSLError(1, "[SSL: BAD_RECORD_MAC]")


class FailingTLS(ssl.SSLContext):
    """A handshake that ends in an error, whatever the server."""

    error: ssl.SSLError

    def wrap_socket(self, *_: Any, **__: Any) -> NoReturn:
        raise self.error

    def wrap_bio(self, *_: Any, **__: Any) -> NoReturn:
        raise self.error


@pytest.fixture
def server() -> Generator[str]:
    """The URL of a server that accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(("error", "retries"), [(INVALID_CERTIFICATE, 0), (CERTIFICATE_REQUIRED, 0), (BROKEN_TLS, 2)])
def test_invalid_certificate_is_not_retried(
    call: Call, error: ssl.SSLError, retries: int, server: str, slept: list[float]
) -> None:
    context = FailingTLS(ssl.PROTOCOL_TLS_CLIENT)
    context.error = error
    raised = error_of(APIConnectionError, call, None, http={"verify": context}, base_url=server, max_retries=2)
    assert (raised.retries_taken, len(slept)) == (retries, retries)


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(
    ("code", "retries"),
    [(socket.EAI_NONAME, 0), (getattr(socket, "EAI_NODATA", socket.EAI_NONAME), 0), (socket.EAI_AGAIN, 2)],
)
def test_name_that_is_no_host_is_not_retried(
    call: Call, code: int, retries: int, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise socket.gaierror(code, "no address")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    raised = error_of(APIConnectionError, call, None, base_url="https://host.invalid", max_retries=2)
    assert (raised.retries_taken, len(slept)) == (retries, retries)


@pytest.mark.parametrize(
    ("answer", "retries"), [("407 Proxy Authentication Required", 0), ("403 Forbidden", 0), ("503 Overloaded", 1)]
)
def test_refusal_of_a_proxy_is_not_retried(answer: str, retries: int, slept: list[float]) -> None:
    error = error_of(APIConnectionError, blocking, in_turn(*[httpx.ProxyError(answer)] * 2), max_retries=1)
    assert (error.retries_taken, len(slept)) == (retries, retries)


def test_error_that_the_caller_handles_does_not_count(slept: list[float]) -> None:
    try:
        raise INVALID_CERTIFICATE
    except ssl.SSLError:
        blocking(in_turn(httpx.ConnectError("refused"), 200), max_retries=1)
    assert slept == [0.5]
