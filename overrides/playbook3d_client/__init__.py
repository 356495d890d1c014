"""Client of the Playbook API: run image and video workflows on GPUs from Python.

    from playbook3d_client import PlaybookClient

    with PlaybookClient() as client:  # reads PLAYBOOK_API_KEY and PLAYBOOK_TOKEN
        print(client.workflows.cancel_run(team_id, run_id).message)

The operations are methods grouped by tag, generated from the API's contract; ``AsyncPlaybookClient`` has the
same ones, async. Every response but a declared 2xx is raised as a ``PlaybookError``.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from playbook3d_api._runtime import RawResponse
from playbook3d_api.types import UNSET, Unset
from playbook3d_client._client import AsyncPlaybookClient, PlaybookClient
from playbook3d_client._connections import DefaultAsyncHttpxClient, DefaultHttpxClient
from playbook3d_client._errors import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
    PlaybookError,
    RateLimitError,
    UnprocessableEntityError,
)
from playbook3d_client._options import DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT
from playbook3d_client._token_cache import AsyncCachedToken, CachedToken
from playbook3d_client._version import __version__

if _TYPE_CHECKING:
    from playbook3d_client import models

__all__ = [
    "DEFAULT_MAX_RETRIES",
    "DEFAULT_TIMEOUT",
    "UNSET",
    "APIConnectionError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncCachedToken",
    "AsyncPlaybookClient",
    "AuthenticationError",
    "BadRequestError",
    "CachedToken",
    "ConfigurationError",
    "ConflictError",
    "DefaultAsyncHttpxClient",
    "DefaultHttpxClient",
    "InternalServerError",
    "NotFoundError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "PlaybookClient",
    "PlaybookError",
    "RateLimitError",
    "RawResponse",
    "UnprocessableEntityError",
    "Unset",
    "__version__",
    "models",
]


def __getattr__(name: str) -> _Any:
    # Lazily (PEP 562): a client that is asked for no model by name should not import them all.
    if name == "models":
        return _import_module("playbook3d_client.models")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
