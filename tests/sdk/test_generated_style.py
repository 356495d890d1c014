"""``client.generated``: the client as the generator's own functions use it."""

import asyncio
from typing import Any

import pytest

from fixture_api._operations import CONTRACT
from fixture_api.api.things import create_thing, list_things, set_image, stop_thing
from fixture_api.models import StopResult, Thing
from fixture_api.types import File
from playbook3d_client import APIResponseValidationError, ConfigurationError, NotFoundError
from playbook3d_client._generated_style import find_operation
from support.client_styles import STYLES, THING, Call, answering, asynchronous, blocking, error_of, sent_request, things
from support.fixture_client import AsyncFixtureClient, FixtureClient

CLIENT_TYPES = pytest.mark.parametrize("client_type", [FixtureClient, AsyncFixtureClient])
BYTES: Any = b"\0file"
SETTERS = ["with_headers", "with_cookies", "with_timeout", "set_httpx_client", "set_async_httpx_client"]


@pytest.mark.parametrize("call", STYLES)
def test_error_is_raised_and_not_returned(call: Call) -> None:
    error_of(NotFoundError, call, answering(404, json={"result": "gone"}))
    error_of(APIResponseValidationError, call, answering(200, json=[]))
    error_of(APIResponseValidationError, call, answering(204))


def test_detailed_functions_return_status_and_headers() -> None:
    handler = answering(200, content=b'{"message": "m"}', headers={"x-request-id": "r-1"})
    for result in (
        blocking(handler, lambda client: stop_thing.sync_detailed(THING, THING, client=client.generated)),
        asynchronous(handler, lambda client: stop_thing.asyncio_detailed(THING, THING, client=client.generated)),
    ):
        assert (result.status_code, result.headers["x-request-id"]) == (200, "r-1")
        assert (result.content, result.parsed) == (b'{"message": "m"}', StopResult(message="m"))


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        (list_things, {"label": ["a"], "x_trace": "t-1", "session": "s-1"}),
        (create_thing, {"body": Thing(id=THING)}),
        (set_image, {"name": "a b", "body": File(BYTES)}),
    ],
)
def test_request_is_that_of_the_method(module: Any, arguments: dict[str, Any]) -> None:
    expected = sent_request(blocking, things(module.__name__.rpartition(".")[2], **arguments))
    request = sent_request(blocking, lambda client: module.sync(client=client.generated, **arguments))
    assert (request.method, request.url, request.headers) == (expected.method, expected.url, expected.headers)
    assert request.content == expected.content


def test_options_of_a_copy_apply() -> None:
    def stop_with_copy(client: Any) -> Any:
        return stop_thing.sync(THING, THING, client=client.with_options(headers={"x-trace": "a"}).generated)

    assert sent_request(blocking, stop_with_copy).headers["x-trace"] == "a"


@CLIENT_TYPES
def test_token_stays_with_the_client(client_type: type[FixtureClient]) -> None:
    assert client_type(token="t0ken").generated.token == ""


@pytest.mark.parametrize(("name", "value"), [("owner_id", ""), ("owner_id", ".."), ("thing_id", ""), ("thing_id", ".")])
def test_value_that_changes_the_path_is_rejected(name: str, value: str) -> None:
    arguments: dict[str, Any] = {"owner_id": THING, "thing_id": THING, name: value}
    client: Any = FixtureClient().generated
    with pytest.raises(ValueError, match=f"^{name} must not be "):
        stop_thing.sync(client=client, **arguments)


@pytest.mark.parametrize(("method", "path"), [("put", "/things"), ("post", "/unknown"), ("get", "/things/a/image/")])
def test_request_of_no_operation_is_rejected(method: str, path: str) -> None:
    generated = FixtureClient().generated.get_httpx_client()
    error = error_of(ConfigurationError, generated.request, method, path)
    assert error.message == f"{method.upper()} {path} is not an operation of the contract."


@pytest.mark.parametrize("operations", [CONTRACT.operations, CONTRACT.operations[::-1]])
@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/things/newest", "newest_thing"),
        ("GET", "/things/other", "get_thing"),
        ("DELETE", "/things/newest", "delete_thing"),
        ("POST", "/things", "create_thing"),
    ],
)
def test_concrete_path_takes_precedence(operations: Any, method: str, path: str, name: str) -> None:
    assert find_operation(operations, method, path).name == name


def test_function_of_the_other_style_is_rejected() -> None:
    of_blocking: Any = FixtureClient().generated
    with pytest.raises(ConfigurationError, match=r"^PlaybookClient makes blocking calls: use AsyncPlaybookClient to"):
        asyncio.run(stop_thing.asyncio(THING, THING, client=of_blocking))
    of_async: Any = AsyncFixtureClient().generated
    with pytest.raises(ConfigurationError, match=r"^AsyncPlaybookClient makes async calls: use Playbook"):
        stop_thing.sync(THING, THING, client=of_async)


@CLIENT_TYPES
@pytest.mark.parametrize("method", [*SETTERS, "__enter__", "__aenter__"])
def test_options_and_lifecycle_are_rejected(client_type: type[FixtureClient], method: str) -> None:
    error = error_of(ConfigurationError, getattr(client_type().generated, method))
    assert error.message == "Set options, open and close on the client itself; `generated` makes calls alone."
