"""Whether and when to retry a request: a pure decision."""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

#: Statuses that a later attempt may not meet.
RETRYABLE_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
#: Seconds of exponential backoff, before jitter.
FIRST_DELAY, MAX_DELAY = 0.5, 8.0
#: The part of a delay that jitter may take.
MAX_JITTER = 0.25
#: Seconds of a ``Retry-After`` that are waited for; a longer one is the caller's to decide on.
MAX_RETRY_AFTER = 120.0


def delay_before_retry(
    *,
    status: int | None,
    retry_after: str | None,
    never_sent: bool,
    idempotent: bool,
    retries: int,
    now: float,
    jitter: float,
) -> float | None:
    """Seconds to wait before the next attempt, or ``None`` if there must be none.

    Args:
        status: The status of the response, or ``None`` if none came.
        retry_after: The response's ``Retry-After`` (RFC 9110 §10.2.3).
        never_sent: Whether it is certain that nothing reached the server.
        idempotent: Whether the operation may be repeated although the server may have acted.
        retries: The number of retries so far.
        now: The time of day, in seconds since the epoch.
        jitter: A random number from 0 to 1, which spreads the retries of many clients.
    """
    if status is not None and status not in RETRYABLE_STATUSES:
        return None
    pause = parse_retry_after(retry_after, now)
    # 429, and 503 with a time to come back at, say that the server did not act.
    rejected = status == 429 or (status == 503 and pause is not None)
    if not (idempotent or never_sent or rejected):
        return None
    if pause is not None and pause > 0:
        return pause if pause <= MAX_RETRY_AFTER else None
    backoff: float = FIRST_DELAY * 2 ** min(retries, 10)
    return min(backoff, MAX_DELAY) * (1 - MAX_JITTER * jitter)


def parse_retry_after(value: str | None, now: float) -> float | None:
    """``Retry-After``, a number or a date, in seconds from ``now``; ``None`` if missing or malformed.

    A date without a zone is UTC (RFC 9110 §5.6.7), and may have a leap second (``:60``).
    """
    if value is None:
        return None
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value.strip()):
        return float(value)
    try:
        date = parsedate_to_datetime(value.replace(":60 ", ":59 "))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
    except (ValueError, OverflowError):
        return None
