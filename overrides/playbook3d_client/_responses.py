"""From a response to the declared model or to an error, without a credential in it."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from traceback import clear_frames
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from playbook3d_client._credentials import credential_headers
from playbook3d_client._errors import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    PlaybookError,
    status_error_class,
)
from playbook3d_client._redaction import Redaction

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from playbook3d_api._runtime import Operation, Parse, SuccessResponse

_JSON_TYPES: dict[type, str] = {
    dict: "object",
    list: "array",
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
}

# Where APIs put the reason, best first: the published contract declares `result`, and shows `description`.
_MESSAGE_KEYS = ("result", "message", "description", "detail", "error")
_MAX_MESSAGE = 500

#: Bytes of a body that are decoded as JSON, and masked; of a longer one the error keeps so much text.
MAX_ERROR_BODY = 64 * 1024
# A credential that begins before the cut has ended after so many more bytes.
_LONGEST_CREDENTIAL = 16 * 1024
# Of ASCII, in the text of JSON: they could hide a credential.
_JSON_ESCAPE = re.compile(r"\\(?:u00([2-7][0-9A-Fa-f])|(/))")

# What generated code raises for a body that does not match. Not Exception: a time limit that a signal handler raises
# must get through.
_PARSE_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class _ParserSettings(NamedTuple):
    """What a generated parser reads of its client."""

    raise_on_unexpected_status: bool = False


class Attempt(NamedTuple):
    """Details of a call, for its error."""

    operation: Operation
    retries: int
    mask: Callable[[str], str]

    def redaction(self) -> Redaction:
        """Makes redacted copies of what httpx has of the call."""
        schemes = [scheme for alternative in self.operation.security for scheme in alternative]
        return Redaction(credential_headers(schemes), self.mask)

    def redact_response(self, response: httpx.Response) -> httpx.Response:
        """A copy of ``response`` whose request shows no credential."""
        return self.redaction().response(response)


class TransportFailure(NamedTuple):
    """An exchange without a complete response.

    Attributes:
        error: The error of httpx.
        request: What was sent.
        never_sent: Whether it is certain that nothing reached the server.
        timed_out: Whether a phase took longer than its timeout.
        retryable: Whether another attempt may succeed.
        undecodable: The 2xx response, without content, if its body arrived and could not be decoded.
        request_id: The ``x-request-id`` of a response whose body did not arrive whole.
    """

    error: Exception
    request: httpx.Request
    never_sent: bool
    timed_out: bool
    retryable: bool
    undecodable: httpx.Response | None
    request_id: str | None

    def __repr__(self) -> str:
        return f"TransportFailure({type(self.error).__name__})"  # its text may have an echoed credential


def parse_success(attempt: Attempt, response: httpx.Response, parse: Parse) -> Any:
    """The model that the contract declares for a 2xx; raises ``APIResponseValidationError`` if it does not match."""
    name, status = attempt.operation.name, response.status_code
    for success in attempt.operation.success:
        if success.low <= status <= success.high:
            break
    else:
        raise _validation_error(
            attempt, response, f"{name} answered {status}, a success that the contract does not declare"
        )
    try:
        return _parse(success, response, parse)
    except _PARSE_ERRORS as error:
        cause: Exception = error
    # Not while the error is handled: it would be the context of the new one, unmasked.
    try:
        reason = one_line(f"{type(cause).__name__}: {cause}", attempt.mask)
        what = f"{name} answered {status} with a body that is not what the contract declares ({reason})"
        clear_frames(cause.__traceback__)  # their local variables hold the body
        if len(response.content) > MAX_ERROR_BODY:
            cause = ValueError(reason)  # an error of a decoder has the whole body
        raise _validation_error(attempt, response, what, cause)
    finally:
        del cause  # its frames refer to this one


def _parse(success: SuccessResponse, response: httpx.Response, parse: Parse) -> Any:
    if not success.json_types:
        return parse(client=_ParserSettings(), response=response)
    value = response.json()
    check_json_type(success, value)
    attributes = vars(response)
    attributes["json"] = lambda: value  # the generated parser decodes nothing again
    try:
        return parse(client=_ParserSettings(), response=response)
    finally:
        del attributes["json"]


def _validation_error(
    attempt: Attempt, response: httpx.Response, message: str, cause: Exception | None = None
) -> APIResponseValidationError:
    redaction = attempt.redaction()
    details = error_details(attempt, response)
    message += _quoted_request_id(details["request_id"])
    result = APIResponseValidationError(message, response=redaction.response(response), **details)
    result.__cause__ = None if cause is None else redaction.cause(cause)
    return result


def check_json_type(success: SuccessResponse, value: Any) -> None:
    """Raise ``TypeError`` for a body of another type: the generated code would make an empty model of a list."""
    if json_type(value) not in success.json_types:
        raise TypeError(f"a body of type {json_type(value)}")
    if success.item_types:  # the body is an array
        for item in value:
            if json_type(item) not in success.item_types:
                raise TypeError(f"an item of type {json_type(item)}")


def json_type(value: object) -> str:
    """JSON's name of the type of a decoded value."""
    return _JSON_TYPES[type(value)]


