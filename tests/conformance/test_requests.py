"""The client says what the contract allows, all of it, and says it right."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from conformance.arguments import ARGUMENTS
from conformance.subject import CONTRACT, SUBJECTS, Subject, drawn
from conformance.wire import AnyCase, Wire, expected, values, wire, without_defaults
from playbook3d_client import AsyncPlaybookClient, PlaybookClient
from playbook3d_mock import Mock

BASE_URL = "http://mock.invalid"
STYLES = ("blocking", "async")

# Those that judge the answer alone; the others send requests of their own, and run in test_server.
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


class Recorder:
    """Keeps what an httpx client sent and got, through its event hooks."""

    def __init__(self) -> None:
        self.responses: list[httpx.Response] = []

    def hooks(self) -> dict[str, list[Any]]:
        return {"response": [self.responses.append]}

    def async_hooks(self) -> dict[str, list[Any]]:
        async def keep(response: httpx.Response) -> None:
            self.responses.append(response)

        return {"response": [keep]}

    def only(self) -> httpx.Response:
        """The one response of the call that was just made."""
        assert len(self.responses) == 1, f"{len(self.responses)} requests for one call"
        return self.responses.pop()


class Speakers:
    """The clients under test, blocking and async, both talking to one mock in this process."""

    def __init__(self) -> None:
        self.mock = Mock(CONTRACT)
        self.recorder = Recorder()
        self._credentials: dict[str, Any] = {
            "api_key": self.mock.api_key,
            "token": self.mock.token,
            "base_url": BASE_URL,
        }
        self._runner = asyncio.Runner()

    @contextmanager
    def opened(self) -> Generator["Speakers", None, None]:
        http = httpx.Client(transport=self.mock.transport, event_hooks=self.recorder.hooks())
        async_http = httpx.AsyncClient(transport=self.mock.transport, event_hooks=self.recorder.async_hooks())
        with self._runner, http:
            self.blocking = PlaybookClient(**self._credentials, http_client=http)
            self.asynchronous = AsyncPlaybookClient(**self._credentials, http_client=async_http)
            yield self
            self._runner.run(async_http.aclose())

    def call(self, tag: str, name: str, arguments: dict[str, Any]) -> Any:
        return getattr(getattr(self.blocking, tag), name)(**arguments)

    def call_async(self, tag: str, name: str, arguments: dict[str, Any]) -> Any:
        return self._runner.run(getattr(getattr(self.asynchronous, tag), name)(**arguments))


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.label)
@pytest.mark.parametrize("style", STYLES)
def test_what_schemathesis_draws_the_client_sends_and_the_mock_accepts(subject: Subject, style: str) -> None:
    endpoint = ARGUMENTS.endpoint(subject.operation.method, subject.operation.path)
    cases = subject.operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    count = f"requests, {style}: {subject.label}"

    with Speakers().opened() as speakers:
        speak = speakers.call if style == "blocking" else speakers.call_async
        credentials = {"Authorization": f"Bearer {speakers.mock.token}", "x-api-key": speakers.mock.api_key}

        @given(case=cases)
        def check(case: AnyCase) -> None:
            result = speak(endpoint.tags[0], endpoint.name, ARGUMENTS.of(case))

            response = speakers.recorder.only()
            meant = expected(case, BASE_URL, credentials, subject.declared_headers)
            said = sent(response.request, subject.declared_headers)
            assert without_defaults(said, meant, subject.defaults) == meant
            case.validate_response(response, checks=CHECKS)
            assert response.is_success
            assert values(_as_sent(result)) == values(_content(response))
            drawn[count] += 1

        check()
    assert drawn[count] >= settings().max_examples // 2


def sent(request: httpx.Request, declared: set[str]) -> Wire:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return wire(request.method, str(request.url), headers, request.read(), declared)


def _as_sent(result: Any) -> Any:
    """What a method returned, as the server had sent it."""
    if isinstance(result, list):
        return [_as_sent(item) for item in result]
    if hasattr(result, "to_dict"):
        return result.to_dict()
    return result.payload.read() if hasattr(result, "payload") else result


def _content(response: httpx.Response) -> Any:
    if not response.content:
        return None
    return response.json() if "json" in response.headers["content-type"] else response.content
