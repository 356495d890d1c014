"""The control paths: journal, replies, contract and health over HTTP."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from playbook3d_mock import Mock, Reply, Request, Response
from support.mock_requests import CONTRACTS, CREDENTIALS, STOP, ask, content, get, header, minimal, read_contract

SECRET = "secret-key-42"
REPLIES = "/__mock__/replies"


@pytest.fixture
def mock() -> Mock:
    secrets = {"key": SECRET, "key_in_query": SECRET, "bearer": CREDENTIALS["Authorization"][7:]}
    return Mock(read_contract("runs"), credentials=secrets)


def stop(mock: Mock, **headers: Any) -> Response:
    return ask(mock=mock, x_key=SECRET, **headers)


def control(mock: Mock, path: str, method: str = "GET", body: Any = None, **headers: Any) -> Response:
    """The response to a request without credentials."""
    text = b"" if body is None else json.dumps(body).encode()
    return ask(path, method, mock=mock, body=text, x_key=None, authorization=None, **headers)


def post(mock: Mock, *replies: Any, operation: Any = "stop_run") -> Response:
    return control(mock, REPLIES, "POST", {"operation": operation, "replies": [*replies]})


def test_journal_lists_the_requests_redacted(mock: Mock) -> None:
    stop(mock)
    get(f"/nothing?{SECRET}", mock=mock)
    response = control(mock, "/__mock__/journal")
    assert (response.status, header(response, "content-type")) == (200, "application/json")
    first, second = content(response)
    assert (first["operation"], first["status"], first["body_size"]) == ("stop_run", 200, 0)
    assert ["x-key", "***"] in first["headers"]
    assert (second["operation"], second["problem"], second["query"]) == (None, "no path of the contract matches", "***")
    assert SECRET.encode() not in response.body


@pytest.mark.parametrize("name", ["stop_run", "POST+/teams/{team}/runs/{run}", "POST%20%2Fteams/%7Bteam%7D/runs/{run}"])
def test_journal_can_be_limited_to_an_operation(mock: Mock, name: str) -> None:
    stop(mock)
    get("/nothing", mock=mock)
    assert [entry["path"] for entry in content(control(mock, f"/__mock__/journal?operation={name}"))] == [STOP]


def test_journal_can_be_cleared(mock: Mock) -> None:
    stop(mock)
    assert control(mock, "/__mock__/journal", "DELETE").status == 204
    assert content(control(mock, "/__mock__/journal")) == []


def test_journal_of_an_operation_can_be_cleared(mock: Mock) -> None:
    stop(mock)
    get("/nothing", mock=mock)
    stop(mock)
    assert control(mock, "/__mock__/journal?operation=stopRun", "DELETE").status == 204
    assert [entry.path for entry in mock.journal] == ["/nothing"]


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("journal?operations=stop_run&operation=stop_run", "DELETE"),
        ("journal?operations", "GET"),
        ("replies?operations=stop_run", "GET"),
        ("replies?operations=stop_run", "DELETE"),
        ("replies?operations=stop_run", "POST"),
        ("health?operations", "GET"),
        ("openapi.yaml?operations=1", "GET"),
    ],
)
def test_unknown_parameter_is_400(mock: Mock, path: str, method: str) -> None:
    mock.on("stop_run").reply(404)
    get("/nothing", mock=mock)
    response = control(mock, f"/__mock__/{path}", method)
    assert (response.status, content(response)) == (400, {"message": "the query has unknown parameters: 'operations'"})
    assert len(mock.journal) == 1
    assert stop(mock).status == 404


def test_control_requests_are_not_recorded(mock: Mock) -> None:
    control(mock, "/__mock__/health")
    assert not mock.journal


def test_replies_are_queued(mock: Mock) -> None:
    queued = [
        {"status": 404, "times": 1},
        {"status": 503, "headers": {"retry-after": "1"}, "times": 2},
        {"body": {"message": None}, "delay": 0.25, "drip": 0.5, "fault": "reset", "times": None},
    ]
    response = post(mock, {"status": 404}, *queued[1:])
    assert (response.status, content(response)) == (200, [{"operation": "stop_run", "replies": queued}])
    assert [stop(mock).status for _ in range(3)] == [404, 503, 503]
    last = stop(mock)
    assert (content(last), last.delay, last.drip, last.fault) == ({"message": None}, 0.25, 0.5, "reset")
    assert content(control(mock, REPLIES))[0]["replies"] == queued[2:]


def test_each_option_of_a_reply_is_accepted(mock: Mock) -> None:
    plain: dict[str, Any] = {"status": None, "headers": {}, "example": "first", "delay": 0, "drip": 0}
    assert post(mock, plain, operation="POST /runs").status == 200


def test_replies_can_be_removed(mock: Mock) -> None:
    post(mock, {"status": 404})
    post(mock, {"status": 404}, operation="DELETE /runs/{run}")
    assert control(mock, f"{REPLIES}?operation=stop_run", "DELETE").status == 204
    assert [each["operation"] for each in content(control(mock, REPLIES))] == ["DELETE /runs/{run}"]
    assert control(mock, REPLIES, "DELETE").status == 204
    assert content(control(mock, REPLIES)) == []


def test_replies_of_the_program_are_listed_too(mock: Mock) -> None:
    def decide(_: Request) -> int:
        return 404

    mock.on("stop_run").reply(200, b"12345").reply(Reply(404)).reply(decide)
    listed = content(control(mock, f"{REPLIES}?operation=stop_run"))[0]["replies"]
    assert listed[0] == {"status": 200, "body": "5 bytes", "times": 1}
    assert listed[1] == {"status": 404, "times": 1}
    assert listed[2]["function"].endswith("decide")


def test_listed_replies_show_no_credential(mock: Mock) -> None:
    response = post(mock, {"body": {"echo": SECRET}})
    assert content(response)[0]["replies"] == [{"body": {"echo": "***"}, "times": 1}]
    assert content(stop(mock)) == {"echo": SECRET}


@pytest.mark.parametrize("secret", ['secret"42\\', "secret-42", "true,-true", '"status":', 'secret-4"'])
def test_listed_replies_stay_json(secret: str) -> None:
    mock = Mock(read_contract("runs"), credentials={"key": secret})
    body = {"a": f"x{secret}", secret: ["", "status:", {"true": True}, None, 1.5, "\U0001f600\n\\"]}
    mock.on("stop_run").reply(404, body, headers={"x-echo": secret})
    (script,) = content(control(mock, REPLIES))
    assert script["replies"][0]["body"] == {"a": "x***", "***": body[secret]}
    assert script["replies"][0]["headers"] == {"x-echo": "***"}


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ({"statuz": 1, "x": 2}, "replies[1] has the unknown members 'statuz', 'x'; known are status, body, headers"),
        ({"status": 100}, "replies[1]: 100 is not a final status"),
        ({"status": True}, "replies[1]: status must be a whole number, not True"),
        ({"headers": []}, "replies[1]: headers must be an object"),
        ({"headers": {"a b": "x"}}, "replies[1]: 'a b' is not a name that a header can have"),
        ({"example": 1}, "replies[1]: example must be a string"),
        ({"times": 0}, "replies[1]: times must be at least 1"),
        ({"delay": "1"}, "replies[1]: delay must be a number of seconds"),
        ({"fault": [1]}, "replies[1]: the fault [1] is unknown"),
        ({"fault": "x"}, "replies[1]: the fault 'x' is unknown"),
        ([], "replies[1] must be a JSON object"),
    ],
)
def test_invalid_reply_is_400_and_none_is_queued(mock: Mock, reply: Any, message: str) -> None:
    response = post(mock, {"status": 404}, reply)
    assert response.status == 400
    assert content(response)["message"].startswith(message)
    assert content(control(mock, REPLIES)) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the content is not JSON: line 1, column 1: Expecting value"),
        (b"\xff", "the content is not Unicode text"),
        (b'{"operation": "a", "operation": "b"}', "the content has an object with a duplicate key"),
        (b"[NaN]", "the content has a number that is not finite"),
        (b"[" * 100_000, "the content is nested too deeply"),
        (b"[]", "the content must be a JSON object"),
        (b'{"operation": "stop_run"}', 'the content must have "operation", a string, and "replies", an array'),
        (b'{"operation": "x", "replies": []}', "no operation of the contract is named 'x'"),
        (b'{"replies": [], "reply": 1}', "the content has the unknown members 'reply'; known are operation, replies"),
        (b'{"operation": "%s", "replies": []}' % SECRET.encode(), "no operation of the contract is named '***'"),
    ],
)
def test_invalid_content_is_400(mock: Mock, body: bytes, message: str) -> None:
    response = mock.handle(Request("POST", REPLIES.encode(), body=body))
    assert (response.status, content(response)["message"][: len(message)]) == (400, message)


@pytest.mark.parametrize("path", ["journal", "replies"])
@pytest.mark.parametrize("name", ["nothing", "%ff", "%zz"])
def test_unknown_operation_is_400(mock: Mock, path: str, name: str) -> None:
    assert control(mock, f"/__mock__/{path}?operation={name}").status == 400


def test_contract_is_the_file_itself(tmp_path: Path) -> None:
    for name, text in {
        "a.yaml": (CONTRACTS / "minimal.yaml").read_text(),
        "b.json": json.dumps(read_contract("minimal")),
    }.items():
        path = tmp_path / name
        path.write_text(text)
        response = control(Mock(path), "/__mock__/openapi.yaml")
        assert (response.body.decode(), header(response, "content-type")) == (text, "application/yaml")


def test_contract_without_a_file_is_written_as_yaml() -> None:
    contract = read_contract("minimal", {"#/components/schemas/S": {"type": "string", "nullable": True}})
    response = control(Mock(contract), "/__mock__/openapi.yaml")
    written = YAML(typ="safe").load(response.body)
    assert (written, list(written)) == (contract, list(contract))


def test_health_counts_the_operations(mock: Mock) -> None:
    assert content(control(mock, "/__mock__/health")) == {"status": "ok", "operations": 7}


def test_head_has_no_content(mock: Mock) -> None:
    response = control(mock, "/__mock__/health", "HEAD")
    assert (response.status, response.body, header(response, "content-length")) == (200, b"", "33")


@pytest.mark.parametrize("path", ["/__mock__/", "/__mock__/x", "/__mock__/journal/", "/__mock__/%6aournal"])
def test_unknown_control_path_is_404(mock: Mock, path: str) -> None:
    response = control(mock, path)
    assert (response.status, "/__mock__/journal" in content(response)["message"]) == (404, True)


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    [
        ("journal", "POST", "DELETE, GET, HEAD"),
        ("replies", "PUT", "DELETE, GET, HEAD, POST"),
        ("openapi.yaml", "DELETE", "GET, HEAD"),
        ("health", "OPTIONS", "GET, HEAD"),
    ],
)
def test_other_method_is_405_with_allow(mock: Mock, path: str, method: str, allow: str) -> None:
    response = control(mock, f"/__mock__/{path}", method)
    assert (response.status, header(response, "allow")) == (405, allow)
    assert content(response) == {"message": f"this path allows {allow} only"}


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_web_page_cannot_use_them(mock: Mock, method: str) -> None:
    response = control(mock, REPLIES, method, origin="http://127.0.0.1", access_control_request_method="POST")
    assert response.status == 403
    assert header(response, "access-control-allow-origin") is None


@pytest.mark.parametrize(
    ("host", "asked", "status"),
    [
        ("127.0.0.1", None, 200),
        ("127.0.0.1", False, 404),
        ("0.0.0.0", None, 404),  # noqa: S104
        ("0.0.0.0", True, 200),  # noqa: S104
    ],
)
def test_they_are_on_for_this_machine_unless_asked(host: str, asked: bool | None, status: int) -> None:
    with minimal().serve(host, control=asked) as url:
        assert httpx.get(f"{url}/__mock__/health").status_code == status


@pytest.mark.parametrize(
    ("host", "asked", "status"),
    [
        ("127.0.0.1:80", None, 200),
        ("localhost", None, 200),
        ("LOCALHOST:8000", None, 200),
        ("[::1]:8000", None, 200),
        ("page.invalid", None, 403),
        ("127.0.0.1.page.invalid:80", None, 403),
        ("192.0.2.1", None, 403),
        ("[::1", None, 400),
        ("page.invalid", True, 200),
    ],
)
def test_host_is_this_machine_unless_asked(mock: Mock, host: str, asked: bool | None, status: int) -> None:
    with mock.serve(control=asked) as url:
        response = httpx.get(f"{url}/__mock__/health", headers={"host": host})
        assert response.status_code == status
        assert (response.status_code != 403) or "127.0.0.1 or localhost" in response.json()["message"]
        assert httpx.get(f"{url}/nothing", headers={"host": host}).status_code == 404


def test_they_can_be_left_out() -> None:
    mock = Mock(read_contract("minimal"), control=False)
    assert control(mock, "/__mock__/health").status == 404
    with mock.serve() as url:
        assert httpx.get(f"{url}/__mock__/health").status_code == 404
    with mock.serve(control=True) as url:
        assert httpx.get(f"{url}/__mock__/health").status_code == 200
    application: Any = mock.asgi

    async def call() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://mock") as client:
            return (await client.get("/__mock__/health")).status_code

    assert asyncio.run(call()) == 404


def test_they_come_before_a_path_template() -> None:
    paths = read_contract("minimal")["paths"]
    contract = read_contract("minimal", {"#/paths": {"/{id}/health": paths["/items/{id}"]}})
    for has_control, status in ((True, "ok"), (False, None)):
        response = control(Mock(contract, control=has_control), "/__mock__/health")
        assert (response.status, content(response).get("status")) == (200, status)


def test_transport_has_them(mock: Mock) -> None:
    with httpx.Client(transport=mock.transport, base_url="http://mock.invalid") as client:
        assert client.get("/__mock__/health").json()["status"] == "ok"
