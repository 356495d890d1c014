"""The logger ``playbook3d_client``: one line for each attempt and each retry, without a credential."""

import logging
import time
from unittest.mock import Mock

import pytest

from playbook3d_client import APIConnectionError, InternalServerError
from support.client_styles import KEY, STOP_URL, TOKEN, answering, blocking
from support.http_family import httpx

PATH = httpx.URL(STOP_URL).path


@pytest.mark.usefixtures("slept")
def test_attempts_and_retries_are_logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    caplog.set_level(logging.DEBUG, logger="playbook3d_client")
    statuses = iter([503, 200])
    now = 100.0

    def handler(_: httpx.Request) -> httpx.Response:
        nonlocal now
        now += 2.5
        return httpx.Response(next(statuses), json={"message": "body"}, headers={"x-request-id": f"r-{TOKEN}"})

    monkeypatch.setattr(time, "perf_counter", lambda: now)
    blocking(handler, max_retries=1)
    assert [record for record in caplog.record_tuples if record[0] == "playbook3d_client"] == [
        ("playbook3d_client", logging.DEBUG, f"POST {PATH}: 503, request id r-***, attempt 1, 2500 ms"),
        ("playbook3d_client", logging.INFO, "stop_thing: retry 1 of 1 in 0.50 s"),
        ("playbook3d_client", logging.DEBUG, f"POST {PATH}: 200, request id r-***, attempt 2, 2500 ms"),
    ]


def test_failed_attempt_is_logged_with_its_error_class(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="playbook3d_client")
    with pytest.raises(APIConnectionError):
        blocking(Mock(side_effect=httpx.ConnectError(f"no {KEY}")))
    assert f"POST {PATH}: ConnectError, request id None, attempt 1, " in caplog.text
    assert KEY not in caplog.text


def test_credentials_are_redacted_from_all_logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(InternalServerError):
        blocking(answering(500, json={"result": f"{KEY} {TOKEN}"}, headers={"x-request-id": f"r-{KEY}"}))
    text = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "HTTP Request: POST" in text  # of httpx
    assert "attempt 1" in text
    assert KEY not in text
    assert TOKEN not in text


def test_nothing_is_logged_at_warning(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with pytest.raises(InternalServerError):
        blocking(answering(500))
    assert caplog.records == []
