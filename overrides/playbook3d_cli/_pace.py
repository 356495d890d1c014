"""One pause for all calls: after a 429, nothing is sent until the server wants to be asked again."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from playbook3d_client._retries import MAX_RETRY_AFTER, delay_before_retry

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx


class Pace:
    """Hooks of an httpx client, which hold back each request while a pause lasts: retries, too.

    The pause is that of a retry of the client: ``Retry-After``, here at most 120 s, else exponential backoff, which
    grows from one 429 after a pause to the next.

    Args:
        on_pause: Called with the seconds of a new pause.
        clock: Seconds of a clock.
    """

    def __init__(self, on_pause: Callable[[float], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._on_pause = on_pause
        self._clock = clock
        self._ends = 0.0
        self._pauses = 0

    @property
    def seconds_left(self) -> float:
        """How long the pause lasts; 0 if there is none."""
        return max(self._ends - self._clock(), 0.0)

    async def before_request(self, request: httpx.Request) -> None:  # noqa: ARG002 (any request)
        """Wait while the pause lasts."""
        while seconds := self.seconds_left:  # noqa: ASYNC110 (it ends at a time, not with an event)
            await asyncio.sleep(seconds)

    async def after_response(self, response: httpx.Response) -> None:
        """Begin a pause, or make it longer, if the status is 429."""
        if response.status_code != 429:
            self._pauses = 0
            return
        if not self.seconds_left:
            self._pauses += 1
        seconds = delay_before_retry(
            status=429,
            retry_after=response.headers.get("retry-after"),
            never_sent=False,
            idempotent=False,
            retries=self._pauses - 1,
            now=time.time(),
            jitter=0.0,
        )
        seconds = MAX_RETRY_AFTER if seconds is None else seconds
        if seconds > self.seconds_left:
            self._ends = self._clock() + seconds
            self._on_pause(seconds)
