"""Delays and drips: how long they last, and how they end early."""

import json
import re
import threading
import time
from typing import Any

import pytest

from playbook3d_mock import Mock, Reply, Request
from support.http_family import httpx
from support.mock_calls import (
    ANY_URL,
    DRIVERS,
    LONG,
    NEVER,
    SOON,
    Call,
    Result,
    call,
    call_async,
    connect,
    exchange,
    raw_request,
    served,
)
from support.mock_requests import SECRETS, STOPPED, read_contract

MOCK = Mock(read_contract("runs"), credentials=SECRETS)
url, _reset = served(MOCK)
BODY = json.dumps(STOPPED, separators=(",", ":")).encode()

both_drivers = pytest.mark.parametrize("call", DRIVERS)
long_waits = pytest.mark.parametrize("options", [{"delay": LONG}, {"drip": LONG}], ids=["delay", "drip"])


@both_drivers
@pytest.mark.parametrize("transport", [MOCK.transport, None], ids=["in process", "socket"])
@long_waits
def test_longer_wait_than_the_timeout_is_a_timeout(
    url: str, transport: Any, call: Call, options: dict[str, Any]
) -> None:
    MOCK.on("stop_run").reply(fault="truncation", **options)
    assert call(url, SOON, transport) == Result(b"", httpx.ReadTimeout)
    assert call(url, NEVER, transport) == Result(BODY)


@both_drivers
def test_delay_and_drip_are_waited_for(call: Call, slept: list[float]) -> None:
    MOCK.on("stop_run").reply(delay=3, drip=20)
    assert call(ANY_URL, NEVER, MOCK.transport) == Result(BODY)
    assert slept == [3, *[2] * 10]


@both_drivers
def test_pause_of_a_drip_ends_at_the_read_timeout(call: Call, slept: list[float]) -> None:
    MOCK.on("stop_run").reply(delay=1, drip=20)
    assert call(ANY_URL, 1.5, MOCK.transport) == Result(b"", httpx.ReadTimeout)
    assert slept == [1, 1.5]


def test_short_body_drips_by_the_byte(slept: list[float]) -> None:
    MOCK.on("stop_run").reply(200, "abc", drip=3)
    assert call(ANY_URL, NEVER, MOCK.transport) == Result(b"abc")
    assert slept == [1, 1, 1]


@pytest.mark.parametrize("transport", [None, httpx.ASGITransport(MOCK.asgi)], ids=["socket", "other ASGI server"])
def test_server_waits_for_delay_and_drip(url: str, transport: Any) -> None:
    MOCK.on("stop_run").reply(delay=0.05, drip=0.05)
    started = time.monotonic()
    assert call_async(url, NEVER, transport) == Result(BODY)
    assert time.monotonic() - started >= 0.1


def test_pipelined_requests_keep_their_order(url: str) -> None:
    MOCK.on("stop_run").reply(404, delay=0.05).reply(500, drip=0.05)
    received, _ = exchange(url, raw_request(), raw_request(), raw_request(Connection="close"))
    assert re.findall(rb"HTTP/1.1 (\d+) ", received) == [b"404", b"500", b"200"]
    assert received.endswith(BODY)


def test_malformed_request_ends_a_delayed_response(url: str) -> None:
    MOCK.on("stop_run").reply(delay=LONG)
    received, _ = exchange(url, raw_request(), b"\0")
    assert re.findall(rb"HTTP/1.1 (\d+) ", received) == [b"501"]


def arrival(**options: Any) -> threading.Event:
    """Set when a request has arrived, which gets a reply with these options."""
    arrived = threading.Event()

    def reply(_: Request) -> Reply:
        arrived.set()
        return Reply(**options)

    MOCK.on("stop_run").reply(reply)
    return arrived


@long_waits
def test_server_stops_despite_a_delayed_response(options: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    arrived = arrival(**options)
    with MOCK.serve() as url:
        connection = connect(url)
        connection.sendall(raw_request())
        assert arrived.wait(NEVER)
    with connection:
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 200 OK\r\n") == ("drip" in options)
    assert b" 408 " not in received
    assert not any(record.exc_info for record in caplog.records)


@long_waits
def test_client_can_leave_a_delayed_response(options: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    arrived = arrival(**options)
    with MOCK.serve() as url, connect(url) as connection:
        connection.sendall(raw_request())
        assert arrived.wait(NEVER)
        connection.close()
    assert caplog.records == []
