"""``with_options``: copies with other options."""

from typing import Any

import pytest

from fixture_api._operations import CONTRACT
from playbook3d_client import ConfigurationError
from support.client_styles import KEY, TOKEN, blocking, stop
from support.fixture_client import FixtureClient
from support.http_family import httpx
from support.servers import Recorder


def test_options_apply_to_the_copy_alone() -> None:
    server, headers = Recorder(), {"X-Trace": "a"}

    def stop_with_copy_and_original(client: FixtureClient) -> None:
        copy = client.with_options(timeout=3, max_retries=5, headers=headers)
        stop(copy)
        stop(client)
        assert (copy.max_retries, client.max_retries) == (5, 0)

    blocking(server, stop_with_copy_and_original, timeout=7)
    assert [request.extensions["timeout"]["read"] for request in server.requests] == [3, 7]
    assert server.headers("x-trace") == ["a", None]
    assert server.headers("authorization") == [f"Bearer {TOKEN}"] * 2
    assert server.headers("x-api-key") == [KEY] * 2
    assert headers == {"X-Trace": "a"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"headers": {"X-TWO": "3"}}, (["1"], ["3"], 9.0)),
        ({"headers": {}}, (["1"], ["2"], 9.0)),
        ({"max_retries": 5}, (["1"], ["2"], 9.0)),
        ({"timeout": None}, (["1"], ["2"], None)),
    ],
)
def test_copy_of_a_copy_keeps_the_other_options(options: dict[str, Any], expected: object) -> None:
    server = Recorder()

    def stop_with_third_copy(client: FixtureClient) -> None:
        first = client.with_options(headers={"x-one": "1", "x-two": "1"}, timeout=9)
        stop(first.with_options(headers={"X-Two": "2"}).with_options(**options))

    blocking(server, stop_with_third_copy)
    (request,) = server.requests
    assert (*map(request.headers.get_list, ["x-one", "x-two"]), request.extensions["timeout"]["read"]) == expected


def test_copy_of_a_subclass_keeps_its_attributes() -> None:
    class OwnerClient(FixtureClient):
        def __init__(self, owner: str) -> None:
            super().__init__()
            self.owner = owner

    copy = OwnerClient("a").with_options(timeout=3)
    assert type(copy) is OwnerClient
    assert copy.owner == "a"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"timeout": -1},
            "timeout= must be seconds, an httpx.Timeout, an httpx2.Timeout, or None for no limit, not -1.",
        ),
        (
            {"timeout": "s3cret"},
            "timeout= must be seconds, an httpx.Timeout, an httpx2.Timeout, or None for no limit, not str.",
        ),
        (
            {"timeout": httpx.Timeout(5, read=-1)},
            "timeout= must be seconds, an httpx.Timeout, an httpx2.Timeout, or None for no limit, not -1.",
        ),
        ({"max_retries": -1}, "max_retries= must be a whole number, 0 or more, not -1."),
        ({"max_retries": "s3cret"}, "max_retries= must be a whole number, 0 or more, not str."),
        ({"headers": {"Authorization": "s3cret"}}, "headers= has Authorization: give credentials as api_key=, token="),
        ({"headers": {"X-API-KEY": "s3cret"}}, "headers= has X-API-KEY: give credentials as"),
        ({"headers": {"x y": "s3cret"}}, "headers= has an invalid header name."),
        ({"headers": {"": "s3cret"}}, "headers= has an invalid header name."),
        ({"headers": {"s3cret :": ""}}, "headers= has an invalid header name."),
        ({"headers": {1: "s3cret"}}, "headers= has a name that must be a string, not int."),
        (
            {"headers": {"Authorization: Bearer s3cret": ""}},
            "headers= has an invalid header name, which starts with Authorization: give it and its value separately.",
        ),
        ({"headers": {"x": "s3cret\r\ny: z"}}, "headers= has a value for x that is not a string of visible ASCII"),
        ({"headers": {"x": 7}}, "headers= has a value for x"),
        ({"headers": {"x": " s3cret"}}, "headers= has a value for x"),
        ({"headers": 7}, "headers= must be a mapping of names to values, not int."),
        ({"deadline": 0}, "deadline= must be a number of seconds above 0, or None for no limit, not 0."),
        ({"deadline": "s3cret"}, "deadline= must be a number of seconds above 0, or None for no limit, not str."),
        ({"base_url": "api.example.com"}, "base_url="),
        ({"api_key": "a b"}, "api_key= has a character that is not visible ASCII"),
    ],
)
def test_invalid_option_is_rejected(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        FixtureClient().with_options(**options)
    assert raised.value.message.startswith(message)
    assert "s3cr" not in raised.value.message


def test_authorization_is_reserved_without_bearer_scheme() -> None:
    class KeyClient(FixtureClient):
        _contract = CONTRACT._replace(schemes=())

    with pytest.raises(ConfigurationError, match=r"^headers= has Authorization: "):
        KeyClient().with_options(headers={"Authorization": "s3cret"})
    KeyClient().with_options(headers={"x-api-key": "no credential of this contract"})


@pytest.mark.parametrize("value", ["", "a b", "a\tb", "!~"])
def test_valid_header_is_sent_unchanged(value: str) -> None:
    server = Recorder()
    blocking(server, lambda client: stop(client.with_options(headers={"X-A": value})))
    assert server.headers("x-a") == [value]


def test_user_of_a_copy_is_another() -> None:
    recorder = Recorder()
    with httpx.Client(transport=httpx.MockTransport(recorder)) as http_client:
        first = FixtureClient(api_key=KEY, token=TOKEN, http_client=http_client, headers={"x-app": "a", "x-trace": "1"})
        second = first.with_options(
            api_key="key-of-another",
            token="token-of-another",
            base_url="https://other.invalid",
            headers={"X-App": None},
        )
        for client in (first, second, first.with_options(token=lambda: "token-of-a-third")):
            stop(client)
    assert recorder.headers("x-api-key") == [KEY, "key-of-another", KEY]
    tokens = [f"Bearer {token}" for token in (TOKEN, "token-of-another", "token-of-a-third")]
    assert recorder.headers("authorization") == tokens
    assert [request.url.host for request in recorder.requests][1] == "other.invalid"
    assert recorder.headers("x-app") == ["a", None, "a"]
    assert recorder.headers("x-trace") == ["1", "1", "1"]
