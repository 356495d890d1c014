"""httpx and httpx2: clients and timeouts of both, and what a call returns and raises with each.

All other tests of this folder run with either family, see ``support.http_family``.
"""

import os
import pickle
import subprocess
import sys
from datetime import timedelta
from typing import Any

import httpx
import pytest

from playbook3d_client import DEFAULT_TIMEOUT, APIConnectionError, APITimeoutError, ConfigurationError, NotFoundError
from support.client_styles import KEY, STOP_URL, TOKEN, stop, stop_raw
from support.fixture_client import AsyncFixtureClient, FixtureClient
from support.servers import answering_bytes

httpx2: Any = pytest.importorskip("httpx2")

OPTIONS: dict[str, Any] = {"api_key": KEY, "token": TOKEN, "max_retries": 0}
FAMILIES = pytest.mark.parametrize("family", [httpx, httpx2], ids=["httpx", "httpx2"])


def answering_client(family: Any, status: int, requests: list[Any] | None = None, **options: Any) -> FixtureClient:
    """A client over one of the family that answers each request with a status."""

    def handler(request: Any) -> Any:
        if requests is not None:
            requests.append(request)
        return family.Response(status, json={"message": "Stopped."})

    http_client = family.Client(transport=family.MockTransport(handler))
    return FixtureClient(http_client=http_client, **{**OPTIONS, **options})


def failing_client(error: Exception, **options: Any) -> FixtureClient:
    """A client over one of httpx2 that fails."""

    def handler(_: object) -> None:
        raise error

    return FixtureClient(http_client=httpx2.Client(transport=httpx2.MockTransport(handler)), **{**OPTIONS, **options})


@pytest.mark.parametrize(("clients", "timeouts"), [(httpx, httpx2), (httpx2, httpx), (httpx2, httpx2)])
def test_timeout_of_either_family_is_used(clients: Any, timeouts: Any) -> None:
    requests: list[Any] = []
    client = answering_client(clients, 200, requests, timeout=timeouts.Timeout(7, connect=1))
    stop(client.with_options(timeout=timeouts.Timeout(3)))
    stop(client)
    assert [request.extensions["timeout"]["read"] for request in requests] == [3, 7]
    assert client.timeout == httpx.Timeout(7, connect=1)


