"""What has to come of an answer: this suite's own reading, and not the client's."""

import json
from datetime import date
from typing import Any
from uuid import UUID

import httpx

from conformance.schemas import is_json
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
    """What a method returned, as the server had sent it: JSON, text, bytes, or nothing."""
    if isinstance(result, list):
        return [as_sent(item) for item in result]
    if hasattr(result, "payload"):
        result.payload.seek(0)
        return result.payload.read()
    if isinstance(result, UUID):
        return str(result)
    if isinstance(result, date):  # and points in time, which are dates as well
        return result.isoformat()
    return result.to_dict() if hasattr(result, "to_dict") else result


def error_body(content: bytes) -> Any:
    """What the error of an answer has as its body: JSON, whatever the server calls it, or nothing."""
    try:
        return json.loads(content.decode(json.detect_encoding(content), errors="replace"))
    except (ValueError, RecursionError):
        return None


def content(response: httpx.Response) -> Any:
    """What a server sent: JSON, text, bytes, or nothing. Raises ``ValueError`` where it is called JSON, and is not."""
    media_type = response.headers.get("content-type", "")
    if media_type.startswith("text/"):
        return response.text
    if not response.content:
        return None
    return response.json() if is_json(media_type) else response.content
