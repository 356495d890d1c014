"""``make fuzz`` sends mutated requests to the mock of a contract, and says what it found."""

from pathlib import Path

import pytest

from fuzz_mock import main
from playbook3d_mock import Mock, Request, Response

CONTRACT = Path(__file__).parents[1] / "support" / "contracts" / "cancel.yaml"
FEW = [str(CONTRACT), "--requests=300", "--socket-requests=20"]


class BrokenMock(Mock):
    """Fails on requests without credentials."""

    def handle(self, request: Request) -> Response:
        """The response to a request with credentials."""
        response = super().handle(request)
        if response.status == 401:
            raise RuntimeError("broken")
        return response


def test_mock_withstands_mutated_requests(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(FEW) == 0
    statuses, summary = capsys.readouterr().out.splitlines()
    assert all(f" times {status}" in statuses for status in (200, 400, 401, 404, 405))
    assert summary == f"{CONTRACT}: 300 requests in process, 20 over sockets, seed 0: no problem"


def test_broken_mock_is_found(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fuzz_mock.Mock", BrokenMock)
    assert main(FEW) == 1
    assert ": RuntimeError: broken" in capsys.readouterr().out
