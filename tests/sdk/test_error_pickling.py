"""Errors pickle and copy, without credentials."""

import concurrent.futures
import copy
import multiprocessing
import pickle
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import httpx
import pytest

from playbook3d_client import (
    APIConnectionError,
    APIResponseValidationError,
    APITimeoutError,
    InternalServerError,
    NotFoundError,
)
from support.client_styles import KEY, STOP_URL, TOKEN, Handler, answering, blocking

HEADERS = {"x-request-id": "r-1", "x-echo": TOKEN}
FAILURES = pytest.mark.parametrize(
    ("handler", "error"),
    [
        (answering(404, json={"result": KEY}, headers=HEADERS), NotFoundError),
        (answering(200, json=[KEY], headers=HEADERS), APIResponseValidationError),
        (Mock(side_effect=httpx.ConnectError(f"{KEY} and {TOKEN}")), APIConnectionError),
        (Mock(side_effect=httpx.ReadTimeout("slow")), APITimeoutError),
    ],
)


def unpickle(error: Exception) -> Any:
    """A copy by way of pickle."""
    return pickle.loads(pickle.dumps(error))  # noqa: S301


@pytest.mark.parametrize("duplicate", [unpickle, copy.copy, copy.deepcopy])
@FAILURES
def test_copy_has_the_attributes_of_the_error(
    handler: Handler, error: type[Any], duplicate: Callable[[Exception], Any]
) -> None:
    with pytest.raises(error) as raised:
        blocking(handler)
    twin = duplicate(raised.value)
    assert type(twin) is type(raised.value) is error
    assert (str(twin), twin.args) == (str(raised.value), raised.value.args)
    for name in ("message", "status_code", "body", "request_id", "retries_taken"):
        assert getattr(twin, name, None) == getattr(raised.value, name, None)
    assert (twin.request.method, str(twin.request.url)) == ("POST", STOP_URL)


@pytest.mark.parametrize("handler", [answering(503), Mock(side_effect=httpx.ConnectError("refused"))])
def test_copy_keeps_retries_taken(handler: Handler, slept: list[float]) -> None:
    with pytest.raises((InternalServerError, APIConnectionError)) as raised:
        blocking(handler, max_retries=2)
    error: Any = raised.value
    assert copy.copy(error).retries_taken == error.retries_taken == 2


@FAILURES
def test_pickle_has_no_credentials(handler: Handler, error: type[Any]) -> None:
    with pytest.raises(error) as raised:
        blocking(handler)
    assert raised.value.request.headers["x-api-key"] == KEY
    pickled = pickle.dumps(raised.value)
    assert KEY.encode() not in pickled
    assert TOKEN.encode() not in pickled


def stop_missing_thing() -> None:
    """Raise an error in another process."""
    blocking(answering(404, json={"result": f"gone, {TOKEN}"}, headers={"x-request-id": "r-1"}))


def stop_slowly() -> None:
    """Raise a timeout in another process."""
    blocking(Mock(side_effect=httpx.ReadTimeout("slow")))


def test_error_of_another_process_is_received() -> None:
    """A process pool waits forever for an error that does not unpickle."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        with pytest.raises(NotFoundError, match=r"^stop_thing answered 404: gone, \*\*\*$") as raised:
            pool.submit(stop_missing_thing).result(60)
        with pytest.raises(APITimeoutError, match=r"^stop_thing timed out \(ReadTimeout: slow\)$") as timed_out:
            pool.submit(stop_slowly).result(60)
    error = raised.value
    assert (error.status_code, error.request_id, error.body) == (404, "r-1", {"result": "gone, ***"})
    assert str(error.request.url) == str(timed_out.value.request.url) == STOP_URL
