"""Calls of the fixture's operations over a mocked transport, in each style that there is.

The styles share one policy: test a behaviour of the policy with ``blocking`` alone, one of the drivers with
``DRIVERS``, and one in which the generator's own functions differ with ``STYLES``.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx

from fixture_api.api.things import stop_thing
from support.fixture_client import AsyncFixtureClient, FixtureClient

OWNER = UUID("7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11")
THING = UUID("c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22")
STOP_URL = f"https://api.fixture.invalid/owners/{OWNER}/things/{THING}/stop"
KEY, TOKEN = "key-5b1c9f7e", "token-9d2f4a6c"

Handler = Callable[[httpx.Request], httpx.Response]
#: What to do with a client; the default is to stop a thing.
Action = Callable[[Any], Any]


def _options(http_client: httpx.Client | httpx.AsyncClient, given: dict[str, Any]) -> dict[str, Any]:
    return {"api_key": KEY, "token": TOKEN, "max_retries": 0, "http_client": http_client, **given}


def stop(client: Any) -> Any:
    """Stop a thing; of an async client, to be awaited."""
    return client.things.stop_thing(OWNER, THING)


def blocking(handler: Handler, action: Action = stop, *, http: dict[str, Any] | None = None, **options: Any) -> Any:
    """The result of ``action`` with a blocking client; ``http`` are options of httpx, ``options`` of the client."""
    with httpx.Client(transport=httpx.MockTransport(handler), **(http or {})) as http_client:
        return action(FixtureClient(**_options(http_client, options)))


def awaited(handler: Handler, action: Action = stop, *, http: dict[str, Any] | None = None, **options: Any) -> Any:
    """As ``blocking``, with an async client."""

    async def run() -> Any:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handler), **(http or {})) as http_client:
            return await action(AsyncFixtureClient(**_options(http_client, options)))

    return asyncio.run(run())


def stock_blocking(handler: Handler, **options: Any) -> Any:
    """Stop a thing through the generator's own function."""
    return blocking(handler, lambda client: stop_thing.sync(OWNER, THING, client=client.generated), **options)


def stock_awaited(handler: Handler, **options: Any) -> Any:
    """As ``stock_blocking``, with an async client."""
    return awaited(handler, lambda client: stop_thing.asyncio(OWNER, THING, client=client.generated), **options)


Call = Callable[..., Any]
DRIVERS: list[Call] = [blocking, awaited]
STYLES: list[Call] = [*DRIVERS, stock_blocking, stock_awaited]


def ok(_: httpx.Request) -> httpx.Response:
    """The response of a server that stopped the thing."""
    return httpx.Response(200, json={"message": "Stopped."})


def never(_: httpx.Request) -> httpx.Response:
    """The response of a server that must not be asked."""
    raise AssertionError("a request was sent")


def answering(status: int, **content: Any) -> Handler:
    """The same response to each request."""
    return lambda _: httpx.Response(status, **content)
