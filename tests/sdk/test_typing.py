"""The types of calls, under mypy and pyright, both strict."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import fixture_api

ROOT = Path(__file__).parents[2]

RESULT_TYPES = {
    "things.stop_thing": "StopResult",
    "things.list_things": "list[Thing]",
    "things.create_thing": "Thing",
    "things.delete_thing": "None",
    "things.get_image": "File",
    "system_status.status": "str",
    "system_status.version": "Version",
}

HEAD = """\
# pyright: strict, reportUnusedImport=false
from typing import Any
import httpx
import httpx2
from fixture_api.api.things import create_thing
from playbook3d_client import AsyncCachedToken, AsyncPlaybookClient, CachedToken, PlaybookClient
from support.fixture_client import AsyncFixtureClient, FixtureClient
def fetch() -> str: return "token"
async def fetch_async() -> str: return "token"
async def calls(blocking: FixtureClient, asynchronous: AsyncFixtureClient, arguments: Any) -> None:
"""

VALID = [
    "PlaybookClient(api_key='k', token=CachedToken(fetch), timeout=None, http_client=httpx.Client())",
    "AsyncPlaybookClient(token=AsyncCachedToken(fetch_async), timeout=3, http_client=httpx.AsyncClient())",
    "AsyncFixtureClient(token=fetch)",
    "PlaybookClient(timeout=httpx2.Timeout(3), http_client=httpx2.Client())",
    "AsyncPlaybookClient(timeout=httpx.Timeout(3), http_client=httpx2.AsyncClient())",
    "blocking.with_options(timeout=httpx.Timeout(3), headers={'x': 'y'}).things.stop_thing('a', 'b')",
    "await asynchronous.things.list_things(limit=3, owner='a')",
    "blocking.things.create_thing(body={'id': 'a', 'owner': {'name': 'b'}})",
    "blocking.things.set_labels(body=[{'label-text': 'a'}])",
    "await asynchronous.things.add_note(body={})",
    "create_thing.sync(body={'id': 'a'}, client=arguments)",
]

INVALID = [
    "FixtureClient(token=fetch_async)",
    "FixtureClient(http_client=httpx.AsyncClient())",
    "FixtureClient(http_client=httpx2.AsyncClient())",
    "AsyncFixtureClient(http_client=httpx.Client())",
    "AsyncFixtureClient(timeout=httpx.Limits())",
    "blocking.with_options(http_client=httpx.Client())",
    "blocking.timeout = httpx.Timeout(3)",
    "blocking.things.stop_thing(1, 'a')",
    "blocking.things.with_raw_response.stop_thing('a')",
    "await asynchronous.things.stop_thing('a', other='b')",
    "await blocking.things.stop_thing('a', 'b')",
    "await asynchronous.things.with_raw_response.list_things(limit='3')",
    "blocking.things.create_thing(body=1)",
    "blocking.things.create_thing(body=[{}])",
    "blocking.things.set_labels(body={})",
    "create_thing.sync(body='{}', client=arguments)",
    "blocking.no_such",
]


PYRIGHT = ["pyright", "--pythonpath", sys.executable]
#: The command of each type checker, and the patterns of a line with an error and of a revealed type in its output.
CHECKERS = {
    "mypy": (["mypy", "--strict"], r"program\.py:(\d+): error", r'Revealed type is "(.*)"'),
    "pyright": (PYRIGHT, r"program\.py:(\d+):\d+ - error", r'Type of ".*" is "(.*)"'),
}


def output_of(command: list[str], path: Path) -> str:
    """The output of a type checker in a process of its own: mypy changes the limits of the one it runs in."""
    command = [sys.executable, "-m", *command, str(path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def check(checker: str, folder: Path, statements: list[str]) -> tuple[list[int], list[str]]:
    """The numbers of the statements with an error, and the revealed types without their modules."""
    path = folder / "program.py"
    path.write_text(HEAD + "".join(f"    {statement}\n" for statement in statements), encoding="utf-8")
    command, error, revealed = CHECKERS[checker]
    output = output_of(command, path)
    lines = sorted({int(line) - HEAD.count("\n") - 1 for line in re.findall(error, output)})
    return lines, [re.sub(r"\b(\w+\.)+(?=\w)", "", type_) for type_ in re.findall(revealed, output)]


@pytest.mark.parametrize("checker", CHECKERS)
def test_type_of_each_call_is_known(checker: str, tmp_path: Path) -> None:
    expected = {
        "PlaybookClient().generated": "AuthenticatedClient",
        "AsyncPlaybookClient().generated": "AuthenticatedClient",
        "blocking.with_options()": "FixtureClient",
        "asynchronous.with_options()": "AsyncFixtureClient",
    }
    for name, result in RESULT_TYPES.items():
        tag, operation = name.split(".")
        for client in ("blocking", "await asynchronous"):
            expected[f"{client}.{name}(**arguments)"] = result
            expected[f"{client}.{tag}.with_raw_response.{operation}(**arguments)"] = f"RawResponse[{result}]"
    errors, types = check(checker, tmp_path, [f"reveal_type({call})" for call in expected])
    assert errors == []
    assert dict(zip(expected, types, strict=True)) == expected


@pytest.mark.parametrize("checker", CHECKERS)
def test_invalid_arguments_are_errors(checker: str, tmp_path: Path) -> None:
    errors, _ = check(checker, tmp_path, INVALID + VALID)
    assert errors == [*range(len(INVALID))]


def test_generated_client_passes_mypy_strict() -> None:
    (folder,) = fixture_api.__path__
    output = output_of(CHECKERS["mypy"][0], Path(folder))
    assert output.startswith("Success: no issues found"), output
