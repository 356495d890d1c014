"""What comes out of a call when the server, or what stands in between, breaks the rules: over real sockets.

Each fault is a script that a server on the loopback plays to one connection, and the exact outcome of the call. No
outcome depends on a clock: a server that stalls holds the connection until the client has left it, and every other
wait ends long before its limit.
"""

import asyncio
import gc
import gzip
import json
import logging
import socket
import struct
import traceback
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from enum import Enum, auto

import httpx
import pytest

from calling import KEY, RUN, TEAM, TOKEN
from playbook3d_client import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AsyncPlaybookClient,
    AuthenticationError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    PlaybookClient,
    PlaybookError,
)
from playbook3d_client.models import CancelRunResult

HOST = "127.0.0.1"
#: Seconds until a read of the client times out: soon where nothing else can come of it, and otherwise so late that a
#: wait which comes to its end is a failed test.
SOON, NEVER = 0.05, 20.0

# The server


class Do(Enum):
    """What a server does beside sending bytes; the connection is closed where a script ends."""

    READ = auto()  # the head of the request, which is all of it
    STALL = auto()  # until the client has gone away
    RESET = auto()  # send RST, not FIN


READ, STALL, RESET = Do.READ, Do.STALL, Do.RESET
Script = list[bytes | Do]


@contextmanager
def serving(*scripts: Script) -> Generator[str]:
    """The URL of a server that plays each script to one connection, from a thread of its own, and gets no other."""
    with socket.create_server((HOST, 0)) as listener, ThreadPoolExecutor(1) as thread:
        listener.settimeout(NEVER)
        played = thread.submit(_play_all, listener, scripts)
        yield f"http://{HOST}:{listener.getsockname()[1]}"
        played.result()
        assert untouched(listener)


def untouched(listener: socket.socket) -> bool:
    """Whether nobody is waiting to be accepted; the kernel connects, so a client that tried does not go unseen."""
    listener.setblocking(False)
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return True
    return False


def _play_all(listener: socket.socket, scripts: tuple[Script, ...]) -> None:
    for script in scripts:
        connection, _ = listener.accept()
        # A client that has seen enough leaves in mid-script; whether it was right to is seen by what it raised.
        with connection, suppress(ConnectionError):
            connection.settimeout(NEVER)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or RST would overtake the last bytes
            for action in script:
                _play(connection, action)


def _play(connection: socket.socket, action: bytes | Do) -> None:
    match action:
        case bytes():
            connection.sendall(action)
        case Do.READ:
            received = b""
            while not received.endswith(b"\r\n\r\n"):
                received += (more := connection.recv(65536))
                assert more, f"the request ended after {received!r}"
        case Do.STALL:
            while connection.recv(65536):
                pass
        case Do.RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()


# The client


def hurry(response: httpx.Response) -> None:
    """Do not wait for the rest of an answer that stalls, once its head is there."""
    response.request.extensions["timeout"]["read"] = SOON


async def hurry_async(response: httpx.Response) -> None:
    hurry(response)


def blocking(url: str, timeout: httpx.Timeout, max_retries: int, stalled: bool) -> CancelRunResult:
    with PlaybookClient(api_key=KEY, token=TOKEN, base_url=url, timeout=timeout, max_retries=max_retries) as client:
        if stalled:
            client._http.event_hooks = {"response": [hurry]}
        return client.workflows.cancel_run(TEAM, RUN)


def awaited(url: str, timeout: httpx.Timeout, max_retries: int, stalled: bool) -> CancelRunResult:
    async def run() -> CancelRunResult:
        async with AsyncPlaybookClient(
            api_key=KEY, token=TOKEN, base_url=url, timeout=timeout, max_retries=max_retries
        ) as client:
            if stalled:
                client._http.event_hooks = {"response": [hurry_async]}
            return await client.workflows.cancel_run(TEAM, RUN)

    return asyncio.run(run())


Style = Callable[[str, httpx.Timeout, int, bool], CancelRunResult]
both_styles = pytest.mark.parametrize("style", [blocking, awaited])


