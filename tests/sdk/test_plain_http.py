"""Credentials over plain http: a warning for each server that is not this machine."""

import warnings
from typing import Any

import pytest

from support.client_styles import DRIVERS, Call, blocking, ok, stop


@pytest.mark.parametrize("call", DRIVERS)
def test_credentials_over_plain_http_warn_once_per_server(call: Call) -> None:
    url = f"http://{call.__name__}.invalid/api"
    with pytest.warns(UserWarning, match=rf"^Credentials go over plain http to {url}: use https://…$") as caught:
        call(ok, base_url=url)
    assert [warning.category for warning in caught] == [UserWarning]
    with warnings.catch_warnings(action="error"):
        for host in (f"{call.__name__}.invalid", f"{call.__name__}.invalid.:80", f"{call.__name__.upper()}.Invalid"):
            call(ok, base_url=f"http://{host}/v2")


def test_another_port_is_another_server() -> None:
    for port in (80, 8080):
        with pytest.warns(UserWarning, match="plain http"):
            blocking(ok, base_url=f"http://port.invalid:{port}")


def test_warning_names_the_line_of_the_call() -> None:
    def call(client: Any) -> Any:
        return client.things.stop_thing("0" * 32, "0" * 32)

    with pytest.warns(UserWarning, match="plain http") as caught:
        blocking(ok, call, base_url="http://line.invalid")
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2:8000",
        "http://127.1",
        "http://[::1]",
        "http://[::ffff:127.0.0.1]",
        "http://localhost",
        "http://a.localhost.",
        "https://host.invalid",
    ],
)
def test_loopback_and_https_do_not_warn(url: str) -> None:
    with warnings.catch_warnings(action="error"):
        blocking(ok, stop, base_url=url)


@pytest.mark.parametrize("host", ["127.0.0.1.invalid", "localhost.invalid", "10.1", "[::ffff:10.0.0.1]", "[::2]"])
def test_host_that_looks_like_loopback_warns(host: str) -> None:
    with pytest.warns(UserWarning, match="plain http"):
        blocking(ok, base_url=f"http://{host}")


def test_call_without_credentials_does_not_warn() -> None:
    with warnings.catch_warnings(action="error"):
        blocking(ok, lambda client: client.system_status.status(), base_url="http://h.invalid")
