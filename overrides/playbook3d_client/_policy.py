"""What happens between a call and its answer, decided without I/O.

``exchange`` is a generator: it yields what is to be done next (send this request, sleep so long, ask for the
token) and is sent what came of it. The senders in ``_sender`` drive it, blocking and asynchronously.
"""

import json
import logging
import random
import time
import warnings
from collections.abc import Callable, Generator, Mapping
from typing import Any, Literal, NamedTuple

import httpx

from playbook3d_api._operations import Operation
from playbook3d_api.client import AuthenticatedClient
from playbook3d_client._credentials import Carried, Credentials
from playbook3d_client._errors import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    PlaybookError,
    one_line,
)
from playbook3d_client._retries import delay_before_next
from playbook3d_client._routes import Expected, Route, kind_of, refuse_another_cookie

_log = logging.getLogger("playbook3d_client")


class Settings(NamedTuple):
    """What a client was told, for every call that it makes."""

    credentials: Credentials
    base_url: str | None  # None: the first server that the contract names for the operation
    request_options: Mapping[str, Any]  # for build_request, over what the httpx client has
    headers: httpx.Headers
    max_retries: int


class Failure(NamedTuple):
    """An exchange that did not end well: before there was a response, or while its body was read."""

    error: Exception
    response: httpx.Response | None


#: Makes a request of the base URL, the options of a generated module, and the headers of the credentials.
Build = Callable[[str, Mapping[str, Any], Mapping[str, str]], httpx.Request]


class Answer(NamedTuple):
    """A declared 2xx, and the model that the generated parser made of it."""

    response: httpx.Response
    parsed: Any
    retries_taken: int


Step = (
    tuple[Literal["send"], httpx.Request] | tuple[Literal["sleep"], float] | tuple[Literal["ask"], Callable[[], object]]
)


def exchange(
    settings: Settings, build: Build, route: Route, options: Mapping[str, Any]
) -> Generator[Step, Any, Answer]:
    """One call of an operation, with as many requests as it takes; returns its declared 2xx answer.

    ``options`` are those of ``httpx.Client.build_request``, as a generated module gives them; ``build`` makes
    the request of each attempt. Each step is an action and its argument, and is sent what came of it: of
    ``"send"`` a complete ``httpx.Response`` or a ``Failure``, of ``"ask"`` what the function returned, of
    ``"sleep"`` nothing. Raises ``ConfigurationError`` or ``ValueError`` before anything is sent, and afterwards
    every other ``PlaybookError``.
    """
    operation = route.operation
    route.refuse_another_path(options["url"])
    refuse_another_cookie(options.get("cookies", {}))
    if operation.deprecated:
        _warn_the_caller(f"{operation.name} is deprecated by the contract of the API.")
    carried = settings.credentials.for_(operation)
    # A body that is read from a file is gone once it has been sent.
    repeatable = "content" not in options and "files" not in options
    retries, renewed = 0, False
    while True:
        if carried.source is not None:
            carried.take((yield "ask", carried.source))
        try:
            request = build(settings.base_url or operation.servers[0], options, carried.headers)
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise ConfigurationError(f"{operation.name} cannot be sent: {error}.") from error
        started = time.perf_counter()
        outcome = _settled(request, (yield "send", request))
        if _log.isEnabledFor(logging.DEBUG):
            _log_attempt(request, outcome, retries + renewed + 1, time.perf_counter() - started, carried)
        if isinstance(outcome, httpx.Response):
            if outcome.is_success:
                return Answer(outcome, _model(route, outcome, retries, carried), retries)
            if outcome.status_code == 401 and repeatable and not renewed and carried.expire():
                renewed = True
                continue
        delay = _delay(operation, outcome, retries) if repeatable and retries < settings.max_retries else None
        if delay is None:
            raise _error(operation, request, outcome, retries, carried)
        retries += 1
        _log.info("%s: retry %d of %d in %.2f s", operation.name, retries, settings.max_retries, delay)
        yield "sleep", delay


def _settled(request: httpx.Request, outcome: httpx.Response | Failure) -> httpx.Response | Failure:
    """An error status stands, whatever became of its body."""
    if isinstance(outcome, httpx.Response):
        return outcome
    error, response = outcome
    if isinstance(error, httpx.HTTPStatusError) and _is_of(request, error):
        response = error.response  # a hook of the user's httpx client raises for each status
    if response is None or response.is_success:
        return Failure(error, response)
    try:
        response.read()  # it is closed: nothing more is received here
    except httpx.StreamError:
        headers = [pair for pair in response.headers.multi_items() if pair[0] != "content-encoding"]
        return httpx.Response(response.status_code, headers=headers, request=response.request)
    return response


def _is_of(request: httpx.Request, error: httpx.HTTPStatusError) -> bool:
    try:
        return error.request is request
    except RuntimeError:  # it was raised without one
        return False


# After these nothing can have reached the server.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
# These will fail the next time, too.
_LASTING = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)


