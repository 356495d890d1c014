"""Redirects: not followed, and their ``Location`` does no harm."""

import httpx
import pytest

from playbook3d_client import APIConnectionError, APIStatusError
from support.client_styles import DRIVERS, Call, answering


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("follow_redirects", [True, False])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(call: Call, status: int, follow_redirects: bool) -> None:
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(status, headers={"location": "https://elsewhere.invalid/"})

    with pytest.raises(APIStatusError) as raised:
        call(handler, http={"follow_redirects": follow_redirects})
    assert raised.value.status_code == status
    assert raised.value.response.headers["location"] == "https://elsewhere.invalid/"
    assert len(requests) == 1


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(
    ("location", "error", "cause"),
    [
        ("//", APIStatusError, type(None)),
        ("http://", APIStatusError, type(None)),
        ("http://a b/", APIStatusError, type(None)),
        ("http://[::1", APIConnectionError, httpx.RemoteProtocolError),
        ("https://host:port/", APIConnectionError, httpx.RemoteProtocolError),
        ("\0", APIConnectionError, httpx.RemoteProtocolError),
        ("http:x", APIConnectionError, httpx.InvalidURL),
        ("http://xn--a/", APIConnectionError, UnicodeError),
    ],
)
def test_malformed_location_is_an_error(
    call: Call, location: str, error: type[Exception], cause: type[Exception]
) -> None:
    """Httpx parses the ``Location`` of a redirect that it does not follow."""
    with pytest.raises(error) as raised:
        call(answering(302, headers={"location": location}))
    assert isinstance(raised.value.__cause__, cause)
