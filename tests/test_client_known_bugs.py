"""Bugs that users of other SDKs, and of the generator, have met: none of them is to be met here.

Each test is named for what went wrong, and says where it was reported.
"""

import asyncio
import concurrent.futures
import contextlib
import multiprocessing
import pickle
import signal
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from calling import KEY, RUN, TEAM, TOKEN, Call, answering, bound, never, ok
from playbook3d_api.client import AuthenticatedClient
from playbook3d_client import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncPlaybookClient,
    ConfigurationError,
    InternalServerError,
    NotFoundError,
    PlaybookClient,
)
from playbook3d_client._routes import route_named


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[bytes]]]:
    """Another origin, and what was sent to it."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                connection, _ = server.accept()
                with connection:
                    if (data := connection.recv(65536)) == b"stop":
                        return
                    received.append(data)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", received
        with socket.create_connection(server.getsockname()) as last:
            last.sendall(b"stop")
        thread.join()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_key_that_follows_a_redirect_to_another_origin(
    call: Call, status: int, elsewhere: tuple[str, list[bytes]]
) -> None:
    """openai-python 3516; httpx itself takes only Authorization off, and plays a POST again on 307."""
    url, received = elsewhere
    for follow in (True, False):
        with pytest.raises(APIStatusError) as raised:
            call(answering(status, headers={"location": url}), http={"follow_redirects": follow})
        assert raised.value.status_code == status
    assert received == []


def test_a_time_limit_that_the_retry_loop_swallows() -> None:
    """openai-python 2737: ``except Exception`` took a task's own time limit for a failure that may pass."""

    class SoftTimeLimit(Exception):
        pass

    def over(*_: object) -> None:
        raise SoftTimeLimit

    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        signal.raise_signal(signal.SIGUSR1)
        return ok(request)

    before = signal.signal(signal.SIGUSR1, over)
    try:
        with pytest.raises(SoftTimeLimit):
            bound(handler, max_retries=5)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert len(requests) == 1


def fail() -> None:
    """Raise what a call raises: in another process."""
    bound(answering(404, json={"result": f"gone, {TOKEN}"}, headers={"x-request-id": "r-1"}))


