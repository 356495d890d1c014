"""The gates fail when they should: ``make`` and ``.ci/run`` in copies of the project with one thing broken.

In a copy, ``.venv/bin`` has a stub for each tool. A stub records its command, and fails if it is the command in
``FAILING``. Where a test needs a real tool, that of the environment of the tests takes the place of its stub.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mutants.__main__ import IMPORTED, copied_project

STUB = """\
#!/bin/sh
command="${0##*/} $*"
echo "$command" >> "$COMMANDS"
[ "$command" != "$FAILING" ]
"""
TOOLS = ("python", "pip", "ruff", "mypy", "pyright", "lint-imports", "uv")
Result = subprocess.CompletedProcess[str]


@pytest.fixture
def project() -> Iterator[Path]:
    """A copy of the project in which nothing is installed."""
    with copied_project() as copy:
        (copy / ".git").mkdir()  # without it, ruff does not read .gitignore
        yield copy


def add_stubs(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text(STUB)
        (folder / name).chmod(0o755)


def install(project: Path, *real: str) -> None:
    """Make a current ``.venv`` and a current fixture client, with stubs for all tools but the ``real`` ones."""
    add_stubs(project / ".venv" / "bin", *TOOLS)
    for name in real:
        (tool := project / ".venv" / "bin" / name).unlink()
        # Through a link, Python would not find its environment.
        tool.write_text(f'#!/bin/sh\nexec "{Path(sys.executable).with_name(name)}" "$@"\n')
        tool.chmod(0o755)
    (project / ".venv" / "lib").symlink_to(Path(sys.prefix) / "lib")  # pyright looks for packages there
    for path in (".venv/.made-from-lock", ".venv/.installed", ".fixture/openapi.yaml"):
        (project / path).touch()


def run(project: Path, *command: str, **variables: str) -> Result:
    """Run a command in a copy, without the variables of the ``make test`` that may be running."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(project),
        "PYTHONPATH": os.pathsep.join(str(project / folder) for folder in IMPORTED),
        "COMMANDS": str(project / "commands"),
        "FAILING": "",
        **variables,
    }
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def recorded(project: Path) -> list[str]:
    """The commands since the last look."""
    log = project / "commands"
    commands = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return commands


INSTALLATION = ["python -m venv --clear .venv", "pip install ", "pip install "]
FIXTURE = [*INSTALLATION, "python tests/support/make_fixture.py"]
CHECKS = ["ruff format --check", "ruff check", "mypy", "pyright", "lint-imports", "python -m contract generate --check"]
TARGETS = {
    "bench": [*INSTALLATION, "python -m benchmarks"],
    "changes": [*INSTALLATION, "python -m contract changes"],
    "check": [*FIXTURE, *CHECKS],
    "conformance": [*INSTALLATION, "python -m playbook3d_conformance"],
    "contracts": [*FIXTURE, "python tests/check_contracts.py"],
    "demo": [*INSTALLATION, "python -m contract generate", "python tests/demo.py"],
    "dist": [*INSTALLATION, "python -m hatchling build", "python -m distribution"],
    "format": [*INSTALLATION, "ruff check --fix-only", "ruff format"],
    "fuzz": [*INSTALLATION, "python tests/fuzz_mock.py"],
    "lint": [*INSTALLATION, "python -m contract lint"],
    "lock": [*INSTALLATION, "uv pip compile"],
    "mutants": [*FIXTURE, "python -m mutants"],
    "refresh": [*INSTALLATION, "python -m contract refresh"],
    "second-opinion": [*FIXTURE, "python -m second_opinion"],
    "test": [*FIXTURE, "python -m pytest"],
    "test-httpx2": [*FIXTURE, "python -m pytest"],
    "test-lowest": [*FIXTURE, "uv venv", "uv pip install", "uv pip install", "python -m pytest"],
    "test-newest": [*FIXTURE, "uv venv", "uv pip install", "uv pip install", "python -m pytest"],
}


