"""Calls: what they send, what they return, what they raise; blocking and async, bound and stock."""

import asyncio
import copy
import pickle
import ssl
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import httpx
import pytest

from calling import KEY, RUN, TEAM, TOKEN, Call, answering, bound, bound_async, never, ok, stock, stock_async
from playbook3d_client import (
    DEFAULT_TIMEOUT,
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AsyncPlaybookClient,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
    PlaybookClient,
    PlaybookError,
    RateLimitError,
    UnprocessableEntityError,
    _routes,
)
from playbook3d_client._routes import route_named
from playbook3d_client.models import CancelRunResult

# What is sent, and what comes back


def test_a_call_sends_one_request_with_both_credentials_and_returns_the_model(call: Call) -> None:
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return ok(request)

    assert call(handler) == CancelRunResult(message="Run successfully canceled.")
    assert len(sent) == 1
    assert sent[0].method == "POST"
    assert str(sent[0].url) == f"https://api.playbook3d.com/cancel/{TEAM}/{RUN}"
    assert sent[0].headers["x-api-key"] == KEY
    assert sent[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert sent[0].content == b""


def test_the_environment_fills_in_what_is_not_given(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYBOOK_API_KEY", "key-of-environment")
    monkeypatch.setenv("PLAYBOOK_TOKEN", "token-of-environment")
    monkeypatch.setenv("PLAYBOOK_BASE_URL", "http://localhost:9/base/")

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"message": f"{request.url} {request.headers['x-api-key']}"})

    url = f"http://localhost:9/base/cancel/{TEAM}/{RUN}"
    assert call(handler, api_key=None, token=None).message == f"{url} key-of-environment"
    assert call(handler, token=None).message == f"{url} {KEY}"
    assert call(handler, base_url="https://other.invalid").message.startswith("https://other.invalid/cancel/")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"api_key": None},
            "cancel_run needs an API key: pass api_key= or set PLAYBOOK_API_KEY.",
        ),
        (
            {"token": None},
            "cancel_run needs a bearer token: pass token= or set PLAYBOOK_TOKEN.",
        ),
    ],
)
def test_a_missing_credential_is_named_before_anything_is_sent(
    call: Call, given: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYBOOK_TOKEN", "")  # an empty variable is one that is not set
    with pytest.raises(ConfigurationError) as raised:
        call(never, **given)
    assert str(raised.value) == message


def test_both_credentials_are_named_where_both_are_missing(call: Call) -> None:
    with pytest.raises(ConfigurationError, match=r"PLAYBOOK_TOKEN and an API key.*PLAYBOOK_API_KEY"):
        call(never, api_key=None, token=None)


@pytest.mark.parametrize(
    ("security", "given", "sent"),
    [
        ((), {}, set()),
        ((("apiKeyAuth",),), {}, {"x-api-key"}),
        ((("bearerAuth",),), {}, {"authorization"}),
        ((("apiKeyAuth",),), {"token": None}, {"x-api-key"}),
        ((("apiKeyAuth",), ("bearerAuth",)), {"api_key": None}, {"authorization"}),
        ((("bearerAuth", "apiKeyAuth"), ()), {"token": None}, set()),
    ],
)
def test_only_the_credentials_that_an_operation_asks_for_are_sent(
    call: Call, security: Any, given: dict[str, Any], sent: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    route = route_named("workflows", "cancel_run")
    monkeypatch.setattr(route, "operation", route.operation._replace(security=security))

    def handler(request: httpx.Request) -> httpx.Response:
        assert {"authorization", "x-api-key"} & set(request.headers) == sent
        return ok(request)

    assert call(handler, **given).message == "Run successfully canceled."


def test_a_token_is_not_asked_for_where_it_is_not_wanted(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def source() -> str:
        raise AssertionError("asked")

    route = route_named("workflows", "cancel_run")
    monkeypatch.setattr(route, "operation", route.operation._replace(security=(("apiKeyAuth",),)))
    assert call(ok, token=source).message == "Run successfully canceled."


def test_a_client_without_credentials_can_be_made() -> None:
    PlaybookClient().close()


def test_the_callers_own_httpx_client_keeps_its_headers_and_hooks_but_not_its_redirects_and_auth(call: Call) -> None:
    seen: list[httpx.Request] = []

    def redirect(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(307, headers={"location": "https://elsewhere.invalid/"})

    with pytest.raises(APIStatusError) as raised:
        call(redirect, http={"follow_redirects": True, "auth": ("user", "word"), "headers": {"x-mine": "1"}})
    assert raised.value.status_code == 307
    assert len(seen) == 1
    assert seen[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert seen[0].headers["x-mine"] == "1"


@pytest.mark.parametrize(
    ("http", "options", "expected"),
    [
        ({"timeout": 7}, {}, {"connect": 7, "read": 7, "write": 7, "pool": 7}),
        ({"timeout": 7}, {"timeout": 3}, {"connect": 3, "read": 3, "write": 3, "pool": 3}),
        ({"timeout": 7}, {"timeout": DEFAULT_TIMEOUT}, {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": 30.0}),
        ({}, {"timeout": None}, {"connect": None, "read": None, "write": None, "pool": None}),
    ],
)
def test_an_explicit_timeout_beats_that_of_the_callers_httpx_client(
    call: Call, http: dict[str, Any], options: dict[str, Any], expected: dict[str, Any]
) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"message": repr(request.extensions["timeout"])})

    assert call(handler, http=http, **options).message == repr(expected)


def test_the_default_timeout_is_thirty_seconds_and_five_to_connect() -> None:
    with PlaybookClient() as client:
        assert client._settings.request_options == {"timeout": httpx.Timeout(30.0, connect=5.0)}


# Arguments


@pytest.mark.parametrize("spelling", [str(RUN).upper(), RUN.hex, f"{{{RUN}}}", RUN.urn])
def test_a_uuid_in_any_spelling_is_sent_in_the_canonical_one(spelling: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"message": request.url.path})

    for call in (bound, bound_async):
        assert call(handler, str(TEAM), spelling).message == f"/cancel/{TEAM}/{RUN}"


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("nonsense", ValueError, "run_id must be a UUID, not 'nonsense'"),
        ("", ValueError, "run_id must be a UUID, not ''"),
        (7, TypeError, "run_id must be a UUID, or a string that holds one, not int"),
        (None, TypeError, "run_id must be a UUID, or a string that holds one, not NoneType"),
        (RUN.bytes, TypeError, "run_id must be a UUID, or a string that holds one, not bytes"),
    ],
)
def test_what_is_not_a_uuid_is_refused_by_name_before_anything_is_sent(
    value: object, error: type[Exception], message: str
) -> None:
    for call in (bound, bound_async):
        with pytest.raises(error) as raised:
            call(never, TEAM, value)
        assert str(raised.value) == message


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_no_path_parameter_leads_to_another_path(value: str) -> None:
    for call in (stock, stock_async):
        with pytest.raises(ValueError, match=r"^run_id must not be"):
            call(never, TEAM, value)
        with pytest.raises(ValueError, match=r"^team_id must not be"):
            call(never, value, RUN)


@pytest.mark.parametrize("value", ["a/b", "..%2F", "%2e%2e", "ü", "\0", "a?b", "a#b", " "])
def test_every_other_path_parameter_is_one_segment(value: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"message": str(request.url.raw_path.count(b"/"))})

    for call in (stock, stock_async):
        assert call(handler, TEAM, value).message == "3"


# Errors


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (402, PaymentRequiredError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (409, ConflictError),
        (422, UnprocessableEntityError),
        (429, RateLimitError),
        (500, InternalServerError),
        (503, InternalServerError),
        (599, InternalServerError),
        (999, InternalServerError),
        (302, APIStatusError),
        (418, APIStatusError),
    ],
)
def test_each_status_has_its_error(call: Call, status: int, error: type[APIStatusError]) -> None:
    answer = answering(status, json={"result": "What  went\nwrong."}, headers={"x-request-id": "r-1"})
    with pytest.raises(APIStatusError) as raised:
        call(answer)
    found = raised.value
    assert type(found) is error
    assert str(found) == found.message == f"cancel_run answered {status}: What went wrong."
    assert (found.status_code, found.request_id) == (status, "r-1")
    assert found.body == {"result": "What  went\nwrong."}
    assert found.response.status_code == status
    assert found.request.method == "POST"


