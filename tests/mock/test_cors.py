"""CORS: preflights, and the headers that a page of another origin needs."""

import pytest

from playbook3d_mock import Request, Response
from playbook3d_mock._cors import preflight_response, with_cors

ORIGIN = "https://page.invalid"


def preflight(**headers: str) -> Request:
    named = {"origin": ORIGIN, "access-control-request-method": "POST"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("OPTIONS", b"/any", headers=tuple((k.encode(), v.encode("latin-1")) for k, v in named.items() if v))


def headers_of(response: Response | None) -> dict[str, str]:
    assert response
    assert len(dict(response.headers)) == len(response.headers)
    return {name.decode(): value.decode() for name, value in response.headers}


def test_preflight_allows_what_is_asked_for() -> None:
    response = preflight_response(preflight(access_control_request_headers="authorization, x-key"))
    assert (response and (response.status, response.body)) == (204, b"")
    assert headers_of(response) == {
        "access-control-allow-origin": ORIGIN,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization, x-key",
        "access-control-max-age": "600",
        "vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    }


def test_private_network_is_allowed_if_asked_for() -> None:
    headers = headers_of(preflight_response(preflight(access_control_request_private_network="true")))
    assert headers["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": ""},
        {"origin": "two words"},
        {"access_control_request_method": ""},
        {"access_control_request_method": "two words"},
    ],
)
def test_other_options_request_is_no_preflight(headers: dict[str, str]) -> None:
    assert preflight_response(preflight(**headers)) is None


def test_invalid_name_of_a_header_is_not_allowed() -> None:
    headers = headers_of(preflight_response(preflight(access_control_request_headers="x-key, two words, é,")))
    assert headers["access-control-allow-headers"] == "x-key"


def test_request_without_origin_gets_nothing_added() -> None:
    response = Response(200, ((b"x-total", b"3"),))
    assert with_cors(Request("GET", b"/"), response) is response


def test_own_headers_are_exposed_and_those_of_the_contract_replaced() -> None:
    contract = ((b"x-total", b"3"), (b"access-control-allow-origin", b"*"), (b"vary", b"Accept"))
    response = with_cors(Request("GET", b"/", headers=((b"origin", b"null"),)), Response(200, contract))
    assert headers_of(response) == {
        "x-total": "3",
        "access-control-allow-origin": "null",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-total",
        "vary": "Accept, Origin",
    }
