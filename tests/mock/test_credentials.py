"""Credentials: security requirements, 401 with a challenge, and no credential in any text."""

from typing import Any

import pytest

from playbook3d_mock import Mock, credential_variables
from support.mock_requests import GET, KEY, RUNS, TOKEN, ask, content, get, header, minimal, read_contract, request

WRONG_TOKEN, WRONG_KEY = "header Authorization: is not the token", "header X-Key: is not the API key"


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"authorization": None}, "header Authorization: is missing"),
        ({"x_key": None}, "header X-Key: is missing"),
        ({"authorization": None, "x_key": None}, "header Authorization: is missing; header X-Key: is missing"),
        ({"authorization": "Bearer wrong"}, WRONG_TOKEN),
        ({"authorization": f"Basic {TOKEN}"}, "header Authorization: must be 'Bearer'"),
        ({"authorization": [f"Bearer {TOKEN}", f"Bearer {TOKEN}"]}, WRONG_TOKEN),
        ({"authorization": "Bearer \xff"}, WRONG_TOKEN),
        ({"x_key": KEY.lower()}, WRONG_KEY),
    ],
)
def test_both_credentials_must_be_right(headers: dict[str, Any], message: str) -> None:
    response = ask(**headers)
    text = content(response)["result"]
    assert (response.status, header(response, "www-authenticate")) == (401, "Bearer")
    assert text.startswith(f"An error: {message}")
    assert KEY not in text
    assert TOKEN not in text


@pytest.mark.parametrize("value", [f"bearer {TOKEN}", f"BEARER   {TOKEN}", f" Bearer {TOKEN} "])
def test_scheme_is_case_insensitive(value: str) -> None:
    assert ask(authorization=value).status == 200


def test_credentials_are_judged_before_parameters() -> None:
    assert ask("/teams/nope/runs/nope", authorization=None).status == 401


@pytest.mark.parametrize(
    ("query", "authorization", "status"),
    [
        ("", f"Bearer {TOKEN}", 201),
        ("?api+key=K%2B1", "Bearer wrong", 201),
        ("?api+key=K+1", None, 401),
        ("", None, 401),
    ],
)
def test_one_of_several_alternatives_is_enough(query: str, authorization: str | None, status: int) -> None:
    body, media_type = b'{"origin":"x"}', "application/json"
    response = ask(f"/runs{query}", body=body, authorization=authorization, content_type=media_type)
    assert response.status == status
    if status == 401:  # the first alternative is asked for
        assert content(response)["detail"] == "Refused: header Authorization: is missing"


@pytest.mark.parametrize(
    ("location", "query", "cookie", "message"),
    [
        ("query", "", "", "is missing"),
        ("query", "?s%C3%A9=%4b%2B1", "", None),
        ("query", "?s%C3%A9=x", "", "is not the API key that the mock accepts"),
        ("query", "?s%C3%A9=%ff", "", "is not the API key that the mock accepts"),
        ("query", "?s%C3%A9=K%2B1&s%C3%A9=K%2B1", "", "is not the API key that the mock accepts"),
        ("cookie", "", "a=b", "is missing"),
        ("cookie", "", "a=b; s=K%2B1", None),
    ],
)
def test_api_key_is_read_from_query_or_cookie(location: str, query: str, cookie: str, message: str | None) -> None:
    name = "sé" if location == "query" else "s"
    scheme = {"type": "apiKey", "in": location, "name": name}
    mock = minimal({"#/components/securitySchemes/s": scheme, f"{GET}/security": [{"s": []}]})
    response = get(f"/items/1{query}", mock=mock, cookie=cookie)
    if message is None:
        assert response.status == 200
    else:
        assert content(response) == {"message": f"{location} {name}: {message}"}
        realm = "s%C3%A9" if location == "query" else "s"
        assert header(response, "www-authenticate") == f'ApiKey realm="{realm}"'


SCHEMES: dict[str, dict[str, Any]] = {
    "basic": {"type": "http", "scheme": "Basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "digest": {"type": "http", "scheme": "digest"},
    "key-a": {"type": "apiKey", "in": "header", "name": "X-A"},
    "keyB": {"type": "apiKey", "in": "header", "name": "X-B"},
    "oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://x", "scopes": {"read": ""}}}},
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://x"},
}


def secured(*alternatives: list[str], **credentials: Any) -> Mock:
    """A mock of an operation with these security requirements."""
    requirements = [{name: ["read"] for name in names} for names in alternatives]
    changes = {"#/components/securitySchemes": SCHEMES, f"{GET}/security": requirements}
    options: dict[str, Any] = {"credentials": {}, **credentials}
    return minimal(changes, **options)


def test_each_scheme_has_its_own_credential() -> None:
    mock = secured(["key-a", "keyB"], credentials={"key-a": "a", "keyB": "b"})
    assert get(mock=mock, x_a="a", x_b="b").status == 200
    assert [get(mock=mock, x_a=a, x_b=b).status for a, b in ("aa", "bb", "ba")] == [401, 401, 401]


def test_default_credentials_of_schemes_differ() -> None:
    mock = secured(["key-a", "keyB", "basic"], credentials={"keyB": "b"})
    assert len({*mock.credentials.values()}) == 3
    assert mock.credentials["keyB"] == "b"
    assert ":" in mock.credentials["basic"]


