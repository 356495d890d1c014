"""Proxies and certificates of the environment: which values work, and how the others are rejected."""

import os
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import certifi
import httpx
import pytest

from playbook3d_client import ConfigurationError, DefaultAsyncHttpxClient, DefaultHttpxClient
from playbook3d_client._environment import environment_proxies
from support.client_styles import KEY, TOKEN, stop
from support.fixture_client import AsyncFixtureClient, FixtureClient


@pytest.fixture(autouse=True)
def no_certificates_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever whoever runs the tests has set."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)


CLIENTS = pytest.mark.parametrize(
    "client_class", [FixtureClient, AsyncFixtureClient, DefaultHttpxClient, DefaultAsyncHttpxClient]
)


@CLIENTS
@pytest.mark.parametrize(
    "value",
    [
        *["localhost,::1", "fe80::/10", "[::1]", "[::1]:80", "::1/128", "10.0.0.0/8", "*.example.com", "*"],
        *["a b, ,", "http://[x", "host:99999", "[fe80::1%eth0]", "\udcff", "..", "xn--a"],
        *["bücher.de", ".bücher.de", "*.bücher.de", "localhost, 例え.jp", "http://bücher.de", "bücher.de:80", "☃☃.de"],
        *["a\tb", "intern\n.corp", "\x01://host", "a b://host", "host/" + "x" * 65536],
    ],
    ids=ascii,
)
@pytest.mark.parametrize("proxy", ["", "http://user:word@127.0.0.1:9"])
def test_no_value_of_no_proxy_is_rejected(
    client_class: Any, value: str, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", value)
    client_class()


PROXY, SOCKS = "is not the URL of a proxy: use http://host:port, ", "names a SOCKS proxy: install httpx"


@CLIENTS
@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("ALL_PROXY", "foo://user:word@host", PROXY),
        ("HTTP_PROXY", "http://user:word@host:99999", PROXY),
        ("https_proxy", "http://[::1:word", PROXY),
        ("HTTPS_PROXY", "user:wo/rd@host", PROXY),
        ("HTTPS_PROXY", "://word", PROXY),
        ("HTTPS_PROXY", " \thttp://user:word@", PROXY),
        ("HTTPS_PROXY", "http://user:wo\trd@host", PROXY),
        ("HTTPS_PROXY", "http://user:wo@rd@host", PROXY),
        ("HTTPS_PROXY", f"http://user:word{'x' * 65536}@host", PROXY),
        ("ALL_PROXY", "socks5://user:word@host", SOCKS),
        ("SSL_CERT_FILE", "/no/such/word", "cannot be read: name a file of PEM certificates, or unset the variable "),
        ("SSL_CERT_FILE", "/dev/null", "cannot be read: "),
        ("SSL_CERT_FILE", "/", "cannot be read: "),
        ("SSL_CERT_DIR", "/no/such/word", "is not a folder: "),
        ("SSL_CERT_DIR", os.pathsep.join(["/no/such/word", ""]), "is not a folder: "),
        ("SSLKEYLOGFILE", "/no/such/word", "cannot be written: "),
    ],
)
def test_invalid_value_is_rejected_by_name(
    client_class: Any, variable: str, value: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as raised:
        client_class()
    assert raised.value.message.startswith(f"{variable} {problem}")
    assert "word" not in raised.value.message


@CLIENTS
@pytest.mark.parametrize("value", [" http://user:word@host:1", "host:1 ", "\u3000HTTPS://host", "http://bücher.de/"])
def test_space_around_a_proxy_is_ignored(client_class: Any, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    client_class()


def test_socks5h_is_named_as_every_httpx_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "socksio.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("ALL_PROXY", "SOCKS5h://user:word@host:1")
    assert environment_proxies()["all://"] == "socks5://user:word@host:1"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SSL_CERT_FILE", certifi.where()),
        ("SSL_CERT_DIR", "/"),
        ("SSL_CERT_DIR", os.pathsep.join(["/", "/no/such"])),
        ("SSL_CERT_DIR", os.pathsep.join(["/no/such", "/"])),
    ],
)
def test_certificates_of_the_environment_are_read(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    FixtureClient().close()


@pytest.mark.parametrize(
    ("variable", "options"),
    [
        ("HTTPS_PROXY", {"trust_env": False}),
        ("HTTPS_PROXY", {"proxy": "http://127.0.0.1:9"}),
        ("SSL_CERT_FILE", {"verify": False}),
        ("SSL_CERT_FILE", {"trust_env": False}),
    ],
)
@pytest.mark.parametrize("client_class", [DefaultHttpxClient, DefaultAsyncHttpxClient])
def test_option_takes_precedence_over_the_environment(
    client_class: Any, variable: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "no://such")
    client_class(**options)


class Handler(BaseHTTPRequestHandler):
    """Stops each thing, and records the target of the request, which a proxy receives as a whole URL."""

    targets: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.targets.append(self.path)
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 (its name there)


@pytest.fixture
def server() -> Generator[str]:
    """The URL of a server that is also a proxy."""
    Handler.targets.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http_server:
        thread = Thread(target=http_server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http_server.server_port}"
        http_server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("no_proxy", "direct"),
    [
        ("", False),
        ("fe80::/10,::1,.0.0.1:99999", False),
        ("[::1], 127.0.0.1", True),
        ("localhost,*", True),
    ],
)
def test_no_proxy_excludes_hosts_from_the_proxy(
    no_proxy: str, direct: bool, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.removeprefix("http://"))
    monkeypatch.setenv("NO_PROXY", no_proxy)
    with FixtureClient(api_key=KEY, token=TOKEN, base_url=server) as client:
        stop(client)
    assert [target.startswith("http://") for target in Handler.targets] == [not direct]


@pytest.mark.parametrize(
    ("no_proxy", "hosts", "others"),
    [
        ("example.com", "example.com a.example.com", "aexample.com"),
        (".example.com", "a.example.com", "example.com"),
        ("*.example.com", "a.example.com", "example.com"),
        ("http://example.com", "example.com", "a.example.com"),
        ("http://*.example.com", "a.example.com", "example.com"),
        ("http://*example.com", "example.com a.example.com", "aexample.com"),
        ("https://*.example.com", "", "a.example.com"),
        ("a b://example.com", "", "example.com"),
        ("bücher.de", "bücher.de xn--bcher-kva.de a.bücher.de", "de"),
        ("xn--bcher-kva.de", "bücher.de", "de"),
        (".Bücher.de", "a.bücher.de", "bücher.de"),
        ("http://bücher.de", "bücher.de", "a.bücher.de"),
        ("例え.jp:81", "例え.jp:81", "例え.jp:82"),
        ("LOCALHOST", "localhost", "a.localhost"),
        ("*.127.0.0.1", "127.0.0.1", "127.0.0.2"),
        ("[::FFFF]:81,::0001", "[::ffff]:81 [::1]:82", "[::ffff]:82"),
    ],
)
def test_no_proxy_matches_hosts_as_httpx_does(
    no_proxy: str, hosts: str, others: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In httpx itself, or where it rejects the value or ignores it, as meant."""
    monkeypatch.setenv("HTTP_PROXY", "http://host:1")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    direct = httpx.MockTransport(lambda _: httpx.Response(200))
    proxied = httpx.MockTransport(lambda _: httpx.Response(502))
    mounts = {pattern: proxied if url else None for pattern, url in environment_proxies().items()}
    with httpx.Client(transport=direct, mounts=mounts, trust_env=False) as client:
        statuses = {host: client.get(f"http://{host}").status_code for host in f"{hosts} {others}".split()}
    assert [host for host, status in statuses.items() if status == 200] == hosts.split()