@pytest.fixture(scope="module", autouse=True)
def _collectable_again() -> Generator[None]:
    yield
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _nothing_is_left_open() -> Generator[None]:
    """What a call did not close warns when it is collected; pytest makes an error of that."""
    yield
    gc.collect()
    gc.freeze()  # what outlives the test; to look through all of it after each one would take most of the time


Answered = APIStatusError | APIResponseValidationError
#: The class of an error and its status, if it has one; or the model.
Outcome = tuple[type[PlaybookError], int | None] | CancelRunResult

GOOD = CancelRunResult(message="Canceled.")
HALF = CancelRunResult(message="\ud800")
LOST = (APIConnectionError, None)
LATE = (APITimeoutError, None)
INVALID = (APIResponseValidationError, 200)
FAILED = (InternalServerError, 500)


def called(
    style: Style, url: str, script: Script, expected: Outcome | None = None, max_retries: int = 0
) -> PlaybookError | CancelRunResult:
    """What the call returns or raises."""
    timeout = httpx.Timeout(NEVER, read=SOON if expected == LATE else NEVER)
    try:
        return style(url, timeout, max_retries, STALL in script)
    except PlaybookError as error:
        return error


def outcome_of(result: PlaybookError | CancelRunResult) -> Outcome:
    if isinstance(result, CancelRunResult):
        return result
    return type(result), result.status_code if isinstance(result, Answered) else None


def assert_no_credential_in(*texts: str) -> None:
    for text in texts:
        assert KEY not in text
        assert TOKEN not in text


# The faults

BODY = b'{"message": "Canceled."}'
LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked"


def head(status: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, b"X-Request-Id: r-1", *fields, b"", b""])


def whole(status: bytes, body: bytes, *fields: bytes) -> bytes:
    return head(status, b"Content-Length: %d" % len(body), *fields) + body


def encoded(status: bytes, encoding: bytes, body: bytes) -> bytes:
    return whole(status, body, b"Content-Encoding: " + encoding)


def dripping(data: bytes) -> Script:
    return [bytes([byte]) for byte in data]


ANSWER = whole(b"200 OK", BODY)
FAILURE = whole(b"500 Oops", b'{"result": "It broke."}')
CUT = len(BODY) // 2
PACKED = gzip.compress(BODY)

