"""Redirects: not followed, and their ``Location`` does no harm."""

from types import NoneType

import pytest

from playbook3d_client import APIConnectionError, APIStatusError
from support.client_styles import DRIVERS, Call, answering, error_of, in_turn
from support.http_family import httpx


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(call: Call, status: int) -> None:
    server = in_turn(httpx.Response(status, headers={"location": "https://elsewhere.invalid/"}))
    error = error_of(APIStatusError, call, server, http={"follow_redirects": True})
    assert error.status_code == status
    assert error.response.headers["location"] == "https://elsewhere.invalid/"


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(
    ("location", "error_class", "cause"),
    [
        ("http://a b/", APIStatusError, NoneType),
        ("http://[::1", APIConnectionError, httpx.RemoteProtocolError),
        ("http:x", APIConnectionError, httpx.InvalidURL),
        ("http://xn--a/", APIConnectionError, UnicodeError),
    ],
)
def test_malformed_location_is_an_error(call: Call, location: str, error_class: type[Exception], cause: type) -> None:
    """Httpx parses the ``Location`` of a redirect that it does not follow; httpx2 ignores what it cannot parse."""
    if httpx.__name__ == "httpx2":
        error_class, cause = APIStatusError, NoneType
    error = error_of(error_class, call, answering(302, headers={"location": location}))
    assert isinstance(error.__cause__, cause)
