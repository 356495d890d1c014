"""The two drivers of ``exchange``, blocking and async.

Requests are sent without redirects, which would carry credentials to another server, and without the auth of the
httpx client, which would replace the token.
"""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from playbook3d_client._bodies import awaited_body, body_in_time
from playbook3d_client._connections import DefaultAsyncHttpxClient, DefaultHttpxClient
from playbook3d_client._errors import ConfigurationError
from playbook3d_client._exchange import DeadlineError, FetchToken, Send, Sleep, Step
from playbook3d_client._http_family import family_of, to_httpx
from playbook3d_client._options import DEFAULT_TIMEOUT
from playbook3d_client._requests import build_request
from playbook3d_client._signals import raised_by_signal_handler
from playbook3d_client._token_cache import running_loop
from playbook3d_client._transport_errors import expected_errors, outcome_of, read_error

if TYPE_CHECKING:
    import httpx

    from playbook3d_api._runtime import RawResponse
    from playbook3d_client._transport_errors import Outcome

_OTHER_LOOP = "The client was used in another event loop before: make one client for each loop."

HttpClient = TypeVar("HttpClient", "httpx.Client", "httpx.AsyncClient")
Steps = Generator[Step, Any, "RawResponse[Any]"]


class _Transport(Generic[HttpClient]):
    """A client of httpx or httpx2, the user's or one of our own, and how it makes requests."""

    http_type: ClassVar[str]  # the name of its class in each family
    _default_type: ClassVar[Any]  # DefaultHttpxClient or DefaultAsyncHttpxClient

    def __init__(self, http: HttpClient | None) -> None:
        self.is_own = http is None
        self._http: HttpClient = self._default_type() if http is None else http
        self._process = os.getpid()
        self.family = family_of(self._http)
        # What a client has that was given no timeout.
        self._timeout_of_httpx = self.family.Timeout(5.0)
        # Sends a request as it is. With None, httpx would look for a user in the URL, on each request.
        self._no_auth = self.family.Auth()
        self._expected_errors = expected_errors(self.family)

    @property
    def http(self) -> HttpClient:
        """The httpx client; in a forked process another one of our own, because two must not read one connection."""
        if self.is_own and self._process != os.getpid() and not self._http.is_closed:
            self._http, self._process = self._default_type(), os.getpid()
        return self._http

    @property
    def default_timeout(self) -> httpx.Timeout:
        """The timeout of the httpx client; that of httpx itself counts as not given."""
        http = self.http
        is_given = isinstance(http, self._default_type) or http.timeout != self._timeout_of_httpx
        return to_httpx(http.timeout) if is_given else DEFAULT_TIMEOUT

    def _build(self, step: Send, turn: int = 0) -> httpx.Request:
        if self.http.is_closed:
            raise ConfigurationError("The client is closed: make the call before that, or with another client.")
        return build_request(self.family, self.http, step, self.default_timeout, turn)


class BlockingTransport(_Transport["httpx.Client"]):
    """Runs an exchange with a blocking client."""

    http_type = "Client"
    _default_type = DefaultHttpxClient

    def run(self, steps: Steps, deadline: float | None) -> RawResponse[Any]:  # noqa: ARG002 (the steps say when)
        """Carry out each step, until there is a result or an error."""
        received: Any = None
        while True:
            try:
                step = steps.send(received)
            except StopIteration as done:
                return cast("RawResponse[Any]", done.value)
            finally:
                received = None  # it may be a token, which no frame must show
            match step:
                case Send():
                    received = self._send_in_turn(step)
                    if received is None:
                        steps.throw(DeadlineError())
                case Sleep(seconds):
                    time.sleep(seconds)
                case FetchToken():
                    received = step.source()

    def _send_in_turn(self, step: Send) -> Outcome | None:
        """Wait for a turn, with a client that has them, and send; ``None`` if it did not come in time."""
        if not isinstance(http := self.http, DefaultHttpxClient):
            return self._send(self._build(step), step.ends)
        turn = http.turns.acquire(None if step.ends is None else max(0.0, step.ends - time.monotonic()))
        if turn is None:
            return None
        try:
            return self._send(self._build(step, turn), step.ends)
        finally:
            http.turns.release(turn)

    def _send(self, request: httpx.Request, ends: float | None) -> Outcome:
        response = limit = None
        try:
            response = self.http.send(request, stream=True, auth=self._no_auth, follow_redirects=False)
            if ends is not None:
                stream = cast("httpx.SyncByteStream", response.stream)
                response.stream = body_in_time(self.family, stream, ends)
            response.read()
            return response
        except self._expected_errors as error:
            limit = raised_by_signal_handler(error)
            if limit is None:
                return outcome_of(self.family, error, request, response)
        finally:
            if response is not None:
                response.close()
        raise limit  # not while the error of httpx is handled, whose request has the credentials

    def close(self) -> None:
        """Close the httpx client."""
        self.http.close()


