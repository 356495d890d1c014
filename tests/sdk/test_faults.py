"""Broken, slow and hostile servers, over real sockets.

Each fault is a script that a server on the loopback plays to one connection, and the exact outcome of the call. No
outcome depends on the clock: a server that stalls keeps the connection until the client has left it. Every other wait
ends long before its timeout.
"""

import gc
import gzip
import json
import logging
import socket
import struct
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from fixture_api.models import StopResult
from playbook3d_client import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    PlaybookError,
)
from support.client_styles import DRIVERS, KEY, TOKEN, Call, blocking, hooks
from support.http_family import httpx

IS_HTTPX = httpx.__name__ == "httpx"

#: Seconds until a read times out: SOON where nothing else can happen, and NEVER where a timeout is a failed test.
SOON, NEVER = 0.05, 20.0

# The server

Action = bytes | Callable[[socket.socket], None]
#: What a server sends and does. It closes the connection at the end of the script.
Script = list[Action]


def read(connection: socket.socket) -> None:
    """Receive the head of the request, which is all of it."""
    received = b""
    while not received.endswith(b"\r\n\r\n"):
        received += (more := connection.recv(65536))
        assert more, f"the request ended after {received!r}"


def stall(connection: socket.socket) -> None:
    """Wait until the client has left."""
    while connection.recv(65536):
        pass


def reset(connection: socket.socket) -> None:
    """Send RST, not FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextmanager
def serving(*scripts: Script) -> Generator[str]:
    """The URL of a server that plays each script to one connection, in a thread of its own; no other may come."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as thread:
        listener.settimeout(NEVER)
        played = thread.submit(play_all, listener, scripts)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        played.result()
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):  # no other connection waits to be accepted
            listener.accept()


def play_all(listener: socket.socket, scripts: Iterable[Script]) -> None:
    for script in scripts:
        connection, _ = listener.accept()
        with connection, suppress(ConnectionError):  # a client may leave in the middle of a script
            connection.settimeout(NEVER)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or RST would overtake the last bytes
            for action in script:
                connection.sendall(action) if isinstance(action, bytes) else action(connection)


# The client

Result = StopResult | PlaybookError


def shorten_timeout(response: httpx.Response) -> None:
    """Once the head of a response is there, do not wait for a body that stalls."""
    response.request.extensions["timeout"]["read"] = SOON


def result_of(call: Call, url: str, script: Script, *, read_timeout: float = NEVER, max_retries: int = 0) -> Result:
    """What the call returns or raises."""
    http = hooks(call, "response", shorten_timeout) if stall in script else {}
    timeout = httpx.Timeout(NEVER, read=read_timeout)
    try:
        result: StopResult = call(None, http=http, base_url=url, timeout=timeout, max_retries=max_retries)
    except PlaybookError as error:
        return error
    return result


@pytest.fixture(scope="module", autouse=True)
def _connections_are_closed() -> Generator[None]:
    """A connection that a call leaves open warns when it is collected, which pytest makes an error."""
    yield
    gc.collect()


# Outcomes

#: The model, an error status, or the class of another error.
Outcome = StopResult | int | type[PlaybookError]

GOOD = StopResult(message="Stopped.")
LOST, TIMED_OUT, INVALID = APIConnectionError, APITimeoutError, APIResponseValidationError


def outcome_of(result: Result) -> Outcome:
    if isinstance(result, APIStatusError):
        return result.status_code
    return result if isinstance(result, StopResult) else type(result)


# Responses

BODY = b'{"message": "Stopped."}'
LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked"
CHUNK = b"%x\r\n" % len(BODY) + BODY


def head(status: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, b"X-Request-Id: r-1", *fields, b"", b""])


def whole(status: bytes, body: bytes, *fields: bytes) -> bytes:
    return head(status, b"Content-Length: %d" % len(body), *fields) + body


def encoded(status: bytes, body: bytes) -> bytes:
    return whole(status, body, b"Content-Encoding: gzip")


def redirect(location: bytes) -> bytes:
    return whole(b"302 Found", b"", b"Location: " + location)


def dripping(data: bytes) -> Script:
    return [bytes([byte]) for byte in data]


ANSWER = whole(b"200 OK", BODY)
FAILURE = whole(b"500 Oops", b'{"result": "It broke."}')
CUT = len(BODY) // 2
GZIPPED = gzip.compress(BODY)
ECHO = f"{KEY} and {TOKEN}".encode()

