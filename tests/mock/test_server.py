"""The mock over HTTP: what a socket adds, how it starts and how it stops."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from support.mock_requests import CREDENTIALS, RUNS, STOP, STOPPED


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with RUNS.serve() as url:
        yield url


def connect(url: str) -> socket.socket:
    host = httpx.URL(url)
    return socket.create_connection((host.host, host.port), timeout=5)


def exchange(url: str, request: bytes) -> bytes:
    """The bytes of the response to raw bytes."""
    with connect(url) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"/teams/%zz/runs/x", 401),
        (b"//", 404),
        (b"http://other.invalid/teams/a/runs/b", 401),
        (b"/\xff", 400),
        (b"nonsense", 400),
        (b"/" + b"a" * 50_000, 404),
    ],
)
def test_hostile_target_gets_a_response(url: str, target: bytes, status: int) -> None:
    response = exchange(url, b"POST " + target + b" HTTP/1.1\r\nHost: x\r\nAccept: ;;;\r\nConnection: close\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 %d " % status)
    assert httpx.post(url + STOP, headers=CREDENTIALS).json() == STOPPED


def test_head_has_no_content(url: str) -> None:
    response = exchange(url, b"HEAD " + STOP.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"\r\nallow: POST\r\n" in response
    assert response.endswith(b"\r\n\r\n")


def test_undeclared_large_body_is_ignored(url: str) -> None:
    assert httpx.post(url + STOP, headers=CREDENTIALS, content=b"{" * 1_000_000).json() == STOPPED


def test_server_stops_despite_unfinished_requests(caplog: pytest.LogCaptureFixture) -> None:
    with RUNS.serve() as url:
        idle, unfinished = connect(url), connect(url)
        unfinished.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        assert unfinished.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"  # the server waits for the body
    with idle, unfinished:
        assert idle.recv(1) == b""
        assert unfinished.recv(100).startswith(b"HTTP/1.1 408 ")
    assert not any(record.exc_info for record in caplog.records)


def test_port_in_use_is_an_error_with_address_and_reason(url: str) -> None:
    port = httpx.URL(url).port or 0
    message = f"cannot listen on 127.0.0.1 port {port}: Address already in use"
    with pytest.raises(OSError, match=message), RUNS.serve(port=port):
        pass


def test_port_out_of_range_is_an_error() -> None:
    with pytest.raises(ValueError, match="port 65536 is not between 0 and 65535"), RUNS.serve(port=65536):
        pass
