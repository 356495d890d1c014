"""Client of the Playbook API: run image and video workflows on GPUs from Python.

    from playbook3d_client import PlaybookClient

    with PlaybookClient() as client:  # reads PLAYBOOK_API_KEY and PLAYBOOK_TOKEN
        print(client.workflows.cancel_run(team_id, run_id).message)

The operations are methods grouped by tag, generated from the API's contract; ``AsyncPlaybookClient`` has the
same ones to be awaited. Every answer but a declared 2xx is raised as a ``PlaybookError``.
"""

from playbook3d_api.api import RawResponse
from playbook3d_client import models
from playbook3d_client._client import DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT, AsyncPlaybookClient, PlaybookClient
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
from playbook3d_client._tokens import AsyncCachedToken, CachedToken
from playbook3d_client._version import __version__

__all__ = [
    "DEFAULT_MAX_RETRIES",
    "DEFAULT_TIMEOUT",
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
    "InternalServerError",
    "NotFoundError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "PlaybookClient",
    "PlaybookError",
    "RateLimitError",
    "RawResponse",
    "UnprocessableEntityError",
    "__version__",
    "models",
]