FAULTS = [
    # Content-Length
    pytest.param([READ, head(b"200 OK", b"Content-Length: 99"), BODY], LOST, id="length too long"),
    pytest.param([READ, head(b"500 Oops", b"Content-Length: 99"), BODY], FAILED, id="length too long of a 500"),
    pytest.param([READ, head(b"200 OK", b"Content-Length: 9"), BODY], INVALID, id="length too short"),
    pytest.param([READ, head(b"200 OK", b"Content-Length: -1"), BODY], LOST, id="length negative"),
    pytest.param([READ, head(b"200 OK", b"Content-Length: many"), BODY], LOST, id="length not a number"),
    pytest.param([READ, head(b"200 OK", b"Content-Length: " + b"9" * 5000), BODY], LOST, id="length of 5000 digits"),
    pytest.param([READ, head(b"200 OK", LENGTH, b"Content-Length: 9"), BODY], LOST, id="two lengths"),
    pytest.param([READ, head(b"500 Oops", LENGTH, b"Content-Length: 9"), BODY], LOST, id="two lengths of a 500"),
    pytest.param([READ, head(b"200 OK", LENGTH, LENGTH), BODY], GOOD, id="one length twice"),
    pytest.param([READ, head(b"200 OK"), BODY], GOOD, id="body until close"),
    pytest.param([READ, head(b"200 OK"), BODY[:CUT]], INVALID, id="body until close, cut"),
    pytest.param([READ, head(b"200 OK", LENGTH, b"Connection: close"), BODY], GOOD, id="connection: close"),
    pytest.param([READ, ANSWER, STALL], GOOD, id="connection kept"),
    pytest.param([READ, FAILURE, STALL], FAILED, id="connection kept after a 500"),
    # Chunks
    pytest.param([READ, head(b"200 OK", CHUNKED), b"18\r\n" + BODY + b"\r\n0\r\n\r\n"], GOOD, id="chunks"),
    pytest.param([READ, head(b"200 OK", CHUNKED), b"pi\r\n" + BODY], LOST, id="chunk size not a number"),
    pytest.param([READ, head(b"500 Oops", CHUNKED), b"pi\r\n" + BODY], FAILED, id="chunk size not a number of a 500"),
    pytest.param([READ, head(b"200 OK", CHUNKED), b"f" * 16 + b"\r\n" + BODY], LOST, id="chunk size huge"),
    pytest.param([READ, head(b"200 OK", CHUNKED), b"f" * 5000 + b"\r\n" + BODY], LOST, id="chunk size of 5000 digits"),
    pytest.param([READ, head(b"200 OK", CHUNKED), b"18\r\n" + BODY + b"\r\n"], LOST, id="no last chunk"),
    pytest.param([READ, head(b"200 OK", CHUNKED), b"18\r\n" + BODY + b"oops\r\n"], LOST, id="garbage after a chunk"),
    pytest.param(
        [READ, head(b"200 OK", CHUNKED), b"18\r\n" + BODY + b"\r\n0\r\n: \r\n\r\n"], LOST, id="garbage for a trailer"
    ),
    pytest.param(
        [READ, head(b"200 OK", CHUNKED, b"Content-Length: 3"), b"18\r\n" + BODY + b"\r\n0\r\n\r\n"],
        GOOD,
        id="length and chunks",
    ),
    pytest.param([READ, head(b"200 OK", b"Transfer-Encoding: gzip"), BODY], LOST, id="unknown transfer encoding"),
    # Content-Encoding
    pytest.param([READ, encoded(b"200 OK", b"gzip", BODY)], INVALID, id="gzip garbage"),
    pytest.param([READ, encoded(b"200 OK", b"deflate", BODY)], INVALID, id="deflate garbage"),
    pytest.param([READ, encoded(b"200 OK", b"br", b"\xff" * 9)], INVALID, id="br garbage"),
    pytest.param([READ, encoded(b"500 Oops", b"gzip", BODY)], FAILED, id="gzip garbage of a 500"),
    pytest.param([READ, encoded(b"500 Oops", b"br", b"\xff" * 9)], FAILED, id="br garbage of a 500"),
    pytest.param([READ, encoded(b"299 Odd", b"gzip", BODY)], (APIResponseValidationError, 299), id="gzip 299"),
    pytest.param([READ, encoded(b"200 OK", b"gzip", PACKED[:20])], INVALID, id="gzip truncated"),
    pytest.param([READ, encoded(b"200 OK", b"gzip", PACKED[:-8] + bytes(8))], INVALID, id="gzip checksum wrong"),
    pytest.param([READ, head(b"200 OK", b"Content-Encoding: gzip", LENGTH), PACKED[:20]], LOST, id="gzip cut off"),
    pytest.param([READ, encoded(b"200 OK", b"gzip", b"")], INVALID, id="gzip of nothing"),
    pytest.param([READ, encoded(b"200 OK", b"gzip", PACKED)], GOOD, id="gzip"),
    pytest.param([READ, encoded(b"200 OK", b"rot13", b'{"zrffntr": 1')], INVALID, id="unknown encoding"),
    # Resets
    pytest.param([RESET], LOST, id="reset on accept"),
    pytest.param([READ, RESET], LOST, id="reset after the request"),
    pytest.param([READ, b"HTTP/1.1 2", RESET], LOST, id="reset in the status line"),
    pytest.param([READ, b"HTTP/1.1 500 Oops\r\n", RESET], LOST, id="reset after the status line"),
    pytest.param([READ, FAILURE[:30], RESET], LOST, id="reset in the headers"),
    pytest.param([READ, head(b"200 OK", LENGTH), RESET], LOST, id="reset after the headers"),
    pytest.param([READ, head(b"200 OK", LENGTH), BODY[:CUT], RESET], LOST, id="reset in the body"),
    pytest.param([READ, head(b"200 OK"), BODY[:CUT], RESET], LOST, id="reset in a body until close"),
    pytest.param([READ, head(b"299 Odd", LENGTH), RESET], LOST, id="reset after the headers of a 299"),
    pytest.param([READ, head(b"500 Oops", LENGTH), RESET], FAILED, id="reset after the headers of a 500"),
    pytest.param([READ, FAILURE[:-5], RESET], FAILED, id="reset in the body of a 500"),
    pytest.param([READ, ANSWER, RESET], GOOD, id="reset after all"),
    # Closes
    pytest.param([READ], LOST, id="close after the request"),
    pytest.param([READ, b"HTTP/1.1 2"], LOST, id="close in the status line"),
    pytest.param([READ, b"HTTP/1.1 500 Oops\r\n"], LOST, id="close after the status line"),
    pytest.param([READ, FAILURE[:30]], LOST, id="close in the headers"),
    pytest.param([READ, head(b"200 OK", LENGTH)], LOST, id="close after the headers"),
    pytest.param([READ, ANSWER[:-CUT]], LOST, id="close in the body"),
    pytest.param([READ, head(b"500 Oops", LENGTH)], FAILED, id="close after the headers of a 500"),
    pytest.param([READ, FAILURE[:-5]], FAILED, id="close in the body of a 500"),
    # Stalls
    pytest.param([READ, STALL], LATE, id="stall after the request"),
    pytest.param([READ, *dripping(b"HTTP/1.1 2"), STALL], LATE, id="stall in the status line"),
    pytest.param([READ, *dripping(FAILURE[:30]), STALL], LATE, id="stall in the headers"),
    pytest.param([READ, head(b"200 OK", LENGTH), STALL], LATE, id="stall after the headers"),
    pytest.param([READ, *dripping(ANSWER[:-CUT]), STALL], LATE, id="stall in the body"),
    pytest.param([READ, head(b"200 OK", CHUNKED), b"18\r\n" + BODY, STALL], LATE, id="stall before the last chunk"),
    pytest.param([READ, *dripping(FAILURE[:-5]), STALL], FAILED, id="stall in the body of a 500"),
    pytest.param([READ, b"HTTP/1.1 100 Continue\r\n\r\n", STALL], LATE, id="stall after a 100"),
    pytest.param([READ, *dripping(ANSWER)], GOOD, id="a drip that does not stall"),
    # Other protocols
    pytest.param([READ, BODY], LOST, id="HTTP/0.9"),
    pytest.param([READ, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], LOST, id="preface of HTTP/2"),
    pytest.param([b"SSH-2.0-OpenSSH_9.9\r\n", READ], LOST, id="SSH"),
    pytest.param([READ, bytes(range(256)) * 1000], LOST, id="all the bytes there are"),
    pytest.param([READ, b"\r\n\r\n" + ANSWER], LOST, id="empty lines first"),
    # Status lines
    pytest.param([READ, b"200 OK\r\n\r\n"], LOST, id="status line without a version"),
    pytest.param([READ, b"HTTP/1.1\r\n\r\n"], LOST, id="status line without a status"),
    pytest.param([READ, head(b"099 Low")], LOST, id="status 099"),
    pytest.param([READ, head(b"99 Low")], LOST, id="status 99"),
    pytest.param([READ, head(b"1000 High")], LOST, id="status 1000"),
    pytest.param([READ, head(b"OK 200")], LOST, id="status of letters"),
    pytest.param([READ, whole(b"200", BODY)], GOOD, id="no reason"),
    pytest.param([READ, b"HTTP/1.0 200 OK\r\n\r\n" + BODY], GOOD, id="HTTP/1.0"),
    pytest.param([READ, b"HTTP/1.1 200 " + b"O" * 200_000], LOST, id="reason of 200 kB"),
    # Interim answers
    pytest.param([READ, b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, ANSWER], GOOD, id="1000 times 100"),
    pytest.param([READ, b"HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n" * 1000, ANSWER], GOOD, id="1000 times 103"),
    pytest.param([READ, b"HTTP/1.1 100 Continue\r\n\r\n"], LOST, id="close after a 100"),
    pytest.param([READ, head(b"101 Over", b"Upgrade: h2c"), ANSWER], LOST, id="switching protocols"),
    # Headers
    pytest.param([READ, whole(b"200 OK", BODY, *[b"X: 1"] * 10_000)], GOOD, id="10000 headers"),
    pytest.param([READ, whole(b"200 OK", BODY, *[b"X: " + b"1" * 20] * 10_000)], LOST, id="10000 headers of 250 kB"),
    pytest.param([READ, whole(b"200 OK", BODY, b"X: " + b"1" * 200_000)], LOST, id="header of 200 kB"),
    pytest.param([READ, whole(b"200 OK", BODY, b"X y: 1")], LOST, id="header name with a space"),
    pytest.param([READ, whole(b"200 OK", BODY, b"X : 1")], LOST, id="header name before a space"),
    pytest.param([READ, whole(b"200 OK", BODY, b"\xff: 1")], LOST, id="header name of an odd byte"),
    pytest.param([READ, whole(b"200 OK", BODY, b"oops")], LOST, id="header without a colon"),
    pytest.param([READ, whole(b"200 OK", BODY, b"X: \0")], LOST, id="header value with NUL"),
    pytest.param([READ, whole(b"200 OK", BODY, b"X: \xff\x1b[31m")], GOOD, id="header value of odd bytes"),
    pytest.param([READ, whole(b"200 OK", BODY, b"X: 1", b"  2")], GOOD, id="folded header"),
    pytest.param([READ, ANSWER.replace(b"\r\n", b"\n")], GOOD, id="bare LF"),
    pytest.param([READ, whole(b"403 No", b"{}", b"X-Request-Id: \x1b\xff")], (PermissionDeniedError, 403), id="odd id"),
    pytest.param([READ, whole(b"200 OK", BODY, b"Content-Type: text/html; charset=\xff")], GOOD, id="odd charset"),
    pytest.param([READ, whole(b"200 OK", BODY, b"Set-Cookie: \xff=; expires=\xff, =;;")], GOOD, id="cookie garbage"),
    pytest.param(
        [READ, whole(b"200 OK", BODY, b"Set-Cookie: a=b; Max-Age=1e999; Domain=[")], GOOD, id="cookie numbers"
    ),
    pytest.param(
        [READ, whole(b"503 Busy", b"", b"Retry-After: \xff")], (InternalServerError, 503), id="odd retry-after"
    ),
    # Redirects; those that lead somewhere have a test of their own
    *(
        pytest.param(
            [READ, whole(b"302 Found", b"", b"Location: " + url)], (APIStatusError, 302), id=f"location {name}"
        )
        for name, url in {"empty": b"", "of an odd byte": b"\xff", "with an odd host": b"//\xff/"}.items()
    ),
    # httpx reads a location that it does not follow, and gives up the whole answer for one that is no URL.
    *(
        pytest.param([READ, whole(b"302 Found", b"", b"Location: " + url)], LOST, id=f"location {name}")
        for name, url in {
            "of half an address": b"http://[::1",
            "with half a punycode": b"//xn--",
            "without a host": b"mailto:a",
            "too long": b"/" + b"a" * 65_537,
        }.items()
    ),
    # Statuses
    pytest.param([READ, head(b"204 None") + BODY], (APIResponseValidationError, 204), id="204 with a body"),
    pytest.param([READ, head(b"304 Same", LENGTH) + BODY], (APIStatusError, 304), id="304 with a body"),
    pytest.param([READ, whole(b"299 Odd", BODY)], (APIResponseValidationError, 299), id="299"),
    pytest.param([READ, whole(b"401 Who", BODY)], (AuthenticationError, 401), id="401 with a good body"),
    pytest.param([READ, whole(b"520 Odd", BODY)], (InternalServerError, 520), id="520"),
    pytest.param([READ, whole(b"999 Odd", BODY)], (InternalServerError, 999), id="999"),
    # Bodies
    pytest.param([READ, whole(b"200 OK", b"")], INVALID, id="empty body"),
    pytest.param([READ, whole(b"200 OK", b"\xef\xbb\xbf" + BODY)], GOOD, id="byte order mark"),
    pytest.param([READ, whole(b"200 OK", BODY.decode().encode("utf-16"))], GOOD, id="UTF-16"),
    pytest.param([READ, whole(b"200 OK", b'{"message": "\xff"}')], INVALID, id="not UTF-8"),
    pytest.param([READ, whole(b"200 OK", b'{"message": "\\ud800"}')], HALF, id="lone surrogate"),
    pytest.param([READ, whole(b"200 OK", b'{"message": "\xed\xa0\x80"}')], HALF, id="lone surrogate in UTF-8"),
    pytest.param([READ, whole(b"200 OK", b'{"message": %s}' % (b"9" * 5000))], INVALID, id="integer of 5000 digits"),
    pytest.param([READ, whole(b"200 OK", b"[" * 100_000 + b"]" * 100_000)], INVALID, id="100000 arrays"),
    pytest.param([READ, whole(b"500 Oops", b'{"result": "\\ud800"}')], FAILED, id="lone surrogate of a 500"),
    pytest.param([READ, whole(b"500 Oops", b"[" * 100_000)], FAILED, id="100000 arrays of a 500"),
    # Order
    pytest.param([READ, ANSWER + FAILURE], GOOD, id="another answer at once"),
    pytest.param([READ, FAILURE + ANSWER], FAILED, id="another answer after a 500"),
    pytest.param([ANSWER, READ], GOOD, id="answer before the request"),
]


