"""Wire faults: real over a socket, and in process what httpx makes of them over a socket."""

import json
from typing import Any

import pytest

from playbook3d_mock import Mock
from support.http_family import httpx
from support.mock_calls import ANY_URL, DRIVERS, NEVER, Call, Result, call_async, exchange, raw_request, served
from support.mock_requests import CREDENTIALS, SECRETS, STOP, STOPPED, read_contract

MOCK = Mock(read_contract("runs"), credentials=SECRETS)
url, _reset = served(MOCK)
BODY = json.dumps(STOPPED, separators=(",", ":")).encode()
HALF = BODY[: len(BODY) // 2]

each_transport = pytest.mark.parametrize("transport", [MOCK.transport, None], ids=["in process", "socket"])


OUTCOMES = {
    "reset": Result(b"", httpx.ReadError),
    "reset-in-body": Result(HALF, httpx.ReadError),
    "truncation": Result(HALF, httpx.RemoteProtocolError),
    "wrong-content-length": Result(HALF),
}


@pytest.mark.parametrize("call", DRIVERS)
@each_transport
@pytest.mark.parametrize("options", [{}, {"delay": 0.01}, {"drip": 0.01}], ids=["at once", "delay", "drip"])
@pytest.mark.parametrize("fault", OUTCOMES)
def test_fault_has_its_outcome(url: str, transport: Any, call: Call, fault: str, options: dict[str, Any]) -> None:
    MOCK.on("stop_run").reply(fault=fault, **options)
    assert call(url, NEVER, transport) == OUTCOMES[fault]
    assert call(url, NEVER, transport) == Result(BODY)


@each_transport
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("reset", "[Errno 104] Connection reset by peer"),
        ("truncation", "peer closed connection without sending complete message body (received 14 bytes, expected 29)"),
    ],
)
def test_error_has_the_text_of_httpx(url: str, transport: Any, fault: str, message: str) -> None:
    MOCK.on("stop_run").reply(fault=fault)
    with (
        httpx.Client(transport=transport, headers=CREDENTIALS) as client,
        pytest.raises(httpx.TransportError) as raised,
    ):
        client.post(url + STOP)
    assert str(raised.value) == message
    assert raised.value.request.url.path == STOP


# Bytes


@pytest.mark.parametrize(
    ("fault", "length", "sent", "end"),
    [
        ("reset-in-body", len(BODY), HALF, "RST"),
        ("truncation", len(BODY), HALF, "FIN"),
        ("wrong-content-length", len(HALF), BODY, "FIN"),
    ],
)
def test_fault_in_the_body_comes_after_the_headers(url: str, fault: str, length: int, sent: bytes, end: str) -> None:
    MOCK.on("stop_run").reply(fault=fault)
    received, received_end = exchange(url, raw_request())
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\ncontent-length: %d" % length in head
    assert (b"\r\nconnection: close" in head) == (fault == "wrong-content-length")
    assert (body, received_end) == (sent, end)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reset_sends_nothing(url: str, method: str) -> None:
    request = raw_request(method, "/runs?state=queued", Prefer="fault=reset")
    assert exchange(url, request) == (b"", "RST")


def test_large_body_is_sent_up_to_its_truncation(url: str) -> None:
    content = b"x" * 10_000_000
    MOCK.on("stop_run").reply(200, content, fault="truncation")
    received, end = exchange(url, raw_request())
    assert (received.partition(b"\r\n\r\n")[2], end) == (content[: len(content) // 2], "FIN")


@pytest.mark.parametrize("fault", ["reset-in-body", "truncation"])
def test_fault_ends_pipelined_requests(fault: str, caplog: pytest.LogCaptureFixture) -> None:
    MOCK.on("stop_run").reply(fault=fault)
    with MOCK.serve() as url:
        received, _ = exchange(url, raw_request(), raw_request())
    assert received.endswith(b"\r\n\r\n" + HALF)
    assert caplog.records == []


# Other ASGI servers


@pytest.mark.parametrize("fault", ["reset", "reset-in-body", "truncation"])
def test_other_asgi_server_gets_an_exception(fault: str) -> None:
    MOCK.on("stop_run").reply(fault=fault)
    with pytest.raises(RuntimeError, match=r"this ASGI server cannot do: use Mock\.serve"):
        call_async(ANY_URL, NEVER, httpx.ASGITransport(MOCK.asgi))


def test_other_asgi_server_sends_the_shorter_body() -> None:
    MOCK.on("stop_run").reply(fault="wrong-content-length")
    assert call_async(ANY_URL, NEVER, httpx.ASGITransport(MOCK.asgi)) == Result(HALF)
