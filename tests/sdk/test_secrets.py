"""Credentials are redacted from errors, even when the server echoes them."""

import asyncio
import pickle
import traceback
from collections.abc import Iterator
from functools import partial
from typing import Any
from unittest.mock import Mock

import pytest

from playbook3d_client import (
    APIConnectionError,
    APIResponseValidationError,
    AsyncCachedToken,
    CachedToken,
    ConfigurationError,
    PermissionDeniedError,
    PlaybookError,
)
from support.client_styles import (
    DRIVERS,
    KEY,
    OWNER,
    THING,
    TOKEN,
    Call,
    Handler,
    answering,
    asynchronous,
    blocking,
    error_of,
    hooks,
    things,
)
from support.fixture_client import AsyncFixtureClient, FixtureClient
from support.http_family import httpx
from support.servers import answering_bytes

ODD = "abc\\def'ghi"
ESCAPED = "".join(f"\\u{ord(character):04x}" for character in "12345678")


def denied(response: dict[str, Any], **options: Any) -> PermissionDeniedError:
    """The error of a denied call."""
    return error_of(PermissionDeniedError, blocking, answering(403, **response), **options)


@pytest.mark.parametrize(
    ("api_key", "token", "text", "expected"),
    [
        (KEY, TOKEN, f"{KEY} may not use {TOKEN}", "*** may not use ***"),
        # One credential contains the other.
        ("zzzzzzzz", "a-zzzzzzzz-b", "zzzzzzzz a-zzzzzzzz-b", "*** ***"),
        ("a-zzzzzzzz-b", "zzzzzzzz", "a-zzzzzzzz-b zzzzzzzz", "*** ***"),
        # Libraries quote a credential.
        (KEY, TOKEN, f"{KEY!r} {KEY.encode()!r}", "'***' b'***'"),
        (ODD, TOKEN, r'b"abc\\def' + "'ghi\"", 'b"***"'),
        (ODD, TOKEN, f"{ODD} is unknown", "*** is unknown"),
        # Removing an invisible character restores a credential.
        (KEY, TOKEN, KEY.replace("-", "\u200b-"), "***"),
    ],
)
def test_message_is_redacted(api_key: str, token: str, text: str, expected: str) -> None:
    error = denied({"json": {"result": text}}, api_key=api_key, token=token)
    assert error.message == f"stop_thing answered 403: {expected}"
    assert error.args == (error.message,)


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("short", ["t", "key", "1234567"])
def test_short_values_are_not_redacted(call: Call, short: str) -> None:
    """They are no secrets, and occur in every text."""
    body = {"result": f"API {short} is invalid", short: [short, 1234567]}
    headers = {"x-request-id": f"r-{short}"}
    for options in ({"api_key": short}, {"token": short}, {"token": lambda: short}):
        error = error_of(PermissionDeniedError, call, answering(403, json=body, headers=headers), **options)
        assert f"answered 403: API {short} is invalid" in error.message
        assert (error.body, error.request_id) == (body, f"r-{short}")
        lost = error_of(APIConnectionError, call, Mock(side_effect=httpx.ReadTimeout(f"no {short}")), **options)
        assert f"(ReadTimeout: no {short})" in lost.message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("12345678", "***"),
        (f'["12345678", 12345678, true, 1.5, {{"a": "-{TOKEN}-"}}]', ["***", "***", True, 1.5, {"a": "-***-"}]),
        (f'{{"result": "{ESCAPED}", "{ESCAPED}": ["{ESCAPED}"]}}', {"result": "***", "***": ["***"]}),
    ],
)
def test_body_is_redacted(content: str, expected: object) -> None:
    error = denied({"content": content.encode()}, api_key="12345678")
    assert (error.body, "12345678" in error.message) == (expected, False)


KIB = 1024