def assert_outcome(result: PlaybookError | CancelRunResult, expected: Outcome, log: str) -> None:
    """The expected one, told in one line of bounded length, with nothing lost of the answer and no credential shown."""
    assert outcome_of(result) == expected
    assert_no_credential_in(str(result), repr(result), log)
    if isinstance(result, Answered):
        assert result.request_id == result.response.headers.get("x-request-id")
    if isinstance(result, PlaybookError):
        assert result.message.isprintable()
        assert len(result.message) < 1000
        assert_no_credential_in(*traceback.format_exception(result))


@both_styles
@pytest.mark.parametrize(("script", "expected"), FAULTS)
def test_a_fault_has_its_outcome_and_shows_no_credential(
    script: Script, expected: Outcome, style: Style, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), serving(script) as url:
        result = called(style, url, script, expected)
    assert_outcome(result, expected, caplog.text)


@both_styles
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_leads_to_another_server(status: int, style: Style, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), socket.create_server((HOST, 0)) as elsewhere:
        location = b"Location: http://%s:%d/" % (HOST.encode(), elsewhere.getsockname()[1])
        script: Script = [READ, whole(b"%d Elsewhere" % status, b"", location)]
        with serving(script) as url:
            result = called(style, url, script)
        assert untouched(elsewhere)
    assert_outcome(result, (APIStatusError, status), caplog.text)


