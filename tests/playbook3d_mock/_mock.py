"""The mock: an engine with its credentials, and the transports to reach it."""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING, Any

from playbook3d_mock._engine import Engine
from playbook3d_mock._transports import MockTransport, asgi_application, serve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from os import PathLike

    from playbook3d_mock._request import Request
    from playbook3d_mock._responses import Response


class Mock:
    """A mock of the API, made from an OpenAPI contract and nothing else.

    Args:
        contract: A file (YAML, or JSON if it is named .json) or a mapping; by default the contract that comes with the
            mock.
        api_key: The API key to accept; by default a random one.
        token: The bearer token to accept; by default a random one.
        strict: Whether a problem that the mock could work around makes the contract invalid (see ``engine.problems``).

    Attributes:
        api_key: The API key that it accepts.
        token: The bearer token that it accepts.
        engine: The contract, ready to judge requests.
        transport: A transport for ``httpx.Client`` and ``httpx.AsyncClient``.
        asgi: An ASGI application.

    Raises:
        ContractError: The contract cannot be served.
        ValueError: A header cannot carry a credential.
    """

    def __init__(
        self,
        contract: str | PathLike[str] | Mapping[str, Any] | None = None,
        *,
        api_key: str | None = None,
        token: str | None = None,
        strict: bool = False,
    ) -> None:
        self.api_key = str(uuid.uuid4()) if api_key is None else api_key
        self.token = secrets.token_urlsafe(32) if token is None else token
        self.engine = Engine(contract, api_key=self.api_key, token=self.token, strict=strict)
        self.transport = MockTransport(self.engine)
        self.asgi = asgi_application(self.engine)

    def __repr__(self) -> str:
        return f"<Mock of {len(self.engine.operations)} operations>"

    def handle(self, request: Request) -> Response:
        """The response to a request, without a transport."""
        return self.engine.handle(request)

    def serve(
        self, host: str = "127.0.0.1", port: int = 0, *, request_timeout: float = 30.0
    ) -> AbstractContextManager[str]:
        """Serve over HTTP while the context lasts; the context is the base URL.

        Args:
            host: The address to listen on, or a name: all of its addresses.
            port: The port; 0 for a free one.
            request_timeout: The seconds that a client has to finish a request; then it gets 408.

        Raises:
            OSError: Nothing can listen there; the message has the reason.
            ValueError: The port is out of range.
            ModuleNotFoundError: uvicorn is not installed.
        """
        return serve(self.asgi, host, port, request_timeout)
