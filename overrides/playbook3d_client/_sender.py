"""The two drivers of the policy: what the generated functions use in place of an httpx client.

They send without redirects (a redirect would carry credentials to wherever it points) and without the auth
of the httpx client (which would replace the token).
"""

from typing import Any

import httpx

from playbook3d_client._policy import Outcome, Settings, exchange


class Sender:
    """Drives the policy with an ``httpx.Client``."""

    def __init__(self, http: httpx.Client, settings: Settings) -> None:
        self._http = http
        self._settings = settings

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Make one call; raises a ``PlaybookError`` unless its answer is a declared 2xx."""
        steps = exchange(self._settings, self._http, method, url, options)
        request = next(steps)
        while True:
            outcome: Outcome
            try:
                outcome = self._http.send(request, auth=None, follow_redirects=False)
            except httpx.HTTPError as error:
                outcome = error
            try:
                request = steps.send(outcome)
            except StopIteration as done:
                response: httpx.Response = done.value
                return response


class AsyncSender:
    """Drives the policy with an ``httpx.AsyncClient``."""

    def __init__(self, http: httpx.AsyncClient, settings: Settings) -> None:
        self._http = http
        self._settings = settings

    async def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Make one call; raises a ``PlaybookError`` unless its answer is a declared 2xx."""
        steps = exchange(self._settings, self._http, method, url, options)
        request = next(steps)
        while True:
            outcome: Outcome
            try:
                outcome = await self._http.send(request, auth=None, follow_redirects=False)
            except httpx.HTTPError as error:
                outcome = error
            try:
                request = steps.send(outcome)
            except StopIteration as done:
                response: httpx.Response = done.value
                return response