@both_styles
def test_a_refused_connection_is_a_connection_error(style: Style, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), closing(socket.socket()) as deaf:
        deaf.bind((HOST, 0))
        result = called(style, f"http://{HOST}:{deaf.getsockname()[1]}", [])
    assert_outcome(result, LOST, caplog.text)


# What a server says of the credentials

ECHO = f"{KEY} and {TOKEN}".encode()
ESCAPED = json.dumps({"result": ECHO.decode()}).replace("-", "\\u002d").encode()

ECHOES = [
    pytest.param(whole(b"403 " + ECHO, b'{"result": "%s"}' % ECHO), (PermissionDeniedError, 403), id="403"),
    pytest.param(whole(b"403 No", b'{"%s": ["%s"]}' % (ECHO, ECHO)), (PermissionDeniedError, 403), id="key of a 403"),
    pytest.param(whole(b"403 No", ESCAPED), (PermissionDeniedError, 403), id="escapes of a 403"),
    pytest.param(encoded(b"500 Oops", b"gzip", gzip.compress(b'"%s"' % ECHO)), FAILED, id="gzip of a 500"),
    pytest.param(whole(b"299 Odd", b'{"message": "%s"}' % ECHO), (APIResponseValidationError, 299), id="299"),
    pytest.param(whole(b"200 OK", b'["%s"]' % ECHO), INVALID, id="200 that is no object"),
    pytest.param(whole(b"200 OK", ECHO), INVALID, id="200 that is no JSON"),
    pytest.param(head(b"200 OK", CHUNKED) + ECHO + b"\r\n", LOST, id="chunk size"),
    pytest.param(ECHO + b"\r\n\r\n", LOST, id="status line"),
    pytest.param(head(b"200 OK", ECHO), LOST, id="header"),
    pytest.param(whole(b"302 Found", b"", b"Location: //%s:x/" % ECHO), LOST, id="location"),
]


