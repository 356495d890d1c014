"""What a client owns and how long it lives: options, credentials, connections. It knows no contract."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, Self, TypeVar

from playbook3d_client._credentials import Credentials, TokenSource, credential_headers
from playbook3d_client._errors import ConfigurationError
from playbook3d_client._exchange import exchange
from playbook3d_client._generated_style import AsyncGeneratedStyle, BlockingGeneratedStyle
from playbook3d_client._http_family import AsyncHttpClient, HttpClient, family_of
from playbook3d_client._options import (
    DEFAULT_MAX_RETRIES,
    DEFAULT_TIMEOUT,
    NO_SERVER,
    NOT_GIVEN,
    ClientOptions,
    NotGiven,
    Timeout,
    merge_headers,
    read_base_url,
    validate_deadline,
    validate_headers,
    validate_max_retries,
    validate_timeout,
)
from playbook3d_client._redaction import clear_locals_on_error
from playbook3d_client._transport import AsyncTransport, BlockingTransport

if TYPE_CHECKING:
    import httpx

    from playbook3d_api._runtime import Contract, Operation, Parse, RawResponse, RequestArguments
    from playbook3d_api.client import AuthenticatedClient
    from playbook3d_client._transport import Steps

TransportType = TypeVar("TransportType", BlockingTransport, AsyncTransport)
HttpClientType = TypeVar("HttpClientType")
TokenFunction = TypeVar("TokenFunction", bound=TokenSource)

#: By the name of the security scheme; a pair is user and password.
CredentialValues = Mapping[str, "str | tuple[str, str] | TokenFunction | None"]


class BaseClient(Generic[TransportType, HttpClientType, TokenFunction]):
    """What the blocking and the async client share."""

    _contract: ClassVar[Contract]
    _transport_type: ClassVar[Any]  # BlockingTransport or AsyncTransport
    _transport: TransportType
    _options: ClientOptions

    @clear_locals_on_error
    def __init__(
        self,
        *,
        api_key: str | None = None,
        token: str | TokenFunction | None = None,
        credentials: CredentialValues[TokenFunction] | None = None,
        base_url: str | None = None,
        timeout: Timeout | NotGiven = NOT_GIVEN,
        max_retries: int = DEFAULT_MAX_RETRIES,
        deadline: float | None = None,
        headers: Mapping[str, str] | None = None,
        http_client: HttpClientType | None = None,
    ) -> None:
        http_type = self._transport_type.http_type
        if http_client is not None and not isinstance(http_client, getattr(family_of(http_client), http_type)):
            raise ConfigurationError(
                f"http_client= must be an httpx.{http_type} or an httpx2.{http_type}, not {type(http_client).__name__}."
            )
        # The user's own httpx client may have a timeout of its own, which only an explicit one replaces.
        default_timeout = DEFAULT_TIMEOUT if http_client is None else None
        self._options = ClientOptions(
            credentials=Credentials(self._contract.schemes).replace(
                api_key=api_key, token=token, credentials=credentials, environment=os.environ
            ),
            base_url=read_base_url(base_url, os.environ),
            timeout=default_timeout if isinstance(timeout, NotGiven) else validate_timeout(timeout),
            max_retries=validate_max_retries(max_retries),
            headers=self._merge_headers({}, headers or {}),
            deadline=validate_deadline(deadline),
        )
        if not self.base_url:
            raise ConfigurationError(NO_SERVER)
        self._owns_connections = http_client is None
        self._transport = self._transport_type(http_client)

    @clear_locals_on_error
    def with_options(
        self,
        *,
        api_key: str | None = None,
        token: str | TokenFunction | None = None,
        credentials: CredentialValues[TokenFunction] | None = None,
        base_url: str | None = None,
        timeout: Timeout | NotGiven = NOT_GIVEN,
        max_retries: int | NotGiven = NOT_GIVEN,
        deadline: float | NotGiven | None = NOT_GIVEN,
        headers: Mapping[str, str | None] | None = None,
    ) -> Self:
        """A copy with other options that shares the connections: for one call, for many, or for another user.

        Args:
            api_key: As for the constructor; what is not given stays as it is.
            token: As for the constructor.
            credentials: As for the constructor; security schemes that are not given keep theirs.
            base_url: As for the constructor.
            timeout: As for the constructor.
            max_retries: As for the constructor.
            deadline: As for the constructor.
            headers: Headers to send with each request, over those that were set before; ``None`` takes one away.

        The connections are closed with the client that the copy was made from. Raises ``ConfigurationError`` for an
        invalid option.
        """
        options = self._options
        if not (api_key is token is credentials is None):
            replaced = options.credentials.replace(
                api_key=api_key, token=token, credentials=credentials, environment={}
            )
            options = options._replace(credentials=replaced)
        if base_url is not None:
            options = options._replace(base_url=read_base_url(base_url, {}))
        if not isinstance(deadline, NotGiven):
            options = options._replace(deadline=validate_deadline(deadline))
        if not isinstance(timeout, NotGiven):
            options = options._replace(timeout=validate_timeout(timeout))
        if not isinstance(max_retries, NotGiven):
            options = options._replace(max_retries=validate_max_retries(max_retries))
        if headers is not None:
            options = options._replace(headers=self._merge_headers(options.headers, headers))
        client = object.__new__(type(self))
        client.__dict__.update(self.__dict__)
        client._options = options
        client._owns_connections = False
        return client

    def _merge_headers(self, headers: Mapping[str, str], over: Mapping[str, str | None]) -> Mapping[str, str]:
        return merge_headers(headers, validate_headers(over, credential_headers(self._contract.schemes)))

    @property
    def base_url(self) -> str:
        """Where the calls go: the URL that was given, else the contract's server.

        Operations that the contract has on a server of their own go there, unless a URL was given.
        """
        return self._options.base_url or self._contract.server

    @property
    def timeout(self) -> httpx.Timeout:
        """The timeout of each phase of an exchange."""
        return self._options.timeout or self._transport.default_timeout

    @property
    def max_retries(self) -> int:
        """How many times a request is repeated after a retryable failure."""
        return self._options.max_retries

    def _steps(self, operation: Operation, arguments: RequestArguments, parse: Parse) -> Steps:
        return exchange(self._options, operation, arguments, parse, self._transport.family)

    def __repr__(self) -> str:
        # Also of a client whose construction failed: debuggers and error reports show those.
        options: ClientOptions | None = getattr(self, "_options", None)
        return f"{type(self).__name__}(base_url={options and self.base_url!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds connections and credentials: it cannot be pickled or copied")


class BlockingClient(BaseClient[BlockingTransport, HttpClient, Callable[[], str]]):
    """Makes blocking calls."""

    _transport_type = BlockingTransport

    @property
    def generated(self) -> AuthenticatedClient:
        """The client as the generator's own functions take it: ``cancel_run.sync(…, client=client.generated)``."""
        return BlockingGeneratedStyle(self._call_raw, self._contract)

    def _call(self, operation: Operation, arguments: RequestArguments, parse: Parse, /) -> Any:
        return self._call_raw(operation, arguments, parse).parse()

    def _call_raw(self, operation: Operation, arguments: RequestArguments, parse: Parse, /) -> RawResponse[Any]:
        return self._transport.run(self._steps(operation, arguments, parse), self._options.deadline)

    def close(self) -> None:
        """Close the connections, unless they are those of ``http_client``, or of the client this is a copy of."""
        if self._owns_connections:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient(BaseClient[AsyncTransport, AsyncHttpClient, TokenSource]):
    """Makes async calls."""

    _transport_type = AsyncTransport

    @property
    def generated(self) -> AuthenticatedClient:
        """The client as the generator's own functions take it: ``await cancel_run.asyncio(…)``."""
        return AsyncGeneratedStyle(self._call_raw, self._contract)

    async def _call(self, operation: Operation, arguments: RequestArguments, parse: Parse, /) -> Any:
        return (await self._call_raw(operation, arguments, parse)).parse()

    async def _call_raw(self, operation: Operation, arguments: RequestArguments, parse: Parse, /) -> RawResponse[Any]:
        return await self._transport.run(self._steps(operation, arguments, parse), self._options.deadline)

    async def aclose(self) -> None:
        """Close the connections, unless they are those of ``http_client``, or of the client this is a copy of."""
        if self._owns_connections:
            await self._transport.aclose()

    async def close(self) -> None:
        """As ``aclose``."""
        await self.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
