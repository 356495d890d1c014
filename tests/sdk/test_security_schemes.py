"""Security schemes: each has its own credential, in its place, from its argument or its variable."""

import pickle
import traceback
from typing import Any
from unittest.mock import Mock

import pytest

from playbook3d_client import APIConnectionError, AsyncCachedToken, AuthenticationError, CachedToken, ConfigurationError
from support.client_styles import answering
from support.http_family import httpx
from support.scheme_clients import SCHEMES, client, get_async

KEYS = {
    "key-a": "secret-of-a",
    "keyB": "secret-of-b",
    "query": "secret-of&q+",
    "cookie": "secret-of-c",
}
ALL = "+".join(SCHEMES)
EVERY_VALUE: dict[str, Any] = {**KEYS, "bearer": "token-1234", "oauth": "token-5678", "basic": ("user", "pass:word")}
ENCODED = "dXNlcjpwYXNzOndvcmQ="  # user:pass:word


def sent(names: str, *alternatives: str, arguments: dict[str, Any] | None = None, **options: Any) -> dict[str, str]:
    """The headers, query parameters and cookies of a request that carry credentials."""
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200)

    client(names, handler, **options).get(*alternatives, **(arguments or {}))
    headers = {
        name: value for name, value in requests[0].headers.items() if name in ("x-a", "x-b", "authorization", "cookie")
    }
    return headers | dict(requests[0].url.params)


@pytest.mark.parametrize(
    ("required", "expected"),
    [
        ("key-a+keyB", {"x-a": KEYS["key-a"], "x-b": KEYS["keyB"]}),
        ("keyB", {"x-b": KEYS["keyB"]}),
        ("query", {"api key": KEYS["query"]}),
        ("cookie", {"cookie": f"session={KEYS['cookie']}"}),
        ("bearer+query", {"authorization": "Bearer token-1234", "api key": KEYS["query"]}),
        ("oauth", {"authorization": "Bearer token-5678"}),
        ("basic", {"authorization": f"Basic {ENCODED}"}),
    ],
)
def test_each_scheme_sends_its_own_credential(required: str, expected: dict[str, str]) -> None:
    assert sent(ALL, required, credentials=EVERY_VALUE) == expected
    server = Mock(return_value=httpx.Response(200))
    get_async(ALL, server, required, credentials=EVERY_VALUE)
    assert (
        dict(server.call_args.args[0].headers).items()
        >= {name: value for name, value in expected.items() if name != "api key"}.items()
    )


def test_other_parameters_and_cookies_are_sent_too() -> None:
    arguments = {"params": {"a": ["1", "2"], "b": 3}, "cookies": {"other": "x"}}
    http = {"params": {"c": "4"}, "cookies": {"own": "y"}}
    requests = Mock(return_value=httpx.Response(200))
    client("query+cookie", requests, http=http, credentials=KEYS | {"key-a": None, "keyB": None}).get(
        "query+cookie", **arguments
    )
    request: httpx.Request = requests.call_args.args[0]
    assert request.url.params.multi_items() == [
        ("c", "4"), ("a", "1"), ("a", "2"), ("b", "3"), ("api key", KEYS["query"])
    ]  # fmt: skip
    assert {*request.headers["cookie"].split("; ")} == {"own=y", "other=x", f"session={KEYS['cookie']}"}


@pytest.mark.parametrize("pair", ["user:pass:word", ("user", "pass:word")])
def test_basic_takes_a_pair_or_a_text(pair: Any) -> None:
    assert sent("basic", "basic", credentials={"basic": pair}) == {"authorization": f"Basic {ENCODED}"}


def test_user_and_password_are_sent_as_utf_8() -> None:
    assert sent("basic", "basic", credentials={"basic": ("ü", "")}) == {"authorization": "Basic w7w6"}