def status_error(attempt: Attempt, response: httpx.Response) -> APIStatusError:
    """The error for a response whose status is not a success."""
    details = error_details(attempt, response)
    reason = message_from_body(details["body"]) or _reason_phrase(response.status_code)
    message = one_line(f"{attempt.operation.name} answered {response.status_code}: {reason}", attempt.mask)
    message += _quoted_request_id(details["request_id"])
    return status_error_class(response.status_code)(message, response=attempt.redact_response(response), **details)


def failure_error(attempt: Attempt, failure: TransportFailure) -> PlaybookError:
    """The error for an exchange without a complete response."""
    name = attempt.operation.name
    reason = one_line(f"{type(failure.error).__name__}: {failure.error}".rstrip(": "), attempt.mask)
    if failure.undecodable is not None:
        status = failure.undecodable.status_code
        message = f"{name} answered {status} with a body that cannot be decoded ({reason})"
        return _validation_error(attempt, failure.undecodable, message, failure.error)
    redaction = attempt.redaction()
    request = redaction.request(failure.request)
    host = request.url.netloc.decode("ascii")  # and the port, but no user
    quoted_id = _quoted_request_id(failure.request_id and attempt.mask(failure.request_id))
    result: APIConnectionError
    if failure.timed_out:
        message = f"{name} timed out at {host} ({reason}){quoted_id}"
        result = APITimeoutError(message, request=request, retries_taken=attempt.retries)
    else:
        message = f"{name} got no usable answer from {host} ({reason}){quoted_id}"
        result = APIConnectionError(message, request=request, retries_taken=attempt.retries)
    result.__cause__ = redaction.cause(failure.error)
    return result


def deadline_error(operation: Operation, seconds: float, request: httpx.Request, retries: int) -> APITimeoutError:
    """The error for a call that did not end before its deadline."""
    message = (
        f"{operation.name} at {request.url.netloc.decode('ascii')} did not end within its deadline of {seconds:g} s"
    )
    return APITimeoutError(message, request=request, retries_taken=retries)


def error_details(attempt: Attempt, response: httpx.Response) -> dict[str, Any]:
    """What an error carries of a response, masked."""
    request_id = response.headers.get("x-request-id")
    return {
        "request_id": None if request_id is None else attempt.mask(request_id),
        "body": body_for_error(response.content, attempt.mask),
        "retries_taken": attempt.retries,
    }


def _quoted_request_id(request_id: str | None) -> str:
    """The end of a message, for the user to quote to support."""
    line = one_line(request_id or "", str)
    return f" (request id {line})" if line else ""


def body_for_error(content: bytes, mask: Callable[[str], str]) -> Any:
    """The content as decoded JSON, masked; ``None`` if it is not JSON, and the beginning of its text if it is too long.

    Masking costs time for each member of an object, so that a long body would delay the error by many seconds.
    """
    encoding = json.detect_encoding(content)
    if len(content) > MAX_ERROR_BODY:
        text = content[: MAX_ERROR_BODY + _LONGEST_CREDENTIAL].decode(encoding, errors="replace")
        unescaped = _JSON_ESCAPE.sub(lambda escape: escape[2] or chr(int(escape[1], 16)), text)
        masked = mask(text if mask(unescaped) == unescaped else unescaped)
        return masked.encode()[:MAX_ERROR_BODY].decode(errors="ignore")
    try:
        return _mask_json(json.loads(content.decode(encoding, errors="replace")), mask)
    except (ValueError, RecursionError):  # the body of an error must not become another error
        return None


def _mask_json(value: Any, mask: Callable[[str], str]) -> Any:
    """Decoded JSON with every text masked: in the undecoded text, escapes could hide a credential."""
    match json_type(value):
        case "string":
            return mask(value)
        case "array":
            return [_mask_json(item, mask) for item in value]
        case "object":
            return {mask(name): _mask_json(member, mask) for name, member in value.items()}
        case _:
            masked = mask(text := str(value))
            return value if masked == text else masked


def message_from_body(body: Any) -> str | None:
    """The best text in a decoded error body; ``None`` if it has no printable one."""
    members = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    for key in _MESSAGE_KEYS:
        text = members.get(key)
        if isinstance(text, str) and _printable(text).strip():
            return text
    return None


def one_line(text: str, mask: Callable[[str], str]) -> str:
    """``text``, masked, on one line of bounded length, without control characters for the reader's terminal.

    Masking comes last but for the cut: removing characters must not put a credential together, nor the cut leave half
    of one.
    """
    line = mask(_printable(" ".join(text.split())))
    return line if len(line) <= _MAX_MESSAGE else line[:_MAX_MESSAGE] + "…"


def _printable(text: str) -> str:
    return "".join(filter(str.isprintable, text))


def _reason_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "a status without a standard meaning"
