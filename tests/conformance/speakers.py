"""The clients under test in their four styles, and what went over the wire."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

import httpx

from conformance.arguments import ARGUMENTS
from conformance.subject import Subject
from playbook3d_client import AsyncPlaybookClient, PlaybookClient

# No answer has these in it: the client would mask them.
UNHEARD_OF = {"api_key": "k-0f1e2d3c4b5a69788796", "token": "t-a5b4c3d2e1f001122334"}

STYLES = ("bound", "stock", "bound_async", "stock_async")


class Recorder:
    """Keeps what came of each request, and which of the two pools it went through."""

    def __init__(self) -> None:
        self._responses: list[tuple[str, httpx.Response]] = []

    def hooks(self) -> dict[str, list[Any]]:
        return {"response": [lambda response: self._responses.append(("blocking", response))]}

    def async_hooks(self) -> dict[str, list[Any]]:
        async def keep(response: httpx.Response) -> None:
            self._responses.append(("async", response))

        return {"response": [keep]}

    def only(self, style: str) -> httpx.Response:
        """The one response of the call that was just made."""
        pools = [pool for pool, _ in self._responses]
        responses, self._responses = self._responses, []
        assert pools == ["async" if style.endswith("async") else "blocking"], f"{pools} for one call ({style})"
        return responses[0][1]

    def nothing(self) -> None:
        """Fail if anything was sent."""
        assert self._responses == []


class Speakers:
    """The clients, blocking and async, both talking to one transport in this process."""

    def __init__(self, transport: Any, *, api_key: str, token: str) -> None:
        self.recorder = Recorder()
        self._transport = transport
        self._options: dict[str, Any] = {"api_key": api_key, "token": token, "max_retries": 0}
        self._runner = asyncio.Runner()

    @contextmanager
    def opened(self) -> Generator["Speakers"]:
        """The clients, while the context lasts."""
        http = httpx.Client(transport=self._transport, event_hooks=self.recorder.hooks())
        async_http = httpx.AsyncClient(transport=self._transport, event_hooks=self.recorder.async_hooks())
        with self._runner, http:
            self._client = PlaybookClient(**self._options, http_client=http)
            self._async_client = AsyncPlaybookClient(**self._options, http_client=async_http)
            yield self
            self._runner.run(async_http.aclose())

    def call(self, style: str, subject: Subject, arguments: dict[str, Any], **options: Any) -> Any:
        """What one call returns: the model, in whatever way the style hands it out. ``options``: of the client."""
        asynchronous = style.endswith("async")
        client = self._async_client if asynchronous else self._client
        function = _function(client.with_options(**options) if options else client, style, subject)
        result = function(**arguments)
        if asynchronous:  # not by Runner.run, which takes SIGINT for itself each time: a fourth of a call
            result = self._runner.get_loop().run_until_complete(result)
        return result.parsed if style.startswith("stock") else result

    def outcome(self, style: str, subject: Subject, arguments: dict[str, Any], **options: Any) -> Any:
        """What one call returns, or the error that it raises, to be judged by its exact class."""
        try:
            return self.call(style, subject, arguments, **options)
        except Exception as error:
            return error


def _function(client: PlaybookClient | AsyncPlaybookClient, style: str, subject: Subject) -> Callable[..., Any]:
    endpoint = ARGUMENTS.endpoint(subject.operation.method, subject.operation.path)
    tag, name = endpoint.tags[0], endpoint.name
    if style.startswith("stock"):
        module = import_module(f"playbook3d_api.api.{tag}.{name}")
        return partial(
            module.asyncio_detailed if style.endswith("async") else module.sync_detailed, client=client.generated
        )
    api = getattr(client, _attribute(client, tag))
    return partial(getattr(api, _attribute(api, name)))


def _attribute(owner: object, name: str) -> str:
    """A name, or the one with an underscore that it got where it would have hidden something of the client."""
    return f"{name}_" if hasattr(type(owner), f"{name}_") else name