@pytest.mark.parametrize(
    ("names", "variables", "expected"),
    [
        ("key-a+keyB", {"KEY_A": "for-a", "KEY_B": "for-b"}, {"x-a": "for-a", "x-b": "for-b"}),
        ("key-a", {"API_KEY": "for-a"}, {"x-a": "for-a"}),
        ("key-a", {"API_KEY": "shared", "KEY_A": "for-a"}, {"x-a": "for-a"}),
        ("oauth", {"TOKEN": "for-oauth"}, {"authorization": "Bearer for-oauth"}),
        ("basic", {"BASIC": "user:pass:word"}, {"authorization": f"Basic {ENCODED}"}),
        # A number keeps the variables apart.
        (
            "keyB+key_b",
            {"KEY_B": "for-b", "KEY_B_2": "user:pass:word"},
            {"x-b": "for-b", "authorization": f"Basic {ENCODED}"},
        ),
        ("base-url", {"BASE_URL_2": "user:pass:word"}, {"authorization": f"Basic {ENCODED}"}),
    ],
)
def test_environment_has_a_variable_for_each_scheme(
    names: str, variables: dict[str, str], expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"PLAYBOOK_{name}", value)
    assert sent(names, names) == expected


def test_shared_variable_is_for_the_only_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYBOOK_API_KEY", "shared")
    with pytest.raises(ConfigurationError, match=r"needs an API key \(pass credentials=.* or set PLAYBOOK_KEY_A\)"):
        client("key-a+keyB").get("key-a+keyB")


def test_missing_credentials_are_named() -> None:
    with pytest.raises(ConfigurationError) as raised:
        client(ALL, credentials={"keyB": "b"}).get("key-a+keyB+basic", "oauth")
    assert raised.value.message == (
        "get_it needs an API key (pass credentials={'key-a': …} or set PLAYBOOK_KEY_A) and "
        "a user and a password (pass credentials={'basic': …} or set PLAYBOOK_BASIC)."
    )


def test_optional_credential_is_sent_if_present() -> None:
    assert sent("key-a", "key-a", "", api_key="secret-of-a") == {"x-a": "secret-of-a"}
    assert sent("key-a", "key-a", "") == {}


AMBIGUOUS = "is ambiguous: pass credentials= with the security schemes"
NOT_A_PAIR = "credentials={'basic': …} must be (user, password) or 'user:password'."
INVALID_PAIR = "credentials={'basic': …} has a colon in the user, or a control character."


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        ("key-a+keyB", {"api_key": "k"}, f"api_key= {AMBIGUOUS} key-a, keyB."),
        ("bearer+oauth", {"token": "k"}, f"token= {AMBIGUOUS} bearer, oauth."),
        (
            "key-a",
            {"api_key": "k", "credentials": {"key-a": "k"}},
            "api_key= and credentials= both have the credential key-a.",
        ),
        ("key-a", {"credentials": {"secret": "k"}}, "credentials= has an unknown security scheme: use key-a."),
        (
            "key-a",
            {"credentials": "secret"},
            "credentials= must be a mapping of security schemes to credentials, not str.",
        ),
        (
            "key-a",
            {"credentials": {"key-a": "a secret"}},
            "credentials={'key-a': …} has a character that is not visible ASCII, at position 1 of 8: "
            "was a space or a line end copied with it?",
        ),
        (
            "key-a",
            {"credentials": {"key-a": lambda: "secret"}},
            "credentials={'key-a': …} must be a string, not function.",
        ),
        (
            "cookie",
            {"credentials": {"cookie": "a;secret"}},
            "credentials={'cookie': …} has a character that is not allowed in a cookie, at position 1 of 8: "
            "was a space or a line end copied with it?",
        ),
        ("basic", {"credentials": {"basic": "secret"}}, NOT_A_PAIR),
        ("basic", {"credentials": {"basic": ("secret", 1)}}, NOT_A_PAIR),
        ("basic", {"credentials": {"basic": ("sec:ret", "")}}, INVALID_PAIR),
        ("basic", {"credentials": {"basic": "secret:\n"}}, INVALID_PAIR),
    ],
)
def test_invalid_credentials_are_rejected(names: str, options: dict[str, Any], message: str) -> None:
    for construct in (client, lambda names, **options: client(names).with_options(**options)):
        with pytest.raises(ConfigurationError) as raised:
            construct(names, **options)
        assert raised.value.message == message


