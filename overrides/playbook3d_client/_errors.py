"""What a call can raise.

    PlaybookError
    ├── ConfigurationError               the client cannot make this call
    ├── APIConnectionError               no complete answer came
    │   └── APITimeoutError              ... within the timeout
    ├── APIStatusError                   an answer with a status that is not a success
    │   ├── BadRequestError              400
    │   ├── AuthenticationError          401
    │   ├── PaymentRequiredError         402
    │   ├── PermissionDeniedError        403
    │   ├── NotFoundError                404
    │   ├── ConflictError                409
    │   ├── UnprocessableEntityError     422
    │   ├── RateLimitError               429
    │   └── InternalServerError          500 and above
    └── APIResponseValidationError       a success from which the declared model cannot be made

Every error pickles and copies. What it carries of request and response then is method, URL and status: no
headers and no content, hence no credential.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Self, cast

import httpx

# Where APIs say what went wrong, best first: the published contract declares `result`, and shows `description`.
_MESSAGE_KEYS = ("result", "message", "description", "detail", "error")
_LONGEST_MESSAGE = 500


class PlaybookError(Exception):
    """The base of every error that the client raises.

    Attributes:
        message: What happened, in one line; ``str()`` of the error.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigurationError(PlaybookError):
    """The client lacks something for the call, or was given something unusable: this attempt was not sent."""


class APIConnectionError(PlaybookError):
    """No complete answer came: no connection, a connection lost, or bytes that are not HTTP.

    Whether the server acted on the request is not known. ``__cause__`` is the error of httpx.

    Attributes:
        request: The request that was sent.
        retries_taken: How many times it had been repeated.
    """

    def __init__(self, message: str, *, request: httpx.Request, retries_taken: int = 0) -> None:
        super().__init__(message)
        self.request = request
        self.retries_taken = retries_taken

    def __reduce__(self) -> tuple[Any, ...]:
        sent = (self.request.method, str(self.request.url))
        return _restore_connection_error, (type(self), self.message, sent, self.retries_taken)


class APITimeoutError(APIConnectionError):
    """A phase of the exchange (connecting, sending, waiting for bytes) took longer than its timeout."""


class _ResponseError(PlaybookError):
    """An error that an answer gave rise to.

    Attributes:
        status_code: The status of the answer.
        body: Its content as decoded JSON; ``None`` where it is not JSON.
        request_id: Its ``x-request-id``, to quote to support; ``None`` where there is none.
        request: The request that was sent.
        response: The answer itself; an error status whose body never came whole has it with none.
        retries_taken: How many times the request had been repeated.
    """

    def __init__(
        self,
        message: str,
        *,
        response: httpx.Response,
        request_id: str | None = None,
        body: Any = None,
        retries_taken: int = 0,
    ) -> None:
        super().__init__(message)
        self.response = response
        self.request = response.request
        self.status_code = response.status_code
        self.request_id = request_id
        self.body = body
        self.retries_taken = retries_taken

    def __reduce__(self) -> tuple[Any, ...]:
        sent = (self.request.method, str(self.request.url))
        told = {"request_id": self.request_id, "body": self.body, "retries_taken": self.retries_taken}
        return _restore_response_error, (type(self), self.message, self.status_code, sent, told)


class APIStatusError(_ResponseError):
    """The answer's status is not a success; a subclass stands for each status with a meaning of its own."""

    @classmethod
    def of(cls, response: httpx.Response, *, what: str, mask: Callable[[str], str], body: Any, **told: Any) -> Self:
        """The error for ``response``, of the class for its status; ``what`` names the call in its message."""
        found = _BY_STATUS.get(response.status_code)
        if found is None and response.status_code >= 500:
            found = InternalServerError
        reason = best_message(body) or _reason(response.status_code)
        message = one_line(f"{what} answered {response.status_code}: {reason}", mask)
        return cast(Self, (found or cls)(message, response=response, body=body, **told))


class BadRequestError(APIStatusError):
    """400: the server does not accept what was sent."""


class AuthenticationError(APIStatusError):
    """401: the token or the API key is invalid, or one of them is missing."""


class PaymentRequiredError(APIStatusError):
    """402: the subscription is not active, or no credits are left."""


class PermissionDeniedError(APIStatusError):
    """403: the credentials are good, but not for this."""


class NotFoundError(APIStatusError):
    """404: there is no such thing."""


class ConflictError(APIStatusError):
    """409: the request does not fit the state that the thing is in."""


class UnprocessableEntityError(APIStatusError):
    """422: well-formed, but with values that the server cannot use."""


class RateLimitError(APIStatusError):
    """429: too many requests."""


class InternalServerError(APIStatusError):
    """500 and above: the server failed."""


class APIResponseValidationError(_ResponseError):
    """The call succeeded, but the model that the contract declares cannot be made of the answer."""


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def best_message(body: Any) -> str | None:
    """The best text in a decoded error body; ``None`` where it has none that can be seen."""
    found = cast(dict[str, Any], body) if isinstance(body, dict) else {}
    for key in _MESSAGE_KEYS:
        text = found.get(key)
        if isinstance(text, str) and _printable(text).strip():
            return text
    return None


def one_line(text: str, mask: Callable[[str], str]) -> str:
    """``text`` on one line, not too long, and without what a server could do to the reader's terminal.

    It is masked between: what is taken out must not put a credential together, nor the cut leave half of one.
    """
    line = mask(_printable(" ".join(text.split())))
    return line if len(line) <= _LONGEST_MESSAGE else line[:_LONGEST_MESSAGE] + "…"


def _printable(text: str) -> str:
    return "".join(filter(str.isprintable, text))


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "a status without a standard meaning"


def _restore_connection_error(
    kind: type[APIConnectionError], message: str, sent: tuple[str, str], retries_taken: int
) -> APIConnectionError:
    return kind(message, request=httpx.Request(*sent), retries_taken=retries_taken)


def _restore_response_error(
    kind: type[_ResponseError], message: str, status: int, sent: tuple[str, str], told: dict[str, Any]
) -> _ResponseError:
    response = httpx.Response(status, request=httpx.Request(*sent))
    return kind(message, response=response, **told)
