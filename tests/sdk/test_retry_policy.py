"""The whole retry policy over a real socket: what each misbehaviour of the mock makes the client do."""

from pathlib import Path
from queue import Queue
from typing import Any
from uuid import UUID

import pytest

from fixture_api.models import StopResult, Thing
from playbook3d_client import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AsyncCachedToken,
    CachedToken,
    PlaybookError,
)
from playbook3d_mock import Mock, Reply, Request
from support import fixture_client
from support.client_styles import DRIVERS, KEY, TOKEN, Action, Call, asynchronous, hooks, stop, things
from support.http_family import httpx
from support.mock_calls import LONG, NEVER, SOON, served

MOCK = Mock(Path(fixture_client.__file__).parents[2] / ".fixture/openapi.yaml", api_key=KEY, token=TOKEN)
url, _reset = served(MOCK)


#: The class of the result, an error status, or the class of another error.
Outcome = type[object] | int
create = things("create_thing", body=Thing(id=UUID(int=7)))


def outcome_of(call: Call, url: str, action: Action = stop, *, read_timeout: float = NEVER, **options: Any) -> Outcome:
    """What comes of a call with up to two retries."""
    timeout = httpx.Timeout(NEVER, read=read_timeout)
    try:
        result: object = call(None, action, base_url=url, timeout=timeout, **{"max_retries": 2, **options})
    except APIStatusError as error:
        return error.status_code
    except PlaybookError as error:
        return type(error)
    return type(result)


def busy(status: int, retry_after: str) -> Reply:
    return Reply(status, headers={"retry-after": retry_after})


LOST, INVALID = APIConnectionError, APIResponseValidationError
BACKOFF = [0.5, 1.0]

# The replies of the mock, before those of the contract; the outcome, and the delays before each retry.
IDEMPOTENT: dict[str, tuple[list[Reply], Outcome, list[float]]] = {
    "nothing": ([], StopResult, []),
    **{str(status): ([Reply(status)], StopResult, [0.5]) for status in (408, 429, 500, 502, 503, 504)},
    **{str(status): ([Reply(status)], status, []) for status in (400, 402, 403, 404, 409, 418, 422, 501, 505)},
    "503 twice": ([Reply(503)] * 2, StopResult, BACKOFF),
    "503 three times": ([Reply(503)] * 3, 503, BACKOFF),
    "503, then 404": ([Reply(503), Reply(404)], 404, [0.5]),
    "Retry-After": ([busy(503, "7")], StopResult, [7]),
    "Retry-After of 0": ([busy(429, "0")], StopResult, [0.5]),
    "Retry-After of a 404": ([busy(404, "1")], 404, []),
    "Retry-After too long": ([busy(503, "121")], 503, []),
    "reset": ([Reply(fault="reset")], StopResult, [0.5]),
    "reset in the body": ([Reply(fault="reset-in-body")], StopResult, [0.5]),
    "truncation": ([Reply(fault="truncation")], StopResult, [0.5]),
    "three faults": ([Reply(fault=fault) for fault in ("reset", "reset-in-body", "truncation")], LOST, BACKOFF),
    "truncated 500": ([Reply(500, fault="truncation")], StopResult, [0.5]),
    "truncated 404": ([Reply(404, fault="truncation")], 404, []),
    "malformed JSON": ([Reply(fault="malformed-json")], INVALID, []),
    "array instead of an object": ([Reply(200, [])], INVALID, []),
    "undocumented success": ([Reply(202)], INVALID, []),
    "wrong Content-Length": ([Reply(fault="wrong-content-length")], INVALID, []),
    "wrong Content-Type": ([Reply(fault="wrong-content-type")], StopResult, []),
    "redirect": ([Reply(fault="redirect")], 307, []),
}
# Unless it is certain that the server did not act.
NOT_IDEMPOTENT: dict[str, tuple[list[Reply], Outcome, list[float]]] = {
    "nothing": ([], Thing, []),
    "429": ([Reply(429)], Thing, [0.5]),
    **{str(status): ([Reply(status)], status, []) for status in (408, 500, 502, 503, 504)},
    "503 with Retry-After": ([busy(503, "7")], Thing, [7]),
    "500 with Retry-After": ([busy(500, "7")], 500, []),
    "invalid body": ([Reply(fault="invalid-body")], INVALID, []),
    **{fault: ([Reply(fault=fault)], LOST, []) for fault in ("reset", "reset-in-body", "truncation")},
}


