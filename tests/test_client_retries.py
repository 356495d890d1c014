"""Which failures are repeated, how often, after how long; and what ends the wait."""

import asyncio
import itertools
import signal
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import MethodType
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calling import KEY, RUN, TEAM, TOKEN, Call, Handler, bound, ok
from playbook3d_client import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AsyncPlaybookClient,
    ConfigurationError,
    PlaybookClient,
    PlaybookError,
)
from playbook3d_client._retries import delay_before_next
from playbook3d_client._routes import route_named

NOW = 1_800_000_000.0


def delay(status: int | None, **given: Any) -> float | None:
    """The decision for an idempotent operation, before the first retry, without jitter."""
    facts: dict[str, Any] = {"retry_after": None, "unsent": False, "idempotent": True, "retries": 0, "chance": 0.0}
    return delay_before_next(status=status, now=NOW, **{**facts, **given})


# The decision


@pytest.mark.parametrize("status", [None, 408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_repeated(status: int | None) -> None:
    assert delay(status) == 0.5


def test_no_other_status_is_repeated() -> None:
    repeated = {status for status in range(100, 1000) if delay(status, retry_after="1", unsent=True) is not None}
    assert repeated == {408, 429, 500, 502, 503, 504}


def test_the_wait_doubles_up_to_eight_seconds() -> None:
    assert [delay(503, retries=retries) for retries in range(7)] == [0.5, 1, 2, 4, 8, 8, 8]


@given(st.integers(0, 2000), st.floats(0, 1))
def test_jitter_takes_at_most_a_quarter_of_the_wait(retries: int, chance: float) -> None:
    full = delay(503, retries=retries)
    some = delay(503, retries=retries, chance=chance)
    assert full is not None
    assert some is not None
    assert 0.75 * full <= some <= full


def date(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0.25", 0.25),
        ("120", 120.0),
        (date(30), 30.0),
        (date(120), 120.0),
        # What says nothing leaves the ordinary wait.
        ("0", 0.5),
        (date(-30), 0.5),
        ("", 0.5),
        ("-5", 0.5),
        ("soon", 0.5),
        ("nan", 0.5),
        ("1e1", 0.5),
        ("\u0667", 0.5),
        ("Fri, 99 Nov 2026 99:99:99 GMT", 0.5),
        # Too long to wait for.
        ("121", None),
        ("9" * 400, None),
        (date(121), None),
        ("Sunday, 15-Nov-37 08:00:30 GMT", None),  # the old form of a date (RFC 9110 §5.6.7), years away
    ],
)
@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_retry_after_is_honoured_up_to_two_minutes(status: int, retry_after: str, expected: float | None) -> None:
    assert delay(status, retry_after=retry_after) == expected


@pytest.mark.parametrize(
    ("status", "given", "repeated"),
    [
        (None, {"unsent": True}, True),
        (None, {}, False),
        (429, {}, True),
        (429, {"retry_after": "1"}, True),
        (503, {"retry_after": "1"}, True),
        (503, {}, False),
        (503, {"retry_after": "soon"}, False),
        (408, {"retry_after": "1"}, False),
        (500, {"retry_after": "1"}, False),
        (502, {}, False),
        (504, {}, False),
    ],
)
def test_what_is_not_idempotent_is_repeated_only_where_the_server_did_not_act(
    status: int | None, given: dict[str, Any], repeated: bool
) -> None:
    assert (delay(status, idempotent=False, **given) is not None) == repeated


# Calls


class Script:
    """Answers with one thing after the other, the last one again and again."""

    def __init__(self, *outcomes: int | httpx.Response | Exception) -> None:
        self._outcomes = itertools.chain(outcomes, itertools.repeat(outcomes[-1]))
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        outcome = next(self._outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, httpx.Response):  # which can be read once only
            return httpx.Response(outcome.status_code, headers=outcome.headers, content=outcome.content)
        return ok(request) if outcome == 200 else httpx.Response(outcome, json={"result": "Not now."})


def test_a_call_is_repeated_twice_unless_told_otherwise(call: Call, slept: list[float]) -> None:
    script = Script(503)
    with pytest.raises(APIStatusError) as raised:
        call(script, max_retries=2)
    assert len(script.requests) == 3
    assert raised.value.retries_taken == 2
    assert slept == [0.5, 1.0]
    assert PlaybookClient()._settings.max_retries == 2


@pytest.mark.parametrize("first", [503, httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), httpx.ReadError("x")])
def test_a_failure_that_passes_does_not_show(call: Call, slept: list[float], first: Any) -> None:
    script = Script(first, 200)
    assert call(script, max_retries=2).message == "Run successfully canceled."
    assert len(script.requests) == 2
    assert slept == [0.5]


