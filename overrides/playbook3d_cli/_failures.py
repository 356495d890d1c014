"""What a failed call means: the exit status, and a hint on what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playbook3d_client import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    ConfigurationError,
    InternalServerError,
)
from playbook3d_client._credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playbook3d_api._runtime import Contract, Operation

OK, REFUSED, USAGE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130
#: With the number of the signal, the exit status of a program that a signal ends.
SIGNALLED = 128
#: As of a program that SIGPIPE ends.
UNWRITABLE = 141

_WORST_FIRST = (INTERRUPTED, UNREACHABLE, REFUSED, USAGE, OK)

_HINTS = {
    400: "Compare the arguments with the help of the command.",
    402: "The subscription is not active, or no credits are left. A retry does not help.",
    403: "The credentials are valid, but lack the permission: are they for this team?",
    404: "Are the ids right, and those of this account?",
    409: "Look at the state of the resource before you try again.",
    422: "Compare the arguments with the help of the command.",
    429: "Wait, or lower --concurrency; --max-retries retries more often.",
}


def exit_status(error: Exception) -> int:
    """The exit status that a failed call asks for."""
    match error:
        case APIConnectionError():
            return UNREACHABLE
        case ConfigurationError() | ValueError() | TypeError():  # of the client, before anything is sent
            return USAGE
        case _:
            return REFUSED


def worst(statuses: Iterable[int]) -> int:
    """The worst of several exit statuses."""
    return min(statuses, key=_WORST_FIRST.index, default=OK)


def hint(error: Exception, operation: Operation, contract: Contract) -> str | None:
    """What to do about an error; ``None`` if its message says all."""
    match error:
        case APIConnectionError():
            return "Check --base-url, PLAYBOOK_BASE_URL and the network. If it was sent, the server may have acted."
        case APIStatusError(status_code=401):
            variables = Credentials(contract.schemes).variables_for(operation)
            return f"Check {' and '.join(variables) or 'the credentials'}. JWTs expire."
        case InternalServerError():
            return "The server failed: try again later."
        case APIStatusError():
            return _HINTS.get(error.status_code)
        case APIResponseValidationError():
            return "The server acted, but its response is not what the contract says."
        case RecursionError():
            return "The response is nested too deeply. The server may have acted."
        case _:
            return None


def as_json(error: BaseException, hint: str | None) -> dict[str, Any]:
    """An error as JSON: its class, its message, and what the response has."""
    response = {name: getattr(error, name) for name in ("body", "request_id") if hasattr(error, name)}
    status = {"status": error.status_code} if isinstance(error, APIStatusError | APIResponseValidationError) else {}
    return {"type": type(error).__name__, "message": str(error), **status, **response, "hint": hint}