@pytest.mark.parametrize(
    ("content", "message", "body"),
    [
        ({"json": {"error": "e", "message": "m"}}, "m", {"error": "e", "message": "m"}),
        ({"json": {"description": "d", "result": " "}}, "d", {"description": "d", "result": " "}),
        ({"json": {"error": "\x1b[31mred\x07"}}, "[31mred", {"error": "\x1b[31mred\x07"}),
        ({"json": {"result": 7, "detail": "t"}}, "t", {"result": 7, "detail": "t"}),
        ({"json": ["list"]}, "Bad Request", ["list"]),
        ({"json": "text"}, "Bad Request", "text"),
        ({"text": "<html>oops</html>"}, "Bad Request", None),
        ({"content": b"\xff\xfe{"}, "Bad Request", None),
        ({"content": b""}, "Bad Request", None),
        ({"content": b"[" * 100_000}, "Bad Request", None),
        ({"content": b'{"result": "cut'}, "Bad Request", None),
        ({"content": b'{"result": "caf\xe9"}'}, "caf\ufffd", {"result": "caf\ufffd"}),
    ],
)
def test_a_bad_error_body_still_gives_the_error_of_its_status(
    call: Call, content: dict[str, Any], message: str, body: object
) -> None:
    with pytest.raises(BadRequestError) as raised:
        call(answering(400, **content))
    assert raised.value.message == f"cancel_run answered 400: {message}"
    assert raised.value.body == body


