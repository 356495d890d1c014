"""Clean environments: on each Python of the machine, with the lowest or the newest dependencies."""

import json
import os
import subprocess
import sys
from pathlib import Path

from packaging.specifiers import SpecifierSet
from uv import find_uv_bin

from distribution.artifacts import PROJECT, ROOT

Done = subprocess.CompletedProcess[str]


def find_pythons() -> dict[str, str]:
    """The path of a CPython of each minor version that the project supports; of its own, the one that runs this."""
    listed = _run([find_uv_bin(), "python", "list", "--only-installed", "--output-format", "json"]).stdout
    supported = SpecifierSet(PROJECT["project"]["requires-python"])
    found = {f"{sys.version_info.major}.{sys.version_info.minor}": sys.executable}
    for python in json.loads(listed):
        if python["implementation"] == "cpython" and supported.contains(python["version"], prereleases=False):
            minor = ".".join(python["version"].split(".")[:2])
            found.setdefault(minor, python["path"])
    return dict(sorted(found.items(), key=lambda item: [int(part) for part in item[0].split(".")]))


class Environment:
    """A virtual environment with nothing in it, outside the checkout.

    Attributes:
        folder: Where it is; its commands run there, and see nothing of the checkout.
    """

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        self._uv("venv", "--quiet", "--python", python, str(folder))
        self._python = next(folder.glob("[bS][ic][nr]*/python*"))

    def install(self, *requirements: str) -> None:
        """Install requirements, with the newest versions."""
        self._pip("install", "--quiet", *requirements)

    def install_wheel(self, wheel: Path, *extras: str, resolution: str) -> None:
        """Install the wheel, with its dependencies as the resolution picks them."""
        names = [f"--extra={extra}" for extra in extras]
        # Of a wheel, uv would pick the newest dependencies: it asks for the lowest of what is named directly.
        self._pip("install", "--quiet", f"--resolution={resolution}", *names, "-r", str(ROOT / "pyproject.toml"))
        self._pip("install", "--quiet", "--no-deps", "--reinstall", str(wheel))
        self._pip("check", "--quiet")

    def packages(self) -> set[str]:
        """The names of what is installed."""
        return {package["name"] for package in json.loads(self._pip("list", "--format=json").stdout)}

    def run(self, *arguments: str, status: int = 0) -> Done:
        """Run its Python, isolated; ends with what it printed, if the exit status is another."""
        return _run([str(self._python), "-I", *arguments], status, self.folder)

    def _pip(self, *arguments: str) -> Done:
        command, *rest = arguments
        return self._uv("pip", command, "--python", str(self._python), *rest)

    def _uv(self, *arguments: str) -> Done:
        return _run([find_uv_bin(), *arguments])


def needed_packages(*requirements: str) -> set[str]:
    """The names of what requirements bring along, themselves included."""
    command = [find_uv_bin(), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "-"]
    printed = _run(command, text="\n".join(requirements)).stdout
    return {line.partition("==")[0] for line in printed.splitlines()}


def _run(command: list[str], status: int = 0, folder: Path | None = None, text: str = "") -> Done:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PLAYBOOK_"))}
    done = subprocess.run(command, cwd=folder, env=environment, input=text, capture_output=True, text=True, check=False)
    if done.returncode != status:
        words = " ".join(command)[:200]
        raise SystemExit(f"{words}: exit status {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
    return done