def time_out() -> None:
    """Raise what a call raises that got no answer: in another process."""

    def slow(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow")

    bound(slow)


def test_an_error_that_does_not_unpickle_and_hangs_a_process_pool() -> None:
    """openai-python, and ``UnexpectedStatus`` of openapi-python-client: the pool waits for a result for ever."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        with pytest.raises(NotFoundError) as raised:
            pool.submit(fail).result(60)
        with pytest.raises(APITimeoutError) as timed_out:
            pool.submit(time_out).result(60)
    error = raised.value
    assert str(error) == "cancel_run answered 404: gone, ***"
    assert (error.status_code, error.request_id, error.body) == (404, "r-1", {"result": "gone, ***"})
    assert (error.retries_taken, error.request.method) == (0, "POST")
    assert str(timed_out.value) == "cancel_run timed out (ReadTimeout: slow)"
    assert timed_out.value.request.url.path == f"/cancel/{TEAM}/{RUN}"


@pytest.mark.parametrize("token", ["", "Bearer ", " ", "\n"])
def test_an_empty_token_that_is_sent_as_bearer_and_nothing(call: Call, token: str) -> None:
    """openapi-python-client sends ``Bearer `` and a space."""
    with pytest.raises(ConfigurationError, match="token= "):
        call(never, token=token)


def test_a_timed_out_post_that_is_played_again(call: Call, slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Many SDKs: the server had acted, and acts twice."""
    route = route_named("workflows", "cancel_run")
    monkeypatch.setattr(route, "operation", route.operation._replace(idempotent=False))
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        raise httpx.ReadTimeout("slow")

    with pytest.raises(APITimeoutError):
        call(handler, max_retries=5)
    assert (len(requests), slept) == (1, [])


@pytest.mark.parametrize("status", [299, 419, 520, 599, 600, 999])
def test_a_status_that_is_not_in_the_list_crashes_the_parser(call: Call, status: int) -> None:
    """openapi-python-client 1442: ``ValueError: 520 is not a valid HTTPStatus``."""
    with pytest.raises(Exception, match=f"^cancel_run answered {status}") as raised:
        call(answering(status, text="<html>"))
    assert type(raised.value).__module__ == "playbook3d_client._errors"


@pytest.mark.parametrize("value", ["..", ".", "", "%2e%2e", "../../admin", "a/../b"])
def test_a_path_parameter_that_leads_to_another_path(value: str) -> None:
    """openapi-python-client quotes ``..`` and httpx collapses it: another operation is called."""
    from playbook3d_api.api.workflows import cancel_run

    paths: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return ok(request)

    with httpx.Client(transport=httpx.MockTransport(handler)) as http:
        client = PlaybookClient(api_key=KEY, token=TOKEN, http_client=http)
        with pytest.raises(ValueError, match="run_id must be a UUID"):
            client.workflows.cancel_run(TEAM, value)
        odd: Any = value
        with contextlib.suppress(ValueError):  # or it is one segment
            cancel_run.sync(TEAM, odd, client=client)
    assert all(path.startswith(f"/cancel/{TEAM}/".encode()) and path.count(b"/") == 3 for path in paths)


def test_a_token_that_the_repr_of_a_client_shows() -> None:
    """openapi-python-client: ``repr(AuthenticatedClient(...))`` has the token."""
    assert TOKEN in repr(AuthenticatedClient(base_url="", token=TOKEN))
    for kind in (PlaybookClient, AsyncPlaybookClient):
        client = kind(api_key=KEY, token=TOKEN)
        assert TOKEN not in f"{client!r}{vars(client)!r}{client._settings!r}{client._sender!r}"
        assert KEY not in f"{client!r}{vars(client)!r}{client._settings!r}{client._sender!r}"


def test_options_for_one_call_that_change_the_client() -> None:
    """openapi-python-client: ``with_headers`` changes the client it was called on, and the caller's dict."""
    headers = {"x-trace": "1"}
    with PlaybookClient(api_key=KEY, token=TOKEN) as client:
        before = (repr(client._settings), dict(client._http.headers))
        client.with_options(headers=headers, timeout=1, max_retries=0)
        assert (repr(client._settings), dict(client._http.headers)) == before
        assert dict(client._settings.headers) == {}
    assert headers == {"x-trace": "1"}


def test_a_list_that_is_taken_for_an_empty_model(call: Call) -> None:
    """openapi-python-client: ``from_dict([])`` is a model without a single value."""
    with pytest.raises(Exception, match="a body of type array"):
        call(answering(200, json=[]))


def test_a_broken_error_body_that_hides_the_status(call: Call) -> None:
    """openapi-python-client: an HTML page on a documented 500 is a ``JSONDecodeError``."""
    with pytest.raises(InternalServerError, match="answered 500: Internal Server Error"):
        call(answering(500, html="<html>nginx</html>"))


def test_a_credential_with_a_line_end_that_breaks_the_connection() -> None:
    """A key read from a file: httpx raises ``LocalProtocolError`` on a socket, and ``UnicodeEncodeError`` for é."""
    for wrong in ("key\n", "key\r\nx: y", "kéy", "key\0"):
        with pytest.raises(ConfigurationError, match="api_key= has a character that is not visible ASCII"):
            PlaybookClient(api_key=wrong)


def test_an_answer_in_broken_gzip_that_is_no_error_of_the_sdk(call: Call) -> None:
    """httpx: ``DecodingError`` is no ``TransportError``, and slips through handlers of those."""
    with pytest.raises(InternalServerError):
        call(lambda _: httpx.Response(500, headers={"content-encoding": "gzip"}, stream=Stream(b"not gzip")))
    with pytest.raises(Exception, match="answered 200 with a body that cannot be decoded"):
        call(lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Stream(b"not gzip")))


class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that is read when the client reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


def test_a_cancelled_task_that_leaves_its_connection_open() -> None:
    """Reported of several: the pool is full in the end. The body of a cancelled call is closed."""
    closed: list[bool] = []

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"{"
            begun.set()
            await asyncio.Event().wait()

        async def aclose(self) -> None:
            closed.append(True)

    async def run() -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Endless()))
        async with httpx.AsyncClient(transport=transport) as http:
            client = AsyncPlaybookClient(api_key=KEY, token=TOKEN, http_client=http)
            task = asyncio.create_task(client.workflows.cancel_run(TEAM, RUN))
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    begun = asyncio.Event()
    asyncio.run(run())
    assert closed == [True]


def test_an_error_whose_pickle_carries_the_credentials(call: Call) -> None:
    """httpx: a response pickles with its request, and that with its headers."""
    with pytest.raises(NotFoundError) as raised:
        call(answering(404, json={"result": KEY}, headers={"x-echo": TOKEN}))

    def refused(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(APIConnectionError) as failed:
        call(refused)
    for error in (raised.value, failed.value):
        assert KEY in error.request.headers.values()
        pickled = pickle.dumps(error)
        assert KEY.encode() not in pickled
        assert TOKEN.encode() not in pickled
