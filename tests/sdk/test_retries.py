"""Which failures are retried, how often and with which backoff, and what each attempt sends."""

import json
import random
from functools import partial
from io import BytesIO
from typing import Any
from unittest.mock import Mock
from uuid import UUID

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
from support.client_styles import DRIVERS, THING, Action, Call, answering, blocking, error_of, in_turn, things
from support.http_family import httpx
from support.servers import refusing_server

Outcome = int | httpx.Response | Exception
delay = partial(delay_before_retry, retry_after=None, never_sent=False, idempotent=True, retries=0, now=0.0, jitter=0.0)
create = things("create_thing", body=Thing(id=UUID(int=7)))  # not idempotent, with a JSON body


def refusal(status: int, retry_after: str) -> httpx.Response:
    """A response with ``Retry-After``."""
    return httpx.Response(status, headers={"retry-after": retry_after})


@pytest.mark.parametrize("certainty", [{}, {"never_sent": True, "retry_after": "0.5"}], ids=["maybe", "never sent"])
def test_only_retryable_statuses_are_retried(certainty: dict[str, Any]) -> None:
    delays = {status: delay(status=status, **certainty) for status in [None, *range(100, 1000)]}
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
    blocking(in_turn(503, 503, 200), max_retries=2)
    assert slept == [0.375, 0.875]


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("delays", [[], [0.5], [0.5, 1.0]], ids=len)
def test_call_is_retried_up_to_max_retries(call: Call, delays: list[float], slept: list[float]) -> None:
    server = Mock(side_effect=answering(503))
    error = error_of(APIStatusError, call, server, max_retries=len(delays))
    assert slept == delays
    assert error.retries_taken == server.call_count - 1 == len(delays)


@pytest.mark.parametrize(
    "error_class", [httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.DecodingError, httpx.TooManyRedirects]
)
def test_permanent_error_is_not_retried(slept: list[float], error_class: type[httpx.HTTPError]) -> None:
    error = error_of(PlaybookError, blocking, in_turn(error_class("x")), max_retries=2)
    assert isinstance(error.__cause__, error_class)
    assert slept == []


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
    assert error_of(error_class, blocking, in_turn(500, last), max_retries=1).retries_taken == 1


class LibraryError(Exception):
    """An error of another library than httpx."""


# After these the server has not acted, after the others it may have.
NEVER_SENT = [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError]
MAYBE_SENT = [httpx.WriteError, httpx.WriteTimeout, httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.CloseError]


@pytest.mark.parametrize("first", [429, refusal(503, "1"), *(error("x") for error in NEVER_SENT)], ids=repr)
def test_non_idempotent_call_is_retried_if_safe(slept: list[float], first: Outcome) -> None:
    assert blocking(in_turn(first, 201), create, max_retries=1).id == THING
    assert len(slept) == 1


@pytest.mark.parametrize(
    "first", [503, refusal(503, "soon"), refusal(500, "1"), *(error("x") for error in MAYBE_SENT)], ids=repr
)
def test_non_idempotent_call_is_not_retried_if_unsafe(slept: list[float], first: Outcome) -> None:
    error_of(PlaybookError, blocking, in_turn(first), create, max_retries=5)
    assert slept == []


@pytest.mark.parametrize("call", DRIVERS)
def test_non_idempotent_call_is_retried_after_a_refused_connection(call: Call, slept: list[float]) -> None:
    with refusing_server() as url:
        error_of(APIConnectionError, call, None, create, base_url=url, max_retries=1)
    assert len(slept) == 1


@pytest.mark.parametrize("error_class", NEVER_SENT)
def test_non_idempotent_call_is_not_retried_for_another_library(slept: list[float], error_class: type) -> None:
    """Transports of other libraries use the classes of httpx for more: pyreqwest's for a server that is silent."""
    error = error_class("x")
    error.__cause__ = LibraryError()
    error_of(APIConnectionError, blocking, in_turn(error), create, max_retries=5)
    assert slept == []


@pytest.mark.parametrize(
    "action",
    [
        things("set_image", "a", body=File(BytesIO(b"of a file"))),
        things("upload", body=Upload(file=File(BytesIO(b"of a file")))),
    ],
    ids=["content", "form"],
)
def test_file_body_is_sent_once(slept: list[float], action: Action) -> None:
    error_of(APIStatusError, blocking, in_turn(503), action, max_retries=2)
    assert slept == []


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.usefixtures("slept")
def test_each_attempt_sends_the_same_request(call: Call) -> None:
    server = in_turn(429, 429, 201)
    call(server, create, max_retries=2)
    requests = [arguments.args[0] for arguments in server.call_args_list]
    sent = [(request.method, request.url, request.headers.raw, request.content) for request in requests]
    assert sent == [sent[0]] * 3
    assert json.loads(sent[0][3]) == {"id": "00000000-0000-0000-0000-000000000007"}