@pytest.mark.parametrize(
    ("before", "echo"),
    [
        (10, KEY),
        (10, "".join(f"\\u{ord(character):04x}" for character in KEY)),
        (64 * KIB - 4, KEY),
        (64 * KIB - 4, TOKEN),
        (64 * KIB + 10, KEY),
    ],
    ids=["plain", "escaped", "cut", "cut token", "behind the cut"],
)
def test_long_body_is_redacted(before: int, echo: str) -> None:
    """A credential is not cut in half either."""
    content = f'["{"x" * (before - 2)}{echo}{"y" * 70 * KIB}"]'
    error = denied({"content": content.encode()})
    assert error.body == content.replace(echo, "***")[: 64 * KIB]


def test_token_with_a_slash_is_redacted_from_a_long_body() -> None:
    error = denied({"content": b'{"token": "abc\\/defghi", "x": "' + b"x" * 70 * KIB}, token="abc/defghi")
    assert error.body.startswith('{"token": "***", "x": "xxx')


def test_request_id_is_redacted() -> None:
    assert denied({"headers": {"x-request-id": f"r-{KEY}-{TOKEN}"}}).request_id == "r-***-***"


FILLER = "x" * (498 - len("ReadError: "))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rf"illegal status line: b'abc\\def\'ghi', {TOKEN}", "illegal status line: b'***', ***"),
        (FILLER + ODD, f"{FILLER}**…"),
    ],
    ids=["quoted", "cut"],
)
def test_connection_error_is_redacted(text: str, expected: str) -> None:
    """The cut of a long message does not split a credential."""
    error = error_of(APIConnectionError, blocking, Mock(side_effect=httpx.ReadError(text)), api_key=ODD)
    assert error.message == f"stop_thing got no usable answer from api.fixture.invalid (ReadError: {expected})"


def test_validation_error_is_redacted() -> None:
    server = answering(200, json={"id": str(OWNER), "at": KEY})
    error = error_of(APIResponseValidationError, blocking, server, things("newest_thing"))
    assert error.message.endswith("(ValueError: Invalid isoformat string: '***')")
    assert error.body == {"id": str(OWNER), "at": "***"}
    assert_shows_no_credential(error)


