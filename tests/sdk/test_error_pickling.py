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

from playbook3d_client import APIConnectionError, APIResponseValidationError, APITimeoutError, NotFoundError
from support.client_styles import KEY, STOP_URL, TOKEN, Handler, answering, blocking, error_of

HEADERS = {"x-request-id": "r-1", "x-echo": TOKEN}
FAILURES = pytest.mark.parametrize(
    ("handler", "error"),
    [
        (answering(404, json={"result": KEY}, headers=HEADERS), NotFoundError),
        (answering(200, json=[KEY], headers=HEADERS), APIResponseValidationError),
        (Mock(side_effect=httpx.ConnectError(f"{KEY} and {TOKEN}")), APIConnectionError),
        (Mock(side_effect=httpx.ReadTimeout("slow")), APITimeoutError),
    ],
    ids=["status", "validation", "connection", "timeout"],
)


def unpickle(error: Exception) -> Any:
    """A copy by way of pickle."""
    return pickle.loads(pickle.dumps(error))  # noqa: S301


@pytest.mark.parametrize("duplicate", [unpickle, copy.copy, copy.deepcopy])
@FAILURES
def test_copy_keeps_the_attributes(handler: Handler, error: type[Any], duplicate: Callable[[Exception], Any]) -> None:
    raised = error_of(error, blocking, handler)
    raised.retries_taken = 2
    twin = duplicate(raised)
    assert type(twin) is type(raised) is error
    assert (str(twin), twin.args) == (str(raised), raised.args)
    for name in ("message", "status_code", "body", "request_id", "retries_taken"):
        assert getattr(twin, name, None) == getattr(raised, name, None)
    assert (twin.request.method, str(twin.request.url)) == ("POST", STOP_URL)


@FAILURES
def test_pickle_has_no_credentials(handler: Handler, error: type[Any]) -> None:
    raised = error_of(error, blocking, handler)
    assert raised.request.headers["x-api-key"] == "***"  # redacted in the error itself, see test_secrets
    pickled = pickle.dumps(raised)
    assert KEY.encode() not in pickled
    assert TOKEN.encode() not in pickled


def stop_missing_thing() -> None:
    """Raise an error in another process."""
    blocking(answering(404, json={"result": "gone"}))


def test_error_of_another_process_is_received() -> None:
    """A process pool waits forever for an error that does not unpickle."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        error = error_of(NotFoundError, pool.submit(stop_missing_thing).result, 60)
    assert error.message == "stop_thing answered 404: gone"
