"""Which credentials a call carries, and which of them it lacks."""

import asyncio
import itertools
from typing import Any

import pytest

from playbook3d_client import BadRequestError, ConfigurationError
from support.client_styles import KEY, TOKEN, Action, asynchronous, blocking, never, stop
from support.http_family import httpx

API_KEY, BEARER = {"x-api-key": KEY}, {"authorization": f"Bearer {TOKEN}"}
PASS_KEY = "an API key (pass api_key= or set PLAYBOOK_API_KEY)"
PASS_TOKEN = "a bearer token (pass token= or set PLAYBOOK_TOKEN)"


def things(operation: str, *arguments: str) -> Action:
    """Calls an operation."""
    return lambda client: getattr(client.things, operation)(*arguments)


KEY_ALONE, TOKEN_ALONE = things("list_things"), things("delete_thing", "a")
KEY_OR_TOKEN, BOTH_OR_NONE = things("get_thing", "a"), things("get_image", "a")


def no_credentials(client: Any) -> Any:
    """Calls an operation without security."""
    return client.system_status.status()


def fetch_unneeded() -> str:
    """A token function that must not be called."""
    raise AssertionError("the token was fetched")


def credentials_of(request: httpx.Request) -> dict[str, str]:
    """The headers with credentials."""
    return {name: value for name, value in request.headers.items() if name in ("x-api-key", "authorization")}


def sent_credentials(action: Action, **options: Any) -> dict[str, str]:
    """The credentials in the headers of the request."""
    sent: dict[str, str] = {}

    def handler(request: httpx.Request) -> httpx.Response:
        sent.update(credentials_of(request))
        return httpx.Response(400)

    with pytest.raises(BadRequestError):
        blocking(handler, action, **options)
    return sent


@pytest.mark.parametrize(
    ("action", "options", "expected"),
    [
        (stop, {}, API_KEY | BEARER),
        (KEY_ALONE, {"token": fetch_unneeded}, API_KEY),
        (TOKEN_ALONE, {"api_key": None}, BEARER),
        (KEY_OR_TOKEN, {"token": fetch_unneeded}, API_KEY),
        (KEY_OR_TOKEN, {"api_key": None, "token": lambda: TOKEN}, BEARER),
        (BOTH_OR_NONE, {"token": None}, {}),
        (no_credentials, {}, {}),
        (no_credentials, {"token": fetch_unneeded}, {}),
    ],
)
def test_only_required_credentials_are_sent(action: Action, options: dict[str, Any], expected: dict[str, str]) -> None:
    assert sent_credentials(action, **options) == expected


OPERATIONS: list[tuple[Action, dict[str, str]]] = [
    (stop, API_KEY | BEARER),
    (KEY_ALONE, API_KEY),
    (TOKEN_ALONE, BEARER),
    (KEY_OR_TOKEN, API_KEY),
    (BOTH_OR_NONE, API_KEY | BEARER),
    (no_credentials, {}),
]
# Each operation before each.
PAIRS = [*itertools.product(OPERATIONS, OPERATIONS)]


@pytest.mark.parametrize("token", [TOKEN, lambda: TOKEN], ids=["token", "function"])
def test_one_client_sends_each_operation_its_credentials(token: Any) -> None:
    sent: list[dict[str, str]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(credentials_of(request))
        return httpx.Response(400)

    def call_all(client: Any) -> None:
        for action, _ in itertools.chain(*PAIRS):
            with pytest.raises(BadRequestError):
                action(client)

    blocking(handler, call_all, token=token)
    assert sent == [expected for _, expected in itertools.chain(*PAIRS)]


def test_concurrent_async_calls_send_their_own_tokens() -> None:
    """Each call has asked for its token before any of them gets one."""
    sent: list[dict[str, str]] = []
    numbers, all_waiting = itertools.count(1), asyncio.Event()

    async def fetch() -> str:
        number = next(numbers)
        if number == 3:
            all_waiting.set()
        await all_waiting.wait()
        return f"token-{number}"

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(credentials_of(request))
        return httpx.Response(400)

    async def call_all(client: Any) -> None:
        calls = [action(client) for action in (stop, TOKEN_ALONE, BOTH_OR_NONE)]
        await asyncio.gather(*calls, return_exceptions=True)

    asynchronous(handler, call_all, token=fetch)
    tokens = [{"authorization": f"Bearer token-{number}"} for number in (1, 2, 3)]
    expected = [API_KEY | tokens[0], tokens[1], API_KEY | tokens[2]]
    assert sorted(sent, key=lambda each: each["authorization"]) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"api_key": None, "token": None}, {"x-api-key": "variable-a", "authorization": "Bearer variable-b"}),
        ({"token": None}, API_KEY | {"authorization": "Bearer variable-b"}),
        ({"token": lambda: TOKEN}, API_KEY | BEARER),
    ],
)
def test_environment_supplies_missing_credentials(
    options: dict[str, Any], expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYBOOK_API_KEY", "variable-a")
    monkeypatch.setenv("PLAYBOOK_TOKEN", "variable-b")
    assert sent_credentials(stop, **options) == expected


@pytest.mark.parametrize(
    ("action", "missing", "expected"),
    [
        (stop, ["api_key"], f"stop_thing needs {PASS_KEY}."),
        (stop, ["token"], f"stop_thing needs {PASS_TOKEN}."),
        (stop, ["api_key", "token"], f"stop_thing needs {PASS_TOKEN} and {PASS_KEY}."),
        (KEY_OR_TOKEN, ["api_key", "token"], f"get_thing needs {PASS_KEY}."),
    ],
)
def test_missing_credential_is_named_before_sending(
    action: Action, missing: list[str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYBOOK_API_KEY", "")
    monkeypatch.setenv("PLAYBOOK_TOKEN", "")
    with pytest.raises(ConfigurationError) as raised:
        blocking(never, action, **dict.fromkeys(missing))
    assert raised.value.message == expected