@pytest.mark.parametrize("target", TARGETS)
def test_target_fails_if_one_of_its_commands_fails(target: str, project: Path) -> None:
    for environment in (".venv", ".venv/lowest-direct", ".venv/highest"):
        add_stubs(project / environment / "bin", *TOOLS)

    def make(failing: str = "") -> Result:
        for marker in (".made-from-lock", ".installed"):
            (project / ".venv" / marker).unlink(missing_ok=True)
        return run(project, "make", target, "PYTHON=.venv/bin/python", FAILING=failing)

    result = make()
    commands = recorded(project)
    assert result.returncode == 0, result.stderr
    assert len(commands) == len(TARGETS[target])
    assert all(map(str.startswith, commands, TARGETS[target])), commands
    for command in commands:
        assert make(command).returncode != 0, command


@pytest.mark.parametrize(
    ("script", "targets"),
    [
        (".ci/run", ["check", "dist", "test-lowest", "test", "test-httpx2", "mutants"]),
        (".ci/nightly", ["test", "mutants", "test-newest", "contracts", "fuzz", "second-opinion"]),
    ],
)
def test_ci_fails_if_one_of_its_commands_fails(script: str, targets: list[str], project: Path) -> None:
    add_stubs(project / "stubs", "make", "npm")
    path = os.pathsep.join([str(project / "stubs"), os.environ["PATH"]])
    assert run(project, script, PATH=path).returncode == 0
    commands = recorded(project)
    assert [command.split()[1] for command in commands] == targets
    for command in commands:
        assert run(project, script, PATH=path, FAILING=command).returncode != 0, command


def test_nightly_run_says_that_npm_is_missing(project: Path) -> None:
    add_stubs(project / "stubs", "make")
    for tool in ("bash", "dirname", "env", "sh"):
        (project / "stubs" / tool).symlink_to(shutil.which(tool) or tool)
    result = run(project, ".ci/nightly", PATH=str(project / "stubs"))
    assert (result.returncode, result.stderr) == (0, "npm is missing: make second-opinion was left out\n")
    assert "make second-opinion" not in recorded(project)


def test_make_test_runs_every_test_and_fails(project: Path) -> None:
    """Each test file of the copy has one test, which fails."""
    files = [*(project / "tests").rglob("test_*.py")]
    assert len(files) > 50
    for path in files:
        path.write_text("def test_fails() -> None:\n    raise AssertionError\n")
    install(project, "python")
    result = run(project, "make", "test")
    assert f" {len(files)} failed in " in result.stdout
    assert result.returncode != 0


def test_make_test_passes_if_the_tests_pass(project: Path) -> None:
    (project / "tests" / "test_one.py").write_text("def test_passes() -> None:\n    pass\n")
    install(project, "python")
    result = run(project, "make", "test", "TESTS=tests/test_one.py")
    assert (result.returncode, " 1 passed in " in result.stdout) == (0, True), result.stdout


@pytest.mark.parametrize(
    ("variables", "options"),
    [
        (["BASE_URL=https://h/?a=$b c", "DRY_RUN=1"], ["--base-url=https://h/?a=$b c", "--dry-run"]),
        (["MOCK=1", "UNSAFE=0", "MAX_TIME=9", "RATE=1/s"], ["--rate=1/s", "--max-time=9", "--mock"]),
        (["MOCK=1", "TEAM_ID=1 2", "ARGS=--spec a.yaml"], ["--mock", "--id", "TEAM_ID=1 2", "--spec", "a.yaml"]),
    ],
)
def test_variables_of_make_are_options_of_the_suite(variables: list[str], options: list[str], project: Path) -> None:
    install(project)
    (project / ".venv" / "bin" / "python").write_text("""#!/bin/sh\nfor word; do echo "$word" >> "$COMMANDS"; done\n""")
    environment = {"TEAM_ID": "ambient", "RUN_ID": "ambient"}
    # A dollar sign is doubled in the variables of make.
    run(project, "make", "conformance", *(text.replace("$", "$$") for text in variables), **environment)
    assert recorded(project)[2:] == options


