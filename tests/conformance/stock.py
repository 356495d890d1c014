"""The stock command, `schemathesis run`, in this process: what a tester of a server would start."""

import contextlib
import os
import re
import tempfile
import tomllib
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast
from unittest.mock import patch

from click.testing import CliRunner
from schemathesis.cli import schemathesis as group
from schemathesis.config import SchemathesisConfig

HERE = Path(__file__).parent

Configuration = Mapping[str, Any]


# Of the stock checks the one that the mock cannot pass: it remembers nothing, so that what is gone is still there.
NO_MEMORY: Configuration = {"checks": {"use_after_free": {"enabled": False}}}


class Outcome(NamedTuple):
    """What a run came to: whether every check held, all that was printed, and whether there was any answer to check."""

    passed: bool
    output: str
    answered: bool = True


# What the extension's Reached tells of each operation that was answered.
_REACHED = re.compile(r"^(.+): \d+ cases, (\d+) of (\d+) parameters, answered (\d)", re.MULTILINE)


def unreached(outcome: Outcome, labels: Iterable[str]) -> list[str]:
    """Of the operations with these labels those that a run did not reach, or not with each of their parameters."""
    whole = {
        label
        for label, reached, parameters, success in _REACHED.findall(outcome.output)
        if reached == parameters and success == "2"
    }
    return [label for label in labels if label not in whole]


def configuration(*parts: Configuration, live: bool = False) -> dict[str, Any]:
    """The shipped configuration, with what differs on a server of somebody else, and with ``parts`` over it."""
    files = ["schemathesis.toml", "live.toml"] if live else ["schemathesis.toml"]
    merged: dict[str, Any] = {}
    for part in (*(tomllib.loads((HERE / name).read_text(encoding="utf-8")) for name in files), *parts):
        _merge(merged, part)
    return merged


def _merge(target: dict[str, Any], part: Configuration) -> None:
    for name, value in part.items():
        if isinstance(value, dict) and isinstance(target.get(name), dict):
            _merge(target[name], value)
        else:
            target[name] = value


def run(
    contract: Path,
    url: str,
    credentials: Mapping[str, str],
    *,
    configured: Configuration | None = None,
    options: Sequence[str] = (),
) -> Outcome:
    """Have Schemathesis try the server at ``url``.

    ``credentials`` are the variables of the environment that the configuration names; ``options`` are more of the
    command's. Raises ``ConfigError`` where the configuration is no such thing.
    """
    with patch.dict(os.environ, credentials):
        config = SchemathesisConfig.from_dict(cast(dict[str, Any], configured or configuration()))
    arguments = [str(contract.resolve()), f"--url={url}", "--no-color", *options]
    # The command keeps files where it is run.
    # A netrc that knows the host, or any, would put another credential in the place of the token.
    netrc = patch.dict(os.environ, NETRC=os.devnull)
    with netrc, tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), warnings.catch_warnings():
        os.environ.pop("SCHEMATHESIS_HOOKS", None)  # the configuration has hooks, and names them
        # It opens its reports once to see that it can, and leaves it to the garbage collector to close them.
        warnings.simplefilter("ignore", ResourceWarning)
        done = CliRunner().invoke(group.commands["run"], arguments, obj=config)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Outcome(done.exit_code == 0, done.output, answered=_REACHED.search(done.output) is not None)
