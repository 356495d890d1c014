"""``Prefer`` asks for a reply; what cannot be honoured is ignored and noted (RFC 7240)."""

import pytest

from support.mock_requests import JSON, STOPPED, TEAM, ask, content, get, header, minimal


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


def test_undocumented_status_has_the_error_shape() -> None:
    response = ask(prefer="code=503")
    assert (response.status, content(response)) == (503, {"result": "Service Unavailable"})
    assert header(response, "preference-applied") == "code=503"


@pytest.mark.parametrize(
    "prefer",
    [
        *(f"code={code}" for code in ("0", "99", "100", "600", "4xx", "abc", "2000", "-1", "²00")),
        "example=none",
        "dynamic=maybe",
        "delay=soon",
        "delay=-1",
        "delay=1e3",
        "delay=300.5",
        "drip=x",
        "fault=flood",
    ],
)
def test_what_cannot_be_honoured_is_ignored_and_noted(prefer: str) -> None:
    response = ask(prefer=prefer)
    assert (response.status, content(response)) == (200, STOPPED)
    assert header(response, "preference-applied") is None
    assert (header(response, "x-mock-note") or "").startswith(f"Prefer: {prefer.partition('=')[0]} ")


def test_rest_is_honoured() -> None:
    response = ask(prefer="code=404, delay=soon")
    assert response.status == 404
    assert header(response, "preference-applied") == "code=404"
    assert header(response, "x-mock-note") == "Prefer: delay is not a number of seconds, and was ignored"


def test_times_are_for_who_sends_the_response() -> None:
    response = ask(prefer="delay=0.25, drip=2, fault=reset")
    assert (response.delay, response.drip, response.fault) == (0.25, 2.0, "reset")
    assert header(response, "preference-applied") == "delay=0.25, drip=2, fault=reset"


@pytest.mark.parametrize(("target", "code", "status"), [("/runs?state=queued", 451, 451), ("/runs/latest", 503, 503)])
def test_range_and_default_document_their_statuses(target: str, code: int, status: int) -> None:
    assert get(target, prefer=f"code={code}").status == status


def test_quoted_name_is_unescaped_and_escaped() -> None:
    mock = minimal({f"{JSON[1:]}/examples": {'a"b\\c': {"value": {"result": "found"}}}})
    response = get(mock=mock, prefer=r'example="a\"b\\c"')
    assert (content(response), header(response, "preference-applied")) == ({"result": "found"}, r'example="a\"b\\c"')


@pytest.mark.parametrize("name", ["größe", "a\nb", "a\x7fb"])
@pytest.mark.parametrize("is_sent", [True, False])
def test_name_that_no_header_can_have_is_noted_with_escapes(name: str, *, is_sent: bool) -> None:
    mock = minimal({f"{JSON[1:]}/examples": {name: {"value": {}}}})
    response = get(mock=mock, prefer=f'example="{name if is_sent else "other"}"')
    assert header(response, "preference-applied") is None
    assert header(response, "x-mock-note") == (
        f"Prefer: example is not the name of a valid example; there are {name!a}, and was ignored"
    )


def test_invalid_request_cannot_prefer_a_status() -> None:
    assert ask(f"/teams/x/runs/{TEAM}", prefer="code=404").status == 400
    assert ask(prefer="code=404", authorization=None).status == 401


def test_preferred_401_has_its_challenge() -> None:
    assert header(ask(prefer="code=401"), "www-authenticate") == "Bearer"