def chain_of(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it is chained to."""
    pending, seen = [error], set[int]()
    for each in pending:
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            pending += [each.__cause__, each.__context__]


def local_variables(error: BaseException) -> dict[str, str]:
    """The local variables of the frames of an error and its chain, but for those of the tests."""
    variables: dict[str, str] = {}
    for each in chain_of(error):
        for frame, _ in traceback.walk_tb(each.__traceback__):
            module = frame.f_globals["__name__"]
            if module.partition(".")[0] not in (__name__.partition(".")[0], "support", "_pytest"):
                variables |= {f"{module} {name}": repr(value) for name, value in frame.f_locals.items()}
    return variables


def assert_shows_no_credential(error: BaseException) -> None:
    """In text, in local variables, in attributes."""
    variables = local_variables(error)
    assert variables  # of the frame that raised it
    for secret in (KEY, TOKEN):
        assert [name for name, value in variables.items() if secret in value] == []
        assert secret not in "".join(traceback.format_exception(error))
        assert [each for each in chain_of(error) if secret in repr(vars(each))] == []


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(
    "handler",
    [
        answering(404, json=[KEY], extensions={"reason_phrase": KEY.encode()}),
        answering(200, json=[KEY], extensions={"reason_phrase": KEY.encode()}),
        answering(200, content=f"no JSON: {KEY}".encode()),
        answering(200, content=f"no Unicode: {KEY}".encode() + b"\xff"),
        answering(299, content=KEY.encode()),
        Mock(side_effect=httpx.ReadError(KEY)),
        Mock(side_effect=httpx.ReadTimeout("x")),
        Mock(side_effect=KeyError),
    ],
    ids=["status", "array", "json", "unicode", "undeclared", "connection", "timeout", "foreign"],
)
def test_failed_call_shows_no_credential(call: Call, handler: Handler) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011 (whichever it is)
        call(handler, token=partial(str, TOKEN))
    variables = local_variables(raised.value)
    assert "playbook3d_client._exchange operation" in variables or isinstance(raised.value, KeyError)
    assert_shows_no_credential(raised.value)


@pytest.mark.parametrize("client_type", [FixtureClient, AsyncFixtureClient])
@pytest.mark.parametrize(
    "options",
    [
        {"api_key": f"{KEY}\n"},
        {"token": f"Bearer {TOKEN} "},
        {"token": [TOKEN]},
        {"base_url": f"https://{KEY}:{TOKEN}@host"},
        {"base_url": "a host"},
        {"timeout": KEY},
        {"max_retries": KEY},
        {"deadline": KEY},
        {"http_client": "none"},
        {"unknown": 1},
    ],
    ids=str,
)
def test_failed_constructor_shows_no_credential(client_type: type[Any], options: dict[str, Any]) -> None:
    with pytest.raises((ConfigurationError, TypeError)) as raised:
        client_type(**{"api_key": KEY, "token": TOKEN, **options})
    assert_shows_no_credential(raised.value)


@pytest.mark.parametrize("variable", ["PLAYBOOK_API_KEY", "PLAYBOOK_TOKEN"])
def test_invalid_variable_is_not_shown(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, f"{KEY}\n")
    assert_shows_no_credential(error_of(ConfigurationError, FixtureClient))


@pytest.mark.parametrize("headers", [{"x-api-key": KEY}, {f"x-api-key: {KEY}": ""}, {"x-key": f"{KEY}\n"}, [KEY]])
def test_invalid_header_is_not_shown(headers: Any) -> None:
    with pytest.raises(ConfigurationError) as raised:
        FixtureClient().with_options(headers=headers)
    assert_shows_no_credential(raised.value)


def test_rejected_option_of_the_generated_style_is_not_shown() -> None:
    generated = FixtureClient().generated
    assert_shows_no_credential(error_of(ConfigurationError, generated.with_headers, {"x-api-key": KEY}))


@pytest.mark.parametrize("wrapper", [CachedToken, AsyncCachedToken])
def test_token_in_place_of_a_function_is_not_shown(wrapper: Any) -> None:
    assert_shows_no_credential(error_of(ConfigurationError, wrapper, TOKEN))
    assert_shows_no_credential(error_of(ConfigurationError, wrapper, partial(str, TOKEN), lifetime=-1))
    assert_shows_no_credential(error_of(ConfigurationError, wrapper, str, lifetime=TOKEN))


async def token_with_a_line_end() -> str:
    return f"{TOKEN}\n"


@pytest.mark.parametrize(
    ("call", "token"),
    [
        (blocking, partial(str, f"{TOKEN}\n")),
        (blocking, CachedToken(partial(str, f"{TOKEN}\n"))),
        (asynchronous, partial(str, f"{TOKEN}\n")),
        (asynchronous, token_with_a_line_end),
        (asynchronous, AsyncCachedToken(token_with_a_line_end)),
    ],
)
def test_invalid_token_of_a_function_is_not_shown(call: Call, token: Any) -> None:
    error = error_of(ConfigurationError, call, answering(200), token=token)
    assert "not visible ASCII" in error.message
    assert_shows_no_credential(error)


@pytest.mark.parametrize("call", DRIVERS)
def test_failed_token_function_is_not_shown(call: Call) -> None:
    """The repr of a partial function shows its arguments; the error of the function is the user's own."""
    with pytest.raises(KeyError) as raised:
        call(answering(200), token=partial({}.pop, TOKEN))
    variables = local_variables(raised.value).items()
    assert [name for name, value in variables if "playbook3d" in name and TOKEN in value] == []


@pytest.mark.parametrize(("call", "http_type"), [(blocking, httpx.Client), (asynchronous, httpx.AsyncClient)])
@pytest.mark.parametrize("error", [KeyError, httpx.InvalidURL("no URL")])
def test_request_that_cannot_be_built_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, call: Call, http_type: type[Any], error: Any
) -> None:
    monkeypatch.setattr(http_type, "build_request", Mock(side_effect=error))
    with pytest.raises((KeyError, ConfigurationError)) as raised:
        call(answering(200))
    variables = {name: value for name, value in local_variables(raised.value).items() if "playbook3d" in name}
    assert [name for name, value in variables.items() if KEY in value or TOKEN in value] == []