def _delay(operation: Operation, outcome: httpx.Response | Failure, retries: int) -> float | None:
    if isinstance(outcome, Failure):
        error, status, retry_after = outcome.error, None, None
        if not isinstance(error, httpx.TransportError) or isinstance(error, _LASTING):
            return None
        unsent = isinstance(error, _UNSENT)
    else:
        status, retry_after, unsent = outcome.status_code, outcome.headers.get("retry-after"), False
    return delay_before_next(
        status=status,
        retry_after=retry_after,
        unsent=unsent,
        idempotent=operation.idempotent,
        retries=retries,
        now=time.time(),
        chance=random.random(),  # noqa: S311 (it spreads retries, and guards nothing)
    )


def _error(
    operation: Operation, request: httpx.Request, outcome: httpx.Response | Failure, retries: int, carried: Carried
) -> PlaybookError:
    """The error that an outcome is, unless it is a success."""
    if isinstance(outcome, httpx.Response):
        return APIStatusError.of(outcome, what=operation.name, mask=carried.mask, **_told(outcome, retries, carried))
    error, response = outcome
    reason = one_line(f"{type(error).__name__}: {error}".rstrip(": "), carried.mask)
    found: PlaybookError
    if isinstance(error, httpx.TimeoutException):
        found = APITimeoutError(f"{operation.name} timed out ({reason})", request=request, retries_taken=retries)
    elif response is None or isinstance(error, httpx.TransportError):
        found = APIConnectionError(
            f"{operation.name} got no usable answer ({reason})", request=request, retries_taken=retries
        )
    else:
        what = f"{operation.name} answered {response.status_code} with a body that cannot be decoded ({reason})"
        found = APIResponseValidationError(what, response=response, **_told(response, retries, carried))
    found.__cause__ = error
    return found


def _told(response: httpx.Response, retries: int, carried: Carried) -> dict[str, Any]:
    """What an error says of a response, without a credential in it."""
    request_id = response.headers.get("x-request-id")
    try:
        text = response.content.decode(json.detect_encoding(response.content), errors="replace")
        body = _masked(json.loads(text), carried.mask)
    except (ValueError, RecursionError, httpx.StreamError):  # the body of an error must not become another error
        body = None
    return {
        "request_id": None if request_id is None else carried.mask(request_id),
        "body": body,
        "retries_taken": retries,
    }


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    """Decoded JSON with every text in it masked: in the text of the JSON, escapes could hide a credential."""
    match kind_of(value):
        case "string":
            return mask(value)
        case "array":
            return [_masked(item, mask) for item in value]
        case "object":
            return {mask(name): _masked(member, mask) for name, member in value.items()}
        case _:
            return value if mask(str(value)) == str(value) else mask(str(value))


# The parser of a generated module asks its client one thing: whether an undocumented status raises.
_STOCK = AuthenticatedClient(base_url="", token="")

# What generated code does with a body that is not what it was made for. Not Exception: a time limit that is
# raised from a signal handler must get through.
_UNPARSABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class _Decoded:
    """A response for the generated parser, with JSON that was decoded before."""

    __slots__ = ("_response", "json", "status_code")

    def __init__(self, response: httpx.Response, value: Any) -> None:
        self._response = response
        self.status_code = response.status_code
        self.json = lambda: value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)


def _model(route: Route, response: httpx.Response, retries: int, carried: Carried) -> Any:
    """The model that the contract declares for a 2xx; raises ``APIResponseValidationError`` unless it is one."""
    status = response.status_code
    for success in route.successes:
        if success.low <= status <= success.high:
            break
    else:
        what = f"{route.operation.name} answered {status}, a success that the contract does not declare"
        raise APIResponseValidationError(what, response=response, **_told(response, retries, carried))
    try:
        return route.parse(client=_STOCK, response=_checked(success, response))
    except _UNPARSABLE as error:
        reason = one_line(f"{type(error).__name__}: {error}", carried.mask)
        what = f"{route.operation.name} answered {status} with a body that is not what the contract declares ({reason})"
        raise APIResponseValidationError(what, response=response, **_told(response, retries, carried)) from error


def _checked(success: Expected, response: httpx.Response) -> httpx.Response | _Decoded:
    """Raise ``TypeError`` where the body is, say, a list, of which a model could be made by accident."""
    if success.types is None:
        return response
    value = response.json()
    if type(value) not in success.types:
        raise TypeError(f"a body of type {kind_of(value)}")
    if success.item_types is not None:  # which says that it is an array
        for item in value:
            if type(item) not in success.item_types:
                raise TypeError(f"an item of type {kind_of(item)}")
    return _Decoded(response, value)


def _log_attempt(
    request: httpx.Request, outcome: httpx.Response | Failure, attempt: int, seconds: float, carried: Carried
) -> None:
    """Log one attempt: no header but the request id, no body, and no credential wherever it may stand."""
    if isinstance(outcome, Failure):
        what, request_id = type(outcome.error).__name__, None
    else:
        what, request_id = str(outcome.status_code), outcome.headers.get("x-request-id")
    told = one_line(f"{request.method} {request.url.path}: {what}, request id {request_id}", carried.mask)
    _log.debug("%s, attempt %d, %.0f ms", told, attempt, seconds * 1000)


def _warn_the_caller(message: str) -> None:
    """Warn where the call stands in the user's code: with however many of our own functions in between."""
    import inspect  # slow to import, and seldom needed

    ours = ("playbook3d_client", "playbook3d_api")
    frame, level = inspect.currentframe(), 1
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ours:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, DeprecationWarning, stacklevel=level)
