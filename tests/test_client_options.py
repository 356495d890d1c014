"""Options for one call, raw responses, the user's own httpx client, warnings and logs."""

import asyncio
import logging
import time
import warnings
from typing import Any

import httpx
import pytest

from calling import KEY, RUN, TEAM, TOKEN, Call, answering, bound, bound_async, ok, stock, stock_async
from playbook3d_api import api
from playbook3d_api._operations import SCHEMES
from playbook3d_client import (
    APIConnectionError,
    APIResponseValidationError,
    AsyncPlaybookClient,
    ConfigurationError,
    InternalServerError,
    PlaybookClient,
    RawResponse,
)
from playbook3d_client._routes import route_named
from playbook3d_client.models import CancelRunResult

KINDS = pytest.mark.parametrize("kind", [PlaybookClient, AsyncPlaybookClient])


def client_for(handler: Any, **options: Any) -> tuple[httpx.Client, PlaybookClient]:
    http = httpx.Client(transport=httpx.MockTransport(handler))
    return http, PlaybookClient(api_key=KEY, token=TOKEN, http_client=http, **options)


# with_options


def test_options_are_for_the_copy_and_not_for_the_client() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return ok(request)

    http, client = client_for(handler, timeout=7)
    with http:
        client.with_options(timeout=3, headers={"X-Trace": "a"}).workflows.cancel_run(TEAM, RUN)
        client.workflows.cancel_run(TEAM, RUN)
    assert [request.extensions["timeout"]["read"] for request in seen] == [3, 7]
    assert [request.headers.get("x-trace") for request in seen] == ["a", None]
    assert {request.headers["authorization"] for request in seen} == {f"Bearer {TOKEN}"}


def test_options_add_up() -> None:
    http, client = client_for(lambda request: httpx.Response(200, json={"message": repr(sorted(request.headers))}))
    with http:
        twice = client.with_options(headers={"x-one": "1", "x-two": "1"}).with_options(headers={"x-two": "2"})
        assert twice._settings.headers == {"x-one": "1", "x-two": "2"}
        assert twice.with_options(max_retries=5)._settings == twice._settings._replace(max_retries=5)
        assert [*twice.with_options(headers={"X-TWO": "3"})._settings.headers] == ["x-one", "x-two"]
        assert "'x-one', 'x-two'" in str(twice.workflows.cancel_run(TEAM, RUN).message)
        assert twice.with_options(timeout=None)._settings.request_options == {"timeout": httpx.Timeout(None)}


@KINDS
def test_a_copy_shares_the_connections_and_does_not_close_them(kind: type[Any]) -> None:
    client = kind()
    copy = client.with_options(max_retries=0)
    assert copy._http is client._http
    assert type(copy) is kind

    async def close(one: Any) -> None:
        await one.aclose()

    def closed(one: Any) -> bool:
        one.close() if kind is PlaybookClient else asyncio.run(close(one))
        return bool(client._http.is_closed)

    assert not closed(copy)
    assert closed(client)