ECHOES = {
    "status line": b"%s\r\n\r\n",
    "status": b"HTTP/1.1 %s OK\r\n\r\n",
    "version": b"HTTP/%s 200 OK\r\n\r\n",
    "header line": b"HTTP/1.1 200 OK\r\n%s\r\n\r\n",
    "content length": b"HTTP/1.1 200 OK\r\ncontent-length: %s\r\n\r\n",
    "transfer encoding": b"HTTP/1.1 200 OK\r\ntransfer-encoding: %s\r\n\r\n",
    "chunk header": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%s\r\n\r\n",
    "content encoding": b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n%s",
    "location": b"HTTP/1.1 302 Found\r\nlocation: https://%s:port/\r\n\r\n",
}


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
def test_echo_in_a_malformed_response_is_not_shown(call: Call, echo: bytes) -> None:
    with answering_bytes(echo % KEY.encode()) as url:
        error = error_of(PlaybookError, call, None, base_url=url)
    assert_shows_no_credential(error)
    cause: Any = error.__cause__
    assert isinstance(cause, httpx.HTTPError | httpx.InvalidURL | None)
    if isinstance(cause, httpx.RequestError):
        assert cause.request.headers["x-api-key"] == "***"


class OddError(httpx.ReadError):
    """An error with a constructor of its own."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")


def test_redacted_cause_keeps_class_notes_and_attributes() -> None:
    cause: Any = OddError(7, KEY)
    cause.__cause__ = KeyError(TOKEN)
    cause.code, cause.text, cause.key = 7, f"-{KEY}-", KEY.encode()
    cause.add_note(f"with {TOKEN}")
    chained: Any = error_of(APIConnectionError, blocking, Mock(side_effect=cause)).__cause__
    assert (type(chained), str(chained), chained.__cause__, chained.__context__) == (OddError, "7 ***", None, None)
    assert (chained.code, chained.text, chained.key, chained.__notes__) == (7, "-***-", "b'***'", ["with ***"])


def with_attribute(error: Exception, value: object) -> Exception:
    """The error, as a transport of the user's raises it."""
    vars(error)["sent"] = value
    return error