@pytest.mark.parametrize("content", [b"", b"<html>", b"null", b"7", b'"text"', b'{"message": "cut', b"\xff"])
def test_a_success_that_does_not_hold_the_model_is_an_error(call: Call, content: bytes) -> None:
    with pytest.raises(APIResponseValidationError) as raised:
        call(answering(200, content=content))
    assert raised.value.message.startswith("cancel_run answered 200 with a body that is not what the contract declares")
    assert raised.value.__cause__ is not None


def test_a_success_that_is_an_error_says_how_often_the_call_was_repeated(call: Call, slept: list[float]) -> None:
    garbled = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))
    for last in (httpx.Response(204), httpx.Response(200, text="<html>"), garbled):
        answers = iter([httpx.Response(503), last])
        with pytest.raises(APIResponseValidationError) as raised:
            call(lambda _, answers=answers: next(answers), max_retries=2)
        assert raised.value.retries_taken == 1


def test_a_success_that_the_contract_does_not_declare_is_an_error(call: Call) -> None:
    with pytest.raises(APIResponseValidationError, match="answered 204, a success that the contract does not declare"):
        call(answering(204))


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.ConnectError("refused"), APIConnectionError),
        (httpx.RemoteProtocolError("not HTTP"), APIConnectionError),
        (httpx.DecodingError("not gzip"), APIConnectionError),
        (httpx.ConnectTimeout("slow"), APITimeoutError),
        (httpx.ReadTimeout("slow"), APITimeoutError),
    ],
)
def test_a_failed_exchange_is_a_connection_error_with_its_cause(
    call: Call, failure: httpx.HTTPError, error: type[PlaybookError]
) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(APIConnectionError) as raised:
        call(handler)
    assert type(raised.value) is error
    assert type(failure).__name__ in str(raised.value)
    assert raised.value.__cause__ is failure
    assert raised.value.request.method == "POST"


@pytest.mark.parametrize(("said", "shown"), [("", "ReadTimeout"), (": at MAX", "ReadTimeout: : at MAX")])
def test_an_error_of_httpx_that_says_nothing_is_named_alone(call: Call, said: str, shown: str) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout(said)

    with pytest.raises(APITimeoutError) as raised:
        call(handler)
    assert raised.value.message == f"cancel_run timed out ({shown})"


def test_what_is_not_an_error_of_httpx_goes_straight_through(call: Call) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(handler)


# Secrets


