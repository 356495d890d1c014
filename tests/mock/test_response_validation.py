"""Responses of any server, validated by the contract."""

import asyncio
import functools
import pickle
from typing import Any

import httpx
import pytest

from playbook3d_mock import Mock, ResponseError, ResponseWarning
from support.mock_requests import GET, JSON, KEY, TOKEN, minimal, read_contract

OK = f"{GET}/responses/200"
SCHEMA = {
    "type": "object",
    "required": ["id", "password"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "maxLength": 5},
        "password": {"type": "string", "writeOnly": True},
    },
}
LIMIT = {"required": True, "schema": {"type": "integer", "minimum": 1}}
CHANGES = {
    "#/servers": [{"url": "https://example.com/v1"}],
    OK: {
        "description": "Good.",
        "headers": {"X-Limit": LIMIT, "X-Kind": {"schema": {"enum": ["a", "b"]}}},
        "content": {
            "application/json": {"schema": SCHEMA},
            "text/*": {"schema": {"type": "string", "maxLength": 4}},
            "image/png": {},
        },
    },
    f"{GET}/responses/4XX": {"description": "Bad."},
    f"{GET}/responses/204": {"description": "Nothing."},
}
DOCUMENTED = "documented is application/json or text/* or image/png"
MOCK = minimal(CHANGES)
JSON_TYPE = {"content-type": "application/json"}
GOOD = {"x-limit": "3", **JSON_TYPE}


def respond(
    content: bytes = b'{"id": 1}', status: int = 200, *, method: str = "GET", path: str = "/items/1", **headers: Any
) -> httpx.Response:
    """A response of a server; a header can be ``None`` for none."""
    named = {**GOOD, **{name.replace("_", "-"): value for name, value in headers.items()}}
    sent = httpx.Request(method, f"https://example.com{path}", headers={"authorization": f"Bearer {TOKEN}"})
    given = {name: value for name, value in named.items() if value is not None}
    return httpx.Response(status, headers=given, content=content, request=sent)


def violations(response: httpx.Response, mock: Mock = MOCK) -> tuple[str, ...]:
    """What is wrong with a response."""
    try:
        mock.validate_response(response)
    except ResponseError as error:
        return error.violations
    return ()


@pytest.mark.parametrize(
    "response",
    [
        respond(),
        respond(path="/v1/items/1"),
        respond(b"text", content_type="text/markdown"),
        respond(b"\xe9\xe9\xe9\xe9", content_type="text/plain; charset=iso-8859-1"),
        respond(b"\x89PNG", content_type="image/png"),
        respond(b'{"id": 1}', content_type='application/json; charset="utf-8"', x_kind="a"),
        respond(b"", method="HEAD"),
        respond(b"", method="HEAD", content_type=None),
        respond(b"", 204, content_type=None),
        respond(b"anything", 404, content_type="text/html"),
        respond(b"[" + b"1," * 300_000 + b"1]", 400),
    ],
)
def test_valid_response_has_no_violation(response: httpx.Response) -> None:
    assert violations(response) == ()


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (respond(status=500), "status: is not documented; documented is 200 or 4XX or 204"),
        (respond(x_limit=None), "header X-Limit: is required"),
        (respond(x_limit="0"), "header X-Limit: the value is less than the minimum of 1"),
        (respond(x_limit="many"), 'header X-Limit: the value is not of type "integer"'),
        (respond(x_kind="c"), 'header X-Kind: the value is not one of "a" or "b"'),
        (respond(content_type=None), f"header Content-Type: is missing; {DOCUMENTED}"),
        (respond(b"", content_type=None), f"body: is missing; {DOCUMENTED}"),
        (
            respond(content_type="application/xml"),
            f"header Content-Type: 'application/xml' is not documented; {DOCUMENTED}",
        ),
        (respond(b""), "body: is not JSON: line 1, column 1: Expecting value"),
        (respond(b'{"id": 1, "id": 2}'), "body: has an object with a duplicate key"),
        (respond(b'{"id": NaN}'), "body: has a number that is not finite or has too many digits"),
        (respond(b'{"id": "\xff"}'), "body: is not Unicode text"),
        (respond(b'{"id": 1}'.decode().encode("utf-16")), "body: is not Unicode text"),
        (respond(b"{}"), 'body: "id" is a required property'),
        (respond(b'{"id": "1"}'), 'body/id: the value is not of type "integer"'),
        (respond(b'{"id": 1, "password": ""}'), "body/password: is not allowed"),
        (respond(b"hello", content_type="text/plain"), "body: the value is longer than 4 characters"),
        (respond(b"x", 204), "body: is not allowed in a response 204 (RFC 9110 §15)"),
        (respond(path="/nothing"), "request: is of no operation of the contract"),
        (respond(method="POST"), "request: is of no operation of the contract"),
    ],
)  # fmt: skip
def test_violation_names_its_part(response: httpx.Response, expected: str) -> None:
    assert violations(response) == (expected,)


def test_all_violations_are_in_one_error() -> None:
    with pytest.raises(ResponseError) as caught:
        MOCK.validate_response(respond(b'{"id": "1", "name": "long name"}', x_limit="0"))
    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert (error.operation, error.status) == ("GET /items/{id}", 200)
    assert str(error).splitlines() == [
        "GET /items/{id} 200: header X-Limit: the value is less than the minimum of 1",
        'GET /items/{id} 200: body/id: the value is not of type "integer"',
        "GET /items/{id} 200: body/name: the value is longer than 5 characters",
    ]


