"""``with_raw_response``: the same operations, with the response that the model was made of."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from fixture_api.models import StopResult
from playbook3d_client import APIResponseValidationError, InternalServerError, RawResponse
from support.client_styles import (
    DRIVERS,
    KEY,
    STOP_URL,
    TOKEN,
    Call,
    answering,
    blocking,
    error_of,
    in_turn,
    ok,
    stop_raw,
)
from support.http_family import httpx


@pytest.mark.usefixtures("slept")
@pytest.mark.parametrize("call", DRIVERS)
def test_raw_response_has_status_headers_and_model(call: Call) -> None:
    success = httpx.Response(200, content=b'{"message": "m"}', headers={"x-request-id": "r-1", "x-left": "41"})
    response: RawResponse[StopResult] = call(in_turn(503, success), stop_raw, max_retries=2)
    assert response.status_code == response.http_response.status_code == 200
    assert response.http_response.content == b'{"message": "m"}'
    assert (response.headers["x-left"], response.request_id, response.retries_taken) == ("41", "r-1", 1)
    assert response.parse() == StopResult(message="m")
    assert repr(response) == "RawResponse(status_code=200)"


def test_request_id_is_none_without_the_header() -> None:
    assert blocking(ok, stop_raw).request_id is None


def test_body_can_be_decoded_again() -> None:
    response = blocking(answering(200, json={"message": 1}), stop_raw)
    assert response.http_response.json(parse_int=str) == {"message": "1"}


def test_raw_call_raises_the_same_errors() -> None:
    error_of(InternalServerError, blocking, answering(500), stop_raw)
    error_of(APIResponseValidationError, blocking, answering(200, json=[]), stop_raw)


def unpickle(response: Any) -> Any:
    """A copy by way of pickle."""
    return pickle.loads(pickle.dumps(response))  # noqa: S301


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("duplicate", [None, unpickle, copy.copy, copy.deepcopy])
def test_credentials_are_redacted_from_the_request(call: Call, duplicate: Callable[[Any], Any] | None) -> None:
    server = answering(200, json={"message": "m"}, headers={"x-request-id": "r-1"})
    response = call(server, stop_raw)
    if duplicate:
        response = duplicate(response)
    request = response.http_response.request
    assert response.http_response is response.http_response
    assert (request.headers["x-api-key"], request.headers["authorization"]) == ("***", "***")
    assert (request.method, str(request.url), response.http_response.json()) == ("POST", STOP_URL, {"message": "m"})
    assert (response.parse(), response.request_id, response.retries_taken) == (StopResult(message="m"), "r-1", 0)
    assert [secret for secret in (KEY, TOKEN) if secret.encode() in pickle.dumps(response)] == []


def test_reason_phrase_is_redacted() -> None:
    response = blocking(answering(200, json={}, extensions={"reason_phrase": KEY.encode()}), stop_raw)
    assert repr(response.http_response) == "<Response [200 ***]>"
