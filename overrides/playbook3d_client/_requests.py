"""From a step of an exchange to a request of httpx, with its credentials and its timeouts."""

from __future__ import annotations

import time
from traceback import clear_frames
from typing import TYPE_CHECKING, Any

from playbook3d_client._connections import TURN, USER_AGENT
from playbook3d_client._errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from playbook3d_client._exchange import Send
    from playbook3d_client._http_family import HttpFamily

# Of httpx, not of the user.
_USER_AGENTS_OF_HTTPX = ("python-httpx/", "python-httpx2/")


def build_request(
    family: HttpFamily, http: httpx.Client | httpx.AsyncClient, step: Send, default_timeout: httpx.Timeout, turn: int
) -> httpx.Request:
    """The request of a step, with the user's settings of ``http``; raises ``ConfigurationError`` if it has none."""
    # httpx does the same with timeout=, and takes longer.
    timeouts = (step.timeout or default_timeout).as_dict()
    if step.ends is not None:
        timeouts = _TimeoutsUntil(timeouts, step.ends)
    arguments: dict[str, Any] = {
        **step.arguments,
        "url": step.base_url + step.arguments["url"],
        "extensions": {"timeout": timeouts, TURN: turn},
    }
    try:
        generated, credentials = step.arguments.get("headers", {}), step.credentials
        arguments["headers"] = _merged(generated, step.headers, credentials.headers)
        if credentials.params:
            arguments["params"] = family.QueryParams(arguments.get("params")).merge(credentials.params)
        if credentials.cookies:
            arguments["cookies"] = {**arguments.get("cookies", {}), **credentials.cookies}
        request = http.build_request(**arguments)
        if request.headers.get("user-agent", "").startswith(_USER_AGENTS_OF_HTTPX):
            request.headers["User-Agent"] = USER_AGENT
        return request
    except (family.InvalidURL, UnicodeEncodeError) as error:
        clear_frames(error.__traceback__)  # of httpx, with the headers
        raise ConfigurationError(f"{step.operation.name} cannot be sent: {error}.") from error
    finally:
        del arguments  # an error of httpx, or of the user's httpx client, would show the credentials


def _merged(*parts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Headers, of which a later one replaces an earlier one in any case; ``httpx.Headers`` takes much longer."""
    merged: dict[str, tuple[str, str]] = {}
    for part in parts:
        for name, value in part.items():
            merged[name.lower()] = name, value
    return [*merged.values()]


class _TimeoutsUntil(dict[str, "float | None"]):
    """Timeouts none of which is longer than what is left of a deadline when its phase begins."""

    def __init__(self, timeouts: Mapping[str, float | None], ends: float) -> None:
        super().__init__(timeouts)
        self._ends = ends

    def get(self, phase: str, default: float | None = None) -> float:  # type: ignore[override]
        """Seconds for a phase; httpcore asks at its beginning."""
        timeout, left = super().get(phase, default), max(self._ends - time.monotonic(), 0.001)
        return left if timeout is None else min(timeout, left)
