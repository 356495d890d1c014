"""The mock in process: an httpx transport, blocking and async."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from playbook3d_mock._request import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from playbook3d_mock._responses import Response


class MockTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """An httpx transport, blocking and async, for the responses of a mock. It ignores scheme and host.

    Args:
        handle: The function that responds to a request, such as ``Mock.handle``.
    """

    def __init__(self, handle: Callable[[Request], Response]) -> None:
        self._handle = handle

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request of an ``httpx.Client``."""
        return self._respond(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request of an ``httpx.AsyncClient``."""
        return self._respond(request, await request.aread())

    def _respond(self, request: httpx.Request, body: bytes) -> httpx.Response:
        raw_path, _, query = request.url.raw_path.partition(b"?")
        headers = tuple((name.lower(), value) for name, value in request.headers.raw)
        response = self._handle(Request(request.method, raw_path, query, headers, body))
        # As a stream, httpx reads the body and measures `elapsed` as over a connection.
        return httpx.Response(response.status, headers=response.headers, stream=httpx.ByteStream(response.body))
