"""Errors pickle and copy, without credentials."""

import concurrent.futures
import copy
import multiprocessing
import pickle
import threading
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest

from playbook3d_client import (
    APIConnectionError,
    APIResponseValidationError,
    APITimeoutError,
    ConfigurationError,
    NotFoundError,
    PlaybookError,
)
from support.client_styles import KEY, STOP_URL, TOKEN, Handler, answering, blocking, error_of
from support.http_family import httpx

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


@pytest.mark.parametrize("duplicate", [unpickle, copy.copy, copy.deepcopy])
@FAILURES
def test_copy_keeps_notes_and_own_attributes(
    handler: Handler, error: type[Any], duplicate: Callable[[Exception], Any]
) -> None:
    raised = error_of(error, blocking, handler)
    raised.add_note("while stopping")
    raised.tenant, raised.tags = "t-1", ["a"]
    twin = duplicate(duplicate(raised))
    assert (twin.__notes__, twin.tenant, twin.tags) == (["while stopping"], "t-1", ["a"])
    assert vars(twin).keys() == vars(raised).keys()


@pytest.mark.parametrize("duplicate", [unpickle, copy.copy, copy.deepcopy])
@FAILURES
def test_error_whose_request_was_taken_away_is_copied(
    handler: Handler, error: type[Any], duplicate: Callable[[Exception], Any]
) -> None:
    raised = error_of(error, blocking, handler)
    raised.request = raised.response = None
    twin = duplicate(raised)
    assert (str(twin), twin.request, twin.response) == (str(raised), None, None)
    del raised.request, raised.response
    assert vars(duplicate(raised)).keys() == vars(raised).keys()


@pytest.mark.parametrize("error", [ConfigurationError("m"), PlaybookError("m")])
@pytest.mark.parametrize("duplicate", [unpickle, copy.copy, copy.deepcopy])
def test_error_without_request_is_copied(error: Any, duplicate: Callable[[Exception], Any]) -> None:
    error.add_note("a note")
    error.tenant = "t-1"
    twin = duplicate(error)
    assert (type(twin), str(twin), vars(twin)) == (type(error), "m", vars(error))


def test_attribute_that_does_not_pickle_is_an_error() -> None:
    """As for Python's own exceptions; a copy keeps it."""
    raised: Any = error_of(NotFoundError, blocking, answering(404))
    raised.lock = threading.Lock()
    assert copy.copy(raised).lock is raised.lock
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(raised)


class TenantError(NotFoundError):
    """An error of the user's, with a constructor of its own."""

    def __init__(self, tenant: str, error: NotFoundError) -> None:
        super().__init__(f"{tenant}: {error}", response=error.response)
        self.tenant = tenant


def test_subclass_with_its_own_constructor_is_copied() -> None:
    raised = TenantError("t-1", error_of(NotFoundError, blocking, answering(404)))
    twin = unpickle(raised)
    assert (type(twin), twin.tenant, str(twin)) == (TenantError, "t-1", "t-1: stop_thing answered 404: Not Found")
    assert twin.response.status_code == 404


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
