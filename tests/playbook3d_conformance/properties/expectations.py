"""What the client must return or raise for a response: the suite's own reading."""

import json
from datetime import date
from typing import Any
from uuid import UUID

import httpx

import playbook3d_client as sdk
from playbook3d_conformance.schemas import is_json

_ERRORS = {
    400: sdk.BadRequestError,
    401: sdk.AuthenticationError,
    402: sdk.PaymentRequiredError,
    403: sdk.PermissionDeniedError,
    404: sdk.NotFoundError,
    409: sdk.ConflictError,
    422: sdk.UnprocessableEntityError,
    429: sdk.RateLimitError,
}


def error_class(status: int) -> type[sdk.APIStatusError]:
    """The class of the error for a status."""
    return _ERRORS.get(status, sdk.InternalServerError if status >= 500 else sdk.APIStatusError)


def as_sent(result: Any) -> Any:
    """What a method returned, as the server sent it: JSON, text, bytes, or ``None``."""
    if isinstance(result, list):
        return [as_sent(item) for item in result]
    if hasattr(result, "payload"):
        result.payload.seek(0)
        return result.payload.read()
    if isinstance(result, UUID):
        return str(result)
    if isinstance(result, date):  # datetimes too
        return result.isoformat()
    return result.to_dict() if hasattr(result, "to_dict") else result


def error_body(content: bytes) -> Any:
    """The body of an error: JSON, whatever its media type, or ``None``."""
    try:
        return json.loads(content.decode(json.detect_encoding(content), errors="replace"))
    except (ValueError, RecursionError):
        return None


def content(response: httpx.Response) -> Any:
    """What a server sent: JSON, text, bytes, or ``None``. Raises ``ValueError`` for invalid JSON."""
    media_type = response.headers.get("content-type", "")
    if media_type.startswith("text/"):
        return response.text
    if not response.content:
        return None
    return response.json() if is_json(media_type) else response.content
