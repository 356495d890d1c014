"""``make demo`` shows the main job, and no secret."""

import re

import pytest

import demo

TRANSCRIPT = r"""The mock serves the contract at http://127\.0\.0\.1:\d+\.

Blocking: client\.workflows\.cancel_run\(team_id, run_id\)
  > POST /cancel/[0-9a-f-]{36}/[0-9a-f-]{36}
  > x-api-key: \*\*\*
  > authorization: Bearer \*\*\*
  < 200 OK
  < {"message": "Run successfully canceled\."}
  CancelRunResult\(message='Run successfully canceled\.', additional_properties={}\)

Async: await client\.workflows\.cancel_run\(team_id, run_id\)
  > POST /cancel/[0-9a-f-]{36}/[0-9a-f-]{36}
  > x-api-key: \*\*\*
  > authorization: Bearer \*\*\*
  < 200 OK
  < {"message": "Run successfully canceled\."}
  CancelRunResult\(message='Run successfully canceled\.', additional_properties={}\)

With a wrong token:
  > POST /cancel/[0-9a-f-]{36}/[0-9a-f-]{36}
  > x-api-key: \*\*\*
  > authorization: Bearer \*\*\*
  < 401 Unauthorized
  < {"result": "Unauthorized\. .*"}
  AuthenticationError: cancel_run answered 401: Unauthorized\. .*

The mock has stopped, with exit status 0\.
Cancelled twice, rejected once: all as it should be\.
"""


@pytest.fixture(autouse=True)
def _behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that knows nothing of this machine."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")


def test_demo_cancels_twice_and_is_rejected_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main() == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert re.fullmatch(TRANSCRIPT, printed.out), printed.out


def test_demo_fails_on_another_result(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(demo, "EXPECTED", "Something else.")
    assert demo.main() == 1
    assert capsys.readouterr().err == "This is not what should have happened.\n"