@KINDS
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"timeout": -1}, "timeout= must be seconds"),
        ({"max_retries": -1}, "max_retries= must be a whole number"),
        ({"headers": {"Authorization": "Bearer s3cret"}}, "headers= has Authorization: give credentials as api_key="),
        ({"headers": {"X-API-KEY": "s3cret"}}, "headers= has X-API-KEY: give credentials as"),
        ({"headers": {"x y": "s3cret"}}, "headers= has 'x y', which is not the name of a header"),
        ({"headers": {"": "s3cret"}}, "headers= has '', which is not the name of a header"),
        ({"headers": {1: "s3cret"}}, "headers= has 1, which is not the name of a header"),
        ({"headers": {"x": "s3cret\r\ny: z"}}, "headers= has a value for x that is not a string of visible ASCII"),
        ({"headers": {"x": "s3crét"}}, "headers= has a value for x"),
        ({"headers": {"x": 7}}, "headers= has a value for x"),
        ({"headers": {"x": " s3cret"}}, "headers= has a value for x"),
        ({"headers": None}, "headers= must be a mapping of names to values, not NoneType"),
        ({"headers": [("x", "s3cret")]}, "headers= must be a mapping of names to values, not list"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(kind: type[Any], options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as refusal:
        kind().with_options(**options)
    assert "s3cr" not in str(refusal.value)


def test_authorization_is_a_credential_in_a_contract_that_does_not_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playbook3d_client._credentials.SCHEMES", {"apiKeyAuth": SCHEMES["apiKeyAuth"]})
    with PlaybookClient() as client, pytest.raises(ConfigurationError, match="headers= has Authorization: "):
        client.with_options(headers={"Authorization": "Bearer s3cret"})


@pytest.mark.parametrize("value", ["", "a", "a b", "a\tb", "!~"])
def test_a_header_that_can_be_sent_is(value: str) -> None:
    http, client = client_for(lambda request: httpx.Response(200, json={"message": request.headers["x-a"]}))
    with http:
        assert client.with_options(headers={"X-A": value}).workflows.cancel_run(TEAM, RUN).message == value


def test_a_copy_of_a_subclass_has_what_the_subclass_has() -> None:
    class TeamClient(PlaybookClient):
        def __init__(self, team: str) -> None:
            super().__init__()
            self.team = team

    with TeamClient("a") as client:
        assert client.with_options(timeout=3).team == "a"


# with_raw_response


def raw(handler: Any, kind: type[Any], **options: Any) -> RawResponse[CancelRunResult]:
    """One call for its raw response, blocking or async."""
    given: dict[str, Any] = {"api_key": KEY, "token": TOKEN, **options}
    if kind is PlaybookClient:
        with httpx.Client(transport=httpx.MockTransport(handler)) as http:
            return PlaybookClient(**given, http_client=http).workflows.with_raw_response.cancel_run(TEAM, RUN)

    async def run() -> RawResponse[CancelRunResult]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as http:
            client = AsyncPlaybookClient(**given, http_client=http)
            return await client.workflows.with_raw_response.cancel_run(TEAM, RUN)

    return asyncio.run(run())


@KINDS
@pytest.mark.usefixtures("slept")
def test_a_raw_response_has_what_the_model_has_not(kind: type[Any]) -> None:
    answers = iter([503, 200])

    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(next(answers), json={"message": "m"}, headers={"x-request-id": "r-1", "x-left": "41"})

    found = raw(handler, kind)
    assert found.status_code == found.http_response.status_code == 200
    assert (found.headers["x-left"], found.request_id, found.retries_taken) == ("41", "r-1", 1)
    assert found.parse() == CancelRunResult(message="m")
    assert repr(found) == "RawResponse(status_code=200)"


@KINDS
def test_a_raw_response_is_a_success_all_the_same(kind: type[Any]) -> None:
    with pytest.raises(InternalServerError):
        raw(answering(500), kind, max_retries=0)
    with pytest.raises(APIResponseValidationError):
        raw(answering(200, json=[]), kind)
    assert raw(ok, kind).request_id is None


# The user's own httpx client


def test_headers_cookies_and_params_are_those_of_the_users_client_and_may_change() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return ok(request)

    with httpx.Client(transport=httpx.MockTransport(handler), headers={"x-mine": "1"}) as http:
        client = PlaybookClient(api_key=KEY, token=TOKEN, http_client=http).with_options(headers={"X-Ours": "o"})
        client.workflows.cancel_run(TEAM, RUN)
        http.headers["x-mine"] = "2"
        http.headers["X-API-Key"] = "not-this"
        client.workflows.cancel_run(TEAM, RUN)
        http.params = httpx.QueryParams({"debug": "1"})
        client.workflows.cancel_run(TEAM, RUN)
        http.params = httpx.QueryParams()
        http.cookies.set("session", "1")
        client.workflows.cancel_run(TEAM, RUN)
    assert [request.headers["x-mine"] for request in seen] == ["1", "2", "2", "2"]
    assert [request.url.query for request in seen] == [b"", b"", b"debug=1", b""]
    assert [request.headers.get("cookie") for request in seen] == [None, None, None, "session=1"]
    assert {request.headers["x-ours"] for request in seen} == {"o"}
    assert {tuple(request.headers.get_list("x-api-key")) for request in seen} == {(KEY,)}
    assert {request.headers["content-length"] for request in seen} == {"0"}


def test_a_client_that_builds_requests_in_a_way_of_its_own_does_so_here() -> None:
    class Signing(httpx.Client):
        def build_request(self, *arguments: Any, **options: Any) -> httpx.Request:
            request = super().build_request(*arguments, **options)
            request.headers["x-signature"] = "signed"
            return request

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"message": request.headers["x-signature"]})

    with (
        Signing(transport=httpx.MockTransport(handler)) as signing,
        httpx.Client(transport=httpx.MockTransport(handler)) as patched,
    ):
        build: Any = signing.build_request
        patched.__dict__["build_request"] = build
        for http in (signing, patched):
            client = PlaybookClient(api_key=KEY, token=TOKEN, http_client=http)
            assert client.workflows.cancel_run(TEAM, RUN).message == "signed"


