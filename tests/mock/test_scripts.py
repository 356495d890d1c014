"""``mock.on(…).reply(…)``: what valid requests get, in this order, instead of what the contract says."""

import json
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from playbook3d_mock import Mock, Reply, Request, Response
from support.mock_requests import (
    CREDENTIALS,
    RUN,
    SECRETS,
    STOP,
    STOPPED,
    TEAM,
    ask,
    content,
    get,
    header,
    read_contract,
)

NAMES = ["stop_run", "stopRun", "POST /teams/{team}/runs/{run}"]


@pytest.fixture
def mock() -> Mock:
    return Mock(read_contract("runs"), credentials=SECRETS)


def statuses(mock: Mock, count: int) -> list[int]:
    return [ask(mock=mock).status for _ in range(count)]


@pytest.mark.parametrize("name", NAMES)
def test_replies_are_used_in_their_order(mock: Mock, name: str) -> None:
    mock.on(name).reply(404).reply(503, headers={"retry-after": "1"}, times=2).reply(200)
    assert statuses(mock, 5) == [404, 503, 503, 200, 200]


def test_later_calls_add_to_the_same_script(mock: Mock) -> None:
    mock.on("stop_run").reply(404)
    mock.on("stopRun").reply(500)
    assert statuses(mock, 3) == [404, 500, 200]


def test_reply_without_end_stays(mock: Mock) -> None:
    mock.on("stop_run").reply(404, times=None)
    assert statuses(mock, 4) == [404] * 4
    with pytest.raises(ValueError, match=r"^the reply before has no end: this one would never be sent$"):
        mock.on("stop_run").reply(500)


def test_documented_status_has_its_documented_body(mock: Mock) -> None:
    mock.on("stop_run").reply(404)
    assert content(ask(mock=mock)) == {"result": "No."}


def test_undocumented_status_has_the_error_shape(mock: Mock) -> None:
    mock.on("stop_run").reply(402)
    assert content(ask(mock=mock)) == {"result": "Payment Required"}


@pytest.mark.parametrize(
    ("body", "media_type", "sent"),
    [
        ({"any": ["thing", None]}, "application/json", b'{"any":["thing",null]}'),
        (None, "application/json", b"null"),
        ("é", "text/plain; charset=utf-8", "é".encode()),
        (b"\x00", "application/octet-stream", b"\x00"),
        ("", "text/plain; charset=utf-8", b""),
    ],
)
def test_body_of_its_own_is_sent(mock: Mock, body: object, media_type: str, sent: bytes) -> None:
    mock.on("stop_run").reply(402, body)
    response = ask(mock=mock)
    assert (response.status, response.body) == (402, sent)
    assert header(response, "content-type") == media_type
    assert header(response, "content-length") == str(len(sent))


def test_headers_come_beside_and_instead_of_documented_ones(mock: Mock) -> None:
    mock.on("stop_run").reply(503, headers={"Retry-After": "1", "Content-Type": "application/problem+json"})
    response = ask(mock=mock)
    assert header(response, "retry-after") == "1"
    assert [value for name, value in response.headers if name == b"content-type"] == [b"application/problem+json"]


def test_scripted_401_has_its_challenge(mock: Mock) -> None:
    mock.on("stop_run").reply(401)
    assert header(ask(mock=mock), "www-authenticate") == "Bearer"


def test_function_replies_for_ever_and_keeps_state(mock: Mock) -> None:
    stopped: set[str] = set()

    def stop(request: Request) -> Reply | int | None:
        run = request.path_parameters["run"]
        if run in stopped:
            return Reply(404, {"result": "It was stopped before."})
        stopped.add(run)
        return None

    mock.on("stop_run").reply(stop)
    other = f"/teams/{TEAM}/runs/{TEAM}"
    assert [ask(mock=mock).status, ask(other, mock=mock).status] == [200, 200]
    again = ask(mock=mock)
    assert (again.status, content(again)) == (404, {"result": "It was stopped before."})


def test_function_can_reply_a_few_times(mock: Mock) -> None:
    mock.on("stop_run").reply(lambda _: 500, times=2).reply(404)
    assert statuses(mock, 4) == [500, 500, 404, 200]


def test_function_gets_the_decoded_request(mock: Mock) -> None:
    requests: list[Request] = []
    mock.on("POST /runs").reply(lambda request: requests.append(request))
    assert ask("/runs", mock=mock, body=b'{"origin":"x"}', content_type="application/json").status == 201
    mock.on("stop_run").reply(lambda request: requests.append(request))
    ask(f"/teams/{TEAM}/runs/{RUN.upper()}", mock=mock)
    assert requests[0].json() == {"origin": "x"}
    assert requests[1].path_parameters == {"team": TEAM, "run": RUN.upper()}
    assert requests[1].path == f"/teams/{TEAM}/runs/{RUN.upper()}"


