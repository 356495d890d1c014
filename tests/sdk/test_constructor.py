"""What the constructor accepts and rejects, and what it reads of the environment."""

from typing import Any

import httpx
import pytest

from playbook3d_client import ConfigurationError
from support.client_styles import blocking
from support.fixture_client import AsyncFixtureClient, FixtureClient


@pytest.mark.parametrize("argument", ["api_key", "token"])
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "is empty."),
        ("secret\n", "has a character that is not visible ASCII, at position 6 of 7: was a space or a line end copied"),
        ("sec\0ret", "has a character that is not visible ASCII, at position 3"),
        ("sec ret", "has a character that is not visible ASCII, at position 3"),
        ("sécret", "has a character that is not visible ASCII, at position 1"),
        (b"secret", "must be a string, not bytes."),
        (7, "must be a string, not int."),
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
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"message": request.headers["authorization"]})

    assert blocking(echo, token=f"{prefix}t0ken").message == "Bearer t0ken"
    with pytest.raises(ConfigurationError, match=r"^token= is empty"):
        FixtureClient(token=prefix)


def test_credentials_are_optional() -> None:
    FixtureClient().close()


@pytest.mark.parametrize(
    ("options", "expected"), [({}, "http://variable/base"), ({"base_url": "http://argument"}, "http://argument")]
)
def test_base_url_takes_precedence_over_its_variable(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], expected: str
) -> None:
    monkeypatch.setenv("PLAYBOOK_BASE_URL", "http://variable/base/")
    assert FixtureClient(**options).base_url == expected


@pytest.mark.parametrize("variable", ["PLAYBOOK_API_KEY", "PLAYBOOK_TOKEN", "PLAYBOOK_BASE_URL"])
def test_empty_variable_counts_as_missing(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "")
    assert FixtureClient().base_url == "https://api.fixture.invalid"


@pytest.mark.parametrize(
    "url",
    [
        "api.playbook3d.com",
        "/relative",
        "ftp://host",
        "https://",
        "https://user:word@host",
        "https://host?query=1",
        "https://host#fragment",
        "https://host/path?",
        "https://host/path#",
        "https://a..b",
        f"https://{'a' * 70}.com",
        "https://host:port",
        "",
        httpx.URL("http://host"),
        b"http://host",
        7,
    ],
)
def test_invalid_base_url_is_rejected(url: Any) -> None:
    reason = "must be an http or https URL|is not a URL: " if isinstance(url, str) else "must be a string, not "
    with pytest.raises(ConfigurationError, match=f"^base_url= or PLAYBOOK_BASE_URL ({reason})"):
        FixtureClient(base_url=url)


def test_final_slashes_of_the_base_url_are_removed() -> None:
    assert FixtureClient(base_url="https://host:8443/API/X//").base_url == "https://host:8443/API/X"


@pytest.mark.parametrize(
    "timeout", [(5,), 1e12, "5", -1, float("nan"), float("inf"), True, [1], httpx.Timeout(5, read=-1)]
)
def test_invalid_timeout_is_rejected(timeout: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^timeout= must be seconds, an httpx\.Timeout, or None for no limit"):
        FixtureClient(timeout=timeout)


@pytest.mark.parametrize("timeout", [0, 0.25, 1, 86400, None, httpx.Timeout(None, connect=0.5)])
def test_valid_timeout_is_accepted(timeout: Any) -> None:
    assert FixtureClient(timeout=timeout).timeout == httpx.Timeout(timeout)


@pytest.mark.parametrize("max_retries", [-1, 1.0, "2", True, None])
def test_invalid_max_retries_is_rejected(max_retries: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^max_retries= must be a whole number, 0 or more, not "):
        FixtureClient(max_retries=max_retries)


@pytest.mark.parametrize(
    ("client_type", "http_type", "message"),
    [
        (FixtureClient, httpx.AsyncClient, "an httpx.Client, not AsyncClient."),
        (AsyncFixtureClient, httpx.Client, "an httpx.AsyncClient, not Client."),
        (FixtureClient, str, "an httpx.Client, not str."),
    ],
)
def test_http_client_of_another_type_is_rejected(client_type: Any, http_type: type, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^http_client= must be {message}"):
        client_type(http_client=http_type())


@pytest.mark.parametrize(
    ("client_type", "variable", "value"),
    [
        (FixtureClient, "ALL_PROXY", "foo://host"),
        (AsyncFixtureClient, "ALL_PROXY", "foo://host"),
        (FixtureClient, "ALL_PROXY", "socks5://host"),
        (FixtureClient, "SSL_CERT_FILE", "/no/such/file"),
    ],
)
def test_environment_that_httpx_rejects_is_reported(
    monkeypatch: pytest.MonkeyPatch, client_type: Any, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=r"^httpx cannot be set up as the environment asks: "):
        client_type()