REQUESTS: list[dict[str, Any]] = [
    {"method": "post"},
    {"method": "get"},
    {"method": "get", "params": {"b": "ä"}},
    {"method": "post", "json": {"a": 1}},
    {"method": "put", "headers": {"X-Trace": "1", "x-ours": "beaten"}, "data": {"a": "b"}},
]


@pytest.mark.parametrize("cookies", [{}, {"session": "1"}])
@pytest.mark.parametrize("params", [{}, {"debug": "1"}])
def test_a_request_is_the_one_that_httpx_would_have_built(cookies: dict[str, str], params: dict[str, str]) -> None:
    """Built without merging the same headers again, it is the same to the byte."""
    with httpx.Client(headers={"X-Mine": "1", "Authorization": "theirs"}, timeout=9) as http:
        http.cookies.update(cookies)
        http.params = httpx.QueryParams(params)
        client = PlaybookClient(api_key=KEY, token=TOKEN, http_client=http).with_options(headers={"X-Ours": "o"})
        credentials = client._settings.credentials.for_(route_named("workflows", "cancel_run").operation).headers
        for base in ("https://api.playbook3d.com", "http://localhost:8000/v1", "https://api.playbook3d.com"):
            for options in [*REQUESTS, *REQUESTS]:  # the second time from what the first has left
                ours = client._sender._build(base, {**options, "url": "/cancel/1/2"}, credentials)
                headers = httpx.Headers(options.get("headers"))
                headers.update({"X-Ours": "o", **credentials})
                whole: dict[str, Any] = {**options, "url": f"{base}/cancel/1/2", "headers": headers}
                theirs = http.build_request(**whole)
                assert (ours.method, ours.url) == (theirs.method, theirs.url)
                assert sorted(ours.headers.raw) == sorted(theirs.headers.raw)
                assert ours.content == theirs.content
                assert ours.extensions == theirs.extensions


def test_a_build_request_that_is_patched_later_is_the_one_that_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    http, client = client_for(lambda request: httpx.Response(200, json={"message": request.headers.get("x-signed")}))
    build = httpx.Client.build_request

    def signing(*arguments: Any, **options: Any) -> httpx.Request:
        request = build(*arguments, **options)
        request.headers["x-signed"] = "yes"
        return request

    with http:
        assert client.workflows.cancel_run(TEAM, RUN).message is None
        monkeypatch.setattr(httpx.Client, "build_request", signing)
        assert client.workflows.cancel_run(TEAM, RUN).message == "yes"


def test_a_hook_that_changes_a_request_changes_no_other() -> None:
    seen: list[list[str]] = []

    def hook(request: httpx.Request) -> None:
        seen.append(request.headers.get_list("x-hook"))
        request.headers["x-hook"] = "1"
        request.headers["x-api-key"] = "of-the-hook"

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"message": request.headers["x-api-key"]})

    with httpx.Client(transport=httpx.MockTransport(handler), event_hooks={"request": [hook]}) as http:
        client = PlaybookClient(api_key=KEY, token=TOKEN, http_client=http)
        assert [client.workflows.cancel_run(TEAM, RUN).message for _ in range(3)] == ["of-the-hook"] * 3
    assert seen == [[], [], []]


def test_a_hook_of_the_users_client_that_raises_for_a_status_changes_nothing(call: Call) -> None:
    def hooks(response: httpx.Response) -> None:
        response.raise_for_status()

    async def async_hooks(response: httpx.Response) -> None:
        response.raise_for_status()

    hook = async_hooks if call in (bound_async, stock_async) else hooks
    with pytest.raises(InternalServerError) as raised:
        call(answering(500, json={"result": "r"}), http={"event_hooks": {"response": [hook]}})
    assert raised.value.status_code == 500
    assert isinstance(raised.value.response.content, bytes)


@pytest.mark.parametrize("status", [200, 503])
def test_a_status_that_a_hook_met_elsewhere_is_not_that_of_the_call(
    call: Call, status: int, slept: list[float]
) -> None:
    def vault(*_: object) -> None:
        request = httpx.Request("GET", "http://vault.invalid/")
        raise httpx.HTTPStatusError("no key", request=request, response=httpx.Response(status, request=request))

    async def async_vault(*_: object) -> None:
        vault()

    hook = async_vault if call in (bound_async, stock_async) else vault
    with pytest.raises(APIConnectionError, match=r"got no usable answer \(HTTPStatusError: no key\)"):
        call(ok, http={"event_hooks": {"request": [hook]}}, max_retries=2)
    assert slept == []