def test_with_options_replaces_only_given_credentials() -> None:
    requests = Mock(return_value=httpx.Response(200))
    original = client("key-a+keyB+basic", requests, credentials={"key-a": "a-1", "keyB": "b-1", "basic": "u:p"})
    copy = original.with_options(credentials={"key-a": "a-2"})
    copy.get("key-a+keyB+basic")
    original.get("key-a+keyB")
    first, second = (call.args[0].headers for call in requests.call_args_list)
    assert (first["x-a"], first["x-b"], first["authorization"]) == ("a-2", "b-1", "Basic dTpw")
    assert (second["x-a"], second["x-b"]) == ("a-1", "b-1")


def test_each_token_source_refreshes_after_its_401() -> None:
    tokens: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        tokens.append(request.headers["authorization"])
        return httpx.Response(200 if tokens[-1].endswith("new") else 401)

    caches: dict[str, Any] = {
        name: CachedToken(Mock(side_effect=[f"{name}-old", f"{name}-new"])) for name in ("bearer", "oauth")
    }
    calls = client("bearer+oauth", handler, credentials=caches)
    for name in ("bearer", "oauth", "bearer"):
        calls.get(name)
    assert tokens == [f"Bearer {name}" for name in ("bearer-old", "bearer-new", "oauth-old", "oauth-new", "bearer-new")]


def test_async_token_function_is_awaited() -> None:
    async def fetch() -> str:
        return "fetched"

    server = Mock(return_value=httpx.Response(200))
    get_async("bearer+oauth", server, "oauth", credentials={"oauth": AsyncCachedToken(fetch)})
    assert server.call_args.args[0].headers["authorization"] == "Bearer fetched"


def test_headers_do_not_take_credentials() -> None:
    for names, header in (("keyB", "x-b"), ("cookie", "Cookie"), ("basic", "authorization")):
        with pytest.raises(ConfigurationError, match=f"headers= has {header}: give credentials as"):
            client(names, headers={header: "secret"})
    client("query", headers={"Cookie": "a=b"})


SECRETS = [*KEYS.values(), "token-1234", "token-5678", "pass:word", "user:pass:word", ENCODED, "secret-of%26q%2B"]


@pytest.mark.parametrize("required", ["key-a+query+cookie+basic", "bearer"])
def test_every_credential_is_redacted(required: str) -> None:
    """From what the server echoes, credentials of other calls included, and from the request."""

    def echo(_: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"result": " ".join(SECRETS), "all": SECRETS})

    calls = client(ALL, echo, credentials=EVERY_VALUE)
    with pytest.raises(AuthenticationError) as raised:
        calls.get(required)
    error, request = raised.value, raised.value.request
    shown = f"{error!s} {error.body} {request.url} {request.headers!r} {request.headers.raw!r} {vars(calls)!r}"
    assert [secret for secret in SECRETS if secret in shown] == []
    assert error.body["all"] == ["***"] * len(SECRETS)
    assert request.url.params.get("api key", "***") == "***"


def test_every_credential_is_redacted_from_causes_and_frames() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"{request.url}, {request.headers['authorization']}, {request.headers['cookie']}")

    calls = client(ALL, fail, credentials=EVERY_VALUE)
    with pytest.raises(APIConnectionError) as raised:
        calls.get("key-a+query+cookie+basic")
    assert "Basic ***, session=***" in raised.value.message
    cause = raised.value.__cause__
    frames = [
        frame for frame, _ in traceback.walk_tb(raised.value.__traceback__) if frame.f_code.co_filename != __file__
    ]
    shown = f"{raised.value!r} {cause!r} {[frame.f_locals for frame in frames]} {pickle.dumps(raised.value)!r}"
    assert [secret for secret in SECRETS if secret in shown] == []


def test_key_without_a_password_is_redacted() -> None:
    """Some APIs take a key as the user."""
    calls = client("basic", answering(401, json={"result": "no key-12345"}), credentials={"basic": "key-12345:"})
    with pytest.raises(AuthenticationError) as raised:
        calls.get("basic")
    assert raised.value.message == "get_it answered 401: no ***"
