"""The mock over HTTP: what a socket adds, how it starts and how it stops."""

import json
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


def test_head_and_body_are_sent_together(url: str) -> None:
    headers = "".join(f"{name}: {value}\r\n" for name, value in CREDENTIALS.items())
    sent = f"POST {STOP} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: 0\r\n\r\n".encode()
    with connect(url) as connection:
        for _ in range(50):  # keep-alive
            connection.sendall(sent)
            assert json.loads(connection.recv(65536).partition(b"\r\n\r\n")[2]) == STOPPED


def test_client_that_has_closed_its_half_gets_the_response(url: str) -> None:
    sent = f"GET {STOP} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    for _ in range(50):
        assert exchange(url, sent).startswith(b"HTTP/1.1 405 ")


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


@pytest.mark.parametrize(
    ("sent", "status", "message"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400, "header Host: is missing"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "header Host: is a duplicate"),
        (b"GET / HTTP/1.0\r\n\r\n", 404, "no path of the contract matches"),
        (b"MAKE / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "the method is unknown"),
        (b"\x16\x03\x01\x00", 501, "the method is unknown"),
        (b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "the request is malformed: Invalid char in url path"),
        (b"GET / HTTP/1.1\r\nA B: x\r\n\r\n", 400, "the request is malformed: Invalid header token"),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 66_000 + b"\r\n\r\n", 431, "the headers are too large"),
        (b"GET / HTTP/1.1\r\n" + b"A: a\r\n" * 40_000 + b"\r\n", 431, "the headers are too large"),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 66_000, 431, "the headers are too large"),
    ],
)
def test_invalid_http_gets_a_response_in_json(url: str, sent: bytes, status: int, message: str) -> None:
    head, _, body = exchange(url, sent).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\ncontent-type: application/json\r\n" in head
    assert next(iter(json.loads(body).values())).endswith(message)


def test_large_body_is_413(url: str) -> None:
    response = httpx.post(url + STOP, headers=CREDENTIALS, content=b"x" * (16 * 1024 * 1024 + 1))
    assert (response.status_code, "body: is larger than 16777216 bytes" in response.text) == (413, True)


@pytest.mark.parametrize("sent", [b"", b"POST /", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"])
def test_unfinished_request_is_408(sent: bytes) -> None:
    with RUNS.serve(request_timeout=0.05) as url, connect(url) as connection:
        connection.sendall(sent)
        assert connection.recv(65536).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_finished_request_has_no_time_limit() -> None:
    with RUNS.serve(request_timeout=0.05) as url, httpx.Client(headers=CREDENTIALS) as client:
        for _ in range(20):
            assert client.post(url + STOP).json() == STOPPED


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6")
@pytest.mark.parametrize("host", ["localhost", "::"])
def test_both_families_are_served(host: str) -> None:
    with RUNS.serve(host) as url:
        port = httpx.URL(url).port
        for address in (url, f"http://127.0.0.1:{port}", f"http://[::1]:{port}"):
            assert httpx.post(address + STOP, headers=CREDENTIALS).json() == STOPPED


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("no-such-host.invalid", "(Name|nodename|Temporary)"),
        ("a..b", "the host is not a name"),
        ("192.0.2.1", "Cannot"),
    ],
)
def test_unusable_host_is_an_error_with_the_reason(host: str, reason: str) -> None:
    with pytest.raises(OSError, match=f"cannot listen on {host} port 0: {reason}"), RUNS.serve(host):
        pass


def test_any_address_is_reached_by_the_url() -> None:
    with RUNS.serve("0.0.0.0") as url:  # noqa: S104
        assert httpx.URL(url).host == "127.0.0.1"
        assert httpx.post(url + STOP, headers=CREDENTIALS).json() == STOPPED
