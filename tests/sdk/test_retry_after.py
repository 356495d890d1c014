"""``Retry-After``: which values are valid, and how long the client waits."""

import random
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import pytest

from playbook3d_client._retries import delay_before_retry, parse_retry_after
from support.client_styles import blocking, in_turn
from support.http_family import httpx

NOW = 1_800_000_000.0


def date(seconds: float) -> str:
    """An HTTP date so many seconds from ``NOW``."""
    return format_datetime(datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("status", [429, 500])
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["30", " 30 ", "30.0", date(30)], 30.0),
        (["0.25"], 0.25),
        (["120", date(120)], 120.0),
        # Malformed, or not in the future: the backoff applies.
        (["", "-5", "soon", "nan", "1e1", "\u0667", "Fri, 99 Nov 2026 99:99:99 GMT", "0", date(-30)], 0.5),
        (["Fri, 15 Nov 99999999999 01:00:00 GMT"], 0.5),
        # Too long, and left to the caller: no retry. The last one is an obsolete form of a date (RFC 9110 §5.6.7).
        (["121", "9" * 400, date(121), "Sunday, 15-Nov-37 08:00:30 GMT"], None),
    ],
)
def test_retry_after_replaces_the_backoff(status: int, values: list[str], expected: float | None) -> None:
    delay = partial(delay_before_retry, never_sent=False, idempotent=True, retries=0, now=NOW, jitter=0.0)
    assert {value: delay(status=status, retry_after=value) for value in values} == dict.fromkeys(values, expected)


@pytest.mark.parametrize(
    "value",
    [
        "Fri, 15 Jan 2027 08:00:30 GMT",
        "Fri, 15 Jan 2027 08:00:30 -0000",
        "Fri, 15 Jan 2027 08:00:30",
        "Fri, 15 Jan 2027 03:00:30 EST",
        "Friday, 15-Jan-27 08:00:30 GMT",
        "Fri Jan 15 08:00:30 2027",
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_date_is_utc_whatever_the_zone_of_the_machine(value: str, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        seconds = parse_retry_after(value, NOW)
    time.tzset()
    assert seconds == 30.0


def test_leap_second_of_a_date_is_read() -> None:
    assert parse_retry_after("Fri, 15 Jan 2027 08:00:60 GMT", NOW) == 59.0


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("value", "expected"), [("0.25", 0.25), ("17", 17.0), (date(20), 20.0)])
def test_client_waits_as_long_as_retry_after(
    value: str, expected: float, jitter: float, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jitter shortens the backoff alone."""
    monkeypatch.setattr(time, "time", lambda: NOW)
    monkeypatch.setattr(random, "random", lambda: jitter)
    blocking(in_turn(httpx.Response(503, headers={"Retry-After": value}), 200), max_retries=1)
    assert slept == [expected]
