"""The mock that users hold: an engine with its credentials, and the ways to reach it."""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING, Any

from ._adapters import MockTransport, asgi
from ._engine import Engine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from os import PathLike

    from ._replies import Reply
    from ._request import Request


class Mock:
    """A mock of the API, built from an OpenAPI contract and from nothing else.

    contract: a file (YAML, or JSON where it is named .json) or a mapping; without one, the contract that
        comes with the mock.
    api_key, token: the credentials that it accepts; random ones of its own where they are not given.

    Raises ContractError where the contract cannot be served, ValueError where a credential could not be sent
    in a header field.
    """

    def __init__(
        self,
        contract: str | PathLike[str] | Mapping[str, Any] | None = None,
        *,
        api_key: str | None = None,
        token: str | None = None,
    ) -> None:
        self.api_key = str(uuid.uuid4()) if api_key is None else api_key
        self.token = secrets.token_urlsafe(32) if token is None else token
        self.engine = Engine(contract, api_key=self.api_key, token=self.token)
        self.transport = MockTransport(self.engine)
        self.asgi = asgi(self.engine)

    def __repr__(self) -> str:
        return f"<Mock of {len(self.engine.operations)} operations>"

    def handle(self, request: Request) -> Reply:
        """The reply to a request, without any transport."""
        return self.engine.handle(request)

    def serve(self, host: str = "127.0.0.1", port: int = 0) -> AbstractContextManager[str]:
        """Serve on a socket while the context lasts; gives the base URL. Port 0 takes a free port.

        Raises OSError where nothing can listen there, ModuleNotFoundError without uvicorn.
        """
        # Only here: in-process use needs no server.
        from ._server import serve

        return serve(self.asgi, host, port)
