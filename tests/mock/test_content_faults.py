"""Faults of the content: the connection is in order, and the response is not."""

import json

import pytest

from playbook3d_mock import Mock, Response
from support.mock_requests import SECRETS, STOP, STOPPED, ask, content, header, minimal, read_contract


def ask_with_fault(fault: str, *, prefer: bool, target: str = STOP) -> Response:
    mock = Mock(read_contract("runs"), credentials=SECRETS)
    if prefer:
        return ask(target, mock=mock, prefer=f"fault={fault}")
    mock.on("stop_run").reply(fault=fault)
    return ask(target, mock=mock)


FAULTS = ("reset", "reset-in-body", "truncation", "wrong-content-length", "wrong-content-type", "malformed-json",
    "invalid-body", "redirect")  # fmt: skip
both_ways = pytest.mark.parametrize("prefer", [False, True], ids=["scripted", "preferred"])


@both_ways
def test_wrong_content_type(*, prefer: bool) -> None:
    response = ask_with_fault("wrong-content-type", prefer=prefer)
    assert (response.status, content(response)) == (200, STOPPED)
    assert header(response, "content-type") == "text/html; charset=utf-8"


@both_ways
def test_malformed_json(*, prefer: bool) -> None:
    response = ask_with_fault("malformed-json", prefer=prefer)
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.body)
    assert header(response, "content-length") == str(len(response.body))


@both_ways
def test_invalid_body_is_json_that_breaks_the_schema(*, prefer: bool) -> None:
    response = ask_with_fault("invalid-body", prefer=prefer)
    assert content(response) == {"message": None}
    assert header(response, "content-length") == str(len(response.body))


@both_ways
def test_redirect_goes_to_another_origin(*, prefer: bool) -> None:
    response = ask_with_fault("redirect", prefer=prefer, target=f"{STOP}?a=b")
    assert response.status == 307
    assert header(response, "location") == f"http://another-origin.invalid{STOP}?a=b"


def test_fault_can_come_with_a_status() -> None:
    response = ask(prefer="code=500, fault=malformed-json")
    assert (response.status, header(response, "preference-applied")) == (500, "code=500, fault=malformed-json")


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        ("/plain", "malformed-json"),
        ("/plain", "invalid-body"),
        ("/any", "invalid-body"),
        *(("/gone", fault) for fault in FAULTS if fault not in ("reset", "redirect")),
    ],
)
@pytest.mark.parametrize("is_head", [False, True])
def test_impossible_fault_is_ignored_and_noted(target: str, fault: str, *, is_head: bool) -> None:
    def responds(status: str, **media: object) -> object:
        return {"get": {"security": [], "responses": {status: {"description": "Done.", **media}}}}

    mock = minimal(
        {
            "/paths/~1plain": responds("200", content={"text/plain": {}}),
            "/paths/~1gone": responds("204"),
            "/paths/~1any": responds("200", content={"application/json": {"schema": {}}}),
        }
    )
    response = ask(target, "HEAD" if is_head else "GET", mock=mock, prefer=f"fault={fault}")
    assert response.status in {200, 204}
    assert response.fault is None
    assert header(response, "preference-applied") is None
    assert f"the fault {fault} was ignored" in (header(response, "x-mock-note") or "")
    assert mock.journal[0].fault is None


@pytest.mark.parametrize("body", [12, "x", {}, [1], None, "{}\n"])
def test_malformed_json_is_never_valid(body: object) -> None:
    mock = Mock(read_contract("runs"), credentials=SECRETS)
    mock.on("stop_run").reply(200, body, headers={"content-type": "application/json"}, fault="malformed-json")
    with pytest.raises(json.JSONDecodeError):
        json.loads(ask(mock=mock).body)


@pytest.mark.parametrize("body", ["{nope", b"\xff", b""])
def test_body_that_is_no_json_cannot_break_its_schema(body: object) -> None:
    mock = Mock(read_contract("runs"), credentials=SECRETS)
    mock.on("stop_run").reply(200, body, headers={"content-type": "application/json"}, fault="invalid-body")
    assert "the fault invalid-body was ignored" in (header(ask(mock=mock), "x-mock-note") or "")