def test_no_error_and_no_pickle_of_one_shows_a_credential(call: Call) -> None:
    headers = {"x-echo": TOKEN, "x-request-id": f"r-{KEY}"}
    with pytest.raises(PermissionDeniedError) as raised:
        call(answering(403, json={"result": f"{KEY} may not use {TOKEN}"}, headers=headers))
    assert raised.value.message == "cancel_run answered 403: *** may not use ***"
    assert raised.value.request_id == "r-***"

    def broken(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"{KEY} and {TOKEN}")

    with pytest.raises(APIConnectionError) as failed:
        call(broken)
    assert failed.value.message == "cancel_run got no usable answer (ConnectError: *** and ***)"
    for error in (raised.value, failed.value):
        pickled = pickle.dumps(error)
        assert KEY.encode() not in pickled
        assert TOKEN.encode() not in pickled


@pytest.mark.parametrize(
    "echo",
    [
        KEY,
        KEY.replace("-", "\u200b-"),  # a character that is not printed goes from the message, not from the body
        "x" * 495 + KEY,  # the message is cut at 500
        f"{KEY!r} {KEY.encode()!r}",
        KEY + TOKEN,
    ],
)
def test_no_message_puts_a_credential_together_or_shows_half_of_one(call: Call, echo: str) -> None:
    with pytest.raises(PermissionDeniedError) as raised:
        call(answering(403, json={"result": echo}))
    assert KEY[:5] not in raised.value.message
    assert KEY not in repr(raised.value.body)


def test_a_credential_that_is_quoted_or_a_number_is_masked_too(call: Call) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise httpx.RemoteProtocolError(f"illegal status line: {bytearray(odd.encode())!r}")

    odd = "abc\\def'ghi"
    with pytest.raises(APIConnectionError, match=r"illegal status line: bytearray\(b.\*\*\*.\)"):
        call(broken, api_key=odd)
    with pytest.raises(PermissionDeniedError) as raised:
        call(answering(403, json={"key": 12345678, "other": 7}), api_key="12345678")
    assert raised.value.body == {"key": "***", "other": 7}


@pytest.mark.parametrize("odd", ["abc\\def", "abc'def", "abc\\def'ghi"])
def test_an_odd_credential_is_masked_as_it_is_too(call: Call, odd: str) -> None:
    with pytest.raises(PermissionDeniedError) as raised:
        call(answering(403, json={"result": f"{odd} is no key"}), api_key=odd)
    assert raised.value.message == "cancel_run answered 403: *** is no key"


@pytest.mark.parametrize(("key", "token"), [("abc", "abc-def"), ("zzz", "a-zzz-b"), ("a-zzz-b", "zzz")])
def test_a_credential_that_holds_another_is_masked_as_a_whole(call: Call, key: str, token: str) -> None:
    with pytest.raises(PermissionDeniedError) as raised:
        call(answering(403, json={"result": f"{key} {token}"}), api_key=key, token=token)
    assert raised.value.message == "cancel_run answered 403: *** ***"


def test_a_message_is_cut_at_500_characters(call: Call) -> None:
    said = "cancel_run answered 403: "
    for length, shown in ((500, "x" * 475), (501, "x" * 475 + "…")):
        with pytest.raises(PermissionDeniedError) as raised:
            call(answering(403, json={"result": "x" * (length - len(said))}))
        assert raised.value.message == said + shown


@pytest.mark.parametrize("call", [bound_async, stock_async])
def test_what_tls_meets_after_its_handshake_is_a_connection_error(call: Call) -> None:
    """Httpcore maps it for blocking clients only."""

    def broken(_: httpx.Request) -> httpx.Response:
        raise ssl.SSLError(1, "[SSL: BAD_RECORD_MAC]")

    with pytest.raises(APIConnectionError, match=r"ReadError: .*BAD_RECORD_MAC") as raised:
        call(broken)
    cause: Any = raised.value.__cause__
    assert isinstance(cause.__cause__, ssl.SSLError)
    assert cause.request is raised.value.request