FAULTS: dict[str, tuple[Outcome, Script]] = {
    # Content-Length
    "length too long": (LOST, [read, head(b"200 OK", b"Content-Length: 99"), BODY]),
    "length too long of a 500": (500, [read, head(b"500 Oops", b"Content-Length: 99"), BODY]),
    "length of 5000 digits": (LOST, [read, head(b"200 OK", b"Content-Length: " + b"9" * 5000), BODY]),
    "connection kept": (GOOD, [read, ANSWER, stall]),
    # Chunks
    "chunk size not a number": (LOST, [read, head(b"200 OK", CHUNKED), b"pi\r\n" + BODY]),
    "chunk size not a number of a 500": (500, [read, head(b"500 Oops", CHUNKED), b"pi\r\n" + BODY]),
    "length and chunks": (GOOD, [read, head(b"200 OK", CHUNKED, b"Content-Length: 3"), CHUNK + b"\r\n0\r\n\r\n"]),
    # Content-Encoding
    "gzip garbage": (INVALID, [read, encoded(b"200 OK", BODY)]),
    "gzip garbage of a 500": (500, [read, encoded(b"500 Oops", BODY)]),
    "gzip 299": (INVALID, [read, encoded(b"299 Odd", BODY)]),
    "gzip cut off": (LOST, [read, head(b"200 OK", b"Content-Encoding: gzip", LENGTH), GZIPPED[:20]]),
    "gzip": (GOOD, [read, encoded(b"200 OK", GZIPPED)]),
    # Resets
    "reset on accept": (LOST, [reset]),
    "reset in the body": (LOST, [read, head(b"200 OK", LENGTH), BODY[:CUT], reset]),
    "reset after the headers of a 299": (LOST, [read, head(b"299 Odd", LENGTH), reset]),
    "reset after the headers of a 404": (404, [read, head(b"404 Gone", LENGTH), reset]),
    "reset after all": (GOOD, [read, ANSWER, reset]),
    # Closes
    "close after the request": (LOST, [read]),
    "close in the body": (LOST, [read, ANSWER[:-CUT]]),
    # Stalls
    "stall after the request": (TIMED_OUT, [read, stall]),
    "stall in the body": (TIMED_OUT, [read, *dripping(ANSWER[:-CUT]), stall]),
    "stall in the body of a 500": (500, [read, *dripping(FAILURE[:-5]), stall]),
    "a drip that does not stall": (GOOD, [read, *dripping(ANSWER)]),
    # Other protocols
    "SSH": (LOST, [b"SSH-2.0-OpenSSH_9.9\r\n", read]),
    "all the bytes there are": (LOST, [read, bytes(range(256)) * 1000]),
    # Status lines
    "no reason": (GOOD, [read, whole(b"200", BODY)]),
    "HTTP/1.0": (GOOD, [read, b"HTTP/1.0 200 OK\r\n\r\n" + BODY]),
    "reason of 200 kB": (LOST, [read, b"HTTP/1.1 200 " + b"O" * 200_000]),
    # Interim responses
    "1000 times 100": (GOOD, [read, b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, ANSWER]),
    "switching protocols": (LOST, [read, head(b"101 Over", b"Upgrade: h2c"), ANSWER]),
    # Headers
    "10000 headers": (GOOD, [read, whole(b"200 OK", BODY, *[b"X: 1"] * 10_000)]),
    "header of 200 kB": (LOST, [read, whole(b"200 OK", BODY, b"X: " + b"1" * 200_000)]),
    "header without a colon": (LOST, [read, whole(b"200 OK", BODY, b"oops")]),
    "odd charset": (GOOD, [read, whole(b"200 OK", BODY, b"Content-Type: text/html; charset=\xff")]),
    "cookie garbage": (GOOD, [read, whole(b"200 OK", BODY, b"Set-Cookie: \xff=; expires=\xff, =;;")]),
    "cookie numbers": (GOOD, [read, whole(b"200 OK", BODY, b"Set-Cookie: a=b; Max-Age=1e999; Domain=[")]),
    "odd retry-after": (503, [read, whole(b"503 Busy", b"", b"Retry-After: \xff")]),
    # Redirects with an invalid location; httpx parses it although it does not follow it, httpx2 leaves it alone
    "location too long": (LOST if IS_HTTPX else 302, [read, redirect(b"/" + b"a" * 65_537)]),
    # Statuses
    "204 with a body": (INVALID, [read, head(b"204 None") + BODY]),
    # Order
    "another response at once": (GOOD, [read, ANSWER + FAILURE]),
    "response before the request": (GOOD, [ANSWER, read]),
    # Credentials that the server echoes
    "echo in a chunk size": (LOST, [read, head(b"200 OK", CHUNKED) + ECHO + b"\r\n"]),
    "echo in the status line": (LOST, [read, ECHO + b"\r\n\r\n"]),
    "echo in a header": (LOST, [read, head(b"200 OK", ECHO)]),
    "echo in a location": (LOST if IS_HTTPX else 302, [read, redirect(b"//%s:x/" % ECHO)]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_has_its_outcome(name: str, caplog: pytest.LogCaptureFixture) -> None:
    expected, script = FAULTS[name]
    logger = "playbook3d_client" if name.startswith("echo") else None  # the other loggers echo, too
    with caplog.at_level(logging.DEBUG, logger), serving(script) as url:
        result = result_of(blocking, url, script, read_timeout=SOON if expected == TIMED_OUT else NEVER)
    assert outcome_of(result) == expected
    shown = [repr(result), caplog.text]
    if isinstance(result, PlaybookError):
        assert result.message.isprintable()
        assert len(result.message) < 1000
        shown.append(result.message)
    if isinstance(result, APIStatusError | APIResponseValidationError):
        shown += [json.dumps(result.body), str(result.request_id)]
    assert not [text for text in shown if KEY in text or TOKEN in text]


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("name", ["reset in the body", "stall in the body", "stall in the body of a 500"])
def test_retryable_fault_is_retried(call: Call, name: str, slept: list[float]) -> None:
    _, script = FAULTS[name]
    with serving(script, [read, ANSWER]) as url:
        assert result_of(call, url, script, max_retries=1) == GOOD
    assert len(slept) == 1


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("name", ["gzip garbage", "reset after the headers of a 404"])
def test_permanent_fault_is_not_retried(call: Call, name: str, slept: list[float]) -> None:
    expected, script = FAULTS[name]
    with serving(script) as url:
        assert outcome_of(result_of(call, url, script, max_retries=1)) == expected
    assert slept == []
