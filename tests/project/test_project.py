"""The project's own promises: its folders, its lock, its commands."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "dev.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_top_level_is_that_of_the_architecture() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    top = {path.split("/")[0] for path in tracked.splitlines()}
    assert {name for name in top if not name.startswith(".")} == {
        "openapi", "generated", "overrides", "tests", "Makefile", "pyproject.toml",
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "dev.lock",
    }  # fmt: skip


@pytest.mark.parametrize("folder", ["openapi", "generated", "overrides", "tests"])
def test_each_folder_has_a_readme(folder: str) -> None:
    first = (ROOT / folder / "README.md").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(f"# {folder}/: ")


def test_client_needs_httpx_attrs_and_sniffio_alone() -> None:
    names = {re.split(r"[^a-z0-9_-]", requirement)[0] for requirement in PROJECT["project"]["dependencies"]}
    assert names == {"attrs", "httpx", "sniffio"}
    assert set(PROJECT["project"]["optional-dependencies"]) == {"cli", "conformance", "httpx2", "mock"}


def test_lock_has_hashes_and_no_address() -> None:
    pins = re.findall(r"^([a-z0-9-]+)==\S+.*?(?=^\S|\Z)", LOCK, flags=re.MULTILINE | re.DOTALL)
    entries = re.split(r"^(?=\S)", LOCK, flags=re.MULTILINE)[1:]
    assert len(pins) == len(entries) > 50
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in LOCK


def test_lock_has_the_pinned_versions() -> None:
    pinned = [requirement.split("==") for requirement in PROJECT["dependency-groups"]["dev"] if "==" in requirement]
    names = {re.sub(r"[-_.]+", "-", re.sub(r"\[.*\]", "", name)): version for name, version in pinned}
    assert [name for name, version in names.items() if f"\n{name}=={version} " not in LOCK] == []
    assert {"openapi-python-client", "ruff", "ruamel-yaml"} <= set(names)


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    assert declared
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = re.findall(r"^  make ([a-z0-9-]+) +\S.*$", shown, flags=re.MULTILINE)
    assert sorted(listed) == sorted(declared[1].split())