def test_every_request_says_who_sends_it() -> None:
    from playbook3d_client import __version__

    with PlaybookClient() as client:
        agent = client._http.headers["user-agent"]
    name, python = agent.split()
    assert name == f"playbook3d-client/{__version__}"
    assert python.startswith("python/3.")


def test_the_credentials_go_to_the_server_of_the_contract_or_to_the_base_url_that_is_given(call: Call) -> None:
    origins: list[tuple[str, str]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        origins.append((f"{request.url.scheme}://{request.url.netloc.decode()}", request.headers["x-api-key"]))
        return ok(request)

    call(handler, http={"base_url": "https://elsewhere.invalid"})
    call(handler, base_url="http://localhost:8000/v1")
    assert origins == [("https://api.playbook3d.com", KEY), ("http://localhost:8000", KEY)]


# Deprecated operations


@pytest.mark.parametrize("call", [bound, stock, bound_async, stock_async])
def test_a_deprecated_operation_warns_where_it_is_called(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    route = route_named("workflows", "cancel_run")
    monkeypatch.setattr(route, "operation", route.operation._replace(deprecated=True))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(ok)
    (warning,) = caught
    assert warning.category is DeprecationWarning
    assert str(warning.message) == "cancel_run is deprecated by the contract of the API."
    assert warning.filename.endswith("calling.py")


def test_an_operation_that_is_not_deprecated_does_not_warn(call: Call) -> None:
    call(ok)  # warnings are errors here


# Logs


@pytest.mark.usefixtures("slept")
def test_each_attempt_is_logged_and_each_retry(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    answers = iter([503, 200])
    caplog.set_level(logging.DEBUG, logger="playbook3d_client")

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(next(answers), json={"message": "the-body"}, headers={"x-request-id": f"r-{TOKEN}"})

    call(handler, max_retries=1)
    records = [(one.levelname, one.getMessage()) for one in caplog.records if one.name == "playbook3d_client"]
    path = f"/cancel/{TEAM}/{RUN}"
    assert [level for level, _ in records] == ["DEBUG", "INFO", "DEBUG"]
    assert records[0][1].startswith(f"POST {path}: 503, request id r-***, attempt 1, ")
    assert records[1][1] == "cancel_run: retry 1 of 1 in 0.50 s"
    assert records[2][1].startswith(f"POST {path}: 200, request id r-***, attempt 2, ")
    assert all(message.endswith(" ms") for level, message in records if level == "DEBUG")


def test_what_an_attempt_took_is_logged_in_milliseconds(
    call: Call, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG, logger="playbook3d_client")
    now = 100.0

    def slow(request: httpx.Request) -> httpx.Response:
        nonlocal now
        now += 2.5
        return ok(request)

    monkeypatch.setattr(time, "perf_counter", lambda: now)
    call(slow)
    (message,) = [record.getMessage() for record in caplog.records if record.name == "playbook3d_client"]
    assert message.endswith(", attempt 1, 2500 ms")


def test_a_failed_attempt_is_logged_by_the_name_of_its_error(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="playbook3d_client")

    def handler(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no {KEY}")

    with pytest.raises(Exception, match="got no usable answer"):
        call(handler)
    (message,) = [record.getMessage() for record in caplog.records if record.name == "playbook3d_client"]
    assert f"POST /cancel/{TEAM}/{RUN}: ConnectError, request id None, attempt 1, " in message


def test_no_log_of_any_library_shows_a_credential(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    call(ok)
    with pytest.raises(InternalServerError):
        call(answering(500, json={"result": f"{KEY} {TOKEN}"}, headers={"x-request-id": f"r-{KEY}"}), max_retries=0)
    told = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "HTTP Request: POST" in told  # httpx's own line
    assert "attempt 1" in told
    assert KEY not in told
    assert TOKEN not in told


def test_nothing_is_logged_unless_someone_listens(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    call(ok)
    assert [record for record in caplog.records if record.name == "playbook3d_client"] == []


# Names


@KINDS
def test_no_tag_can_hide_what_a_client_has(kind: type[Any]) -> None:
    """The template renames such tags; its list must hold every name that a client has of its own."""
    from contract.generate import Sources

    template = (Sources().templates / "api_init.py.jinja").read_text(encoding="utf-8")
    start, end = template.index("{% set taken = ["), template.index("] %}")
    taken = {word.strip('", \n') for word in template[start:end].partition("[")[2].split(",")} - {""}
    tags = {name for name in vars(api.Operations) if not name.startswith("_")}
    own = {name for name in dir(kind) if not name.startswith("_")} - tags
    assert own <= taken
