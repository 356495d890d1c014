"""What the constructor accepts and rejects, and what it reads of the environment."""

from typing import Any, cast

import pytest

from playbook3d_client import ConfigurationError
from support.client_styles import blocking
from support.fixture_client import AsyncFixtureClient, FixtureClient
from support.http_family import httpx
from support.servers import Recorder


@pytest.mark.parametrize("argument", ["api_key", "token"])
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "is empty."),
        ("secret\n", "has a character that is not visible ASCII, at position 6 of 7: was a space or a line end copied"),
        ("sec ret", "has a character that is not visible ASCII, at position 3"),
        ("sécret", "has a character that is not visible ASCII, at position 1"),
        (b"secret", "must be a string, not bytes."),
    ],
)
def test_invalid_credential_is_rejected(argument: str, value: object, reason: str) -> None:
    options: dict[str, Any] = {argument: value}
    with pytest.raises(ConfigurationError) as raised:
        FixtureClient(**options)
    assert raised.value.message.startswith(f"{argument}= {reason}")
    assert "secret" not in raised.value.message


@pytest.mark.parametrize(("variable", "value"), [("PLAYBOOK_API_KEY", "sécret"), ("PLAYBOOK_TOKEN", "a b")])
def test_invalid_variable_is_rejected_by_name(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=f"^{variable} has a character that is not visible ASCII"):
        FixtureClient()


@pytest.mark.parametrize("prefix", ["Bearer ", "bearer "])
def test_leading_bearer_is_removed(prefix: str) -> None:
    server = Recorder()
    blocking(server, token=f"{prefix}t0ken")
    assert server.headers("authorization") == ["Bearer t0ken"]
    with pytest.raises(ConfigurationError, match=r"^token= is empty"):
        FixtureClient(token=prefix)


@pytest.mark.parametrize(
    ("variable", "argument", "expected"),
    [
        ("", None, "https://api.fixture.invalid"),
        ("http://variable/base/", None, "http://variable/base"),
        ("http://variable", "https://host:8443/API/X//", "https://host:8443/API/X"),
    ],
)
def test_base_url_is_that_of_argument_variable_or_contract(
    monkeypatch: pytest.MonkeyPatch, variable: str, argument: str | None, expected: str
) -> None:
    monkeypatch.setenv("PLAYBOOK_BASE_URL", variable)
    assert FixtureClient(base_url=argument).base_url == expected


SPACE, PORT = "has a space or a control character, at position ", "has an invalid port: use a number from 1 to 65535."
HOST, PATH = "has an invalid host: use a name or an IP address ", "has a query, a fragment or a backslash: "
SCHEME, USER = (
    "has a scheme other than http and https: use https://…",
    "has a user or a password: remove it, ",
)
INVALID_URLS = {
    SPACE: [
        "https://host ",
        " https://host",
        "https://ho\x00st",
        "https://host/\n",
        "https://host\u2028",
        "https://\ud800",
    ],
    PORT: ["https://host:99999", "https://host:0", "https://host:word", "https://host:-1", "https://[::1]word"],
    HOST: [
        "https://a..b",
        f"https://{'a' * 70}.com",
        "https://a%2eb",
        "https://[::g]",
        "https://999.1.1.1",
        "https://\u017f.example",
    ],
    "has no host: use a name or an IP address ": ["https://", "https:///path", "https://:80"],
    "has no scheme: use http://… or https://…": [
        "api.playbook3d.com",
        "localhost:8000",
        "//host",
        "https:host",
        "user:word@host",
    ],
    SCHEME: ["ftp://host", "word://host", "://host"],
    USER: ["https://user:word@host", "https://word@host", "https://@host"],
    PATH: ["https://host/path?", "https://host/path#", "https://host?word", "https://host\\@word"],
}


@pytest.mark.parametrize(
    ("problem", "url"), [(problem, url) for problem, urls in INVALID_URLS.items() for url in urls], ids=ascii
)
def test_invalid_base_url_is_rejected_with_its_problem(problem: str, url: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        FixtureClient(base_url=url)
    assert raised.value.message.startswith(f"base_url= {problem}")
    assert "word" not in raised.value.message.replace("password", "")  # the message shows no part of the URL
    assert raised.value.__context__ is None


@pytest.mark.parametrize(
    ("url", "problem"), [("", "is empty: use http://… or https://…"), (b"http://host", "must be a string, ")]
)
def test_base_url_that_is_no_url_is_rejected(url: Any, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^base_url= {problem}"):
        FixtureClient(base_url=url)


def test_invalid_base_url_of_the_environment_is_rejected_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYBOOK_BASE_URL", "api.playbook3d.com")
    with pytest.raises(ConfigurationError, match=r"^PLAYBOOK_BASE_URL has no scheme: use http://… or https://…\.$"):
        AsyncFixtureClient()


VALID_URLS = (
    "http://localhost:65535 http://[::1]:8000 http://127.0.0.1/a%2eb/@c https://my_host. https://münchen.example"
)


@pytest.mark.parametrize("url", [*VALID_URLS.split(), f"https://{'a' * 63}.example"])
def test_valid_base_url_is_accepted(url: str) -> None:
    assert FixtureClient(base_url=url).base_url == str(httpx.URL(url))


@pytest.mark.parametrize("timeout", [(5,), 1e12, "5", -1, float("nan"), True, httpx.Timeout(5, read=-1)])
def test_invalid_timeout_is_rejected(timeout: Any) -> None:
    with pytest.raises(
        ConfigurationError, match=r"^timeout= must be seconds, an httpx\.Timeout, an httpx2\.Timeout, or N"
    ):
        FixtureClient(timeout=timeout)


@pytest.mark.parametrize("timeout", [0, 0.25, 86400, None, httpx.Timeout(None, connect=0.5)])
def test_valid_timeout_is_accepted(timeout: Any) -> None:
    assert FixtureClient(timeout=timeout).timeout.as_dict() == httpx.Timeout(timeout).as_dict()


@pytest.mark.parametrize("max_retries", [-1, 1.0, True])
def test_invalid_max_retries_is_rejected(max_retries: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^max_retries= must be a whole number, 0 or more, not "):
        FixtureClient(max_retries=max_retries)


def test_http_client_of_another_type_is_rejected() -> None:
    blocking_http, async_http = cast(Any, httpx.Client()), cast(Any, httpx.AsyncClient())
    with pytest.raises(ConfigurationError, match=r"^http_client= must be an httpx\.Client or an httpx2\.Client, not A"):
        FixtureClient(http_client=async_http)
    with pytest.raises(
        ConfigurationError, match=r"^http_client= must be an httpx\.AsyncClient or an httpx2\.A.*, not C"
    ):
        AsyncFixtureClient(http_client=blocking_http)
