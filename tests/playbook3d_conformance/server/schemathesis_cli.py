"""The stock command, ``schemathesis run``, in a process of its own."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from playbook3d_conformance.server.errors import UsageError

PACKAGE = Path(__file__).parents[1]
STRICT, LIVE = PACKAGE / "schemathesis.toml", PACKAGE / "live.toml"


class Outcome(NamedTuple):
    """The exit status of the command, negative if a signal ended it, and its output."""

    status: int
    output: str


def read_configuration(path: Path) -> dict[str, Any]:
    """A configuration of Schemathesis; raises ``UsageError``."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}.") from error


def to_toml(value: Any) -> str:
    """A value in TOML, tables inline."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {to_toml(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(to_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def run(
    contract: Path,
    url: str,
    configuration: Mapping[str, Any],
    environment: Mapping[str, str],
    folder: Path,
    *,
    options: Sequence[str] = (),
    wait: Callable[[subprocess.Popen[bytes]], object] = subprocess.Popen.wait,
) -> Outcome:
    """Test the server at ``url``; the command keeps its files in ``folder``.

    Args:
        contract: The contract, in a file.
        url: The base URL of the server.
        configuration: What a ``schemathesis.toml`` holds.
        environment: Variables beside those of this process, such as the credentials that the configuration names.
        folder: An existing folder.
        options: More options of the command.
        wait: Waits until the process has ended; it may end it.
    """
    file, printed = folder / "schemathesis.toml", folder / "output.txt"
    lines = [f"{json.dumps(key)} = {to_toml(value)}" for key, value in configuration.items()]
    file.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", f"--config-file={file}", "run", str(contract.resolve())]
    command += [f"--url={url}", "--no-color", *options]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SCHEMATHESIS_")}
    # A netrc file could replace the token by another credential.
    own = {**inherited, "NETRC": os.devnull, "PYTHONUTF8": "1", **environment}
    with printed.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=own, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait(process)
        finally:
            process.kill()  # does nothing to one that has ended
            process.wait()
    return Outcome(process.returncode, printed.read_text(encoding="utf-8", errors="replace"))
