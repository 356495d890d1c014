"""One call of ``cancel_run`` in each of the four styles that there are, for the tests of the client."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx

from playbook3d_api.api.workflows import cancel_run
from playbook3d_client import AsyncPlaybookClient, PlaybookClient

TEAM = UUID("7F1F2D0E-54A5-4B0F-9D37-0C1D6F6A8A11")
RUN = UUID("c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22")
KEY, TOKEN = "key-5b1c9f7e", "token-9d2f4a6c"

Handler = Callable[[httpx.Request], httpx.Response]
Call = Callable[..., Any]


def options_for(http_client: httpx.Client | httpx.AsyncClient, given: dict[str, Any]) -> dict[str, Any]:
    return {"api_key": KEY, "token": TOKEN, "max_retries": 0, "http_client": http_client, **given}


def bound(handler: Handler, *arguments: Any, http: dict[str, Any] | None = None, **options: Any) -> Any:
    with (
        httpx.Client(transport=httpx.MockTransport(handler), **(http or {})) as http_client,
        PlaybookClient(**options_for(http_client, options)) as client,
    ):
        return client.workflows.cancel_run(*(arguments or (TEAM, RUN)))


def stock(handler: Handler, *arguments: Any, http: dict[str, Any] | None = None, **options: Any) -> Any:
    with (
        httpx.Client(transport=httpx.MockTransport(handler), **(http or {})) as http_client,
        PlaybookClient(**options_for(http_client, options)) as client,
    ):
        return cancel_run.sync(*(arguments or (TEAM, RUN)), client=client)


def bound_async(handler: Handler, *arguments: Any, http: dict[str, Any] | None = None, **options: Any) -> Any:
    async def run() -> Any:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(handler), **(http or {})) as http_client,
            AsyncPlaybookClient(**options_for(http_client, options)) as client,
        ):
            return await client.workflows.cancel_run(*(arguments or (TEAM, RUN)))

    return asyncio.run(run())


def stock_async(handler: Handler, *arguments: Any, http: dict[str, Any] | None = None, **options: Any) -> Any:
    async def run() -> Any:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(handler), **(http or {})) as http_client,
            AsyncPlaybookClient(**options_for(http_client, options)) as client,
        ):
            return await cancel_run.asyncio(*(arguments or (TEAM, RUN)), client=client)

    return asyncio.run(run())


def ok(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"message": "Run successfully canceled."})


def never(_: httpx.Request) -> httpx.Response:
    raise AssertionError("something was sent")


def answering(status: int, **content: Any) -> Handler:
    return lambda _: httpx.Response(status, **content)


CALLS: dict[str, Call] = {call.__name__: call for call in (bound, stock, bound_async, stock_async)}
