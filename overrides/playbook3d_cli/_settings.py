"""The options that every command has, and the client that they give."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter, Token, validators

from playbook3d_client._connections import MAX_EXCHANGES
from playbook3d_client._credentials import Credentials
from playbook3d_client._options import DEFAULT_MAX_RETRIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from playbook3d_api._runtime import Contract, Operation

#: The arguments of the client that are read from files.
CREDENTIALS = ("api_key", "token")

_FILE = Parameter(allow_leading_hyphen=True)  # "-" is standard input
_FLAG = Parameter(negative=(), show_default=False)


class UsageError(Exception):
    """The command line is wrong; the message says how, and the hint what to do."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def _whole_number(_: Any, tokens: Sequence[Token]) -> int:
    try:
        return int(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value!r} is not a whole number.") from None


#: An integer. Cyclopts itself would round a fraction.
WHOLE_NUMBER = Annotated[int, Parameter(converter=_whole_number)]


@Parameter(name="*", group=Group("Options of every command", sort_key=2))
@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where and how to call, and how to print.

    The credentials come from the environment, unless a file is given: an argument would show in process lists.
    """

    json: Annotated[bool, _FLAG] = False
    """Print JSON: results on standard output, errors on standard error."""
    api_key_file: Annotated[str | None, _FILE] = None
    """A file with the API key, or - for standard input. Default: PLAYBOOK_API_KEY."""
    token_file: Annotated[str | None, _FILE] = None
    """A file with the user's JWT, or - for standard input. Default: PLAYBOOK_TOKEN."""
    base_url: str | None = None
    """Where the API is. Default: PLAYBOOK_BASE_URL, else the server of the contract."""
    timeout: Annotated[float | None, Parameter(validator=validators.Number(gte=0))] = None
    """Seconds that each phase of an exchange may take. Default: 30, to connect 5."""
    deadline: Annotated[float | None, Parameter(validator=validators.Number(gt=0))] = None
    """Seconds that a call may take, retries and waits included. Default: no limit."""
    max_retries: Annotated[WHOLE_NUMBER, Parameter(validator=validators.Number(gte=0))] = DEFAULT_MAX_RETRIES
    """How many times a request is repeated after a retryable failure."""


@Parameter(name="*", group=Group("Many at once", sort_key=1))
@dataclass(frozen=True, kw_only=True)
class BatchSettings:
    """How to make many calls."""

    concurrency: Annotated[WHOLE_NUMBER, Parameter(validator=validators.Number(gte=1, lte=MAX_EXCHANGES))] = 16
    """How many calls are made at a time."""
    keep_going: Annotated[bool, _FLAG] = False
    """Go on after a failure. By default, no call is started after the first."""


def make_client(
    client_type: type[Any], contract: Contract, operation: Operation, settings: Settings, http: httpx.AsyncClient
) -> Any:
    """A client that can call an operation; raises ``UsageError`` or ``ConfigurationError``."""
    credentials = {
        "api_key": settings.api_key_file and _read_line("--api-key-file", settings.api_key_file),
        "token": settings.token_file and _read_line("--token-file", settings.token_file),
    }
    options = {
        "base_url": settings.base_url,
        "timeout": settings.timeout,
        "deadline": settings.deadline,
        "max_retries": settings.max_retries,
    }
    given = {name: value for name, value in options.items() if value is not None}
    client = client_type(http_client=http, **credentials, **given)
    every_credential = Credentials(contract.schemes).replace(**credentials, credentials=None, environment=os.environ)
    every_credential.credentials_for(operation)  # the calls would fail, each of them
    return client


def _read_line(option: str, name: str) -> str:
    line = read_text(option, name).rstrip("\r\n")
    if not line:
        raise UsageError(f"{option} is empty: write the credential into the file, or leave out the option.")
    return line


def read_text(option: str, name: str) -> str:
    """As ``read_bytes``, decoded."""
    try:
        return read_bytes(option, name).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{option} is not text in UTF-8.") from None


def read_bytes(option: str, name: str) -> bytes:
    """The content of a file, or of standard input for ``-``; raises ``UsageError``.

    Messages do not show the name: it may be a credential, given by mistake.
    """
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{option} cannot be read: {error.strerror}.") from None