def test_a_status_whose_body_is_lost_keeps_its_headers_but_that_of_the_body(call: Call) -> None:
    headers = {"x-request-id": "r-7", "content-encoding": "gzip"}
    with pytest.raises(NotFoundError) as raised:
        call(lambda _: httpx.Response(404, headers=headers, stream=httpx.ByteStream(b"no gzip")))
    assert raised.value.request_id == "r-7"
    assert raised.value.response.headers == {"x-request-id": "r-7"}
    assert (raised.value.response.content, raised.value.body) == (b"", None)


@pytest.mark.parametrize("call", [bound_async, stock_async])
def test_a_status_stands_though_tls_breaks_off_in_its_body(call: Call) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'{"resu'
        raise ssl.SSLError(1, "[SSL: BAD_RECORD_MAC]")

    with pytest.raises(NotFoundError):
        call(lambda _: httpx.Response(404, content=body()))


@pytest.mark.parametrize("response", [None, httpx.Response(404)])
def test_an_error_of_a_hook_that_belongs_to_no_request_is_wrapped_too(call: Call, response: Any) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        nothing: Any = None
        raise httpx.HTTPStatusError("odd", request=nothing, response=response)

    with pytest.raises(APIConnectionError, match="HTTPStatusError: odd"):
        call(broken)


def test_a_credential_in_the_escapes_of_json_is_masked_too(call: Call) -> None:
    escaped = "".join(f"\\u{ord(character):04x}" for character in KEY)
    with pytest.raises(PermissionDeniedError) as raised:
        call(answering(403, content=f'{{"result": "{escaped}", "{escaped}": ["{escaped}"]}}'.encode()))
    assert str(raised.value) == "cancel_run answered 403: ***"
    assert raised.value.body == {"result": "***", "***": ["***"]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_the_body_of_an_error_is_read_in_the_encodings_that_json_has(call: Call, encoding: str) -> None:
    with pytest.raises(PermissionDeniedError) as raised:
        call(answering(403, content='{"result": "naïve"}'.encode(encoding)))
    assert raised.value.body == {"result": "naïve"}


def test_errors_pickle_and_copy(call: Call) -> None:
    with pytest.raises(NotFoundError) as raised:
        call(answering(404, json={"result": "gone"}, headers={"x-request-id": "r-2"}))
    for twin in (pickle.loads(pickle.dumps(raised.value)), copy.copy(raised.value), copy.deepcopy(raised.value)):  # noqa: S301
        assert type(twin) is NotFoundError
        assert str(twin) == str(raised.value)
        assert (twin.status_code, twin.body, twin.request_id) == (404, {"result": "gone"}, "r-2")
        assert str(twin.request.url) == str(raised.value.request.url)

    def broken(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset")

    with pytest.raises(APIConnectionError) as failed:
        call(broken)
    twin = pickle.loads(pickle.dumps(failed.value))  # noqa: S301
    assert (type(twin), str(twin)) == (APIConnectionError, str(failed.value))
    assert (twin.request.method, twin.request.url) == ("POST", failed.value.request.url)


def test_a_copy_of_an_error_says_too_how_often_the_call_was_repeated(call: Call, slept: list[float]) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    for handler in (broken, answering(503)):
        with pytest.raises(PlaybookError) as raised:
            call(handler, max_retries=2)
        error: Any = raised.value
        assert copy.copy(error).retries_taken == error.retries_taken == 2


def test_an_error_that_a_user_makes_was_never_repeated() -> None:
    request = httpx.Request("POST", "https://host/")
    assert APIConnectionError("m", request=request).retries_taken == 0
    error = NotFoundError("m", response=httpx.Response(404, request=request))
    assert (error.retries_taken, error.body, error.request_id) == (0, None, None)


@pytest.mark.parametrize("value", ["a;b", "a\0b", "\n", "\x1f", "a\x7f"])
def test_no_cookie_ends_within_its_value(value: str) -> None:
    with httpx.Client(transport=httpx.MockTransport(never)) as http:
        sender = PlaybookClient(api_key=KEY, token=TOKEN, http_client=http).get_httpx_client()
        with pytest.raises(ValueError, match=r"^session must not have a semicolon or a control character in it$"):
            sender.request("post", f"/cancel/{TEAM}/{RUN}", cookies={"first": "1", "session": value})


def test_every_other_cookie_is_sent_as_it_is() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"message": request.headers["cookie"]})

    with httpx.Client(transport=httpx.MockTransport(handler), cookies={"mine": "1"}) as http:
        sender = PlaybookClient(api_key=KEY, token=TOKEN, http_client=http).get_httpx_client()
        answer = sender.request("post", f"/cancel/{TEAM}/{RUN}", cookies={"session": "a b=c, X~"})
    assert sorted(answer.json()["message"].split("; ")) == ["mine=1", "session=a b=c, X~"]


