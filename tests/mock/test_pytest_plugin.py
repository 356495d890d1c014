"""The pytest plugin: its fixtures, and what it imports."""

import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
OPTIONS = ["-q", "-p", "no:cacheprovider", "-p", "playbook3d_mock._pytest_plugin"]

FIXTURES = """
import httpx
import pytest

URLS = []

def call(mock, transport, url):
    operation = mock.engine.operations[0]
    with httpx.Client(transport=transport, base_url=url) as client:
        return client.request(operation.method, operation.path).status_code

@pytest.mark.parametrize("number", [1, 2])
def test_in_process(playbook_mock, number):
    assert not playbook_mock.journal
    assert playbook_mock.journal.listener is None
    playbook_mock.journal.listener = print
    assert call(playbook_mock, playbook_mock.transport, "http://mock.invalid") in (400, 401)
    assert len(playbook_mock.journal) == 1

@pytest.mark.parametrize("number", [1, 2])
def test_over_http(playbook_mock_url, playbook_mock, number):
    assert not playbook_mock.journal
    assert call(playbook_mock, None, playbook_mock_url) in (400, 401)
    assert len(playbook_mock.journal) == 1
    URLS.append(playbook_mock_url)

def test_one_server_a_session():
    assert len(URLS) == 2 and len(set(URLS)) == 1
"""

UNUSED = """
import sys

def test_without_the_fixtures():
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert not loaded & {"httpx", "httptools", "jsonschema_rs", "python_multipart", "ruamel", "uvicorn"}
    ours = {name for name in sys.modules if name.startswith("playbook3d")}
    assert ours == {"playbook3d_mock", "playbook3d_mock._pytest_plugin"}
"""


def run_pytest(folder: Path, source: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run pytest with the plugin in a process of its own, after some statements."""
    (folder / "test_it.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\n")
    script = f"import sys, pytest\n{before}\nsys.exit(pytest.main({OPTIONS!r}))"
    command = [sys.executable, "-c", script]
    environment = {**ENVIRONMENT, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_mock_is_served_once_and_reset_for_each_test(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, FIXTURES)
    assert (done.returncode, "5 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_nothing_is_imported_before_a_fixture_is_used(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, UNUSED)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("missing", "fixture"),
    [("jsonschema_rs", "playbook_mock"), ("ruamel.yaml", "playbook_mock"), ("uvicorn", "playbook_mock_url")],
)
def test_missing_extra_is_one_line(tmp_path: Path, missing: str, fixture: str) -> None:
    done = run_pytest(tmp_path, f"def test_it({fixture}): pass\n", f"sys.modules[{missing!r}] = None")
    assert done.returncode == 1
    assert f"the mock needs {missing}: pip install 'playbook3d-client[mock]'" in done.stdout.splitlines()
    assert "Traceback" not in done.stdout
    assert "During handling" not in done.stdout
    assert "direct cause" not in done.stdout
    assert "ModuleNotFoundError" not in done.stdout
    assert "playbook3d_mock/" not in done.stdout


def test_entry_point_names_the_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (name,) = project["entry-points"]["pytest11"].values()
    assert import_module(name).playbook_mock
