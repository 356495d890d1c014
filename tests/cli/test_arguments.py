"""Words of the command line become arguments of the operation, by the types of the contract."""

from collections.abc import Generator
from typing import Any

import httpx
import pytest

from playbook3d_cli._operations import Api
from playbook3d_client._base_client import AsyncClient
from support.command_line import OWNER, THING, command
from support.generated_package import generated_package
from support.small_contract import contract, operation


def no_things(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=[])


def test_path_parameters_are_positional() -> None:
    done = command("stop-thing", OWNER, THING)
    assert (done.status, done.stdout) == (0, "Stopped.\n")
    assert [request.url.path for request in done.requests] == [f"/owners/{OWNER}/things/{THING}/stop"]


def test_options_are_sent_by_their_type() -> None:
    words = ["--limit", "2", "--state", "queued", "--owner", OWNER, "--since", "2024-01-02T03:04:05Z"]
    done = command("list-things", *words, "--label", "a", "--label", "b", "--x-trace", "t", "--session", "s",
                   handler=no_things)  # fmt: skip
    (request,) = done.requests
    assert [*request.url.params.multi_items()] == [
        ("limit", "2"), ("state", "queued"), ("owner", OWNER), ("since", "2024-01-02T03:04:05+00:00"),
        ("label", "a"), ("label", "b"),
    ]  # fmt: skip
    assert (request.headers["x-trace"], request.headers["cookie"]) == ("t", "session=s")


def test_option_that_is_not_given_is_not_sent() -> None:
    (request,) = command("list-things", handler=no_things).requests
    assert [*request.url.params] == ["limit"]  # its default


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--limit", "many"], "Invalid value"),
        (["--state", "lost"], 'Choose from: "executed", "queued"'),
        (["--owner", "me"], "owner must be a UUID, not 'me'"),
        (["--since", "today"], "Invalid value"),
        (["--bogus"], "Unknown option: --bogus"),
    ],
)
def test_invalid_option_is_a_usage_error(words: list[str], message: str) -> None:
    done = command("list-things", *words)
    assert (done.status, done.stdout, done.requests) == (2, "", [])
    assert message in done.stderr


@pytest.mark.parametrize("words", [[], [OWNER]])
def test_missing_path_parameter_is_a_usage_error(words: list[str]) -> None:
    done = command("stop-thing", *words)
    assert (done.status, done.requests) == (2, [])
    assert ("THING_ID" if words else "OWNER_ID") in done.stderr


def test_unknown_option_is_not_an_id() -> None:
    done = command("get-thing", "--bogus")
    assert (done.status, done.requests) == (2, [])
    assert "Unknown option: --bogus" in done.stderr


def test_id_with_a_hyphen_comes_after_two() -> None:
    (request,) = command("delete-thing", "--", "-x", handler=lambda _: httpx.Response(204)).requests
    assert request.url.path == "/things/-x"


PARAMETERS: list[Any] = [
    {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}},
    {"name": "flag", "in": "query", "schema": {"type": "boolean"}},
    {"name": "either", "in": "query", "schema": {"anyOf": [{"type": "integer"}, {"type": "string"}]}},
    {"name": "json", "in": "query", "schema": {"type": "string"}},
    {"name": "ratio", "in": "query", "required": True, "schema": {"type": "number"}},
    {
        "name": "filter",
        "in": "query",
        "style": "deepObject",
        "explode": True,
        "schema": {"title": "Filter", "type": "object", "properties": {"size": {"type": "integer"}}},
    },
]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Generator[Api]:
    document = contract({"/numbers/{number}": {"get": operation("show_number", parameters=PARAMETERS)}})
    with generated_package(tmp_path_factory.mktemp("contract"), document) as package:
        operations, table = package.module("api"), package.module("_operations").CONTRACT
        client = type("Client", (AsyncClient, operations.AsyncOperations), {"_contract": table})
        yield Api(client, operations.Operations, table)


def shown(api: Api, *words: str) -> Any:
    return command("show-number", *words, api=api, handler=lambda _: httpx.Response(204))


def test_option_named_like_one_of_ours_has_a_prefix(api: Api) -> None:
    done = shown(api, "1", "--ratio", "0.5", "--param-json", "text", "--json")
    assert done.stdout == "null\n"
    assert dict(done.requests[0].url.params) == {"ratio": "0.5", "json": "text"}


def test_flags_unions_and_objects_are_options(api: Api) -> None:
    done = shown(api, "1", "--ratio", "1", "--no-flag", "--either", "x1", "--filter", '{"size": 3}')
    assert dict(done.requests[0].url.params) == {"ratio": "1.0", "flag": "false", "either": "x1", "filter[size]": "3"}


def test_path_parameter_is_validated_by_its_type(api: Api) -> None:
    done = shown(api, "one", "--ratio", "1")
    assert (done.status, done.requests) == (2, [])
    assert "number: Unable to convert" in done.stderr


def test_required_option_is_required(api: Api) -> None:
    done = shown(api, "1")
    assert done.status == 2
    assert "--ratio" in done.stderr


def test_object_that_is_not_json_is_a_usage_error(api: Api) -> None:
    done = shown(api, "1", "--ratio", "1", "--filter", "size=3")
    assert done.status == 2
    assert "--filter is not JSON" in done.stderr