def test_without_retries_the_first_failure_is_raised(call: Call, slept: list[float]) -> None:
    script = Script(httpx.ConnectError("refused"))
    with pytest.raises(APIConnectionError) as raised:
        call(script, max_retries=0)
    assert (len(script.requests), raised.value.retries_taken, slept) == (1, 0, [])


def test_an_error_that_comes_after_retries_says_how_many(call: Call, slept: list[float]) -> None:
    for outcome, kind in (
        (404, APIStatusError),
        (httpx.Response(200, text="no"), APIResponseValidationError),
        (httpx.RemoteProtocolError("no"), APIConnectionError),
        (httpx.ReadTimeout("no"), APITimeoutError),
    ):
        with pytest.raises(kind) as raised:
            call(Script(500, outcome), max_retries=1)
        error: Any = raised.value
        assert error.retries_taken == 1


def test_retry_after_is_waited_for(call: Call, slept: list[float]) -> None:
    call(Script(httpx.Response(429, headers={"retry-after": "17"}), 200), max_retries=1)
    assert slept == [17.0]


def test_a_retry_after_may_be_a_time_of_day(call: Call, slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)
    call(Script(httpx.Response(503, headers={"Retry-After": date(20)}), 200), max_retries=1)
    assert slept == [20.0]


def test_a_retry_after_that_is_too_long_is_the_callers_to_wait_for(call: Call, slept: list[float]) -> None:
    script = Script(httpx.Response(429, headers={"retry-after": "3600"}), 200)
    with pytest.raises(APIStatusError) as raised:
        call(script, max_retries=2)
    assert raised.value.response.headers["retry-after"] == "3600"
    assert (len(script.requests), slept) == (1, [])


@pytest.mark.parametrize(
    "failure",
    [
        httpx.UnsupportedProtocol("x"),
        httpx.LocalProtocolError("x"),
        httpx.DecodingError("x"),
        httpx.TooManyRedirects("x"),
    ],
)
def test_what_would_fail_again_is_not_repeated(call: Call, slept: list[float], failure: httpx.HTTPError) -> None:
    script = Script(failure, 200)
    with pytest.raises(PlaybookError) as raised:
        call(script, max_retries=2)
    assert (len(script.requests), raised.value.__cause__) == (1, failure)


