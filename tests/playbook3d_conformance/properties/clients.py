"""The clients under test, in four styles, and what they sent."""

import asyncio
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

import httpx

from playbook3d_client import AsyncPlaybookClient, PlaybookClient
from playbook3d_conformance.credentials import required_schemes
from playbook3d_conformance.openapi import AnyOperation
from playbook3d_conformance.properties.arguments import ARGUMENTS
from playbook3d_conformance.properties.operations import BASE_URL, EFFECTIVE

# No response contains them, so the client redacts nothing.
UNUSED_CREDENTIALS = {
    name: f"u:{number}-0f1e2d3c4b5a69788796" for number, name in enumerate(required_schemes(EFFECTIVE))
}

STYLES = ("bound", "stock", "bound_async", "stock_async")


class Clients(NamedTuple):
    """The clients, blocking and async, and the responses that came through the pool of each."""

    blocking: PlaybookClient
    asynchronous: AsyncPlaybookClient
    responses: list[tuple[str, httpx.Response]]
    runner: asyncio.Runner

    def call(self, style: str, operation: AnyOperation, arguments: dict[str, Any], **options: Any) -> Any:
        """The model that a call returns; ``options`` are the client's."""
        is_async = style.endswith("async")
        client = self.asynchronous if is_async else self.blocking
        function = _function(client.with_options(**options) if options else client, style, operation)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Credentials go over plain http", UserWarning)  # to no socket
            if operation.definition.raw.get("deprecated"):
                warnings.simplefilter("ignore", DeprecationWarning)
            result = function(**arguments)
            if is_async:
                result = self.runner.run(result)
        return result.parsed if style.startswith("stock") else result

    def outcome(self, style: str, operation: AnyOperation, arguments: dict[str, Any], **options: Any) -> Any:
        """What a call returns or raises, to be compared by its exact class."""
        try:
            return self.call(style, operation, arguments, **options)
        except Exception as error:
            return error

    def only_response(self, style: str) -> httpx.Response:
        """The one response of the last call."""
        pools, responses = [pool for pool, _ in self.responses], [response for _, response in self.responses]
        self.responses.clear()
        assert pools == ["async" if style.endswith("async") else "blocking"], f"{pools} for one call ({style})"
        return responses[0]


@contextmanager
def open_clients(transport: Any, credentials: Mapping[str, str], base_url: str | None = BASE_URL) -> Generator[Clients]:
    """Clients that send through ``transport``, and never retry; ``credentials`` are by security scheme.

    Without a transport, they send to ``base_url`` over sockets.
    """
    responses: list[tuple[str, httpx.Response]] = []

    async def record(response: httpx.Response) -> None:
        responses.append(("async", response))

    options: dict[str, Any] = {"credentials": credentials, "base_url": base_url, "max_retries": 0}
    hooks: list[Any] = [lambda response: responses.append(("blocking", response))]
    with asyncio.Runner() as runner, httpx.Client(transport=transport, event_hooks={"response": hooks}) as http:
        async_http = httpx.AsyncClient(transport=transport, event_hooks={"response": [record]})
        blocking = PlaybookClient(**options, http_client=http)
        yield Clients(blocking, AsyncPlaybookClient(**options, http_client=async_http), responses, runner)
        runner.run(async_http.aclose())


def _function(client: PlaybookClient | AsyncPlaybookClient, style: str, operation: AnyOperation) -> Callable[..., Any]:
    endpoint = ARGUMENTS.endpoint(operation)
    tag, name = endpoint.tags[0], endpoint.name
    if style.startswith("stock"):
        module = import_module(f"playbook3d_api.api.{tag}.{name}")
        function = module.asyncio_detailed if style.endswith("async") else module.sync_detailed
        return partial(function, client=client.generated)
    api = getattr(client, _attribute(client, tag))
    return partial(getattr(api, _attribute(api, name)))


def _attribute(owner: object, name: str) -> str:
    """A name, or the one with an underscore that it has if it would hide an attribute of the client."""
    return f"{name}_" if hasattr(type(owner), f"{name}_") else name
