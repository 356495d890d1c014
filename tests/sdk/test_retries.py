"""Which failures are retried, how often and with which backoff, and what each attempt sends."""

import random
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixture_api.models import Thing, Upload
from fixture_api.types import File
from playbook3d_client import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    PlaybookError,
)
from playbook3d_client._retries import delay_before_retry
from support.client_styles import DRIVERS, THING, Action, Call, blocking

Outcome = int | tuple[int, str] | Exception  # a status, a status with a Retry-After, or an error of httpx
SUCCESSES: dict[int, object] = {200: {"message": "Stopped."}, 201: {"id": str(THING)}}
delay = partial(delay_before_retry, retry_after=None, never_sent=False, idempotent=True, retries=0, now=0.0, jitter=0.0)


class Server:
    """Answers with each outcome in turn, repeats the last one, and records the requests."""

    def __init__(self, *outcomes: Outcome) -> None:
        self._outcomes = list(outcomes)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        outcome = self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, tuple):
            return httpx.Response(outcome[0], headers={"retry-after": outcome[1]})
        return httpx.Response(outcome, json=SUCCESSES.get(outcome))


def create(client: Any) -> Any:
    """Create a thing: not idempotent, with a JSON body."""
    return client.things.create_thing(body=Thing(id=UUID(int=7)))


@pytest.mark.parametrize("delay_of", [delay, partial(delay, never_sent=True, retry_after="0.5")])
def test_only_retryable_statuses_are_retried(delay_of: Callable[..., float | None]) -> None:
    delays = {status: delay_of(status=status) for status in [None, *range(100, 1000)]}
    retried = {status: seconds for status, seconds in delays.items() if seconds is not None}
    assert retried == dict.fromkeys([None, 408, 429, 500, 502, 503, 504], 0.5)


def test_backoff_doubles_up_to_eight_seconds() -> None:
    assert [delay(status=503, retries=retries) for retries in range(7)] == [0.5, 1, 2, 4, 8, 8, 8]


@given(st.integers(0, 2000), st.floats(0, 1))
def test_jitter_takes_at_most_a_quarter_of_the_backoff(retries: int, jitter: float) -> None:
    backoff: Any = delay(status=503, retries=retries)
    shortened: Any = delay(status=503, retries=retries, jitter=jitter)
    assert 0.75 * backoff <= shortened <= backoff


def test_each_retry_draws_its_jitter(slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "random", iter([1.0, 0.5]).__next__)
    blocking(Server(503, 503, 200), max_retries=2)
    assert slept == [0.375, 0.875]


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("delays", [[], [0.5], [0.5, 1.0]])
def test_call_is_retried_up_to_max_retries(call: Call, delays: list[float], slept: list[float]) -> None:
    server = Server(503)
    with pytest.raises(APIStatusError) as raised:
        call(server, max_retries=len(delays))
    assert slept == delays
    assert raised.value.retries_taken == len(server.requests) - 1 == len(delays)


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("first", [503, httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), httpx.ReadError("x")])
def test_retry_hides_a_transient_failure(call: Call, slept: list[float], first: Outcome) -> None:
    server = Server(first, 200)
    assert call(server, max_retries=2).message == "Stopped."
    assert (len(server.requests), slept) == (2, [0.5])


@pytest.mark.parametrize(
    "error_class", [httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.DecodingError, httpx.TooManyRedirects]
)
def test_permanent_error_is_not_retried(slept: list[float], error_class: type[httpx.HTTPError]) -> None:
    server = Server(error_class("x"), 200)
    with pytest.raises(PlaybookError) as raised:
        blocking(server, max_retries=2)
    assert isinstance(raised.value.__cause__, error_class)
    assert (len(server.requests), slept) == (1, [])


@pytest.mark.parametrize(
    ("last", "error_class"),
    [
        (404, APIStatusError),
        (299, APIResponseValidationError),
        (httpx.RemoteProtocolError("x"), APIConnectionError),
        (httpx.ReadTimeout("x"), APITimeoutError),
    ],
)
@pytest.mark.usefixtures("slept")
def test_every_error_counts_the_retries(last: Outcome, error_class: type[Any]) -> None:
    with pytest.raises(error_class) as raised:
        blocking(Server(500, last), max_retries=1)
    assert raised.value.retries_taken == 1


# After these the server has not acted, after the others it may have.
NEVER_SENT = [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError]
MAYBE_SENT = [
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.ReadError,
    httpx.ReadTimeout,
    httpx.RemoteProtocolError,
    httpx.CloseError,
]


@pytest.mark.parametrize("first", [429, (429, "1"), (503, "1"), *(error_class("x") for error_class in NEVER_SENT)])
def test_non_idempotent_call_is_retried_if_safe(slept: list[float], first: Outcome) -> None:
    server = Server(first, 201)
    assert blocking(server, create, max_retries=1).id == THING
    assert (len(server.requests), len(slept)) == (2, 1)


@pytest.mark.parametrize(
    "first",
    [503, (503, "soon"), (408, "1"), (500, "1"), 502, 504, *(error_class("x") for error_class in MAYBE_SENT)],
)
def test_non_idempotent_call_is_not_retried_if_unsafe(slept: list[float], first: Outcome) -> None:
    server = Server(first, 201)
    with pytest.raises(PlaybookError):
        blocking(server, create, max_retries=5)
    assert (len(server.requests), slept) == (1, [])


@pytest.mark.parametrize(
    "action",
    [
        lambda client: client.things.set_image("a", body=File(BytesIO(b"of a file"))),
        lambda client: client.things.upload(body=Upload(file=File(BytesIO(b"of a file")))),
    ],
)
def test_file_body_is_sent_once(slept: list[float], action: Action) -> None:
    server = Server(503, 204)
    with pytest.raises(APIStatusError):
        blocking(server, action, max_retries=2)
    assert (len(server.requests), slept) == (1, [])


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.usefixtures("slept")
def test_each_attempt_sends_the_same_request(call: Call) -> None:
    server = Server(429, 429, 201)
    call(server, create, max_retries=2)
    sent = [(request.method, request.url, request.headers.raw, request.content) for request in server.requests]
    assert sent == [sent[0]] * 3
    assert sent[0][3] == b'{"id":"00000000-0000-0000-0000-000000000007"}'