@pytest.mark.parametrize(
    ("first", "repeated"),
    [
        (httpx.ConnectError("x"), True),
        (httpx.ConnectTimeout("x"), True),
        (httpx.PoolTimeout("x"), True),
        (httpx.ProxyError("x"), True),
        (429, True),
        (httpx.Response(503, headers={"retry-after": "1"}), True),
        (503, False),
        (500, False),
        (httpx.WriteError("x"), False),
        (httpx.WriteTimeout("x"), False),
        (httpx.ReadError("x"), False),
        (httpx.ReadTimeout("x"), False),
        (httpx.RemoteProtocolError("x"), False),
        (httpx.CloseError("x"), False),
    ],
)
def test_an_operation_that_is_not_idempotent_is_not_played_twice(
    call: Call, slept: list[float], first: Any, repeated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    route = route_named("workflows", "cancel_run")
    monkeypatch.setattr(route, "operation", route.operation._replace(idempotent=False))
    script = Script(first, 200)
    if repeated:
        assert call(script, max_retries=1).message == "Run successfully canceled."
    else:
        with pytest.raises(PlaybookError):
            call(script, max_retries=1)
    assert len(script.requests) == 1 + repeated


@pytest.mark.parametrize("streamed", [{"content": b"of a file"}, {"files": {"a": b"of a file"}}])
def test_a_body_that_is_gone_once_sent_is_not_sent_again(slept: list[float], streamed: dict[str, Any]) -> None:
    script = Script(503, 200)
    with httpx.Client(transport=httpx.MockTransport(script)) as http:
        client = PlaybookClient(api_key=KEY, token=TOKEN, http_client=http)
        with pytest.raises(APIStatusError):
            client.get_httpx_client().request("POST", f"/cancel/{TEAM}/{RUN}", **streamed)
    assert len(script.requests) == 1


def test_each_attempt_is_the_same_request(call: Call, slept: list[float]) -> None:
    script = Script(503, 503, 200)
    call(script, max_retries=2)
    assert len({(request.method, request.url, tuple(request.headers.raw)) for request in script.requests}) == 1


@pytest.mark.parametrize("value", [-1, 1.5, True, None, "2", float("inf")])
def test_a_number_of_retries_that_is_none_is_refused(value: Any) -> None:
    for kind in (PlaybookClient, AsyncPlaybookClient):
        with pytest.raises(ConfigurationError, match="max_retries= must be a whole number, 0 or more, not "):
            kind(max_retries=value)
        with pytest.raises(ConfigurationError, match="max_retries= must be a whole number"):
            kind().with_options(max_retries=value)


# What goes straight through


class TimeLimit(Exception):
    """What a task queue raises from a signal handler when a task's time is over."""


@pytest.fixture
def alarm() -> Iterator[None]:
    """Has the process raise ``TimeLimit`` at a signal."""

    def over(*_: object) -> None:
        raise TimeLimit

    before = signal.signal(signal.SIGUSR1, over)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize("where", ["send", "parse", "sleep"])
def test_a_time_limit_from_a_signal_handler_ends_the_call(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> Any:
        signal.raise_signal(signal.SIGUSR1)

    script = Script(503 if where == "sleep" else 200)
    handler: Handler = script
    if where == "send":
        handler = interrupt
    elif where == "parse":
        monkeypatch.setattr(route_named("workflows", "cancel_run"), "parse", interrupt)
    else:
        monkeypatch.setattr(time, "sleep", interrupt)
    with pytest.raises(TimeLimit):
        bound(handler, max_retries=5)
    assert len(script.requests) == (0 if where == "send" else 1)


@pytest.mark.parametrize("limit", [TimeoutError("the job's limit"), OSError("the job's limit"), TimeLimit()])
@pytest.mark.parametrize("handler", ["a function", "a method"])
def test_a_time_limit_ends_a_wait_for_the_server(limit: Exception, handler: str) -> None:
    """Also one that httpcore takes for an error of the socket, as it does each OSError: TimeoutError is one."""

    def over(*_: object) -> None:
        raise limit

    if handler == "a method":
        over = MethodType(over, object())
    reading = threading.Event()

    def answer_in_part(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
            assert reading.wait(30)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
            connection.recv(65536)
            connection.recv(65536)  # until the client has gone

    before = signal.signal(signal.SIGUSR1, over)
    try:
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            httpx.Client(event_hooks={"response": [lambda _: reading.set()]}) as http,
        ):
            thread = threading.Thread(target=answer_in_part, args=(server,))
            thread.start()
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            client = PlaybookClient(api_key=KEY, token=TOKEN, base_url=url, http_client=http)
            with pytest.raises(type(limit)) as raised:
                client.workflows.cancel_run(TEAM, RUN)
            thread.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert raised.value is limit


def test_an_error_of_the_network_is_none_of_a_signal_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it is raised in code of others: gevent, proxies and DNS libraries put theirs in the place of Python's."""

    def refuse(*_: object, **__: object) -> Any:
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    with (
        PlaybookClient(api_key=KEY, token=TOKEN, base_url="http://127.0.0.1:9", max_retries=0) as client,
        pytest.raises(APIConnectionError, match="ConnectError"),
    ):
        client.workflows.cancel_run(TEAM, RUN)


@pytest.mark.parametrize("passing", [KeyboardInterrupt, SystemExit, MemoryError, TimeLimit])
def test_what_is_not_an_error_of_httpx_is_not_caught(call: Call, passing: type[BaseException]) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise passing

    with pytest.raises(passing):
        call(handler, max_retries=2)


@pytest.mark.parametrize("where", ["send", "sleep"])
def test_a_cancelled_task_stops_at_once(where: str) -> None:
    requests: list[httpx.Request] = []

    async def run() -> None:
        begun = asyncio.Event()

        class Transport(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                requests.append(request)
                asyncio.get_running_loop().call_soon(begun.set)
                if where == "send":
                    await asyncio.Event().wait()
                return httpx.Response(503, headers={"retry-after": "120"})

        async with httpx.AsyncClient(transport=Transport()) as http:
            client = AsyncPlaybookClient(api_key=KEY, token=TOKEN, http_client=http)
            task = asyncio.create_task(client.workflows.cancel_run(TEAM, RUN))
            await begun.wait()
            while not task.cancelling():  # it is in the wait of two minutes, or about to be
                await asyncio.sleep(0)
                task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(run())
    assert len(requests) == 1


def test_many_threads_share_a_client(slept: list[float]) -> None:
    script_lock = threading.Lock()
    seen: dict[str, int] = {}

    def handler(request: httpx.Request) -> httpx.Response:
        with script_lock:
            seen[request.url.path] = seen.get(request.url.path, 0) + 1
            first = seen[request.url.path] == 1
        return httpx.Response(503) if first else httpx.Response(200, json={"message": request.url.path})

    results: dict[int, str] = {}
    with httpx.Client(transport=httpx.MockTransport(handler)) as http:
        client = PlaybookClient(api_key=KEY, token=TOKEN, http_client=http)

        def work(number: int) -> None:
            run_id = f"{number:032x}"
            results[number] = str(client.with_options(max_retries=1).workflows.cancel_run(TEAM, run_id).message)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(results) == list(range(16))
    assert all(path.endswith(f"{number:012x}") for number, path in results.items())
    assert set(seen.values()) == {2}