@pytest.mark.parametrize("timeout", [httpx2.Timeout(-1), httpx2.Timeout(5, read="5")])
def test_invalid_timeout_is_rejected(timeout: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^timeout= must be seconds"):
        FixtureClient(timeout=timeout)


@FAMILIES
def test_bare_http_client_gets_our_defaults(family: Any) -> None:
    requests: list[Any] = []
    client = answering_client(family, 200, requests)
    stop(client)
    assert client.timeout == DEFAULT_TIMEOUT
    assert requests[0].extensions["timeout"] == DEFAULT_TIMEOUT.as_dict()
    assert requests[0].headers["user-agent"].startswith("playbook3d-client/")


def test_timeout_of_the_http_client_is_readable() -> None:
    client = FixtureClient(**OPTIONS, http_client=httpx2.Client(timeout=7))
    assert client.timeout == httpx.Timeout(7)


@FAMILIES
def test_messages_are_of_the_family_of_the_client(family: Any) -> None:
    raw = stop_raw(answering_client(family, 200))
    with pytest.raises(NotFoundError) as refused:
        stop(answering_client(family, 404))
    with pytest.raises(APITimeoutError) as late:
        stop(answering_client(family, 200, deadline=1e-9))
    assert type(raw.http_response) is type(refused.value.response) is family.Response
    for each in (raw.http_response, refused.value, late.value):
        assert type(each.request) is family.Request


@FAMILIES
@pytest.mark.parametrize("deadline", [None, 60])
def test_copied_response_keeps_its_elapsed_time(family: Any, deadline: float | None) -> None:
    content = b'{"message": "Stopped."}'
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content
    with answering_bytes(answer) as url, family.Client() as http_client:
        raw = stop_raw(FixtureClient(**OPTIONS, http_client=http_client, base_url=url, deadline=deadline))
    response = pickle.loads(pickle.dumps(raw)).http_response  # noqa: S301
    assert response.elapsed == raw.http_response.elapsed > timedelta()


def test_client_of_the_other_kind_is_rejected() -> None:
    with pytest.raises(ConfigurationError, match=r"^http_client= must be an httpx.Client or an httpx2.Client, not Asy"):
        FixtureClient(http_client=httpx2.AsyncClient())
    with pytest.raises(ConfigurationError, match=r"^http_client= must be an httpx.AsyncClient or an httpx2.*, not Cl"):
        AsyncFixtureClient(http_client=httpx2.Client())


@pytest.mark.parametrize(
    ("error", "retries"),
    [(httpx2.ConnectError("refused"), 2), (httpx2.ReadError("reset"), 2), (httpx2.LocalProtocolError("no"), 0)],
    ids=str,
)
def test_failures_of_httpx2_are_known(error: Exception, retries: int, slept: list[float]) -> None:
    with pytest.raises(APIConnectionError) as raised:
        stop(failing_client(error, max_retries=2))
    assert raised.value.__cause__ is error
    assert len(slept) == raised.value.retries_taken == retries


@pytest.mark.parametrize(("clients", "errors"), [(httpx, httpx2), (httpx2, httpx)], ids=["httpx", "httpx2"])
def test_errors_of_the_other_family_are_known(clients: Any, errors: Any) -> None:
    error = errors.ReadTimeout("late")

    def hook(_: object) -> None:
        raise error

    transport = clients.MockTransport(lambda _: clients.Response(200, json={"message": "Stopped."}))
    http_client = clients.Client(transport=transport, event_hooks={"request": [hook]})
    with pytest.raises(APITimeoutError) as raised:
        stop(FixtureClient(http_client=http_client, **OPTIONS))
    assert raised.value.__cause__ is error


# Programs of their own

CALLS = """\
import pickle, sys
from playbook3d_client import NotFoundError
from support.client_styles import DRIVERS, answering, error_of, ok
for call in DRIVERS:
    assert call(ok, deadline=60, timeout=3).message == "Stopped."
    error = pickle.loads(pickle.dumps(error_of(NotFoundError, call, answering(404))))
    assert type(error.response).__module__ == {family!r}
"""
WITHOUT_HTTPX2 = CALLS.format(family="httpx") + "assert not {'httpx2', 'httpcore2'} & {*sys.modules}"
ALIAS = f"""\
import httpx2
httpx2.alias_httpx()
{CALLS.format(family="httpx2")}
from playbook3d_client import APIConnectionError
from support.client_styles import stop
from support.fixture_client import FixtureClient
from support.servers import refusing_server
with refusing_server() as url, FixtureClient(api_key="k", token="t", base_url=url, max_retries=0) as client:
    error = error_of(APIConnectionError, stop, client)
assert error.request.headers["user-agent"].startswith("playbook3d-client/")
assert type(error.__cause__) is httpx2.ConnectError
"""


def run(program: str, **options: Any) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60, **options)
    assert done.returncode == 0, done.stderr.decode()
    return str(done.stdout, "utf-8").strip()


@pytest.mark.parametrize("program", [WITHOUT_HTTPX2, ALIAS], ids=["httpx2 is not imported", "httpx is an alias"])
def test_calls_with_httpx_in_a_process_of_its_own(program: str) -> None:
    run(program)


@pytest.mark.parametrize(
    ("head", "family"), [("", "httpx2"), ("sys.modules['httpx2'] = None", "httpx")], ids=["installed", "missing"]
)
def test_error_of_httpx2_is_unpickled(head: str, family: str) -> None:
    with pytest.raises(NotFoundError) as raised:
        stop(answering_client(httpx2, 404))
    program = f"""\
import pickle, sys
{head}
error = pickle.load(sys.stdin.buffer)
print(type(error.request).__module__, type(error.response).__module__, error.request.url, error.response.status_code)
"""
    assert run(program, input=pickle.dumps(raised.value)) == f"{family} {family} {STOP_URL} 404"