def test_what_a_function_raises_comes_out(mock: Mock) -> None:
    def fail(_: Request) -> None:
        raise LookupError("mine")

    mock.on("stop_run").reply(fail)
    with httpx.Client(transport=mock.transport) as http, pytest.raises(LookupError, match="mine"):
        http.post(f"http://mock.invalid{STOP}", headers=CREDENTIALS)
    (entry,) = mock.assert_called("stop_run", times=1)
    assert (entry.reply, entry.problem) == ("script", "the function that replies to it raised LookupError")


def test_over_a_socket_it_is_a_500_and_is_logged(mock: Mock, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Request) -> None:
        raise LookupError("mine")

    mock.on("stop_run").reply(fail, times=1)
    with mock.serve() as url, httpx.Client(base_url=url, headers=CREDENTIALS, trust_env=False) as http:
        response = http.post(STOP)
        assert (response.status_code, response.json()) == (
            500,
            {"result": "An error: the function that replies to it raised LookupError"},
        )
        assert http.post(STOP).status_code == 200
    (record,) = caplog.records
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "mine"
    assert [entry.status for entry in mock.assert_called("stop_run", times=2)] == [500, 200]


def test_logged_failure_shows_no_credential(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Request) -> None:
        raise LookupError("mine")

    mock = Mock(read_contract("minimal"), api_key="secret-key-42", token="secret-token")
    mock.on("GET /items/{id}").reply(fail)
    headers = {"authorization": "Bearer other-token"}
    with mock.serve() as url:
        httpx.get(f"{url}/items/other%2Dtoken", headers=headers)
    assert caplog.messages == ["the function that replies to GET /items/*** failed"]


def test_function_must_return_a_reply(mock: Mock) -> None:
    mock.on("stop_run").reply(lambda _: "text")  # type: ignore[arg-type,return-value]  # pyright: ignore[reportArgumentType]
    error = ask(mock=mock).error
    assert isinstance(error, TypeError)
    assert str(error) == f"the reply to {NAMES[-1]} must be a Reply, a status or None, not str"


def test_invalid_request_uses_up_no_reply(mock: Mock) -> None:
    mock.on("stop_run").reply(404)
    assert ask(f"/teams/x/runs/{RUN}", mock=mock).status == 400
    assert ask(mock=mock, authorization=None).status == 401
    assert statuses(mock, 2) == [404, 200]


def test_other_operations_are_not_scripted(mock: Mock) -> None:
    mock.on("stop_run").reply(404)
    assert get("/runs?state=queued", mock=mock).status == 200
    assert statuses(mock, 2) == [404, 200]


def test_script_comes_before_what_the_request_prefers(mock: Mock) -> None:
    mock.on("stop_run").reply(404)
    response = ask(mock=mock, prefer="code=500")
    assert (response.status, header(response, "preference-applied")) == (404, None)
    assert ask(mock=mock, prefer="code=500").status == 500


def test_function_can_leave_it_to_the_preference(mock: Mock) -> None:
    mock.on("stop_run").reply(lambda _: None)
    assert ask(mock=mock, prefer="code=500").status == 500


def test_script_does_not_depend_on_accept(mock: Mock) -> None:
    mock.on("stop_run").reply(404).reply(200, "<a/>", headers={"content-type": "application/xml"})
    assert [ask(mock=mock, accept="application/xml").status for _ in range(3)] == [404, 200, 406]


def test_what_a_script_cannot_do_is_noted(mock: Mock) -> None:
    mock.on("stop_run").reply(404, example="none").reply(599, dynamic=True)
    assert header(ask(mock=mock, prefer="code=500"), "x-mock-note") == (
        "Prefer: was ignored, since a script replies; "
        "the example 'none' was ignored: there is no valid one of this name"
    )
    assert header(ask(mock=mock), "x-mock-note") == "dynamic was ignored: there is no schema to draw a body from"


def test_what_changes_later_is_not_sent(mock: Mock) -> None:
    headers, body = {"x-a": "b"}, {"a": 1}
    mock.on("stop_run").reply(200, body, headers=headers)
    headers["x-a"], body["a"] = "b\r\nc: d", 2
    response = ask(mock=mock)
    assert (header(response, "x-a"), content(response)) == ("b", {"a": 1})


def named(*operations: tuple[str, str, str | None]) -> Mock:
    paths: dict[str, Any] = {}
    for method, path, operation_id in operations:
        named_so = {"operationId": operation_id} if operation_id else {}
        paths[path] = {method: {**named_so, "responses": {"200": {"description": "Done."}}}}
    return Mock({"openapi": "3.1.0", "info": {"title": "Names", "version": "1"}, "paths": paths})


