"""What no other mock does in one: each behaviour in process and over a socket."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest
import requests
import schemathesis
from hypothesis import given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from playbook3d_mock import ContractError, Mock
from support.mock_requests import CREDENTIALS, JSON, SECRETS, STOP, STOPPED, TEAM, minimal, read_contract
from support.oracle import validate

# Those that send no request of their own.
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
CONTRACT = read_contract("runs")
ERROR = CONTRACT["paths"]["/teams/{team}/runs/{run}"]["post"]["responses"]["400"]["content"]["application/json"][
    "schema"
]


class Target(NamedTuple):
    """A mock, and a client that reaches it."""

    mock: Mock
    http: httpx.Client

    def stop(self, **headers: str) -> httpx.Response:
        """A valid request."""
        return self.http.post(STOP, headers={**CREDENTIALS, **headers})


@pytest.fixture(params=["in process", "over a socket"])
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    mock = Mock(CONTRACT, credentials=SECRETS)
    if request.param == "in process":
        with httpx.Client(transport=mock.transport, base_url="http://mock.invalid") as http:
            yield Target(mock, http)
    else:
        with mock.serve() as url, httpx.Client(base_url=url, trust_env=False) as http:
            yield Target(mock, http)


def nothing_kills_it(target: Target) -> None:
    paths = ["/%zz", "/%ff", "/%00", "//", "/" + "a" * 9000, f"{STOP}?%zz=%ff"]
    bodies = [b"{", b"\xff\xfe", b"[" * 9000, b"x" * 100_000]
    headers = [{"accept": ";;;"}, {"content-type": "//"}, {"prefer": '="'}, {"cookie": ";=;"}]
    for path in paths:
        assert target.http.get(path).status_code in {400, 404, 405}
    for content in bodies:
        response = target.http.post("/runs", headers=CREDENTIALS, content=content)
        assert response.status_code in {400, 415, 422}
    for header in headers:
        assert target.stop(**header).status_code in {200, 400}


def schemathesis_finds_nothing(target: Target) -> None:
    results: Any = schemathesis.openapi.from_dict(CONTRACT).get_all_operations()
    for operation in (result.ok() for result in results):

        @settings(max_examples=5)
        @given(operation.as_strategy())
        def send(case: Any) -> None:
            sent: Any = requests.Request(**case.as_transport_kwargs(base_url=str(target.http.base_url))).prepare()
            headers = {**sent.headers, **CREDENTIALS}
            body = sent.body.encode() if isinstance(sent.body, str) else sent.body
            response = target.http.request(sent.method, sent.url, headers=headers, content=body)
            case.validate_response(response, checks=CHECKS)

        send()


def credentials_are_real(target: Target) -> None:
    for missing in CREDENTIALS:
        given = {name: value for name, value in CREDENTIALS.items() if name != missing}
        assert target.http.post(STOP, headers=given).status_code == 401  # both are required
        assert target.http.post(STOP, headers={**given, missing: "Bearer wrong"}).status_code == 401
    body = {"origin": "x"}
    assert target.http.post("/runs", json=body, headers={"Authorization": CREDENTIALS["Authorization"]}).is_success
    assert target.http.post("/runs", json=body, params={"api key": SECRETS["key_in_query"]}).is_success  # or this one
    assert target.http.post("/runs", json=body).status_code == 401


def errors_obey_their_schema_and_name_the_parameter(target: Target) -> None:
    response = target.http.post(f"/teams/{TEAM}/runs/x", headers=CREDENTIALS)
    assert response.status_code == 400
    validate(response.json(), ERROR, CONTRACT)
    assert "path run" in response.json()["result"]


def drift_of_examples_is_reported_at_start(target: Target) -> None:
    assert target.mock.engine.problems == ()
    changes = {f"{JSON}/example": {"drifted": 1}}
    (problem,) = minimal(changes).engine.problems
    assert problem.startswith(f"{JSON}/example: the example has none of the properties")
    with pytest.raises(ContractError):
        minimal(changes, strict=True)


def http_is_exact(target: Target) -> None:
    wrong = target.http.get(STOP, headers=CREDENTIALS)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert target.http.get("/no/such").status_code == 404
    assert target.http.options(STOP).status_code == 405
    head, get = (target.http.request(method, "/runs?state=queued", headers=CREDENTIALS) for method in ("HEAD", "GET"))
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-length"] == get.headers["content-length"]
    assert target.http.post(STOP.replace("/runs", "%2Fruns"), headers=CREDENTIALS).status_code == 404
    assert target.http.post(f"{STOP}/", headers=CREDENTIALS).status_code == 404  # and no redirect


def any_status_and_example_on_demand(target: Target) -> None:
    assert target.stop(prefer="code=404").status_code == 404
    assert target.stop(prefer="code=418").json() == {"result": "I'm a Teapot"}
    started = target.http.post(
        "/runs",
        json={"origin": "x"},
        headers={"Authorization": CREDENTIALS["Authorization"], "prefer": "example=first"},
    )
    assert started.json()["id"] == "00000000-0000-0000-0000-000000000000"
    target.mock.on("stop_run").reply(402, {"left": 0}).reply(503, headers={"retry-after": "1"}, times=2)
    replies = [target.stop() for _ in range(4)]
    assert [reply.status_code for reply in replies] == [402, 503, 503, 200]
    assert (replies[0].json(), replies[1].headers["retry-after"]) == ({"left": 0}, "1")


def varied_bodies_are_valid_and_repeatable(target: Target) -> None:
    schema = CONTRACT["paths"]["/runs"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    series = []
    for _ in range(2):
        target.mock.reset()
        headers = {**CREDENTIALS, "prefer": "dynamic=true"}
        bodies = [target.http.get("/runs?state=queued", headers=headers).json() for _ in range(10)]
        for body in bodies:
            validate(body, schema, CONTRACT)
        series.append(bodies)
    assert series[0] == series[1]
    assert any(body != series[0][0] for body in series[0])


FAILURES: dict[str, type[Exception]] = {
    "reset": httpx.ReadError,
    "reset-in-body": httpx.ReadError,
    "truncation": httpx.RemoteProtocolError,
}


def faults_are_deterministic(target: Target) -> None:
    for fault, error in FAILURES.items():
        with pytest.raises(error):
            target.stop(prefer=f"fault={fault}")
    assert target.stop(prefer="fault=redirect").headers["location"].startswith("http://another-origin.invalid/")
    assert target.stop(prefer="fault=wrong-content-type").headers["content-type"].startswith("text/html")
    for fault in ("malformed-json", "wrong-content-length"):
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            target.stop(prefer=f"fault={fault}").json()
    assert target.stop(prefer="fault=invalid-body").json() != STOPPED
    with pytest.raises(httpx.ReadTimeout):
        target.http.post(STOP, headers={**CREDENTIALS, "prefer": "delay=300"}, timeout=httpx.Timeout(5, read=0.05))
    assert target.stop().json() == STOPPED


def one_engine_with_a_journal(target: Target) -> None:
    assert target.stop(prefer="code=404").headers["preference-applied"] == "code=404"
    target.http.post(STOP)
    target.http.get("/no/such")
    seen = [(entry.operation, entry.status, entry.reply) for entry in target.mock.journal]
    assert seen == [("stop_run", 404, "preference"), ("stop_run", 401, "contract"), (None, 404, "contract")]
    assert target.mock.journal[1].problem == "header Authorization: is missing; header X-Key: is missing"
    assert SECRETS["bearer"] not in repr(target.mock.journal[:])
    target.mock.assert_called("stop_run", times=2)


BEHAVIOURS: list[Callable[[Target], None]] = [
    nothing_kills_it,
    schemathesis_finds_nothing,
    credentials_are_real,
    errors_obey_their_schema_and_name_the_parameter,
    drift_of_examples_is_reported_at_start,
    http_is_exact,
    any_status_and_example_on_demand,
    varied_bodies_are_valid_and_repeatable,
    faults_are_deterministic,
    one_engine_with_a_journal,
]


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.__name__)
def test_behaviour(behaviour: Callable[[Target], None], target: Target) -> None:
    behaviour(target)
