"""``Prefer: code=…`` asks for a documented status (RFC 7240)."""

import pytest

from support.mock_requests import TEAM, ask, content, get, header


@pytest.mark.parametrize(
    ("prefer", "status"),
    [
        ("code=404", 404),
        ('CODE = "404"', 404),
        ("respond-async, code=404", 404),
        ('foo="code=500, \\" code=401"; x=y, code=404; x="1,2"', 404),
        ("code=404, code=500", 404),
        ("foo; code=500", 200),
        ('code=""', 200),
        ("xcode=404", 200),
        (';;;===,,,"', 200),
    ],
)
def test_documented_status_can_be_preferred(prefer: str, status: int) -> None:
    response = ask(prefer=prefer)
    assert response.status == status
    assert header(response, "preference-applied") == (None if status == 200 else f"code={status}")
    assert content(response) == ({"message": "It was stopped."} if status == 200 else {"result": "No."})


@pytest.mark.parametrize("code", ["418", "0", "99", "600", "4xx", "abc", "2000", "-1", "²00"])
def test_undocumented_status_cannot_be_preferred(code: str) -> None:
    response = ask(prefer=f"code={code}")
    message = "An error: header Prefer: code is not a documented status; documented are 200, 400, 401, 404, 500"
    assert (response.status, content(response)) == (400, {"result": message})


@pytest.mark.parametrize(
    ("target", "code", "status"),
    [
        ("/runs?state=queued", 451, 451),
        ("/runs?state=queued", 500, 400),
        ("/runs/latest", 503, 503),
        *(("/runs/latest", code, 400) for code in (100, 99, 600, 1000)),
    ],
)
def test_range_and_default_document_their_statuses(target: str, code: int, status: int) -> None:
    assert get(target, prefer=f"code={code}").status == status


def test_invalid_request_cannot_prefer_a_status() -> None:
    assert ask(f"/teams/x/runs/{TEAM}", prefer="code=404").status == 400
    assert ask(prefer="code=404", authorization=None).status == 401


def test_preferred_401_has_its_challenge() -> None:
    assert header(ask(prefer="code=401"), "www-authenticate") == "Bearer"
