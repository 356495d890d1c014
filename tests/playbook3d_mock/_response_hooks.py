"""Responses of httpx, of any server, validated by the contract."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from playbook3d_mock._redaction import mask, printable
from playbook3d_mock._request import Request
from playbook3d_mock._responses import Response

if TYPE_CHECKING:
    import httpx

    from playbook3d_mock._engine import Engine
    from playbook3d_mock._redaction import Redaction


class ResponseError(ValueError):
    """A response does not match the contract. No value of it is shown, and credentials are redacted.

    Attributes:
        operation: The operation: its operationId, else "POST /path"; method and path of the request if there is none.
        status: The status of the response.
        violations: What is wrong, each after its part: "body/result: the value is not of type string".
    """

    def __init__(self, operation: str, status: int, violations: tuple[str, ...]) -> None:
        super().__init__(operation, status, violations)
        self.operation = operation
        self.status = status
        self.violations = violations

    def __str__(self) -> str:
        return "\n".join(f"{self.operation} {self.status}: {violation}" for violation in self.violations)


class ResponseWarning(UserWarning):
    """A response does not match the contract; the text is that of a ``ResponseError``."""


def validate_response(engine: Engine, redaction: Redaction, response: httpx.Response, *, warn: bool) -> None:
    """Raise ``ResponseError``, or issue a ``ResponseWarning``, unless a response matches; its body has been read."""
    sent = response.request
    raw_path, _, query = sent.url.raw_path.partition(b"?")
    headers = tuple((name.lower(), value) for name, value in sent.headers.raw)
    request = Request(sent.method, raw_path, query, headers)
    received = tuple((name.lower(), value) for name, value in response.headers.raw)
    operation = engine.operation_of(request)
    name = f"{sent.method} {raw_path.decode('latin-1')}"
    violations: tuple[str, ...] = ("request: is of no operation of the contract",)
    if operation:
        name = operation.label
        content = Response(response.status_code, received, response.content)
        violations = operation.response_rules.violations(sent.method, content)
    if not violations:
        return
    secrets = redaction.secrets(request)
    redacted = tuple([printable(mask(violation, secrets)) for violation in violations])
    error = ResponseError(printable(mask(name, secrets)), response.status_code, redacted)
    if not warn:
        raise error
    warnings.warn(str(error), ResponseWarning, stacklevel=3)
