"""What the clients accept when they are made, what they refuse, and what they never show."""

import pickle
from typing import Any

import httpx
import pytest

from playbook3d_client import AsyncPlaybookClient, ConfigurationError, PlaybookClient

Client = type[PlaybookClient] | type[AsyncPlaybookClient]


@pytest.fixture(params=[PlaybookClient, AsyncPlaybookClient])
def client_type(request: pytest.FixtureRequest) -> Client:
    """Either client."""
    kind: Client = request.param
    return kind


@pytest.mark.parametrize("argument", ["api_key", "token"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "is empty"),
        ("secret\n", "has a character that is not visible ASCII, at position 6 of 7"),
        ("sec\0ret", "at position 3"),
        ("sec ret", "at position 3"),
        ("sécret", "at position 1"),
        (b"secret", "must be a string, not bytes"),
        (7, "must be a string, not int"),
    ],
)
def test_a_credential_that_no_header_can_carry_is_refused_and_not_shown(
    client_type: Client, argument: str, value: object, message: str
) -> None:
    options: dict[str, Any] = {argument: value}
    with pytest.raises(ConfigurationError, match=message) as raised:
        client_type(**options)
    assert str(raised.value).startswith(f"{argument}= ")
    assert "secret" not in str(raised.value)


def test_a_bad_credential_of_the_environment_is_refused_by_the_name_of_its_variable(
    client_type: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYBOOK_TOKEN", "a b")
    with pytest.raises(ConfigurationError, match=r"^PLAYBOOK_TOKEN has a character"):
        client_type()


@pytest.mark.parametrize("prefix", ["Bearer ", "bearer "])
def test_a_leading_bearer_is_mended(prefix: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"message": request.headers["authorization"]})

    with httpx.Client(transport=httpx.MockTransport(handler)) as http:
        client = PlaybookClient(api_key="k", token=f"{prefix}t0ken", http_client=http)
        assert client.workflows.cancel_run("0" * 32, "0" * 32).message == "Bearer t0ken"


@pytest.mark.parametrize("prefix_only", ["Bearer ", "bearer "])
def test_a_bearer_without_a_token_is_empty(client_type: Client, prefix_only: str) -> None:
    with pytest.raises(ConfigurationError, match="token= is empty"):
        client_type(token=prefix_only)


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
    ],
)
def test_a_base_url_that_is_more_or_less_than_one_is_refused(client_type: Client, url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url= or PLAYBOOK_BASE_URL"):
        client_type(base_url=url)


@pytest.mark.parametrize("url", [httpx.URL("http://host"), b"http://host", 7])
def test_a_base_url_that_is_no_string_is_refused(client_type: Client, url: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"must be a string, not {type(url).__name__}"):
        client_type(base_url=url)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ALL_PROXY", "foo://host"), ("SSL_CERT_FILE", "/no/such/file"), ("ALL_PROXY", "socks5://h")],
)
def test_an_environment_that_httpx_cannot_use_is_told(
    client_type: Client, variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=r"^httpx cannot be set up as the environment asks: "):
        client_type()


@pytest.mark.parametrize(
    "timeout", [(5,), 1e12, "5", -1, float("nan"), float("inf"), True, [1], httpx.Timeout(5, read=-1)]
)
def test_a_timeout_that_is_none_is_refused(client_type: Client, timeout: Any) -> None:
    with pytest.raises(ConfigurationError, match="timeout= must be seconds"):
        client_type(timeout=timeout)


@pytest.mark.parametrize("timeout", [0, 0.25, 1, 86400, None, httpx.Timeout(None, connect=0.5)])
def test_a_timeout_is_any_number_of_seconds_or_none(client_type: Client, timeout: Any) -> None:
    assert client_type(timeout=timeout)._settings.request_options == {"timeout": httpx.Timeout(timeout)}


def test_a_base_url_is_kept_but_for_the_slashes_at_its_end(client_type: Client) -> None:
    assert client_type(base_url="https://host:8443/API/X//")._settings.base_url == "https://host:8443/API/X"


def test_a_client_that_could_not_be_made_can_still_be_shown(client_type: Client) -> None:
    half = client_type.__new__(client_type)
    assert repr(half) == f"{client_type.__name__}(base_url=None)"


def test_an_httpx_client_of_the_wrong_kind_is_refused(client_type: Client) -> None:
    wrong: Any = httpx.AsyncClient() if client_type is PlaybookClient else httpx.Client()
    with pytest.raises(ConfigurationError, match=r"http_client= must be an httpx\.(Async)?Client, not (Async)?Client"):
        client_type(http_client=wrong)


def test_a_client_shows_its_base_url_and_no_secret(client_type: Client) -> None:
    client = client_type(api_key="the-key", token="the-token", base_url="https://host/base/")
    assert repr(client) == f"{client_type.__name__}(base_url='https://host/base')"
    shown = f"{client!r} {client!s} {vars(client)!r} {client._settings!r}"
    assert "the-key" not in shown
    assert "the-token" not in shown
    assert repr(client._settings.credentials) == "Credentials(api_key=***, token=***)"
    assert repr(client_type(token=lambda: "the-token")._settings.credentials) == "Credentials(token=***)"
    assert repr(client_type()._settings.credentials) == "Credentials()"


def test_a_client_is_itself_and_no_other_and_is_not_pickled(client_type: Client) -> None:
    one, other = client_type(), client_type()
    assert one != other
    assert len({one, other, one}) == 2
    with pytest.raises(TypeError, match=f"^{client_type.__name__} holds connections and credentials"):
        pickle.dumps(one)


@pytest.mark.parametrize(
    "method", ["with_headers", "with_cookies", "with_timeout", "set_httpx_client", "set_async_httpx_client"]
)
def test_the_builders_of_the_generated_client_say_where_settings_go(client_type: Client, method: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{client_type.__name__} .* give them to its constructor"):
        getattr(client_type(), method)({})