def caused_by(error: Exception, cause: BaseException) -> Exception:
    """The error, with a cause."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "cause",
    [
        with_attribute(httpx.ReadError("x"), {"x-api-key": KEY}),
        with_attribute(httpx.ReadError("x"), [httpx.Headers({"x-api-key": KEY})]),
        caused_by(httpx.ReadError("x"), with_attribute(ValueError("x"), (KEY,))),
        caused_by(httpx.ReadError("x"), BaseExceptionGroup("x", [KeyboardInterrupt(KEY)])),
        caused_by(httpx.ReadError("x"), asyncio.CancelledError(KEY)),
    ],
    ids=["attribute", "headers", "attribute of the cause", "group", "no Exception"],
)
def test_chained_error_with_a_credential_is_redacted(cause: Exception) -> None:
    error = error_of(APIConnectionError, blocking, Mock(side_effect=cause))
    assert type(error.__cause__) is httpx.ReadError
    assert_shows_no_credential(error)


def test_attribute_without_repr_is_left_alone() -> None:
    class WithoutRepr:
        def __repr__(self) -> str:
            raise RuntimeError("no repr")

    cause = with_attribute(httpx.ReadError("x"), WithoutRepr())
    assert error_of(APIConnectionError, blocking, Mock(side_effect=cause)).__cause__ is cause


@pytest.mark.parametrize("handler", [answering(404), Mock(side_effect=httpx.ReadError("x"))])
@pytest.mark.parametrize(
    ("api_key", "url"),
    [
        ("/owners/", f"https://api.fixture.invalid***{OWNER}/things/{THING}/stop"),
        ("/api/owners/", "https://***"),
        ("https://h", f"***.invalid:8443/api/owners/{OWNER}/things/{THING}/stop"),
    ],
)
def test_credential_that_is_part_of_the_url_is_redacted(handler: Handler, api_key: str, url: str) -> None:
    base_url = None if api_key == "/owners/" else "https://h.invalid:8443/api"
    error: Any = error_of(PlaybookError, blocking, handler, api_key=api_key, base_url=base_url)
    assert str(error.request.url) == url
    assert str(pickle.loads(pickle.dumps(error)).request.url) == url  # noqa: S301


def test_error_that_the_user_handles_is_left_alone() -> None:
    """It is in the chain as soon as a call is made in an ``except`` block."""

    def fail(own: str) -> None:
        raise KeyError(own)

    cause, chained, handled = httpx.ReadError("reset"), None, None
    try:
        fail(KEY)
    except KeyError as error:
        handled, chained = error, error_of(APIConnectionError, blocking, Mock(side_effect=cause)).__cause__
    assert (chained, cause.__context__) == (cause, handled)
    assert handled is not None
    *_, (frame, _) = traceback.walk_tb(handled.__traceback__)
    assert frame.f_locals == {"own": KEY}


def test_suspended_coroutine_of_a_transport_goes_on() -> None:
    """Its coroutines may be suspended: clearing their frames would end them."""

    async def reader(received: asyncio.Future[httpx.Response], seen: asyncio.Event) -> str:
        try:
            raise httpx.ReadError("lost")
        except httpx.ReadError as error:
            received.set_exception(error)
        await seen.wait()
        return "ended well"

    async def run() -> str:
        received, seen = asyncio.get_running_loop().create_future(), asyncio.Event()
        task = asyncio.create_task(reader(received, seen))

        async def handler(request: httpx.Request) -> httpx.Response:
            response: httpx.Response = await received
            return response

        async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as http:
            client = AsyncFixtureClient(api_key=KEY, token=TOKEN, http_client=http, max_retries=0)
            with pytest.raises(APIConnectionError):
                await client.things.stop_thing(OWNER, OWNER)
        seen.set()
        return await task

    assert asyncio.run(run()) == "ended well"


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(
    "handler", [answering(403), answering(302, headers={"location": "/x"}), answering(200, json=[])]
)
@pytest.mark.parametrize("api_key", [KEY, "short"])
def test_request_of_an_error_is_redacted(call: Call, handler: Handler, api_key: str) -> None:
    http = {"params": {"key": KEY}, "headers": {"proxy-authorization": "Basic 1234", "x-trace": "a1"}}
    error: Any = error_of(PlaybookError, call, handler, http=http, api_key=api_key)
    assert error.response.request is error.request
    sent = [error.request, error.response.next_request] if error.status_code == 302 else [error.request]
    for request in sent:
        names = ("authorization", "x-api-key", "proxy-authorization")
        assert [request.headers[name] for name in names if name in request.headers] == ["***"] * 3
        assert request.headers["x-trace"] == "a1"
    assert (error.request.method, error.request.content) == ("POST", b"")
    pickled = pickle.dumps((error.request, error.response))
    assert [value for value in (api_key, TOKEN, "Basic") if value.encode() in pickled] == []


def test_request_that_was_sent_is_not_changed() -> None:
    """Hooks and transports of the user's httpx client may keep it."""
    requests: list[httpx.Request] = []
    error_of(PermissionDeniedError, blocking, answering(403), http=hooks(blocking, "request", requests.append))
    assert requests[0].headers["x-api-key"] == KEY