class AsyncTransport(_Transport["httpx.AsyncClient"]):
    """Runs an exchange with an async client."""

    http_type = "AsyncClient"
    _default_type = DefaultAsyncHttpxClient

    def __init__(self, http: httpx.AsyncClient | None) -> None:
        super().__init__(http)
        self._loop: object = None
        self._loop_of: object = None  # the httpx client that has connections in it

    async def run(self, steps: Steps, deadline: float | None) -> RawResponse[Any]:
        """Carry out each step, until there is a result or an error; cancel it after ``deadline`` seconds."""
        if deadline is None:
            return await self._run(steps)
        import anyio  # httpx brings it

        with anyio.move_on_after(deadline):
            return await self._run(steps)
        steps.throw(DeadlineError())
        raise AssertionError("the exchange has raised an error")

    async def _run(self, steps: Steps) -> RawResponse[Any]:
        if self._is_other_loop() and self.is_own:
            raise ConfigurationError(_OTHER_LOOP)
        received: Any = None
        while True:
            try:
                step = steps.send(received)
            except StopIteration as done:
                return cast("RawResponse[Any]", done.value)
            finally:
                received = None  # it may be a token, which no frame must show
            match step:
                case Send():
                    received = await self._send_in_turn(step)
                case Sleep(seconds):
                    import anyio  # httpx brings it; a call without retries does not need it

                    await anyio.sleep(seconds)
                case FetchToken():
                    received = step.source()
                    if hasattr(received, "__await__"):
                        received = await received

    def _is_other_loop(self) -> bool:
        """Whether the connections were opened in another event loop, to which they belong."""
        http, loop = self.http, running_loop()
        if self._loop_of is not http:
            self._loop, self._loop_of = loop, http
        return self._loop is not loop

    async def _send_in_turn(self, step: Send) -> Outcome:
        if not isinstance(http := self.http, DefaultAsyncHttpxClient):
            return await self._send(self._build(step))
        turn = await http.turns.acquire()
        try:
            return await self._send(self._build(step, turn))
        finally:
            http.turns.release(turn)

    async def aclose(self) -> None:
        """Close the httpx client."""
        if self.is_own and self._is_other_loop():
            raise ConfigurationError(_OTHER_LOOP)
        await self.http.aclose()

    async def _send(self, request: httpx.Request) -> Outcome:
        if not isinstance(request.stream, self.family.AsyncByteStream):
            request.stream = awaited_body(self.family, cast("httpx.SyncByteStream", request.stream))
        response = None
        try:
            response = await self.http.send(request, stream=True, auth=self._no_auth, follow_redirects=False)
            await response.aread()
            return response
        except ssl.SSLError as error:
            return outcome_of(self.family, read_error(self.family, error, request), request, response)
        except RuntimeError as error:  # of the loop that was closed
            if self._is_other_loop():
                raise ConfigurationError(_OTHER_LOOP) from error
            raise
        except self._expected_errors as error:
            return outcome_of(self.family, error, request, response)
        finally:
            if response is not None:
                await response.aclose()
