"""``with_raw_response``: the same operations, with the response that the model was made of."""

from typing import Any

import httpx
import pytest

from fixture_api.models import StopResult
from playbook3d_client import APIResponseValidationError, InternalServerError, RawResponse
from support.client_styles import DRIVERS, OWNER, THING, Call, Handler, answering, blocking, ok


def stop_raw(client: Any) -> Any:
    """As ``stop``, for the raw response."""
    return client.things.with_raw_response.stop_thing(OWNER, THING)


@pytest.mark.usefixtures("slept")
@pytest.mark.parametrize("call", DRIVERS)
def test_raw_response_has_status_headers_and_model(call: Call) -> None:
    statuses = iter([503, 200])

    def handler(_: httpx.Request) -> httpx.Response:
        headers = {"x-request-id": "r-1", "x-left": "41"}
        return httpx.Response(next(statuses), json={"message": "m"}, headers=headers)

    response: RawResponse[StopResult] = call(handler, stop_raw, max_retries=2)
    assert response.status_code == response.http_response.status_code == 200
    assert response.http_response.content == b'{"message":"m"}'
    assert (response.headers["x-left"], response.request_id, response.retries_taken) == ("41", "r-1", 1)
    assert response.parse() == StopResult(message="m")
    assert repr(response) == "RawResponse(status_code=200)"


def test_request_id_is_none_without_the_header() -> None:
    assert blocking(ok, stop_raw).request_id is None


@pytest.mark.parametrize(
    ("handler", "error"),
    [(answering(500), InternalServerError), (answering(200, json=[]), APIResponseValidationError)],
)
def test_raw_call_raises_the_same_errors(handler: Handler, error: type[Exception]) -> None:
    with pytest.raises(error):
        blocking(handler, stop_raw)
