"""The connections that a client opens itself, and those of DefaultHttpxClient."""

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from playbook3d_client import DEFAULT_TIMEOUT, ConfigurationError, DefaultAsyncHttpxClient, DefaultHttpxClient
from support.client_styles import KEY, TOKEN, stop
from support.fixture_client import AsyncFixtureClient, FixtureClient
from support.servers import Recorder, echo_server, refusing_server

OPTIONS: dict[str, Any] = {"api_key": KEY, "token": TOKEN, "max_retries": 0}


def blocking(transport: httpx.MockTransport, **options: Any) -> Callable[[], Any]:
    """A call with a client on ``DefaultHttpxClient``."""
    client = FixtureClient(**OPTIONS, http_client=DefaultHttpxClient(transport=transport, **options))
    return lambda: stop(client)


def asynchronous(transport: httpx.MockTransport, **options: Any) -> Callable[[], Any]:
    client = AsyncFixtureClient(**OPTIONS, http_client=DefaultAsyncHttpxClient(transport=transport, **options))
    return lambda: asyncio.run(stop(client))


@pytest.mark.parametrize("client", [blocking, asynchronous])
@pytest.mark.parametrize("own", [None, "mine=1"])
def test_cookies_of_a_server_are_not_sent_back(client: Any, own: str | None) -> None:
    recorder = Recorder()

    def handler(request: httpx.Request) -> httpx.Response:
        response = recorder(request)
        response.headers["set-cookie"] = "session=of-the-first; Path=/"
        return response

    call = client(httpx.MockTransport(handler), cookies={"mine": "1"} if own else None)
    call()
    call()
    assert recorder.headers("cookie") == [own, own]


@pytest.mark.parametrize("client", [blocking, asynchronous])
def test_defaults_are_those_of_the_client(client: Any) -> None:
    recorder = Recorder()
    client(httpx.MockTransport(recorder), headers={"x-trace": "1"})()
    (request,) = recorder.requests
    assert request.extensions["timeout"] == DEFAULT_TIMEOUT.as_dict()
    assert request.headers["user-agent"].startswith("playbook3d-client/")
    assert request.headers["x-trace"] == "1"


def test_own_options_replace_the_defaults() -> None:
    recorder = Recorder()
    blocking(httpx.MockTransport(recorder), timeout=5, headers={"user-agent": "mine"})()
    (request,) = recorder.requests
    assert request.extensions["timeout"]["read"] == 5
    assert request.headers["user-agent"] == "mine"


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_second_event_loop_of_a_default_client_is_named() -> None:
    with echo_server() as (url, _):
        client = AsyncFixtureClient(**OPTIONS, base_url=url, http_client=DefaultAsyncHttpxClient())
        asyncio.run(stop(client))
        with pytest.raises(ConfigurationError, match=r"^The client was used in another event loop before"):
            asyncio.run(stop(client))
    del client
    gc.collect()  # its connections, which no loop can close any more


def test_second_event_loop_is_rejected() -> None:
    with refusing_server() as url:
        client = AsyncFixtureClient(**OPTIONS, base_url=url)

        async def call() -> str:
            with pytest.raises(Exception) as raised:  # noqa: PT011
                await stop(client)
            return str(raised.value)

        assert "ConnectError" in asyncio.run(call())
        assert asyncio.run(call()).startswith("The client was used in another event loop before")

        async def close() -> None:
            with pytest.raises(ConfigurationError, match=r"^The client was used in another event loop before"):
                await client.aclose()

        asyncio.run(close())


FORK = """
import http.server, os, sys, threading
from uuid import uuid4
from support.fixture_client import FixtureClient

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    connections = []
    def setup(self):
        super().setup()
        self.connections.append(self.client_address)
    def do_POST(self):
        body = b'{"message": "%d"}' % self.client_address[1]
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_request(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = FixtureClient(api_key="key-5b1c9f7e", token="token-9d2f4a6c", base_url=f"http://127.0.0.1:{server.server_port}")
copy = client.with_options(max_retries=0)
def port(client): return client.things.stop_thing(uuid4(), uuid4()).message
before = port(client)
if (child := os.fork()) == 0:
    os._exit(int(before in (port(client), port(copy))))
_, status = os.waitpid(child, 0)
assert port(client) == before, "the parent lost its connection"
sys.exit(os.waitstatus_to_exitcode(status))
"""

TOKEN_FORK = """
import os, sys, threading
from playbook3d_client import CachedToken

parent, is_fetching, may_end = os.getpid(), threading.Event(), threading.Event()
def fetch():
    if os.getpid() == parent:
        is_fetching.set()
        may_end.wait()
    return "token-9d2f4a6c"

token = CachedToken(fetch)
threading.Thread(target=token).start()
is_fetching.wait()
if (child := os.fork()) == 0:
    os._exit(int(token() != "token-9d2f4a6c"))
_, status = os.waitpid(child, 0)
may_end.set()
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.parametrize("program", [FORK, TOKEN_FORK], ids=["connections", "token"])
@pytest.mark.timeout(60)
def test_nothing_is_shared_with_a_forked_process(program: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0, done.stderr