@pytest.mark.parametrize("scheme", ["bearer", "oauth", "openid"])
def test_oauth_and_openid_take_bearer_tokens(scheme: str) -> None:
    mock = secured([scheme], token=TOKEN)
    assert get(mock=mock).status == 200
    refused = get(mock=mock, authorization="Bearer wrong")
    assert (refused.status, header(refused, "www-authenticate")) == (401, "Bearer")


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Basic dXNlcjpwYXNzOndvcmQ=", 200),
        ("basic dXNlcjpwYXNzOndvcmQ=", 200),
        ("Basic dXNlcjpwYXNz", 401),
        ("Basic not-base64", 401),
        ("Basic user:pass:word", 401),
        ("Bearer dXNlcjpwYXNzOndvcmQ=", 401),
        (None, 401),
    ],
)
def test_basic_takes_user_and_password(authorization: str | None, status: int) -> None:
    for pair in ("user:pass:word", ("user", "pass:word")):
        response = get(mock=secured(["basic"], credentials={"basic": pair}), authorization=authorization)
        challenge = 'Basic realm="basic", charset="UTF-8"' if status == 401 else None
        assert (response.status, header(response, "www-authenticate")) == (status, challenge)


def test_challenge_names_all_registered_schemes() -> None:
    response = get(mock=secured(["bearer"], ["basic"], ["key-a"]), authorization=None)
    assert header(response, "www-authenticate") == 'Bearer, Basic realm="basic", charset="UTF-8"'


def test_unsupported_alternative_is_left_out() -> None:
    mock = secured(["digest"], ["key-a"])
    assert get(mock=mock, x_a=mock.api_key).status == 200
    assert [*mock.credentials] == ["key-a"]


def test_unrequired_scheme_is_ignored() -> None:
    assert secured(["bearer"]).credentials.keys() == {"bearer"}


@pytest.mark.parametrize(
    ("alternatives", "environment"),
    [
        ([["bearer"], ["key-a"]], {"PLAYBOOK_API_KEY": "key-a", "PLAYBOOK_TOKEN": "bearer"}),
        (
            [["key-a", "keyB", "basic"]],
            {"PLAYBOOK_KEY_A": "key-a", "PLAYBOOK_KEY_B": "keyB", "PLAYBOOK_BASIC": "basic"},
        ),
        ([["bearer"], ["oauth"]], {"PLAYBOOK_BEARER": "bearer", "PLAYBOOK_OAUTH": "oauth"}),
    ],
)
def test_environment_has_a_variable_for_each_credential(
    alternatives: list[list[str]], environment: dict[str, str]
) -> None:
    mock = secured(*alternatives)
    assert mock.environment == {variable: mock.credentials[scheme] for variable, scheme in environment.items()}


@pytest.mark.parametrize(
    ("kinds", "variables"),
    [
        ({"api-key": "basic", "api_key": "basic"}, {"api-key": ["API_KEY"], "api_key": ["API_KEY_2"]}),
        ({"baseUrl": "token"}, {"baseUrl": ["BASE_URL_2", "TOKEN"]}),
        ({"token": "api_key", "b": "token"}, {"token": ["TOKEN", "API_KEY"], "b": ["B"]}),
        ({"token": "token"}, {"token": ["TOKEN"]}),
    ],
)
def test_variables_of_schemes_are_unique(kinds: dict[str, str], variables: dict[str, list[str]]) -> None:
    expected = {scheme: tuple(f"PLAYBOOK_{name}" for name in names) for scheme, names in variables.items()}
    assert credential_variables(kinds) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"api_key": "k"}, "api_key is ambiguous: use the credentials of the security schemes key-a, keyB"),
        (
            {"credentials": {"digest": "secret"}},
            "no operation requires the security scheme digest; required are: key-a",
        ),
        ({"credentials": {"key-a": "the secret"}}, "credential key-a must be visible ASCII"),
        ({"credentials": {"basic": "secret"}}, "credential basic must be visible ASCII characters: user, colon"),
    ],
)
def test_invalid_credentials_are_rejected(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as raised:
        secured(["key-a", "keyB", "basic"], **options)
    assert "secret" not in str(raised.value)


def test_scheme_may_begin_with_x() -> None:
    """Names of schemes, headers and examples are no extensions."""
    changes = {
        "#/components/securitySchemes/x-own": {"type": "apiKey", "in": "header", "name": "X-Own"},
        "#/security": [{"x-own": []}],
    }
    assert get(mock=minimal(changes)).status == 401
    assert get(mock=minimal(changes), x_own=KEY).status == 200


def test_repr_shows_no_credential() -> None:
    operation = RUNS.engine.operations[0]
    sent = request(f"/x?key={KEY}", cookie=TOKEN, body=TOKEN.encode())
    verdict = RUNS.engine.judge(sent)
    shown = repr([RUNS, RUNS.engine, RUNS.transport, sent, operation, operation.security, verdict])
    assert KEY not in shown
    assert TOKEN not in shown
    assert repr(operation) == "<Operation POST /teams/{team}/runs/{run}>"


def test_default_credentials_are_random() -> None:
    first, second = (Mock(read_contract("minimal")) for _ in range(2))
    assert len({first.api_key, second.api_key, first.token, second.token}) == 4


@pytest.mark.parametrize("value", ["", "with space", "line\nbreak", "ümlaut"])
def test_invalid_credential_is_rejected_and_not_shown(value: str) -> None:
    with pytest.raises(ValueError, match="token must be visible ASCII") as raised:
        Mock(read_contract("minimal"), token=value)
    assert not value or value not in str(raised.value)
