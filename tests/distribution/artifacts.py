"""What is in the wheel and the source distribution, and what their metadata say."""

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.metadata import Metadata

from contract.release import read_version

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WHEEL: dict[str, Any] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
#: The one source of the version.
VERSION = ROOT / PROJECT["tool"]["hatch"]["version"]["path"]


def wheel_files(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel, by name."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sdist_files(sdist: Path) -> dict[str, bytes]:
    """The files of a source distribution, by the name below its folder."""
    with tarfile.open(sdist) as archive:
        members = {member.name.partition("/")[2]: archive.extractfile(member) for member in archive if member.isfile()}
        return {name: file.read() for name, file in members.items() if file}


def metadata_problems(source: bytes, root: Path = ROOT) -> Iterator[str]:
    """What is wrong with the text of a ``METADATA`` or ``PKG-INFO``; raises ``ExceptionGroup`` if it is invalid."""
    metadata = Metadata.from_email(source, validate=True)
    project = PROJECT["project"]
    expected: dict[str, object] = {
        "name": project["name"],
        "version": read_version(VERSION),
        "summary": project["description"],
        "requires_python": project["requires-python"],
        "license_expression": project["license"],
        "license_files": project["license-files"],
        "classifiers": sorted(project["classifiers"]),
        "provides_extra": sorted(project["optional-dependencies"]),
        "description_content_type": "text/markdown",
        "description": (root / project["readme"]).read_text(encoding="utf-8"),
    }
    for field, value in expected.items():
        actual = getattr(metadata, field)
        actual = sorted(actual) if field in ("classifiers", "provides_extra") else actual
        if (actual if isinstance(actual, list) else str(actual)) != value:
            yield f"{field} is {str(actual)[:200]!r}, not {str(value)[:200]!r}"


def wheel_problems(files: dict[str, bytes], root: Path = ROOT) -> Iterator[str]:
    """What is missing in a wheel, or should not be there."""
    packages = {PurePosixPath(path).name for path in WHEEL["packages"]}
    [info] = {name.split("/")[0] for name in files if ".dist-info/" in name}
    yield from metadata_problems(files[f"{info}/METADATA"], root)
    for name in sorted({name.split("/")[0] for name in files} - packages - {info}):
        yield f"{name} is no package of the project"
    for name in [*(f"{package}/py.typed" for package in sorted(packages)), f"{info}/licenses/LICENSE"]:
        if name not in files:
            yield f"{name} is missing"
    for source, name in WHEEL["force-include"].items():
        if files.get(name) != (root / source).read_bytes():
            yield f"{name} is not {source}"


def rebuilt_wheel(sdist: Path, folder: Path) -> Path:
    """The wheel that the source distribution gives, built in a folder."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    [source] = folder.iterdir()
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=source, check=True)
    [wheel] = (source / "dist").glob("*.whl")
    return wheel


def different_files(first: dict[str, bytes], second: dict[str, bytes]) -> list[str]:
    """The names of files that only one has, or that differ."""
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
