"""Lets the generator's own functions use a client: ``cancel_run.sync(…, client=client.generated)``.

A generated function asks its client for one thing, something to call ``request`` on, and describes a request by method
and path. This is the one place where an operation has to be found by them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn, cast

from playbook3d_api.client import AuthenticatedClient
from playbook3d_client._errors import ConfigurationError
from playbook3d_client._redaction import clear_locals_on_error
from playbook3d_client._request_checks import path_pattern

if TYPE_CHECKING:
    import httpx

    from playbook3d_api._runtime import AsyncCall, Call, Contract, Operation, Parse, RequestArguments


class _GeneratedStyle(AuthenticatedClient):
    """The generator's type of a client; it sends nothing itself."""

    def __init__(self, call_raw: Call | AsyncCall, contract: Contract) -> None:
        super().__init__(base_url=contract.server, token="")  # the token stays with the credentials
        self._call_raw: Any = call_raw
        self._contract = contract

    def _arguments(
        self, method: str, url: str, arguments: RequestArguments
    ) -> tuple[Operation, RequestArguments, Parse]:
        operation = find_operation(self._contract.operations, method.upper(), url)
        module = import_module(f"{self._contract.package}.{operation.tag}.{operation.name}")
        return operation, {**arguments, "method": method, "url": url}, module._parse_response

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @clear_locals_on_error
    def _reject(self, *_: object, **__: object) -> NoReturn:
        raise ConfigurationError("Set options, open and close on the client itself; `generated` makes calls alone.")

    with_headers = with_cookies = with_timeout = set_httpx_client = set_async_httpx_client = _reject
    __enter__ = __aenter__ = _reject


class BlockingGeneratedStyle(_GeneratedStyle):
    """For ``sync`` and ``sync_detailed``."""

    def get_httpx_client(self) -> httpx.Client:
        """What the generated functions send with: of an httpx client it has ``request`` alone."""
        return cast("httpx.Client", self)

    def get_async_httpx_client(self) -> NoReturn:
        """Raises ``ConfigurationError``."""
        raise ConfigurationError("PlaybookClient makes blocking calls: use AsyncPlaybookClient to await them.")

    def request(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        """The declared 2xx response; raises a ``PlaybookError`` for any other."""
        return cast("httpx.Response", self._call_raw(*self._arguments(method, url, arguments)).http_response)


class AsyncGeneratedStyle(_GeneratedStyle):
    """For ``asyncio`` and ``asyncio_detailed``."""

    def get_httpx_client(self) -> NoReturn:
        """Raises ``ConfigurationError``."""
        raise ConfigurationError("AsyncPlaybookClient makes async calls: use PlaybookClient for blocking ones.")

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """What the generated functions send with: of an httpx client it has ``request`` alone."""
        return cast("httpx.AsyncClient", self)

    async def request(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        """The declared 2xx response; raises a ``PlaybookError`` for any other."""
        return cast("httpx.Response", (await self._call_raw(*self._arguments(method, url, arguments))).http_response)


def find_operation(operations: tuple[Operation, ...], method: str, path: str) -> Operation:
    """The operation of a request; concrete segments of a path template come before parameters."""

    def parameters(operation: Operation) -> list[bool]:  # False, a concrete segment, sorts first
        return ["{" in segment for segment in operation.path.split("/")]

    candidates = [each for each in operations if each.method == method and path_pattern(each.path).fullmatch(path)]
    if not candidates:
        raise ConfigurationError(f"{method} {path} is not an operation of the contract.")
    return min(candidates, key=parameters)
