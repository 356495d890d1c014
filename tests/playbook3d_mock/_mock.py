"""The mock: a service, and the transports to reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playbook3d_mock._asgi import asgi_application
from playbook3d_mock._contract_files import contract_path
from playbook3d_mock._control import is_loopback
from playbook3d_mock._engine import Engine
from playbook3d_mock._middleware import Middleware
from playbook3d_mock._response_hooks import validate_response
from playbook3d_mock._server import serve
from playbook3d_mock._service import Service
from playbook3d_mock._transports import MockTransport

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from os import PathLike

    import httpx

    from playbook3d_mock._journal import Journal, JournalEntry
    from playbook3d_mock._replies import Script
    from playbook3d_mock._request import Request
    from playbook3d_mock._responses import Response


class Mock:
    """A mock of the API, made from an OpenAPI contract and nothing else.

    Args:
        contract: A file (YAML, or JSON if it is named .json) or a mapping; by default the contract that comes with the
            mock.
        credentials: The credentials to accept, by the name of the security scheme: an API key, a bearer token, or user
            and password, as a pair or joined by a colon; by default random ones.
        api_key: The API key to accept, if there is one scheme with an API key.
        token: The bearer token to accept, if there is one scheme with a bearer token.
        strict: Whether a problem that the mock could work around makes the contract invalid (see ``engine.problems``).
        seed: Where it is given, the bodies of successes are drawn at random from their schemas: the same ones for the
            same seed and requests.
        cors: Whether pages of other origins may call it: in process, and on addresses that only this machine reaches.
        control: Whether there are control paths: in process, and on addresses that only this machine reaches.

    Attributes:
        transport: A transport for ``Client`` and ``AsyncClient`` of httpx and httpx2.
        asgi: An ASGI application. Another server that runs it must listen on a loopback address, or the mock must have
            no control paths: anybody who reaches it can read the journal and write scripts.

    Raises:
        ContractError: The contract cannot be served.
        ValueError: A credential is invalid, or not that of a security scheme that an operation requires.
    """

    def __init__(
        self,
        contract: str | PathLike[str] | Mapping[str, Any] | None = None,
        *,
        credentials: Mapping[str, str | tuple[str, str]] | None = None,
        api_key: str | None = None,
        token: str | None = None,
        strict: bool = False,
        seed: int | None = None,
        cors: bool = True,
        control: bool = True,
    ) -> None:
        self._contract, self._strict = contract_path() if contract is None else contract, strict
        engine = Engine(contract, credentials=credentials, api_key=api_key, token=token, strict=strict)
        self._service = Service(engine, seed)
        self._cors, self._control = cors, control
        self._middleware = Middleware(self._service, cors=cors, control=control)
        self.transport = MockTransport(self._middleware.handle)
        self.asgi = asgi_application(self._middleware)

    def __repr__(self) -> str:
        return f"<Mock of {len(self.engine.operations)} operations>"

    @property
    def engine(self) -> Engine:
        """The contract, ready to judge requests."""
        return self._service.engine

    @property
    def credentials(self) -> dict[str, str]:
        """The credentials that it accepts, by the name of the security scheme; user and password joined by a colon."""
        return {**self.engine.credentials.by_scheme}

    @property
    def environment(self) -> dict[str, str]:
        """The credentials that it accepts, as the variables of the environment that the client reads."""
        return self.engine.credentials.environment

    @property
    def api_key(self) -> str:
        """The API key that it accepts; ``ValueError`` if there are several."""
        return self.engine.credentials.only("api_key")

    @property
    def token(self) -> str:
        """The bearer token that it accepts; ``ValueError`` if there are several."""
        return self.engine.credentials.only("token")

    def on(self, operation: str) -> Script:
        """The script of an operation: ``mock.on("cancel_run").reply(402).reply(503, times=2)``.

        Only valid requests get its replies; others get the error that the contract has for them, and use up none.

        Args:
            operation: Its ``operationId``, or method and path: "POST /cancel/{team_id}/{run_id}".

        Raises:
            ValueError: The contract has no such operation.
        """
        return self._service.script(operation)

    def reset(self) -> None:
        """Forget the scripts and the journal."""
        self._service.reset()

    def reload(self) -> tuple[str, ...]:
        """Read the file of the contract again.

        The journal stays, scripts stay with their operations, and security schemes keep their credentials.

        Returns:
            The operations, as "POST /path", that the contract no longer has: their replies were dropped.

        Raises:
            ContractError: The contract cannot be served; the mock serves the one that it had before.
        """
        engine = Engine(self._contract, strict=self._strict, earlier=self.engine.credentials)
        return self._service.replace_engine(engine)

    @property
    def journal(self) -> Journal:
        """The last 1,000 requests, with credentials redacted, the latest last."""
        return self._service.journal

    def assert_called(self, operation: str, times: int | None = None) -> tuple[JournalEntry, ...]:
        """The requests to an operation, valid or not.

        Args:
            operation: Its ``operationId``, or method and path: "POST /cancel/{team_id}/{run_id}".
            times: How many there must be; by default at least one.

        Raises:
            AssertionError: There are more or fewer; the message lists the last requests. Only 1,000 are kept.
            TypeError: ``times`` is not a number.
            ValueError: The contract has no such operation.
        """
        __tracebackhide__ = True
        return self.journal.assert_called(self.engine.operation(operation).label, times)

    def validate_response(self, response: httpx.Response, *, warn: bool = False) -> None:
        """Validate a response by the contract: of any server, to a request of an operation of the contract.

        It is a hook for ``httpx.Client``, and reads all of a streamed response:
        ``event_hooks={"response": [mock.validate_response]}`` raises. To warn, use
        ``functools.partial(mock.validate_response, warn=True)``.

        Status, required headers, media type and body must be as documented; the body without ``writeOnly`` properties.
        Nothing is said of the body of a response without documented content.

        Args:
            response: The response, with its request.
            warn: Whether to issue a ``ResponseWarning`` rather than to raise.

        Raises:
            ResponseError: The response does not match. It names all that is wrong, and shows no value.
        """
        response.read()
        validate_response(self.engine, self.journal.redaction, response, warn=warn)

    async def validate_response_async(self, response: httpx.Response, *, warn: bool = False) -> None:
        """The same for ``httpx.AsyncClient``."""
        await response.aread()
        validate_response(self.engine, self.journal.redaction, response, warn=warn)

    def handle(self, request: Request) -> Response:
        """The response to a request, without a transport. Delays and faults of the wire are attributes of it.

        So is ``error``, what a function in a script raised.
        """
        return self._middleware.handle(request)

    def serve(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        request_timeout: float = 30.0,
        cors: bool | None = None,
        control: bool | None = None,
    ) -> AbstractContextManager[str]:
        """Serve over HTTP while the context lasts; the context is the base URL.

        Args:
            host: The address to listen on, or a name: all of its addresses.
            port: The port; 0 for a free one.
            request_timeout: The seconds that a client has to finish a request; then it gets 408.
            cors: Whether pages of other origins may call it; by default as the mock, if only this machine reaches the
                host.
            control: Whether there are the control paths ``/__mock__/journal``, ``replies``, ``openapi.yaml`` and
                ``health``; by default as the mock, if only this machine reaches the host, and only for requests whose
                ``Host`` is a loopback address or "localhost".

        Raises:
            OSError: Nothing can listen there; the message has the reason.
            ValueError: The port is out of range.
            ModuleNotFoundError: uvicorn is not installed.
        """
        is_local = is_loopback(host)
        middleware = Middleware(
            self._service,
            cors=self._cors and is_local if cors is None else cors,
            control=self._control and is_local if control is None else control,
            any_host=control is not None,
        )
        return serve(asgi_application(middleware), host, port, request_timeout)
