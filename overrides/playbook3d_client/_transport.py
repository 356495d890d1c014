"""The two drivers of ``exchange``, blocking and async, and all that is known of httpx's ways of failing.

Requests are sent without redirects, which would carry credentials to another server, and without the auth of the
httpx client, which would replace the token.
"""

import platform
import ssl
import time
from collections.abc import AsyncIterator, Generator
from traceback import clear_frames
from typing import Any, ClassVar, Generic, TypeVar, cast

import httpx

from playbook3d_api._runtime import RawResponse
from playbook3d_client._errors import ConfigurationError
from playbook3d_client._exchange import FetchToken, Send, Sleep, Step
from playbook3d_client._responses import TransportFailure
from playbook3d_client._signals import raised_by_signal_handler
from playbook3d_client._version import __version__

USER_AGENT = f"playbook3d-client/{__version__} python/{platform.python_version()}"

# httpx parses the Location of a redirect that it does not follow, and raises more than its own errors for it.
HTTPX_ERRORS = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)

#: After these it is certain that nothing reached the server.
NEVER_SENT_ERRORS = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

#: A retry cannot help.
PERMANENT_ERRORS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)

# Sends a request as it is. With None, httpx would look for a user in the URL, on each request.
_NO_AUTH = httpx.Auth()

HttpClient = TypeVar("HttpClient", httpx.Client, httpx.AsyncClient)
Steps = Generator[Step, Any, RawResponse[Any]]
Outcome = httpx.Response | TransportFailure


class _Transport(Generic[HttpClient]):
    """An httpx client, and how it makes requests."""

    http_type: ClassVar[Any]  # httpx.Client or httpx.AsyncClient

    def __init__(self, http: HttpClient | None) -> None:
        self.http: HttpClient = self._open() if http is None else http

    def _open(self) -> HttpClient:
        try:
            return cast("HttpClient", self.http_type(headers={"User-Agent": USER_AGENT}))
        except (ValueError, OSError, ImportError) as error:  # a proxy or a certificate of the environment
            raise ConfigurationError(f"httpx cannot be set up as the environment asks: {error}") from error

    def _build(self, step: Send) -> httpx.Request:
        if self.http.is_closed:
            raise ConfigurationError("The client is closed: make the call before that, or with another client.")
        arguments: dict[str, Any] = {**step.arguments, "url": step.base_url + step.arguments["url"]}
        if step.timeout is not None:
            arguments["timeout"] = step.timeout
        try:
            arguments["headers"] = httpx.Headers(step.arguments.get("headers"))
            arguments["headers"].update(step.headers)
            arguments["headers"].update(step.credentials.headers)
            return self.http.build_request(**arguments)
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            clear_frames(error.__traceback__)  # of httpx, with the headers
            raise ConfigurationError(f"{step.operation.name} cannot be sent: {error}.") from error
        finally:
            del arguments  # an error of httpx, or of the user's httpx client, would show the credentials


class BlockingTransport(_Transport[httpx.Client]):
    """Runs an exchange with an ``httpx.Client``."""

    http_type = httpx.Client

    def run(self, steps: Steps) -> RawResponse[Any]:
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
                    received = self._send(self._build(step))
                case Sleep(seconds):
                    time.sleep(seconds)
                case FetchToken():
                    received = step.source()

    def _send(self, request: httpx.Request) -> Outcome:
        response = None
        try:
            response = self.http.send(request, stream=True, auth=_NO_AUTH, follow_redirects=False)
            response.read()
            return response
        except HTTPX_ERRORS as error:
            if limit := raised_by_signal_handler(error):
                raise limit from None
            return _outcome_of(error, request, response)
        finally:
            if response is not None:
                response.close()


class _AwaitedStream(httpx.AsyncByteStream):
    """The body of a file, which httpx refuses to send from an async client; read in the event loop, as in a form."""

    def __init__(self, blocking: httpx.SyncByteStream) -> None:
        self._blocking = blocking

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._blocking:
            yield chunk


class AsyncTransport(_Transport[httpx.AsyncClient]):
    """Runs an exchange with an ``httpx.AsyncClient``."""

    http_type = httpx.AsyncClient

    async def run(self, steps: Steps) -> RawResponse[Any]:
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
                    received = await self._send(self._build(step))
                case Sleep(seconds):
                    import anyio  # httpx brings it; a call without retries does not need it

                    await anyio.sleep(seconds)
                case FetchToken():
                    received = step.source()
                    if hasattr(received, "__await__"):
                        received = await received

    async def _send(self, request: httpx.Request) -> Outcome:
        if not isinstance(request.stream, httpx.AsyncByteStream):
            request.stream = _AwaitedStream(request.stream)
        response = None
        try:
            response = await self.http.send(request, stream=True, auth=_NO_AUTH, follow_redirects=False)
            await response.aread()
            return response
        except ssl.SSLError as error:  # which httpcore maps for blocking clients only
            read_error = httpx.ReadError(str(error), request=request)
            read_error.__cause__ = error
            return _outcome_of(read_error, request, response)
        except HTTPX_ERRORS as error:
            return _outcome_of(error, request, response)
        finally:
            if response is not None:
                await response.aclose()


def _outcome_of(error: Exception, request: httpx.Request, response: httpx.Response | None) -> Outcome:
    """What ``error`` means; an error status wins over a broken body."""
    if isinstance(error, httpx.HTTPStatusError) and _is_of(request, error):
        response = error.response  # a hook of the user's httpx client raises for each status
    if response is not None and not response.is_success:
        try:
            response.read()  # what was received; its stream is consumed, so this receives nothing more
        except httpx.StreamError:
            return _without_content(response)
        return response
    is_transport_error = isinstance(error, httpx.TransportError)
    return TransportFailure(
        error,
        request,
        never_sent=isinstance(error, NEVER_SENT_ERRORS),
        timed_out=isinstance(error, httpx.TimeoutException),
        retryable=is_transport_error and not isinstance(error, PERMANENT_ERRORS),
        undecodable=None if response is None or is_transport_error else _without_content(response),
        request_id=None if response is None else response.headers.get("x-request-id"),
    )


def _is_of(request: httpx.Request, error: httpx.HTTPStatusError) -> bool:
    try:
        return error.request is request
    except RuntimeError:  # it was raised without one
        return False


def _without_content(response: httpx.Response) -> httpx.Response:
    headers = [pair for pair in response.headers.multi_items() if pair[0] != "content-encoding"]
    return httpx.Response(response.status_code, headers=headers, request=response.request)
