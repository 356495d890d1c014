"""The day the API changes, played in a copy of the project."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from contract.operations import METHODS
from contract.sources import ROOT, Sources

Done = subprocess.CompletedProcess[str]
_FOLDERS = ("tests", "openapi", "overrides", "generated", ".fixture")


class Project:
    """A copy of the project, with a history of one commit.

    Attributes:
        folder: Where it is.
        published: Its published contract as it was copied.
    """

    def __init__(self, folder: Path) -> None:
        ignored = shutil.ignore_patterns(".git", ".venv", "reports", "dist", "__pycache__", ".*_cache", ".hypothesis")
        self.folder = Path(shutil.copytree(ROOT, folder, ignore=ignored))
        self.published: Any = YAML(typ="safe").load(Sources().contract)
        for command in ("init --quiet", "add --all", "commit --quiet --message=Before"):
            self.git(*command.split())

    def git(self, *arguments: str) -> str:
        """What a git command prints."""
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid", "-c", "commit.gpgsign=false"]
        return self._run("git", *identity, *arguments).stdout

    def contract(self, *arguments: str) -> Done:
        """Run ``python -m contract``."""
        return self._run(sys.executable, "-m", "contract", *arguments)

    def changes(self) -> str:
        """What ``make changes`` prints; its report is the same."""
        done = self.contract("changes")
        assert (done.returncode, done.stderr) == (0, "")
        assert (self.folder / "reports" / "changes.md").read_text(encoding="utf-8") == done.stdout
        return done.stdout

    def regenerate(self, pages: Path) -> None:
        """Do what a maintainer does on the day."""
        for command in (["refresh", "--from", str(pages)], ["lint"], ["generate"]):
            done = self.contract(*command)
            assert done.returncode == 0, done.stdout + done.stderr

    def make(self, target: str) -> Done:
        """Run a target with the tools of the environment that runs the tests."""
        environment = self.folder / ".venv"
        environment.symlink_to(sys.prefix)
        # Nothing is installed, whatever the timestamps say.
        assumed = ("--assume-old=.venv/.installed", "--assume-old=.venv/.made-from-lock")
        return self._run("make", *assumed, target)

    def changed_files(self) -> list[str]:
        """The files that differ from the commit."""
        return [line[3:] for line in self.git("status", "--porcelain", "--untracked-files=all").splitlines()]

    def _run(self, *command: str) -> Done:
        path = os.pathsep.join(str(self.folder / name) for name in _FOLDERS)
        environment = {**os.environ, "PYTHONPATH": path}
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)


def write_pages(contract: Any, folder: Path) -> None:
    """Write a documentation page for each operation of a contract."""
    folder.mkdir(exist_ok=True)
    for path, method in iterate_operations(contract):
        item = {name: value for name, value in contract["paths"][path].items() if name == method or name not in METHODS}
        document = {**contract, "paths": {path: item}}
        text = f"# A page\n\n````yaml {method.upper()} {path}\n{json.dumps(document, indent=2)}\n````\n"
        (folder / f"{method}{path.replace('/', '-')}.md").write_text(text, encoding="utf-8")


def iterate_operations(contract: Any) -> Iterator[tuple[str, str]]:
    """Path and method of each operation."""
    return ((path, method) for path, item in contract["paths"].items() for method in METHODS if method in item)


def changed_operation(contract: Any) -> Any:
    """The operation that changes: the one with the most responses."""
    operations = [contract["paths"][path][method] for path, method in iterate_operations(contract)]
    return max(operations, key=lambda operation: len(operation["responses"]))


def lost_status(contract: Any) -> str:
    """The status that the changed operation loses: the last that is its own."""
    statuses: set[str] = set(changed_operation(contract)["responses"])
    return max(statuses - {"200", "400", "401", "409", "429", "500"})


def new_status(contract: Any) -> str:
    """The status that the changed operation gets."""
    return next(status for status in ("409", "429", "418") if status not in changed_operation(contract)["responses"])
