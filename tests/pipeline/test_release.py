"""``python -m contract changes``: what it compares with, the version that follows, the report and the changelog."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Protocol

import pytest

from contract.__main__ import main
from contract.changes import Report
from contract.errors import PipelineError
from contract.release import add_to_changelog, next_version, read_version, render
from contract.schema_changes import Impact
from support.compared_contracts import write_client
from support.small_contract import contract, files, operation

BREAKING, ADDITION, NEITHER = Impact.BREAKING, Impact.ADDITION, Impact.NEITHER


@pytest.mark.parametrize(
    ("version", "breaking", "addition", "neither"),
    [
        ("0.1.0", "0.2.0", "0.1.1", "0.1.1"),
        ("0.9.9", "0.10.0", "0.9.10", "0.9.10"),
        ("1.2.3", "2.0.0", "1.3.0", "1.2.4"),
    ],
)
def test_next_version(version: str, breaking: str, addition: str, neither: str) -> None:
    versions = [next_version(version, impact) for impact in (BREAKING, ADDITION, NEITHER)]
    assert versions == [breaking, addition, neither]


@pytest.mark.parametrize("version", ["1.0", "1.0.0rc1", "", "v1.0.0"])
def test_version_without_three_numbers_is_rejected(version: str) -> None:
    with pytest.raises(PipelineError, match="must have three numbers"):
        next_version(version, NEITHER)


def test_missing_version_is_rejected(tmp_path: Path) -> None:
    (path := tmp_path / "_version.py").touch()
    with pytest.raises(PipelineError, match="no line `__version__"):
        read_version(path)


def report(felt: dict[str, Impact] | None = None, **fields: Any) -> Report:
    empty: dict[str, Any] = {"operations": [], "deprecations": [], "surface": [], "is_same": False}
    return Report(felt=felt or {}, **(empty | fields))


def test_report_has_all_sections() -> None:
    changed = report(
        {"`a` is gone": BREAKING, "`b` is new": ADDITION},
        operations=["removed: `a`", "added: `b`"],
        deprecations=["`c` is deprecated"],
        surface=["`Api.a`: removed"],
    )
    assert render(changed, "1234567, 2026-01-02: Add it", "0.1.0") == (
        "# Changes since 1234567, 2026-01-02: Add it\n\n"
        "Breaking: 0.1.0 → 0.2.0\n\n"
        "## What callers feel\n\n- **Breaking:** `a` is gone\n- Addition: `b` is new\n\n"
        "## Operations\n\n- removed: `a`\n- added: `b`\n\n"
        "## Deprecations\n\n- `c` is deprecated\n\n"
        "## Python surface (griffe)\n\n- `Api.a`: removed\n\n"
        "## Entry for CHANGELOG.md\n\n"
        "### Added\n\n- `b` is new.\n\n"
        "### Changed\n\n- **Breaking:** `a` is gone.\n\n"
        "### Deprecated\n\n- `c` is deprecated.\n"
    )


def test_broken_surface_is_breaking() -> None:
    changed = report({"`b` is new": ADDITION}, surface=["`Car`: *Public object was removed*"])
    assert changed.impact is BREAKING
    assert changed.entry == {
        "Added": ["- `b` is new."],
        "Changed": ["- **Breaking:** `Car`: *Public object was removed*."],
    }


def test_same_clients_have_no_report() -> None:
    assert render(report(is_same=True), "main", "0.1.0").startswith("# No changes since main\n")


BREAKS, IS_NEW = "- **Breaking:** `a` now needs `b`.\n", "- `c` is new.\n"
ENTRY = {"Added": [IS_NEW.strip()], "Changed": [BREAKS.strip()]}
ADDED, CHANGED = f"### Added\n\n{IS_NEW}", f"### Changed\n\n{BREAKS}"
LINES = f"{ADDED}\n{CHANGED}"
RELEASED = "## 1.0.0\n\n### Unreleased\n\n- Old.\n\n### Added\n\n- Older.\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"# Changes\n\n{RELEASED}", f"# Changes\n\n## Unreleased\n\n{LINES}\n{RELEASED}"),
        ("# Changes\n", f"# Changes\n\n## Unreleased\n\n{LINES}"),
        ("", f"## Unreleased\n\n{LINES}"),
        (f"# Changes\n\n## Unreleased\n\n{RELEASED}", f"# Changes\n\n## Unreleased\n\n{LINES}\n{RELEASED}"),
        ("# Changes\n\n## Unreleased", f"# Changes\n\n## Unreleased\n\n{LINES}"),
        (f"## Unreleased\n\nMine.\n\n{RELEASED}", f"## Unreleased\n\nMine.\n\n{LINES}\n{RELEASED}"),
        (
            f"## [Unreleased]\n\n### Fixed\n\n- Mine.\n\n{RELEASED}",
            f"## [Unreleased]\n\n{LINES}\n### Fixed\n\n- Mine.\n\n{RELEASED}",
        ),
        (
            f"## Unreleased\n\n### Added\n\n- Mine.\n\n### Removed\n\n- Mine, too.\n\n{RELEASED}",
            f"## Unreleased\n\n{ADDED}- Mine.\n\n{CHANGED}\n### Removed\n\n- Mine, too.\n\n{RELEASED}",
        ),
        (
            f"## Unreleased\n\n### Added\n\nMine:\n\n- One.\n\n{RELEASED}",
            f"## Unreleased\n\n{ADDED}\nMine:\n\n- One.\n\n{CHANGED}\n{RELEASED}",
        ),
        (f"## Unreleased\n\n### Added\n\n{RELEASED}", f"## Unreleased\n\n{LINES}\n{RELEASED}"),
        (
            f"## Unreleased\n\n### Added\n\n- `c`\n  is new.\n\n{RELEASED}",
            f"## Unreleased\n\n### Added\n\n- `c`\n  is new.\n\n{CHANGED}\n{RELEASED}",
        ),
    ],
)
def test_entry_is_added_once_to_the_unreleased_section(before: str, after: str) -> None:
    assert add_to_changelog(before, ENTRY) == after
    assert add_to_changelog(after, ENTRY) == after


def test_line_ends_of_the_changelog_stay() -> None:
    before = f"## Unreleased\n\n### Added\n\n- Mine.\n\n{RELEASED}".replace("\n", "\r\n")
    after = f"## Unreleased\n\n{ADDED}- Mine.\n\n{CHANGED}\n{RELEASED}".replace("\n", "\r\n")
    assert add_to_changelog(before, ENTRY) == after


def test_empty_entry_changes_nothing() -> None:
    assert add_to_changelog(RELEASED, {}) == RELEASED


class Repository:
    """A git repository with a generated client in ``generated/``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.generated = root / "generated"
        self.changelog = root / "CHANGELOG.md"
        self.changelog.write_text("# Changes\n", encoding="utf-8")
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=Me", "-c", "user.email=me@example.com", "-c", "commit.gpgsign=false")
        command = ["git", "-C", str(self.root), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def write(self, *names: str) -> None:
        """Write the client of a contract with these operations."""
        shutil.rmtree(self.generated, ignore_errors=True)
        write_client(self.generated, contract({f"/{name}": {"get": operation(name)} for name in names}))

    def commit(self, subject: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={subject}")


class RunChanges(Protocol):
    """Runs ``python -m contract changes`` in this process, on the test's repository."""

    def __call__(self, *options: str) -> tuple[int, str, str]:
        """Return the exit status, standard output and standard error."""
        ...


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (root := tmp_path / "repository").mkdir()
    return Repository(root)


@pytest.fixture
def changes(repository: Repository, capsys: pytest.CaptureFixture[str]) -> RunChanges:
    def run(*options: str) -> tuple[int, str, str]:
        paths = [f"--generated={repository.generated}", f"--report={repository.root / 'reports' / 'changes.md'}"]
        status = main(["changes", *paths, *options])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_base_is_the_last_commit_with_another_contract(repository: Repository, changes: RunChanges) -> None:
    for names in (["a"], ["a", "b"]):
        repository.write(*names)
        repository.commit(f"With {names[-1]}")
    repository.commit("Nothing")
    repository.write("a", "b", "c")
    status, out, err = changes()
    assert (status, err) == (0, "")
    assert out.startswith("# Changes since ")
    assert ": With b\n" in out
    assert "`c` is new" in out
    assert "`b` is new" not in out
    assert (repository.root / "reports" / "changes.md").read_text(encoding="utf-8") == out


@pytest.mark.parametrize("kind", ["tag", "branch", "commit"])
def test_base_can_be_named(kind: str, repository: Repository, changes: RunChanges) -> None:
    repository.write("a")
    repository.commit("With a")
    base = repository.git("rev-parse", "HEAD") if kind == "commit" else "v1"
    if kind != "commit":
        repository.git(kind, base)
    repository.write("a", "b")
    repository.commit("With b")
    status, out, _ = changes(f"--base={base}")
    assert status == 0
    assert "`b` is new" in out


@pytest.mark.parametrize(
    ("names", "fail_on", "status"),
    [
        ([], "breaking", 1),
        ([], "addition", 1),
        (["a", "b"], "breaking", 0),
        (["a", "b"], "addition", 1),
        (["a"], "addition", 0),
    ],
)
def test_fail_on(names: list[str], fail_on: str, status: int, repository: Repository, changes: RunChanges) -> None:
    repository.write("a")
    repository.commit("With a")
    repository.write(*names)
    assert changes(f"--fail-on={fail_on}")[0] == status


def test_changelog_is_written_on_demand(repository: Repository, changes: RunChanges) -> None:
    repository.write("a")
    repository.commit("With a")
    repository.write("a", "b")
    changes()
    assert repository.changelog.read_text(encoding="utf-8") == "# Changes\n"
    for _ in range(2):
        assert changes(f"--changelog={repository.changelog}")[0] == 0
        text = repository.changelog.read_text(encoding="utf-8")
        assert text == "# Changes\n\n## Unreleased\n\n### Added\n\n- `b` is new.\n"


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ("no-such", "no-such: git knows no such commit, branch or tag."),
        ("-x", "-x: git knows no such commit, branch or tag."),
        ("--help", "--help: git knows no such commit, branch or tag."),
        ("a\nb", "a\nb: git knows no such commit, branch or tag."),
        ("empty", "empty: has no generated/openapi.yaml: name a later commit with BASE=…."),
        ("bare", "bare:generated: not a folder that `make generate` wrote: it has no client."),
        ("malformed", "malformed:generated/openapi.yaml, line 1, column 5: not YAML: mapping values"),
        ("invalid", "invalid:generated/openapi.yaml: not a valid OpenAPI 3.1 document:\n  #/paths: "),
        ("mixed", "mixed:generated/openapi.yaml: has other operations than the client beside it: run `make generate`."),
        ("partial", "partial:generated/client: its api or its models are not Python: run `make generate`."),
        ("broken", "broken:generated/client/_operations.py: does not have the operations of a generated client: "),
    ],
)
def test_unusable_base_is_named(base: str, message: str, repository: Repository, changes: RunChanges) -> None:
    repository.commit("Empty")
    repository.git("tag", "empty")
    repository.write("a")
    shutil.rmtree(repository.generated / "client")
    repository.commit("Bare")
    repository.git("tag", "bare")
    for name, text in (("malformed", "a: b: c\n"), ("invalid", "openapi: 3.1.0\npaths: []\n")):
        repository.write("a")
        (repository.generated / "openapi.yaml").write_text(text, encoding="utf-8")
        repository.commit(name)
        repository.git("tag", name)
    for name, module, text in (
        ("broken", "_operations.py", "Operation("),
        ("mixed", "_operations.py", ""),
        ("partial", "models/__init__.py", "<<<<<<< HEAD"),
    ):
        repository.write("a")
        (repository.generated / "client" / module).write_text(text, encoding="utf-8")
        repository.commit(name)
        repository.git("tag", name)
    repository.write("a", "b")
    before = files(repository.root)
    status, out, err = changes(f"--base={base}", f"--changelog={repository.changelog}")
    assert (status, out) == (2, "")
    assert err.startswith(f"python -m contract: {message}")
    assert files(repository.root) == before


def test_folder_outside_git_is_named(tmp_path: Path, repository: Repository, changes: RunChanges) -> None:
    repository.write("a")
    shutil.rmtree(repository.root / ".git")
    for options in ((), ("--base=main",)):
        status, out, err = changes(*options)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"python -m contract: {repository.generated}: git ")
        assert "not a git repository" in err


def test_contract_without_a_commit_is_named(repository: Repository, changes: RunChanges) -> None:
    repository.commit("Empty")
    repository.write("a")
    path = repository.generated / "openapi.yaml"
    message = f"python -m contract: {path}: no commit has it yet, so there is nothing to compare with.\n"
    assert changes() == (2, "", message)


@pytest.mark.parametrize("problem", ["missing", "not a text", "folder"])
def test_unusable_changelog_is_named(problem: str, repository: Repository, changes: RunChanges) -> None:
    repository.write("a")
    repository.commit("With a")
    repository.write("a", "b")
    repository.changelog.unlink()
    if problem == "folder":
        repository.changelog.mkdir()
    elif problem == "not a text":
        repository.changelog.write_bytes(b"\xff")
    status, out, err = changes(f"--changelog={repository.changelog}")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"python -m contract: {repository.changelog}: ")
    assert not (repository.root / "reports").exists()