CASES = {
    **{f"idempotent, {name}": ("stop_thing", stop, *case) for name, case in IDEMPOTENT.items()},
    **{f"not idempotent, {name}": ("create_thing", create, *case) for name, case in NOT_IDEMPOTENT.items()},
}


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("name", CASES)
def test_call_is_retried_if_it_is_safe_and_can_help(url: str, call: Call, name: str, slept: list[float]) -> None:
    operation, action, replies, outcome, delays = CASES[name]
    script = MOCK.on(operation)
    for reply in replies:
        script.reply(reply)
    assert outcome_of(call, url, action) == outcome
    assert slept == delays
    MOCK.assert_called(operation, times=1 + len(delays))


waits = pytest.mark.parametrize("wait", [{"delay": LONG}, {"drip": LONG}], ids=["before the head", "in the body"])


@pytest.mark.parametrize("call", DRIVERS)
@waits
def test_timeout_is_retried(url: str, call: Call, wait: dict[str, Any], slept: list[float]) -> None:
    MOCK.on("stop_thing").reply(**wait, times=3)
    assert outcome_of(call, url, read_timeout=SOON) == APITimeoutError
    assert slept == BACKOFF
    MOCK.assert_called("stop_thing", times=3)


@pytest.mark.parametrize("call", DRIVERS)
@waits
def test_call_succeeds_after_a_timeout(url: str, call: Call, wait: dict[str, Any], slept: list[float]) -> None:
    timeouts = iter([SOON])

    def shorten_first_timeout(request: httpx.Request) -> None:
        request.extensions["timeout"]["read"] = next(timeouts, NEVER)

    MOCK.on("stop_thing").reply(**wait)
    assert outcome_of(call, url, http=hooks(call, "request", shorten_first_timeout)) == StopResult
    assert slept == [0.5]


@pytest.mark.parametrize("call", DRIVERS)
@waits
def test_timeout_of_another_call_is_not_retried(url: str, call: Call, wait: dict[str, Any], slept: list[float]) -> None:
    received: Queue[object] = Queue()

    def answer_late(request: Request) -> Reply:
        received.put(request)
        return Reply(**wait)

    MOCK.on("create_thing").reply(answer_late)
    assert outcome_of(call, url, create, read_timeout=SOON) == APITimeoutError
    assert slept == []
    assert received.get(timeout=NEVER)  # it may come after the timeout
    assert received.empty()


def cached(call: Call, *tokens: str) -> CachedToken | AsyncCachedToken:
    """Tokens that are fetched in turn."""
    remaining = iter(tokens)

    async def fetch() -> str:
        return next(remaining)

    return AsyncCachedToken(fetch) if call is asynchronous else CachedToken(remaining.__next__)


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("action", [stop, create], ids=["idempotent", "not idempotent"])
@pytest.mark.parametrize(
    ("tokens", "is_accepted", "requests"),
    [([TOKEN], True, 1), (["stale", TOKEN], True, 2), (["stale", "stale-too", TOKEN], False, 2)],
    ids=["valid", "renewed", "not accepted"],
)
def test_401_renews_the_token_once(
    url: str, call: Call, action: Action, tokens: list[str], *, is_accepted: bool, requests: int, slept: list[float]
) -> None:
    outcome = outcome_of(call, url, action, token=cached(call, *tokens))
    assert (outcome in {StopResult, Thing}, outcome == 401) == (is_accepted, not is_accepted)
    assert (len(MOCK.journal), slept) == (requests, [])


@pytest.mark.parametrize("call", DRIVERS)
def test_401_of_a_fixed_token_is_not_retried(url: str, call: Call) -> None:
    assert outcome_of(call, url, token="stale") == 401
    MOCK.assert_called("stop_thing", times=1)
