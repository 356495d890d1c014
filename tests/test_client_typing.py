"""What a type checker tells a user of each call, under mypy and pyright, both strict."""

import re
import subprocess
import sys
from pathlib import Path

from conformance.arguments import ARGUMENTS
from playbook3d_api._operations import OPERATIONS

ROOT = Path(__file__).parents[1]


def declared(method: str, path: str) -> str:
    """The type that the generator gives to the 2xx of an operation; ``None`` where it has no content."""
    responses = [one for one in ARGUMENTS.endpoint(method, path).responses if str(one.status_code.pattern)[0] == "2"]
    types = {one.prop.get_type_string().as_unembedded_code().replace("Any", "None") for one in responses}
    return " | ".join(sorted(types))


def program() -> tuple[str, list[str]]:
    """A user's program that calls every operation in every way, and the types that its calls should have."""
    lines = [
        "# pyright: strict",
        "from typing import Any",
        "from playbook3d_client import AsyncPlaybookClient, PlaybookClient",
        "blocking: PlaybookClient",
        "asynchronous: AsyncPlaybookClient",
        "async def calls(arguments: Any) -> None:",
    ]
    types: list[str] = []
    for operation in OPERATIONS:
        result = declared(operation.method, operation.path)
        for client in ("blocking", "await asynchronous"):
            for raw in ("", ".with_raw_response"):
                lines.append(f"    reveal_type({client}.{operation.tag}{raw}.{operation.name}(**arguments))")
                types.append(f"RawResponse[{result}]" if raw else result)
    return "\n".join([*lines, ""]), types


def without_modules(text: str) -> str:
    return re.sub(r"\b\w+(\.\w+)*\.(?=\w)", "", text)


def mypy(path: Path) -> subprocess.CompletedProcess[str]:
    """What mypy says, in a process of its own: it changes the limits of the one that it runs in.

    What it finds of the libraries is kept where `make check` keeps it: most of its time goes there.
    """
    command = [sys.executable, "-m", "mypy", "--strict", str(path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_mypy_and_pyright_know_the_type_of_each_call(tmp_path: Path) -> None:
    source, types = program()
    path = tmp_path / "program.py"
    path.write_text(source, encoding="utf-8")

    done = mypy(path)
    assert done.returncode == 0, done.stdout
    found = re.findall(r'Revealed type is "(.*)"', done.stdout)
    assert [without_modules(one) for one in found] == types

    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert re.findall(r'information: Type of ".*" is "(.*)"', done.stdout) == types


def test_the_arguments_of_a_call_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        "from playbook3d_client import PlaybookClient\n"
        "client = PlaybookClient()\n"
        "client.workflows.cancel_run(1, 2)\n"
        "client.workflows.with_raw_response.cancel_run('a')\n"
        "client.workflows.no_such()\n",
        encoding="utf-8",
    )
    done = mypy(path)
    assert done.returncode == 1
    assert [int(line) for line in re.findall(r"program\.py:(\d+): error", done.stdout)] == [3, 3, 4, 5]
