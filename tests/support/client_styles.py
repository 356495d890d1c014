"""Calls of the fixture's operations in each style that there is, over a mocked transport unless a server is named.

The styles share one policy: test a behaviour of the policy with ``blocking`` alone, one of the drivers with
``DRIVERS``, and one in which the generator's own functions differ with ``STYLES``.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar
from unittest.mock import Mock
from uuid import UUID

import pytest

from fixture_api.api.things import stop_thing
from playbook3d_client import BadRequestError
from support.fixture_client import AsyncFixtureClient, FixtureClient
from support.http_family import httpx

OWNER = UUID("7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11")
THING = UUID("c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22")
STOP_URL = f"https://api.fixture.invalid/owners/{OWNER}/things/{THING}/stop"
KEY, TOKEN = "key-5b1c9f7e", "token-9d2f4a6c"

E = TypeVar("E", bound=BaseException)
Handler = Callable[[httpx.Request], httpx.Response]
#: What answers the requests; ``None`` for the server at ``base_url``, over the network.
Server = Handler | None
#: What to do with a client; the default is to stop a thing.
Action = Callable[[Any], Any]


def _options(http_client: httpx.Client | httpx.AsyncClient, given: dict[str, Any]) -> dict[str, Any]:
    return {"api_key": KEY, "token": TOKEN, "max_retries": 0, "http_client": http_client, **given}


def _http_options(server: Server, given: dict[str, Any] | None) -> dict[str, Any]:
    return {"transport": server and httpx.MockTransport(server), **(given or {})}


def stop(client: Any) -> Any:
    """Stop a thing; of an async client, a coroutine."""
    return client.things.stop_thing(OWNER, THING)


def stop_raw(client: Any) -> Any:
    """As ``stop``, for the raw response."""
    return client.things.with_raw_response.stop_thing(OWNER, THING)


def things(operation: str, *arguments: Any, **named: Any) -> Action:
    """Calls an operation on things."""
    return lambda client: getattr(client.things, operation)(*arguments, **named)


def blocking(server: Server, action: Action = stop, *, http: dict[str, Any] | None = None, **options: Any) -> Any:
    """The result of ``action`` with a blocking client; ``http`` are options of httpx, ``options`` of the client."""
    with httpx.Client(**_http_options(server, http)) as http_client:
        return action(FixtureClient(**_options(http_client, options)))


def asynchronous(server: Server, action: Action = stop, *, http: dict[str, Any] | None = None, **options: Any) -> Any:
    """As ``blocking``, with an async client."""

    async def run() -> Any:
        async with httpx.AsyncClient(**_http_options(server, http)) as http_client:
            return await action(AsyncFixtureClient(**_options(http_client, options)))

    return asyncio.run(run())


def stock_blocking(handler: Handler, **options: Any) -> Any:
    """Stop a thing through the generator's own function."""
    return blocking(handler, lambda client: stop_thing.sync(OWNER, THING, client=client.generated), **options)


def stock_async(handler: Handler, **options: Any) -> Any:
    """As ``stock_blocking``, with an async client."""
    return asynchronous(handler, lambda client: stop_thing.asyncio(OWNER, THING, client=client.generated), **options)


Call = Callable[..., Any]
DRIVERS: list[Call] = [blocking, asynchronous]
STYLES: list[Call] = [*DRIVERS, stock_blocking, stock_async]


def ok(_: httpx.Request) -> httpx.Response:
    """The response of a server that stopped the thing."""
    return httpx.Response(200, json={"message": "Stopped."})


def never(_: httpx.Request) -> httpx.Response:
    """The response of a server that must not be asked."""
    raise AssertionError("a request was sent")


def answering(status: int, **content: Any) -> Handler:
    """The same response to each request."""
    return lambda _: httpx.Response(status, **content)


def hooks(call: Call, event: str, hook: Callable[[Any], object]) -> dict[str, Any]:
    """The option of httpx for an event hook: a coroutine function for an async client."""

    async def async_hook(argument: Any) -> None:
        hook(argument)

    return {"event_hooks": {event: [async_hook if call is asynchronous else hook]}}


class LostBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that an error cuts off."""

    def __init__(self, error: BaseException | None = None) -> None:
        self._error = error or httpx.ReadError("reset")
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"resu'
        raise self._error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


def in_turn(*outcomes: int | httpx.Response | Exception) -> Mock:
    """A server that answers each request with the next outcome: a status, a response, or an error."""
    content: dict[int, object] = {200: {"message": "Stopped."}, 201: {"id": str(THING)}}
    results = [httpx.Response(each, json=content.get(each)) if isinstance(each, int) else each for each in outcomes]
    return Mock(side_effect=results)


def sent_request(call: Call, action: Action = stop, **options: Any) -> httpx.Request:
    """The only request of a call that the server refuses."""
    server = Mock(side_effect=answering(400))
    error_of(BadRequestError, call, server, action, **options)
    server.assert_called_once()
    request: httpx.Request = server.call_args.args[0]
    return request


def error_of(error_class: type[E], call: Call, *arguments: Any, **options: Any) -> E:
    """The error that a call raises, which is of this class or of a subclass."""
    with pytest.raises(error_class) as raised:
        call(*arguments, **options)
    return raised.value