@pytest.mark.parametrize(
    ("operations", "name", "path"),
    [
        ([("get", "/users", "listAll"), ("get", "/v1/users", "get_users")], "GET /users", "/users"),
        ([("get", "/a/b", None), ("get", "/ab", "get_ab")], "GET /a/b", "/a/b"),
        ([("get", "/a", "getRun"), ("get", "/b", "get_run")], "getRun", "/a"),
        ([("get", "/a", "getRun"), ("get", "/b", "get_run")], "get_run", "/b"),
        ([("get", "/a", "取消"), ("get", "/b", "列表")], "取消", "/a"),
    ],
)
def test_exact_name_comes_first(operations: list[tuple[str, str, str | None]], name: str, path: str) -> None:
    mock = named(*operations)
    mock.on(name).reply(418)
    assert get(path, mock=mock).status == 418


@pytest.mark.parametrize("name", ["", "???", "GetRun", "其他"])
def test_ambiguous_or_empty_name_is_no_operation(name: str) -> None:
    mock = named(("get", "/a", "getRun"), ("get", "/b", "get_run"), ("get", "/c", "取消"))
    with pytest.raises(ValueError, match="no operation of the contract is named"):
        mock.on(name)


def test_reset_forgets_the_scripts(mock: Mock) -> None:
    mock.on("stop_run").reply(404, times=None)
    mock.reset()
    assert content(ask(mock=mock)) == STOPPED


def test_threads_share_the_replies(mock: Mock) -> None:
    mock.on("stop_run").reply(404, times=50).reply(500, times=50)
    responses: list[Response] = []
    threads = [threading.Thread(target=lambda: responses.extend(ask(mock=mock) for _ in range(30))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(response.status for response in responses) == [200] * 20 + [404] * 50 + [500] * 50


def test_unknown_operation_names_those_that_are_near(mock: Mock) -> None:
    message = "no operation of the contract is named 'stop_runs'; there are: stop_run"
    with pytest.raises(ValueError, match=f"^{message}"):
        mock.on("stop_runs")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"status": 100}, ValueError, "100 is not a final status: use 200 to 599"),
        ({"status": 600}, ValueError, "600 is not a final status"),
        ({"status": True}, TypeError, "status must be a whole number, not True"),
        ({"status": "404"}, TypeError, "status must be a whole number, not '404'"),
        ({"status": 204, "body": "x"}, ValueError, "a response 204 has no content"),
        ({"body": {1, 2}}, TypeError, "the body is neither text nor bytes, and cannot be sent as JSON"),
        ({"body": float("nan")}, TypeError, "cannot be sent as JSON"),
        ({"body": "x", "example": "a"}, ValueError, "choose one"),
        ({"body": "x", "dynamic": True}, ValueError, "choose one"),
        ({"example": "a", "dynamic": True}, ValueError, "choose one"),
        ({"headers": {"a b": "c"}}, ValueError, "'a b' is not a name that a header can have"),
        ({"headers": {"a": "b\r\nc: d"}}, ValueError, "the header 'a' must be visible ASCII characters"),
        ({"headers": {"a": 1}}, TypeError, "headers must be a mapping of names to texts"),
        ({"headers": ["a"]}, TypeError, "headers must be a mapping of names to texts"),
        ({"headers": {"Content-Length": "1"}}, ValueError, "the mock writes the header 'Content-Length' itself"),
        ({"delay": -1}, ValueError, "delay must be between 0 and 300 seconds$"),
        ({"delay": float("inf")}, ValueError, "delay must be between 0 and 300 seconds"),
        ({"delay": 10**400}, ValueError, "delay must be between 0 and 300 seconds"),
        ({"body": "\ud800"}, TypeError, "the body is neither text nor bytes"),
        ({"dynamic": 1}, TypeError, "dynamic must be of type bool, not 1"),
        ({"example": 5}, TypeError, "example must be of type str, not 5"),
        ({"drip": "1"}, TypeError, "drip must be a number of seconds, not '1'"),
        ({"fault": "flood"}, ValueError, "the fault 'flood' is unknown; known are reset, "),
        ({"times": 0}, ValueError, "times must be at least 1, not 0"),
        ({"times": "2"}, TypeError, "times must be a number, or None, not '2'"),
        ({"status": Reply(404), "delay": 1}, TypeError, "give nothing else but times"),
    ],
)
def test_impossible_reply_is_refused_at_once(
    mock: Mock, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        mock.on("stop_run").reply(**options)
    assert statuses(mock, 1) == [200]


def test_body_does_not_show_in_the_repr() -> None:
    assert "secret" not in repr(Reply(200, "secret", headers={"a": "secret"}))


@pytest.mark.parametrize("reply", [Reply(404), lambda _: Reply(404)])
def test_reply_can_be_made_beforehand(mock: Mock, reply: Reply | Callable[[Request], Reply]) -> None:
    mock.on("stop_run").reply(reply, times=1)
    assert statuses(mock, 2) == [404, 200]
    assert json.loads(ask(mock=mock).body) == STOPPED
