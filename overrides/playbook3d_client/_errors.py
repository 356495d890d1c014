"""What a call can raise.

    PlaybookError
    ├── ConfigurationError               the client cannot make this call
    ├── APIConnectionError               no complete response
    │   └── APITimeoutError              ... within the timeout, or the deadline
    ├── APIStatusError                   a response with a status that is not a success
    │   ├── BadRequestError              400
    │   ├── AuthenticationError          401
    │   ├── PaymentRequiredError         402
    │   ├── PermissionDeniedError        403
    │   ├── NotFoundError                404
    │   ├── ConflictError                409
    │   ├── UnprocessableEntityError     422
    │   ├── RateLimitError               429
    │   └── InternalServerError          500 and above
    └── APIResponseValidationError       a 2xx response that does not match the declared model

Every error pickles and copies, with its notes and the attributes that the user's code has set, as Python's own do. Of
request and response a copy has method, URL and status: no headers and no content, hence no credential. They are of
httpx where httpx2 is not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playbook3d_client._http_family import family_of, load_family

if TYPE_CHECKING:
    import httpx


class PlaybookError(Exception):
    """The base of every error that the client raises.

    Attributes:
        message: What happened, in one line; ``str()`` of the error.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigurationError(PlaybookError):
    """The client lacks something for the call, or was given something invalid: this attempt was not sent."""


class APIConnectionError(PlaybookError):
    """No complete response: no connection, a connection lost, or bytes that are not HTTP.

    Whether the server acted on the request is not known. The message names the host. ``__cause__`` is the error of
    httpx, or a redacted copy if its text had a credential.

    Attributes:
        request: The request that was sent.
        retries_taken: How many times it was repeated.
    """

    def __init__(self, message: str, *, request: httpx.Request, retries_taken: int = 0) -> None:
        super().__init__(message)
        self.request = request
        self.retries_taken = retries_taken

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore_error, (type(self), self.args, _line(self)), _state(self)


class APITimeoutError(APIConnectionError):
    """A phase (connecting, sending, waiting for bytes) exceeded its timeout, or the call its deadline."""


class _ResponseError(PlaybookError):
    """An error that a response gave rise to.

    Attributes:
        status_code: The status of the response.
        body: Its content as decoded JSON; ``None`` if it is not JSON. Of more than 64 KiB of content, the first 64 KiB
            as text.
        request_id: Its ``x-request-id``, to quote to support, also in the message; ``None`` if there is none.
        request: The request that was sent.
        response: The response itself; without content if its body never came whole, or could not be decoded.
        retries_taken: How many times the request was repeated.
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
        status = getattr(getattr(self, "response", None), "status_code", None)
        return _restore_error, (type(self), self.args, _line(self), status), _state(self)


class APIStatusError(_ResponseError):
    """The status is not a success; a subclass stands for each status with a meaning of its own."""


class BadRequestError(APIStatusError):
    """400: the server does not accept what was sent."""


class AuthenticationError(APIStatusError):
    """401: the token or the API key is invalid, or one of them is missing."""


class PaymentRequiredError(APIStatusError):
    """402: the subscription is not active, or no credits are left."""


class PermissionDeniedError(APIStatusError):
    """403: the credentials are valid but lack the permission."""


class NotFoundError(APIStatusError):
    """404: the resource does not exist."""


class ConflictError(APIStatusError):
    """409: the request conflicts with the state of the resource."""


class UnprocessableEntityError(APIStatusError):
    """422: well-formed, but with values that the server cannot use."""


class RateLimitError(APIStatusError):
    """429: too many requests."""


class InternalServerError(APIStatusError):
    """500 and above: the server failed."""


class APIResponseValidationError(_ResponseError):
    """A 2xx response that does not match the model that the contract declares."""


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


def status_error_class(status: int) -> type[APIStatusError]:
    """The class of the error for a status that is not a success."""
    return _BY_STATUS.get(status, InternalServerError if status >= 500 else APIStatusError)


def _line(error: PlaybookError) -> tuple[str, str, str] | None:
    """Method, URL and family of its request, unless the user's code has taken that away."""
    request = getattr(error, "request", None)
    return None if request is None else (request.method, str(request.url), family_of(request).__name__)


def _state(error: PlaybookError) -> dict[str, Any]:
    messages = {"request", "response"} & {name for name, value in vars(error).items() if value is not None}
    return {name: value for name, value in vars(error).items() if name not in messages}


def _restore_error(
    error_class: type[PlaybookError],
    args: tuple[Any, ...],
    line: tuple[str, str, str] | None,
    status: int | None = None,
) -> PlaybookError:
    """An error without its state; not by its constructor, which may be that of a subclass of the user's."""
    error = error_class.__new__(error_class, *args)
    method, url, family_name = line or ("", "", "")
    family = load_family(family_name)
    request = family.Request(method, url) if line else None
    if request is not None:
        vars(error).update(request=request)
    if status is not None:
        vars(error).update(response=family.Response(status, request=request))
    return error
