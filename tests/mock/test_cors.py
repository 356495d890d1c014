"""CORS: preflights, and the headers that a page of another origin needs."""

import re
from collections.abc import Iterator

import httpx
import pytest

from playbook3d_mock import Mock, Operation, Request, Response
from support.mock_requests import CREDENTIALS, RUNS, SECRETS, STOP, TEAM, ask, get, header, read_contract

ORIGIN = "https://page.invalid"
MOCKS = {"runs": RUNS, "the contract of the day": Mock()}
OPERATIONS = [
    pytest.param(mock, operation, id=f"{name}: {operation.name}")
    for name, mock in MOCKS.items()
    for operation in mock.engine.operations
]


def preflight(**headers: str) -> Request:
    named = {"origin": ORIGIN, "access-control-request-method": "POST"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("OPTIONS", b"/any", headers=tuple((k.encode(), v.encode("latin-1")) for k, v in named.items() if v))


def headers_of(response: Response) -> dict[str, str]:
    assert len(dict(response.headers)) == len(response.headers)
    return {name.decode(): value.decode() for name, value in response.headers}


def test_preflight_allows_what_is_asked_for() -> None:
    response = RUNS.handle(preflight(access_control_request_headers="authorization, x-key"))
    assert (response.status, response.body) == (204, b"")
    assert headers_of(response) == {
        "access-control-allow-origin": ORIGIN,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization, x-key",
        "access-control-max-age": "600",
        "vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    }


def test_private_network_is_allowed_if_asked_for() -> None:
    headers = headers_of(RUNS.handle(preflight(access_control_request_private_network="true")))
    assert headers["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": ""},
        {"origin": "two words"},
        {"access_control_request_method": ""},
        {"access_control_request_method": "two words"},
    ],
)
def test_other_options_request_is_no_preflight(headers: dict[str, str]) -> None:
    assert RUNS.handle(preflight(**headers)).status == 404


def test_invalid_name_of_a_header_is_not_allowed() -> None:
    headers = headers_of(RUNS.handle(preflight(access_control_request_headers="x-key, two words, é,")))
    assert headers["access-control-allow-headers"] == "x-key"


def test_request_without_origin_gets_nothing_added() -> None:
    assert set(headers_of(ask())) == {"content-type", "content-length"}


def test_own_headers_are_exposed_and_those_of_the_contract_replaced() -> None:
    mock = Mock(read_contract("runs"), credentials=SECRETS)
    documented = {"x-total": "3", "access-control-allow-origin": "*", "vary": "Accept"}
    mock.on("DELETE /runs/{run}").reply(204, headers=documented)
    assert headers_of(ask("/runs/1", "DELETE", mock=mock, origin="null")) == {
        "x-total": "3",
        "access-control-allow-origin": "null",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-total",
        "vary": "Accept, Origin",
    }


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[Mock, str]]:
    with RUNS.serve() as url, MOCKS["the contract of the day"].serve() as other:
        yield {RUNS: url, MOCKS["the contract of the day"]: other}


@pytest.mark.parametrize("is_served", [False, True], ids=["in process", "over HTTP"])
@pytest.mark.parametrize(("mock", "operation"), OPERATIONS)
def test_page_may_call_each_operation(
    mock: Mock, operation: Operation, is_served: bool, servers: dict[Mock, str]
) -> None:
    transport, url = (None, servers[mock]) if is_served else (mock.transport, "http://mock.invalid")
    path = re.sub(r"\{[^}]+\}", TEAM, operation.path)
    asked = {"access-control-request-method": operation.method, "access-control-request-headers": "authorization"}
    with httpx.Client(transport=transport, base_url=url, headers={"origin": ORIGIN}) as client:
        preflighted = client.options(path, headers=asked)
        response = client.request(operation.method, path)
    assert (preflighted.status_code, preflighted.content) == (204, b"")
    assert preflighted.headers["access-control-allow-methods"] == operation.method
    assert preflighted.headers["access-control-allow-headers"] == "authorization"
    assert response.status_code != 405
    assert set(response.headers) - {"date", "server"} <= {
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "access-control-expose-headers",
        "vary",
        *response.headers.get("access-control-expose-headers", "").split(", "),
    }
    for answer in (preflighted, response):
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-credentials"] == "true"


def test_headers_of_the_mock_are_exposed() -> None:
    response = ask(origin=ORIGIN, prefer="code=404, delay=soon")
    exposed = (header(response, "access-control-expose-headers") or "").split(", ")
    assert {"content-type", "preference-applied", "x-mock-note"} <= set(exposed)


def test_preflight_is_recorded_without_an_operation() -> None:
    mock = Mock(read_contract("runs"), credentials=SECRETS)
    mock.handle(preflight())
    assert [(entry.operation, entry.status, entry.reply) for entry in mock.journal] == [(None, 204, "CORS")]


def test_options_without_preflight_is_judged_by_the_contract() -> None:
    assert (ask(method="OPTIONS").status, ask(method="OPTIONS", origin=ORIGIN).status) == (405, 405)


def test_rejected_request_has_the_headers() -> None:
    mock = Mock(read_contract("runs"), credentials=SECRETS)
    with mock.serve() as url:
        response = httpx.post(url + STOP, headers={"origin": ORIGIN}, content=bytes(16 * 1024 * 1024 + 1))
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (413, ORIGIN)


def test_cors_can_be_disabled() -> None:
    mock = Mock(read_contract("runs"), credentials=SECRETS, cors=False)
    assert header(get("/runs/latest", mock=mock, origin=ORIGIN), "access-control-allow-origin") is None
    assert mock.handle(preflight()).status == 404
    with mock.serve() as url:
        assert "vary" not in httpx.post(url + STOP, headers={**CREDENTIALS, "origin": ORIGIN}).headers


@pytest.mark.parametrize(
    ("host", "cors", "is_allowed"),
    [("127.0.0.1", None, True), ("localhost", None, True), ("0.0.0.0", None, False), ("0.0.0.0", True, True)],  # noqa: S104
)
def test_cors_is_on_for_this_machine_unless_asked(host: str, cors: bool | None, is_allowed: bool) -> None:
    with RUNS.serve(host, cors=cors) as url:
        response = httpx.post(url + STOP, headers={**CREDENTIALS, "origin": ORIGIN})
    assert (response.status_code, "access-control-allow-origin" in response.headers) == (200, is_allowed)
