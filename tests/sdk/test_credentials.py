"""Which credentials a call carries, and which of them it lacks."""

from typing import Any

import httpx
import pytest

from playbook3d_client import BadRequestError, ConfigurationError
from support.client_styles import KEY, TOKEN, Action, blocking, never, stop

API_KEY, BEARER = {"x-api-key": KEY}, {"authorization": f"Bearer {TOKEN}"}
PASS_KEY = "an API key: pass api_key= or set PLAYBOOK_API_KEY"
PASS_TOKEN = "a bearer token: pass token= or set PLAYBOOK_TOKEN"


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


def sent_credentials(action: Action, **options: Any) -> dict[str, str]:
    """The credentials in the headers of the request."""
    sent: dict[str, str] = {}

    def handler(request: httpx.Request) -> httpx.Response:
        sent.update({name: value for name, value in request.headers.items() if name in ("x-api-key", "authorization")})
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
