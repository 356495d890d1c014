"""Errors of the command line as they are shown: in its own words, and without credentials."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from cyclopts import CycloptsError, UnknownCommandError, UnknownOptionError, UnusedCliTokensError

from playbook3d_cli._settings import CREDENTIALS, UsageError
from playbook3d_client._credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playbook3d_api._runtime import Contract

_HELP = "With --help, playbook3d and each of its commands describe themselves."


def usage_error(error: Exception, words: Sequence[str], contract: Contract) -> UsageError:
    """What is shown of an error.

    Args:
        error: The error, of cyclopts, of the client, or a ``UsageError``.
        words: The command line. Of its words ``--name=value`` only the name is shown.
        contract: Names the credentials, which are redacted.
    """
    match error:
        case UnknownOptionError():
            shown = unknown_option(error.token.keyword or error.token.value, UsageError(str(error), _HELP))
        case UnknownCommandError(unused_tokens=[word, *_]) if word.startswith("-"):
            shown = unknown_option(word, UsageError(f"Unknown option: {word}.", _HELP))
        case UnusedCliTokensError(unused_tokens=[word, *_]):
            shown = UsageError(f"Unexpected argument: {word}.", _HELP)
        case CycloptsError():
            shown = UsageError(str(error), _HELP)
        case UsageError():
            shown = error
        case _:
            shown = UsageError(_name_options(str(error)))
    message = str(shown)
    for word in words:
        if word.startswith("-") and "=" in word:
            message = message.replace(word, word.partition("=")[0])
    return UsageError(Credentials(contract.schemes).mask_variables(message, os.environ), shown.hint)


def unknown_option(word: str, otherwise: UsageError) -> UsageError:
    """The error of a word that is no option of the command; ``otherwise`` if there is nothing special about it."""
    name = word.partition("=")[0]
    if name == "-":
        return UsageError("Only the last argument of a command can be -.")
    if name in (f"--{each.replace('_', '-')}" for each in CREDENTIALS):
        variable = f"PLAYBOOK_{name[2:].replace('-', '_').upper()}"
        return UsageError(f"Credentials are not arguments: set {variable}, or use {name}-file.")
    return otherwise


def _name_options(text: str) -> str:
    """A message of the client with options of the command line in place of its arguments."""
    text = re.sub(r"pass credentials=\{.*?\} or ", "", text).replace(", token= or credentials=", " or token=")
    return re.sub(r"\b(api_key|token|base_url|timeout|deadline|max_retries)=(\w?)", _option, text)


def _option(argument: re.Match[str]) -> str:
    name, value = argument.groups()
    suffix = "-file" * (name in CREDENTIALS)
    return f"--{name.replace('_', '-')}{suffix}{value and '=' + value}"
