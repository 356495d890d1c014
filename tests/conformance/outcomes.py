"""What has to come of an answer: this suite's own reading, and not the client's."""

from typing import Any

import httpx

from playbook3d_client import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
)

ERRORS = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def error_class(status: int) -> type[APIStatusError]:
    """The class of the error that a status is."""
    return ERRORS.get(status, InternalServerError if status >= 500 else APIStatusError)


def as_sent(result: Any) -> Any:
    """What a method returned, as the server had sent it: JSON, bytes, or nothing."""
    if isinstance(result, list):
        return [as_sent(item) for item in result]
    if hasattr(result, "payload"):
        result.payload.seek(0)
        return result.payload.read()
    return result.to_dict() if hasattr(result, "to_dict") else result


def content(response: httpx.Response) -> Any:
    """What a server sent: JSON, bytes, or nothing."""
    if not response.content:
        return None
    return response.json() if "json" in response.headers["content-type"] else response.content
