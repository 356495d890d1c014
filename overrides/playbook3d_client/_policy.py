"""What happens between a call and its answer, decided without I/O.

``exchange`` is a generator: it yields each request that is to be sent and takes what came of it, a response
or an error of httpx. The senders in ``_sender`` drive it, blocking and asynchronously.
"""

import json
import re
from collections.abc import Generator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

import httpx

from playbook3d_api._operations import OPERATIONS, Operation
from playbook3d_api.client import AuthenticatedClient
from playbook3d_client._credentials import Credentials
from playbook3d_client._errors import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
)

Outcome = httpx.Response | httpx.HTTPError


class Settings(NamedTuple):
    """What a client was told, for every call that it makes."""

    credentials: Credentials
    base_url: str | None  # None: the first server that the contract names for the operation
    request_options: Mapping[str, Any]  # for build_request, over what the httpx client has


def exchange(
    settings: Settings,
    http: httpx.Client | httpx.AsyncClient,
    method: str,
    path: str,
    options: Mapping[str, Any],
) -> Generator[httpx.Request, Outcome, httpx.Response]:
    """One call of the operation that ``method`` and ``path`` belong to; returns its declared 2xx answer.

    ``options`` are those of ``httpx.Client.build_request``, as a generated function gives them. Raises
    ``ConfigurationError`` or ``ValueError`` before anything is yielded, and afterwards every other
    ``PlaybookError``.
    """
    operation = _operation(method, path)
    if http.is_closed:
        raise ConfigurationError(f"{operation.name} was called on a client that is closed.")
    headers = {**options.get("headers", {}), **settings.credentials.headers(operation)}
    url = (settings.base_url or operation.servers[0]) + path
    whole: dict[str, Any] = {**options, **settings.request_options, "headers": headers}
    try:
        request = http.build_request(method, url, **whole)
    except httpx.InvalidURL as error:
        raise ConfigurationError(f"{operation.name} cannot be sent: {error}.") from error
    outcome = yield request
    if isinstance(outcome, httpx.HTTPError):
        raise _connection_error(settings.credentials, operation, request, outcome) from outcome
    if any(low <= outcome.status_code <= high for low, high in operation.success):
        _refuse_unparsable(settings, operation, outcome)
        return outcome
    request_id, body = _told(settings.credentials, outcome)
    if outcome.is_success:
        what = f"{operation.name} answered {outcome.status_code}, a success that the contract does not declare"
        raise APIResponseValidationError(what, response=outcome, request_id=request_id, body=body)
    raise APIStatusError.of(outcome, what=operation.name, request_id=request_id, body=body)


def _connection_error(
    credentials: Credentials, operation: Operation, request: httpx.Request, error: httpx.HTTPError
) -> APIConnectionError:
    reason = credentials.mask(f"{type(error).__name__}: {error}".rstrip(": "))
    if isinstance(error, httpx.TimeoutException):
        return APITimeoutError(f"{operation.name} timed out ({reason})", request=request)
    return APIConnectionError(f"{operation.name} got no answer ({reason})", request=request)


# The parser of a generated module asks its client one thing: whether an undocumented status raises.
_STOCK = AuthenticatedClient(base_url="", token="")


def _refuse_unparsable(settings: Settings, operation: Operation, response: httpx.Response) -> None:
    """Raise unless the generated parser makes the declared model of ``response``.

    The parser runs again in the generated function; here, where its failures can be told apart from others,
    they become ours, in the one place that bound methods and stock functions share.
    """
    module = import_module(f"playbook3d_api.api.{operation.tag}.{operation.name}")
    try:
        module._parse_response(client=_STOCK, response=response)
    except Exception as error:  # generated code fails in as many ways as there are wrong bodies
        request_id, body = _told(settings.credentials, response)
        what = f"{operation.name} answered {response.status_code} with a body that is not what the contract declares"
        raise APIResponseValidationError(
            f"{what} ({type(error).__name__})", response=response, request_id=request_id, body=body
        ) from error


def _told(credentials: Credentials, response: httpx.Response) -> tuple[str | None, Any]:
    """What an error says of a response, its request id and its body as JSON: without a credential in it."""
    request_id = response.headers.get("x-request-id")
    body = _json(credentials.mask(response.content.decode("utf-8", errors="replace")))
    return (None if request_id is None else credentials.mask(request_id)), body


def _json(text: str) -> Any:
    """Decoded JSON, or ``None``: the body of an error must not become another error."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


class _Route(NamedTuple):
    operation: Operation
    path: re.Pattern[str]
    parameters: tuple[str, ...]


@cache
def _routes() -> tuple[_Route, ...]:
    """The operations in the order in which a path is looked up: concrete segments before templated ones."""

    def templated_segments(operation: Operation) -> list[bool]:
        return ["{" in segment for segment in operation.path.split("/")]

    routes: list[_Route] = []
    for operation in sorted(OPERATIONS, key=templated_segments):
        pieces = re.split(r"\{([^}]*)\}", operation.path)
        pattern = "([^/]*)".join(map(re.escape, pieces[::2]))
        routes.append(_Route(operation, re.compile(pattern), tuple(pieces[1::2])))
    return tuple(routes)


def _operation(method: str, path: str) -> Operation:
    """The operation that a generated function called, found by its request.

    Raises ``ValueError`` for a path parameter that would make the request go to another path: an empty
    segment, ``.`` and ``..`` do not survive on the way (RFC 3986 §5.2.4), however they are quoted.
    """
    for operation, pattern, parameters in _routes():
        if operation.method == method.upper() and (match := pattern.fullmatch(path)):
            for name, value in zip(parameters, match.groups(), strict=True):
                if value in ("", ".", ".."):
                    raise ValueError(f"{name} must not be {value!r}: the request would go to another path")
            return operation
    raise ConfigurationError(f"{method.upper()} {path} is no operation of the contract.")