def test_a_file_is_sent_as_it_is_blocking_and_awaited() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"message": f"{request.headers['content-length']} {request.content.hex()}"})

    async def awaited() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as http:
            sender = AsyncPlaybookClient(api_key=KEY, token=TOKEN, http_client=http).get_async_httpx_client()
            return await sender.request("post", f"/cancel/{TEAM}/{RUN}", content=BytesIO(b"\0file"))

    with httpx.Client(transport=httpx.MockTransport(handler)) as http:
        sender = PlaybookClient(api_key=KEY, token=TOKEN, http_client=http).get_httpx_client()
        answer = sender.request("post", f"/cancel/{TEAM}/{RUN}", content=BytesIO(b"\0file"))
    assert answer.json() == asyncio.run(awaited()).json() == {"message": "5 0066696c65"}


@pytest.mark.parametrize("paths", [["/a/{x}", "/a/b"], ["/a/b", "/a/{x}"]])
def test_a_concrete_path_comes_before_a_templated_one(monkeypatch: pytest.MonkeyPatch, paths: list[str]) -> None:
    ours = route_named("workflows", "cancel_run").operation
    monkeypatch.setattr(_routes, "OPERATIONS", [ours._replace(path=path) for path in paths])
    monkeypatch.setattr(_routes, "_routes", _routes._routes.__wrapped__)
    found = [_routes.route_of("POST", path).operation.path for path in ("/a/b", "/a/c")]
    assert found == ["/a/b", "/a/{x}"]


def test_a_request_that_httpx_cannot_build_is_told(call: Call) -> None:
    with pytest.raises(ConfigurationError, match=r"^cancel_run cannot be sent: URL too long"):
        call(never, base_url=f"https://host/{'x' * 65500}")


def test_a_request_that_is_no_operation_is_not_sent() -> None:
    with httpx.Client(transport=httpx.MockTransport(never)) as http:
        sender = PlaybookClient(api_key=KEY, token=TOKEN, http_client=http).get_httpx_client()
        for method, path in (("get", f"/cancel/{TEAM}/{RUN}"), ("post", "/cancel")):
            with pytest.raises(ConfigurationError, match=f"^{method.upper()} {path} is no operation of the contract"):
                sender.request(method, path)


# Life


def test_a_closed_client_says_so() -> None:
    with PlaybookClient(api_key=KEY, token=TOKEN) as client:
        pass
    with pytest.raises(ConfigurationError, match=r"^The client is closed: "):
        client.workflows.cancel_run(TEAM, RUN)

    async def run() -> None:
        async with AsyncPlaybookClient(api_key=KEY, token=TOKEN) as client:
            pass
        with pytest.raises(ConfigurationError, match=r"^The client is closed: "):
            await client.workflows.cancel_run(TEAM, RUN)

    asyncio.run(run())


def test_the_callers_httpx_client_stays_open() -> None:
    with httpx.Client() as http:
        PlaybookClient(http_client=http).close()
        assert not http.is_closed


def test_each_client_is_for_its_own_kind_of_with_and_of_call() -> None:
    with PlaybookClient() as client, pytest.raises(ConfigurationError, match="use AsyncPlaybookClient"):
        client.get_async_httpx_client()
    with pytest.raises(TypeError, match="`async with`"):
        AsyncPlaybookClient().__enter__()
    with pytest.raises(ConfigurationError, match="use PlaybookClient"):
        AsyncPlaybookClient().get_httpx_client()

    async def enter() -> None:
        await PlaybookClient().__aenter__()

    with pytest.raises(TypeError, match="`with`"):
        asyncio.run(enter())
