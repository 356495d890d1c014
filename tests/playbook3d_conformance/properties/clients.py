"""The clients under test, in four styles, and what they sent."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

import httpx

from playbook3d_client import AsyncPlaybookClient, PlaybookClient
from playbook3d_conformance.properties.arguments import ARGUMENTS
from playbook3d_conformance.properties.operations import Operation

# No response contains them, so the client redacts nothing.
UNUSED_CREDENTIALS = {"api_key": "k-0f1e2d3c4b5a69788796", "token": "t-a5b4c3d2e1f001122334"}

STYLES = ("bound", "stock", "bound_async", "stock_async")


class Recorder:
    """Records responses, and through which of the two pools they came."""

    def __init__(self) -> None:
        self._responses: list[tuple[str, httpx.Response]] = []

    def hooks(self) -> dict[str, list[Any]]:
        return {"response": [lambda response: self._responses.append(("blocking", response))]}

    def async_hooks(self) -> dict[str, list[Any]]:
        async def record(response: httpx.Response) -> None:
            self._responses.append(("async", response))

        return {"response": [record]}

    def only_response(self, style: str) -> httpx.Response:
        """The one response of the last call."""
        pools = [pool for pool, _ in self._responses]
        responses, self._responses = self._responses, []
        assert pools == ["async" if style.endswith("async") else "blocking"], f"{pools} for one call ({style})"
        return responses[0][1]

    def assert_nothing_sent(self) -> None:
        """Fail if anything was sent."""
        assert self._responses == []


class Clients:
    """The clients, blocking and async, over one transport in this process."""

    def __init__(self, client: PlaybookClient, async_client: AsyncPlaybookClient, runner: asyncio.Runner) -> None:
        self.recorder = Recorder()
        self._client, self._async_client, self._runner = client, async_client, runner

    def call(self, style: str, operation: Operation, arguments: dict[str, Any], **options: Any) -> Any:
        """The model that a call returns; ``options`` are the client's."""
        is_async = style.endswith("async")
        client = self._async_client if is_async else self._client
        function = _function(client.with_options(**options) if options else client, style, operation)
        result = function(**arguments)
        if is_async:  # not by Runner.run, which installs a signal handler each time
            result = self._runner.get_loop().run_until_complete(result)
        return result.parsed if style.startswith("stock") else result

    def outcome(self, style: str, operation: Operation, arguments: dict[str, Any], **options: Any) -> Any:
        """What a call returns or raises, to be compared by its exact class."""
        try:
            return self.call(style, operation, arguments, **options)
        except Exception as error:
            return error


@contextmanager
def open_clients(transport: Any, *, api_key: str, token: str) -> Generator[Clients]:
    """Clients that send through ``transport``, and never retry."""
    options: dict[str, Any] = {"api_key": api_key, "token": token, "max_retries": 0}
    with asyncio.Runner() as runner, httpx.Client(transport=transport) as http:
        async_http = httpx.AsyncClient(transport=transport)
        clients = Clients(
            PlaybookClient(**options, http_client=http),
            AsyncPlaybookClient(**options, http_client=async_http),
            runner,
        )
        http.event_hooks, async_http.event_hooks = clients.recorder.hooks(), clients.recorder.async_hooks()
        yield clients
        runner.run(async_http.aclose())


def _function(client: PlaybookClient | AsyncPlaybookClient, style: str, operation: Operation) -> Callable[..., Any]:
    endpoint = ARGUMENTS.endpoint(operation.api_operation)
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
