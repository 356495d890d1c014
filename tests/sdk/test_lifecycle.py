"""Who closes the connections, and what a closed client does."""

import asyncio
import inspect
from collections.abc import Callable, Generator
from typing import Any

import pytest

from playbook3d_client import APIConnectionError, ConfigurationError
from support.client_styles import KEY, TOKEN, stop
from support.fixture_client import AsyncFixtureClient, FixtureClient
from support.http_family import httpx
from support.servers import refusing_server


def leave_with(client: FixtureClient) -> None:
    with client:
        pass


async def leave_async_with(client: AsyncFixtureClient) -> None:
    async with client:
        pass


CLOSE = pytest.mark.parametrize(
    ("client_type", "close"),
    [
        (FixtureClient, FixtureClient.close),
        (FixtureClient, leave_with),
        (AsyncFixtureClient, AsyncFixtureClient.close),
        (AsyncFixtureClient, AsyncFixtureClient.aclose),
        (AsyncFixtureClient, leave_async_with),
    ],
)


@pytest.fixture
def options() -> Generator[dict[str, Any]]:
    """The options of a client whose server refuses connections."""
    with refusing_server() as url:
        yield {"api_key": KEY, "token": TOKEN, "base_url": url, "max_retries": 0}


@pytest.fixture(autouse=True)
def _one_loop() -> Generator[None]:
    """A client's connections belong to one event loop."""
    with asyncio.Runner() as runner:
        RUNNERS.append(runner)
        yield
        RUNNERS.clear()


RUNNERS: list[asyncio.Runner] = []


def settle(result: Any) -> Any:
    """A result, or that of a coroutine."""
    return RUNNERS[0].run(result) if inspect.iscoroutine(result) else result


def is_closed(client: FixtureClient | AsyncFixtureClient) -> bool:
    """Whether a call fails because the client is closed, and not because the server refuses the connection."""
    with pytest.raises((APIConnectionError, ConfigurationError), match=r"ConnectError|^The client is closed") as raised:
        settle(stop(client))
    return isinstance(raised.value, ConfigurationError)


@CLOSE
def test_original_closes_the_connections_of_its_copies(
    client_type: Any, close: Callable[[Any], Any], options: dict[str, Any]
) -> None:
    client = client_type(**options)
    copy = client.with_options(timeout=3)
    settle(close(copy))
    assert not is_closed(client)
    for _ in range(2):
        settle(close(client))
        assert is_closed(client)
    assert is_closed(copy)


@CLOSE
def test_http_client_of_the_user_stays_open(client_type: Any, close: Callable[[Any], Any]) -> None:
    http_client: Any = httpx.Client() if client_type is FixtureClient else httpx.AsyncClient()
    settle(close(client_type(http_client=http_client)))
    assert not http_client.is_closed


def test_call_of_a_closed_client_is_rejected(options: dict[str, Any]) -> None:
    with httpx.Client() as http_client:
        client = FixtureClient(http_client=http_client, **options)
    with pytest.raises(ConfigurationError) as raised:
        stop(client)
    assert raised.value.message == "The client is closed: make the call before that, or with another client."
