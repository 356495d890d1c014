"""What the constructor accepts and rejects, and what it reads of the environment."""

from typing import Any, cast

import httpx
import pytest

from playbook3d_client import ConfigurationError
from support.client_styles import blocking
from support.fixture_client import AsyncFixtureClient, FixtureClient
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


NOT_HTTP = "api.playbook3d.com ftp://host https:// https://user:word@host https://host/path? https://host/path#"
NOT_A_URL = f"https://a..b https://{'a' * 70}.com https://host:port"


@pytest.mark.parametrize("url", ["", *NOT_HTTP.split(), *NOT_A_URL.split(), b"http://host"])
def test_invalid_base_url_is_rejected(url: Any) -> None:
    reason = "must be an http or https URL|is not a URL: " if isinstance(url, str) else "must be a string, not "
    with pytest.raises(ConfigurationError, match=f"^base_url= or PLAYBOOK_BASE_URL ({reason})"):
        FixtureClient(base_url=url)


@pytest.mark.parametrize("timeout", [(5,), 1e12, "5", -1, float("nan"), True, httpx.Timeout(5, read=-1)])
def test_invalid_timeout_is_rejected(timeout: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^timeout= must be seconds, an httpx\.Timeout, or None for no limit"):
        FixtureClient(timeout=timeout)


@pytest.mark.parametrize("timeout", [0, 0.25, 86400, None, httpx.Timeout(None, connect=0.5)])
def test_valid_timeout_is_accepted(timeout: Any) -> None:
    assert FixtureClient(timeout=timeout).timeout == httpx.Timeout(timeout)


@pytest.mark.parametrize("max_retries", [-1, 1.0, True])
def test_invalid_max_retries_is_rejected(max_retries: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^max_retries= must be a whole number, 0 or more, not "):
        FixtureClient(max_retries=max_retries)


def test_http_client_of_another_type_is_rejected() -> None:
    blocking_http, async_http = cast(Any, httpx.Client()), cast(Any, httpx.AsyncClient())
    with pytest.raises(ConfigurationError, match=r"^http_client= must be an httpx\.Client, not AsyncClient\."):
        FixtureClient(http_client=async_http)
    with pytest.raises(ConfigurationError, match=r"^http_client= must be an httpx\.AsyncClient, not Client\."):
        AsyncFixtureClient(http_client=blocking_http)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ALL_PROXY", "foo://host"), ("ALL_PROXY", "socks5://host"), ("SSL_CERT_FILE", "/no/such/file")],
)
def test_environment_that_httpx_rejects_is_reported(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=r"^httpx cannot be set up as the environment asks: "):
        FixtureClient()
