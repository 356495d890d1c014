"""The policy of a call, without I/O: what to do between the call and its result.

``exchange`` is a generator of typed steps: ``Send`` a request, ``Sleep``, ``FetchToken``. It receives the
result of each step. The drivers in ``_transport`` run it, blocking and async.
"""

from __future__ import annotations

import logging
import random
import time
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from playbook3d_api._runtime import Operation, Parse, RawResponse
from playbook3d_client._errors import ConfigurationError
from playbook3d_client._options import NO_SERVER
from playbook3d_client._request_checks import is_first_unencrypted_use, is_repeatable, validate_path, validate_values
from playbook3d_client._responses import (
    Attempt,
    TransportFailure,
    deadline_error,
    failure_error,
    one_line,
    parse_success,
    status_error,
)
from playbook3d_client._retries import delay_before_retry

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import httpx

    from playbook3d_client._credentials import CallCredentials, TokenSource
    from playbook3d_client._http_family import HttpFamily
    from playbook3d_client._options import ClientOptions

_log = logging.getLogger("playbook3d_client")


class Send(NamedTuple):
    """Send a request; receives a complete ``httpx.Response`` or a ``TransportFailure``."""

    operation: Operation
    base_url: str
    arguments: Mapping[str, Any]  # of httpx.Client.build_request, as a generated module makes them
    headers: Mapping[str, str]  # of the client's options, over those of the arguments
    credentials: CallCredentials  # over both; an object, so that no repr of a step or of a frame shows one
    timeout: httpx.Timeout | None  # None: that of the httpx client
    ends: float | None  # the deadline by time.monotonic()


class DeadlineError(Exception):
    """What a driver throws into the exchange when the deadline has passed during a step."""


class Sleep(NamedTuple):
    """Wait; receives nothing."""

    seconds: float


class FetchToken(NamedTuple):
    """Call the function, which may be async; receives what it returned."""

    source: TokenSource

    def __repr__(self) -> str:
        return "FetchToken()"  # the repr of a partial function shows its arguments


Step = Send | Sleep | FetchToken


def exchange(
    options: ClientOptions, operation: Operation, arguments: Mapping[str, Any], parse: Parse, family: HttpFamily
) -> Generator[Step, Any, RawResponse[Any]]:
    """One call of an operation, with as many requests as it takes; returns the declared 2xx response.

    Raises ``ValueError`` or ``TypeError`` for an invalid argument, ``ConfigurationError`` if an attempt cannot be
    made, and every other ``PlaybookError`` if the last attempt fails.
    """
    validate_path(operation.path, arguments["url"])
    validate_values(arguments)
    if operation.deprecated:
        _warn_the_caller(f"{operation.name} is deprecated by the contract of the API.", parse, DeprecationWarning)
    if not (base_url := options.base_url or next(iter(operation.servers), None)):
        raise ConfigurationError(f"{operation.name}: {NO_SERVER}")
    credentials = options.credentials.credentials_for(operation)
    if credentials.schemes and is_first_unencrypted_use(base_url):
        _warn_the_caller(f"Credentials go over plain http to {base_url}: use https://…", parse, UserWarning)
    repeatable = is_repeatable(arguments)
    retries, refreshed = 0, False
    ends = None if options.deadline is None else time.monotonic() + options.deadline
    cause: Exception | None = None  # the last failure
    try:
        while True:
            if credentials.source is not None:
                credentials.use_token((yield FetchToken(credentials.source)))
            if _is_over(ends):
                raise DeadlineError
            started = time.perf_counter()
            outcome = yield Send(operation, base_url, arguments, options.headers, credentials, options.timeout, ends)
            attempt = Attempt(operation, retries, credentials.new_mask())
            if _log.isEnabledFor(logging.DEBUG):
                _log_attempt(attempt, outcome, retries + refreshed + 1, time.perf_counter() - started)
            if not isinstance(outcome, TransportFailure):
                if outcome.is_success:
                    model = parse_success(attempt, outcome, parse)
                    return RawResponse(outcome, model, retries_taken=retries, redact=attempt.redact_response)
                if outcome.status_code == 401 and not refreshed and credentials.expire() and repeatable:
                    refreshed = True
                    continue
            failed = isinstance(outcome, TransportFailure)
            cause = failure_error(attempt, outcome) if failed else status_error(attempt, outcome)
            if failed and _is_over(ends):
                raise DeadlineError
            delay = _delay(operation, outcome, retries) if repeatable and retries < options.max_retries else None
            if delay is None:
                raise cause
            if _is_over(ends, delay):
                raise DeadlineError  # at once, instead of after a wait that is in vain
            retries += 1
            _log.info("%s: retry %d of %d in %.2f s", operation.name, retries, options.max_retries, delay)
            yield Sleep(delay)
    except DeadlineError:
        request = family.Request(operation.method, base_url + arguments["url"])  # no more of it is to be shown
        raise deadline_error(operation, options.deadline or 0.0, request, retries) from cause


def _is_over(ends: float | None, delay: float = 0.0) -> bool:
    """Whether a deadline has passed, or will have after a delay."""
    return ends is not None and time.monotonic() + delay >= ends


def _delay(operation: Operation, outcome: httpx.Response | TransportFailure, retries: int) -> float | None:
    if isinstance(outcome, TransportFailure):
        if not outcome.retryable:
            return None
        status, retry_after, never_sent = None, None, outcome.never_sent
    else:
        status, retry_after, never_sent = outcome.status_code, outcome.headers.get("retry-after"), False
    return delay_before_retry(
        status=status,
        retry_after=retry_after,
        never_sent=never_sent,
        idempotent=operation.idempotent,
        retries=retries,
        now=time.time(),
        jitter=random.random(),  # noqa: S311 (it spreads retries, and guards nothing)
    )


def _log_attempt(attempt: Attempt, outcome: httpx.Response | TransportFailure, number: int, seconds: float) -> None:
    """Log one attempt: no header but the request id, no body, and no credential."""
    if isinstance(outcome, TransportFailure):
        result, request_id = type(outcome.error).__name__, None
    else:
        result, request_id = str(outcome.status_code), outcome.headers.get("x-request-id")
    request = outcome.request
    line = one_line(f"{request.method} {request.url.path}: {result}, request id {request_id}", attempt.mask)
    _log.debug("%s, attempt %d, %.0f ms", line, number, seconds * 1000)


def _warn_the_caller(message: str, parse: Parse, category: type[Warning]) -> None:
    """Warn at the line of the user's code that made the call: above our frames and the generated ones."""
    import inspect  # slow to import, and seldom needed

    ours = (__name__.partition(".")[0], parse.__module__.partition(".")[0])
    frame, level = inspect.currentframe(), 1
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ours:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