@pytest.mark.parametrize("name", ["MOCK", "DRY_RUN", "UNSAFE", "WRONG_METHODS"])
def test_other_value_than_yes_and_no_is_rejected(name: str, project: Path) -> None:
    install(project)
    result = run(project, "make", "conformance", f"{name}=maybe")
    assert (result.returncode, recorded(project)) == (2, [])
    assert f"{name} must be 1 or 0" in result.stderr


PLACES = ("openapi/contract/broken.py", "overrides/playbook3d_client/broken.py", "tests/support/broken.py")


@pytest.mark.parametrize("place", PLACES)
def test_misformatted_file_fails_the_check(place: str, project: Path) -> None:
    (project / place).write_text("x  =  1\n")
    install(project, "ruff")
    result = run(project, "make", "check")
    assert (result.returncode != 0, result.stderr.splitlines()[0]) == (True, "make format fixes the formatting")


@pytest.mark.parametrize(
    ("importing", "imported"),
    [
        ("overrides/playbook3d_client/_errors.py", "playbook3d_mock"),
        ("tests/playbook3d_mock/_request.py", "playbook3d_api"),
        ("openapi/contract/errors.py", "playbook3d_conformance"),
    ],
)
def test_forbidden_import_fails_the_check(importing: str, imported: str, project: Path) -> None:
    with (project / importing).open("a") as file:
        file.write(f"\nimport {imported}\n")
    install(project, "lint-imports")
    result = run(project, "make", "check")
    assert (result.returncode != 0, " BROKEN\n" in result.stdout) == (True, True)


@pytest.mark.parametrize("stale", ["openapi.yaml", "playbook3d_api/_operations.py", "left_over.py"])
def test_stale_generated_file_fails_the_check(stale: str, project: Path) -> None:
    with (project / "generated" / stale).open("a") as file:
        file.write("\n")
    install(project, "python")
    result = run(project, "make", "check")
    assert result.returncode != 0
    assert f"generated/{stale}: differs from its sources" in result.stderr


def test_check_passes_if_nothing_is_broken(project: Path) -> None:
    """With the real tools that are quick."""
    install(project, "python", "ruff", "lint-imports")
    result = run(project, "make", "check")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("tool", "source", "summary"),
    [
        ("ruff", '"""Lint."""\n\nimport os\n', ""),
        ("mypy", 'x: int = "a"\n', "Found 3 errors in 3 files "),
        # A warning must fail the check, too.
        ("pyright", "# pyright: reportUnusedVariable=warning\ndef f() -> None:\n    x = 1\n", "0 errors, 3 warnings"),
    ],
    ids=["ruff", "mypy", "pyright"],
)
def test_problem_in_any_folder_fails_the_check(tool: str, source: str, summary: str, project: Path) -> None:
    for path in (project / "tests").rglob("*.py"):  # for speed
        if path.name != "make_fixture.py":
            path.unlink()
    for place in PLACES:
        (project / place).write_text(source)
    install(project, tool)
    result = run(project, "make", "check", PYRIGHT_PYTHON_IGNORE_WARNINGS="1")  # no look-up of newer versions
    assert result.returncode != 0
    assert summary in result.stdout
    assert [place for place in PLACES if place not in result.stdout] == []


def build_wheel(folder: Path) -> Path:
    """An empty wheel."""
    wheel = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    return wheel


def test_locked_package_needs_its_hash(project: Path, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()

    def install_from_lock(options: str, python: str) -> Result:
        (project / "dev.lock").write_text(f"tiny==1.0{options}\n")
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
        return run(project, "make", ".venv/.made-from-lock", f"PYTHON={python}", **offline)

    missing = install_from_lock("", sys.executable)
    assert (missing.returncode != 0, "Hashes are required" in missing.stderr) == (True, True), missing.stderr
    # `true` does not make the environment again.
    wrong = install_from_lock(f" --hash=sha256:{'0' * 64}", "true")
    assert (wrong.returncode != 0, "DO NOT MATCH THE HASHES" in wrong.stderr) == (True, True), wrong.stderr
    assert not (project / ".venv" / ".made-from-lock").exists()
    right = install_from_lock(f" --hash=sha256:{digest}", "true")
    assert right.returncode == 0, right.stderr
