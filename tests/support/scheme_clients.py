"""Clients of contracts with security schemes of every kind, whose only operations have no arguments."""

import asyncio
from typing import Any

from playbook3d_api._runtime import Contract, Operation, Scheme, SuccessResponse
from playbook3d_client._base_client import AsyncClient, BlockingClient
from support.client_styles import Handler
from support.http_family import httpx

SCHEMES = {
    scheme.name: scheme
    for scheme in (
        Scheme("key-a", "api_key", "header", "X-A"),
        Scheme("keyB", "api_key", "header", "X-B"),
        Scheme("query", "api_key", "query", "api key"),
        Scheme("cookie", "api_key", "cookie", "session"),
        Scheme("bearer", "token", "header", "Authorization"),
        Scheme("oauth", "token", "header", "Authorization"),
        Scheme("basic", "basic", "header", "Authorization"),
        Scheme("key_b", "basic", "header", "Authorization"),
        Scheme("base-url", "basic", "header", "Authorization"),
    )
}


def contract(*names: str) -> Contract:
    """A contract with these security schemes."""
    return Contract((), tuple(SCHEMES[name] for name in names), "https://api.invalid", "")


def operation(*alternatives: str) -> Operation:
    """An operation with these security requirements: names of schemes, joined by ``+``."""
    security = tuple(tuple(SCHEMES[name] for name in names.split("+") if name) for names in alternatives)
    success = (SuccessResponse(200, 200, (), ()),)
    return Operation("get_it", "tag", "GET", "/it", security, ("https://api.invalid",), success, False, False)


def _parse(*, client: object, response: httpx.Response) -> str:
    return response.text


class SchemeClient(BlockingClient):
    """Calls operations with any security requirements."""

    def get(self, *alternatives: str, **arguments: Any) -> Any:
        """Call an operation with these security requirements."""
        return self._call(operation(*alternatives), {"method": "get", "url": "/it", **arguments}, _parse)


class AsyncSchemeClient(AsyncClient):
    """As ``SchemeClient``, async."""

    async def get(self, *alternatives: str, **arguments: Any) -> Any:
        """Call an operation with these security requirements."""
        return await self._call(operation(*alternatives), {"method": "get", "url": "/it", **arguments}, _parse)


def client_class(*names: str) -> type[SchemeClient]:
    """The blocking client of a contract with these schemes."""
    return type("Client", (SchemeClient,), {"_contract": contract(*names)})


def client(names: str, handler: Handler = lambda _: httpx.Response(200), **options: Any) -> SchemeClient:
    """A blocking client of a contract with these schemes, joined by ``+``."""
    http = httpx.Client(transport=httpx.MockTransport(handler), **options.pop("http", {}))
    return client_class(*names.split("+"))(http_client=http, max_retries=0, **options)


def get_async(names: str, handler: Handler, *alternatives: str, **options: Any) -> Any:
    """The result of a call with an async client."""

    async def run() -> Any:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as http:
            async_class: type[AsyncSchemeClient] = type(
                "AsyncClient", (AsyncSchemeClient,), {"_contract": contract(*names.split("+"))}
            )
            return await async_class(http_client=http, max_retries=0, **options).get(*alternatives)

    return asyncio.run(run())