def test_default_documents_any_status() -> None:
    changes = {
        f"{GET}/responses/default": {
            "description": "Any.",
            "headers": {"Retry-After": {"required": True, "schema": {}}},
        }
    }
    mock = minimal(changes)
    assert violations(respond(status=503), mock) == ("header Retry-After: is required",)
    assert violations(respond(status=503, retry_after="1"), mock) == ()


def test_cookies_are_not_read() -> None:
    cookie = {"Set-Cookie": {"required": True, "schema": {"type": "integer"}}}
    mock = minimal({f"{OK}/headers": cookie})
    assert violations(respond(b"{}", set_cookie="a=b"), mock) == ()
    assert violations(respond(b"{}"), mock) == ("header Set-Cookie: is required",)


def test_error_shows_no_value_and_no_credential() -> None:
    schema = {"properties": {"a": {}}, "additionalProperties": False}
    mock = minimal({JSON: {"schema": schema}})
    secret = "tok-0123456789"
    sent = httpx.Request(
        "GET",
        "https://example.com/items/1",
        headers={"Authorization": f"Bearer {secret}", "Cookie": "s=cookie-0123456"},
    )
    body = {secret: 1, "cookie-0123456": 2, "line\nbreak": "value-0123456"}
    with pytest.raises(ResponseError) as caught:
        mock.validate_response(httpx.Response(200, json=body, request=sent))
    text = str(caught.value)
    assert "***" in text
    assert len(text.splitlines()) == len(caught.value.violations)
    assert not any(value in text for value in (secret, "cookie-0123456", "value-0123456"))


@pytest.mark.parametrize("length", [5, 83])
def test_credential_in_a_media_type_is_redacted(length: int) -> None:
    secret = "Tok-0123456789"
    sent = httpx.Request("GET", "https://example.com/items/1", headers={"Authorization": f"Bearer {secret}"})
    headers = {"content-type": f"audio/{'x' * length}{secret}"}
    with pytest.raises(ResponseError) as caught:
        MOCK.validate_response(httpx.Response(200, headers=headers, request=sent))
    assert "tok-" not in str(caught.value).lower()


def test_long_media_type_is_not_shown() -> None:
    name = f"audio/{'x' * 95}"
    assert violations(respond(content_type=name)) == (
        f"header Content-Type: a value of 101 characters is not documented; {DOCUMENTED}",
    )


def test_credential_in_an_unknown_path_is_redacted() -> None:
    with pytest.raises(ResponseError) as caught:
        MOCK.validate_response(respond(path=f"/nothing/{TOKEN}"))
    assert caught.value.operation == "GET /nothing/***"


def serve(request: httpx.Request) -> httpx.Response:
    """Respond as a server that breaks the contract."""
    return httpx.Response(200, headers=GOOD, stream=httpx.ByteStream(b'{"id": "1"}'), request=request)


def test_hook_raises_or_warns() -> None:
    url = "https://example.com/items/1"
    with (
        httpx.Client(
            transport=httpx.MockTransport(serve), event_hooks={"response": [MOCK.validate_response]}
        ) as client,
        pytest.raises(ResponseError),
    ):
        client.get(url)
    warn = functools.partial(MOCK.validate_response, warn=True)
    with httpx.Client(transport=httpx.MockTransport(serve), event_hooks={"response": [warn]}) as client:
        with pytest.warns(ResponseWarning, match="body/id: the value is not of type"):
            assert client.get(url).json() == {"id": "1"}
        with pytest.warns(ResponseWarning), client.stream("GET", url) as response:
            assert [*response.iter_bytes()] == [b'{"id": "1"}']


def test_hook_of_an_async_client_raises_or_warns() -> None:
    async def call(hook: Any) -> Any:
        async with httpx.AsyncClient(transport=httpx.MockTransport(serve), event_hooks={"response": [hook]}) as client:
            return (await client.get("https://example.com/items/1")).json()

    with pytest.raises(ResponseError):
        asyncio.run(call(MOCK.validate_response_async))
    with pytest.warns(ResponseWarning):
        assert asyncio.run(call(functools.partial(MOCK.validate_response_async, warn=True))) == {"id": "1"}


def test_responses_of_the_mock_itself_are_valid() -> None:
    mock = Mock(read_contract("runs"), credentials={"key": KEY, "key_in_query": KEY, "bearer": TOKEN})
    with httpx.Client(
        transport=mock.transport,
        base_url="https://example.com",
        headers={"X-Key": KEY, "Authorization": f"Bearer {TOKEN}"},
        event_hooks={"response": [mock.validate_response]},
    ) as client:
        statuses = [
            client.get("/runs", params={"state": "queued"}).status_code,
            client.get("/runs").status_code,
            client.post("/runs", json={"origin": "x"}).status_code,
            client.delete("/runs/1").status_code,
            client.head("/runs", params={"state": "queued"}).status_code,
            client.get("/pages/1/result.png").status_code,
            client.get("/pages/1/result.png", headers={"Prefer": "code=404"}).status_code,
        ]
    assert statuses == [200, 400, 201, 204, 200, 200, 404]
