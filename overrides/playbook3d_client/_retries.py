"""Whether a request that failed is sent again, and when: pure decisions."""

import re
from email.utils import parsedate_to_datetime

#: Statuses that may be gone a moment later.
_PASSING = {408, 429, 500, 502, 503, 504}
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 8.0  # seconds
_JITTER = 0.25
#: Seconds of a ``Retry-After`` that are still waited for; a longer pause is the caller's to decide on.
_LONGEST_PAUSE = 120.0


def delay_before_next(
    *,
    status: int | None,
    retry_after: str | None,
    unsent: bool,
    idempotent: bool,
    retries: int,
    now: float,
    chance: float,
) -> float | None:
    """Seconds to wait before the next attempt, or ``None`` where there must be none.

    Args:
        status: The status that was answered, or ``None`` where no answer came.
        retry_after: The answer's ``Retry-After`` (RFC 9110 §10.2.3).
        unsent: Whether it is known that nothing reached the server.
        idempotent: Whether the operation may be repeated though the server may have acted.
        retries: How many times the request was repeated so far.
        now: The time of day, in seconds since the epoch.
        chance: A random number from 0 to 1, which spreads the retries of many clients.
    """
    if status is not None and status not in _PASSING:
        return None
    pause = _pause(retry_after, now)
    # 429, and 503 with a time to come back at, say that the server did not act.
    refused = status == 429 or (status == 503 and pause is not None)
    if not (idempotent or unsent or refused):
        return None
    if pause is not None and pause > 0:
        return pause if pause <= _LONGEST_PAUSE else None
    doubled: float = _FIRST_DELAY * 2 ** min(retries, 10)
    return min(doubled, _LONGEST_DELAY) * (1 - _JITTER * chance)


def _pause(retry_after: str | None, now: float) -> float | None:
    """A ``Retry-After`` in seconds from now; ``None`` where there is none that can be read."""
    if retry_after is None:
        return None
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", retry_after.strip()):
        return float(retry_after)
    try:
        return parsedate_to_datetime(retry_after).timestamp() - now
    except (ValueError, OverflowError):
        return None
