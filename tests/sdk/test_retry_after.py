"""``Retry-After``: which values are valid, and how long the client waits."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import httpx
import pytest

from playbook3d_client import RateLimitError
from playbook3d_client._retries import delay_before_retry
from support.client_styles import DRIVERS, Call, Handler, blocking, ok

NOW = 1_800_000_000.0


def date(seconds: float) -> str:
    """An HTTP date so many seconds from ``NOW``."""
    return format_datetime(datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=seconds), usegmt=True)


def refuse_once(status: int, retry_after: str) -> Handler:
    """A server that answers ``status`` first, then 200."""
    responses = iter([httpx.Response(status, headers={"Retry-After": retry_after})])
    return lambda request: next(responses, ok(request))


@pytest.mark.parametrize("status", [408, 429, 500, 503])
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["30", " 30 ", "30.0", date(30)], 30.0),
        (["0.25"], 0.25),
        (["120", date(120)], 120.0),
        # Malformed, or not in the future: the backoff applies.
        (["", "-5", "soon", "nan", "1e1", "\u0667", "Fri, 99 Nov 2026 99:99:99 GMT", "0", date(-30)], 0.5),
        # Too long: no retry. The last one is an obsolete form of a date (RFC 9110 §5.6.7).
        (["121", "9" * 400, date(121), "Sunday, 15-Nov-37 08:00:30 GMT"], None),
    ],
)
def test_retry_after_replaces_the_backoff(status: int, values: list[str], expected: float | None) -> None:
    delay = partial(delay_before_retry, never_sent=False, idempotent=True, retries=0, now=NOW, jitter=0.0)
    assert {value: delay(status=status, retry_after=value) for value in values} == dict.fromkeys(values, expected)


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(("status", "value", "expected"), [(429, "17", 17.0), (503, date(20), 20.0)])
def test_client_waits_as_long_as_retry_after(
    call: Call, status: int, value: str, expected: float, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)
    call(refuse_once(status, value), max_retries=1)
    assert slept == [expected]


def test_long_retry_after_is_left_to_the_caller(slept: list[float]) -> None:
    with pytest.raises(RateLimitError) as raised:
        blocking(refuse_once(429, "3600"), max_retries=2)
    assert (raised.value.response.headers["retry-after"], raised.value.retries_taken, slept) == ("3600", 0, [])