@both_styles
@pytest.mark.parametrize(("answer", "expected"), ECHOES)
def test_no_error_repeats_a_credential_that_the_server_does(
    answer: bytes, expected: Outcome, style: Style, caplog: pytest.LogCaptureFixture
) -> None:
    script: Script = [READ, answer.replace(b"r-1", ECHO)]
    with caplog.at_level(logging.DEBUG, logger="playbook3d_client"), serving(script) as url:
        result = called(style, url, script)
    assert outcome_of(result) == expected
    assert_no_credential_in(str(result), repr(result), caplog.text)
    if isinstance(result, Answered):
        assert_no_credential_in(json.dumps(result.body))
        assert result.request_id == result.response.headers["x-request-id"].replace(KEY, "***").replace(TOKEN, "***")


# Retries


PASSING = [
    pytest.param([RESET], id="reset on accept"),
    pytest.param([READ], id="close after the request"),
    pytest.param([READ, b"SSH-2.0-OpenSSH_9.9\r\n"], id="another protocol"),
    pytest.param([READ, ANSWER[:-CUT], STALL], id="stall in the body"),
    pytest.param([READ, ANSWER[:-CUT], RESET], id="reset in the body"),
    pytest.param([READ, head(b"500 Oops", CHUNKED) + b"pi\r\n"], id="chunk size not a number of a 500"),
    pytest.param([READ, head(b"503 Busy", LENGTH), RESET], id="reset after the headers of a 503"),
    pytest.param([READ, head(b"502 Bad", b"Content-Encoding: gzip") + BODY], id="gzip garbage of a 502"),
]


@both_styles
@pytest.mark.parametrize("script", PASSING)
def test_a_fault_that_passes_is_got_over(script: Script, style: Style, slept: list[float]) -> None:
    with serving(script, [READ, ANSWER]) as url:
        assert called(style, url, script, max_retries=1) == GOOD
    assert len(slept) == 1


LASTING = [
    pytest.param([READ, encoded(b"200 OK", b"gzip", BODY)], INVALID, id="gzip garbage"),
    pytest.param([READ, whole(b"200 OK", b"")], INVALID, id="empty body"),
    pytest.param([READ, head(b"404 Gone", LENGTH), RESET], (NotFoundError, 404), id="reset after those of a 404"),
]


@both_styles
@pytest.mark.parametrize(("script", "expected"), LASTING)
def test_a_fault_that_lasts_is_met_once(script: Script, expected: Outcome, style: Style, slept: list[float]) -> None:
    with serving(script) as url:
        assert outcome_of(called(style, url, script, max_retries=1)) == expected
    assert slept == []
