"""What starts a command: ``conformance`` and ``mock`` get their arguments; a missing extra is named in one line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_line import environment

TOOLS = {"conformance": "playbook3d_conformance", "mock": "playbook3d_mock"}


def run(code: str, *words: str, path: str = "") -> subprocess.CompletedProcess[str]:
    variables = environment("http://127.0.0.1:9")
    variables["PYTHONPATH"] = os.pathsep.join([path, variables.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", f"import sys\n{code}\nfrom playbook3d_cli.__main__ import main\nsys.exit(main())"]
    return subprocess.run([*command, *words], env=variables, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", TOOLS)
def test_tool_gets_its_arguments_unchanged(name: str, tmp_path: Path) -> None:
    package = tmp_path / TOOLS[name]
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("def main(arguments, prog):\n    print(prog, arguments)\n    return 7\n")
    done = run("sys.modules['cyclopts'] = None", name, "--json", "--", "-x", "a b", path=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (7, f"playbook3d {name} ['--json', '--', '-x', 'a b']\n", "")


def test_mock_is_that_of_the_package() -> None:
    done = run("", "mock", "--port", "70000")
    assert (done.returncode, done.stdout) == (2, "")
    assert "playbook3d mock: error: " in done.stderr
    assert "'70000' is not a port: 0 to 65535" in done.stderr


@pytest.mark.parametrize(("name", "needed"), [("conformance", "schemathesis"), ("mock", "uvicorn")])
def test_tool_names_its_missing_extra_in_one_line(name: str, needed: str) -> None:
    done = run(f"sys.modules[{needed!r}] = None", name, *(["--mock"] if name == "conformance" else []))
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(
        rf"playbook3d {name}: error: .* needs {needed}: pip install 'playbook3d-client\[{name}\]'\n", done.stderr
    )


@pytest.mark.parametrize("package", ["cyclopts", "rich"])
def test_missing_extra_is_named_in_one_line(package: str) -> None:
    done = run(f"sys.modules[{package!r}] = None", "cancel-run", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"playbook3d needs {package}: pip install 'playbook3d-client[cli]'\n"


INTERRUPTED_IMPORT = """
import builtins
import_module = builtins.__import__
def interrupt(name, *rest):
    if name == "playbook3d_cli._app":
        raise KeyboardInterrupt
    return import_module(name, *rest)
builtins.__import__ = interrupt
"""


def test_interrupt_during_import_is_one_line() -> None:
    done = run(INTERRUPTED_IMPORT, "cancel-run")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "error: Interrupted: nothing was sent.\n")
    done = run(INTERRUPTED_IMPORT, "cancel-run", "--json")
    assert (done.returncode, done.stdout) == (130, "")
    assert json.loads(done.stderr)["error"]["message"] == "Interrupted: nothing was sent."
