"""``make dist`` finds what is wrong with a wheel and a source distribution."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from distribution import environments
from distribution.artifacts import (
    PROJECT,
    different_files,
    metadata_problems,
    rebuilt_wheel,
    sdist_files,
    wheel_files,
    wheel_problems,
)

ROOT = Path(__file__).parents[2]
INFO = "playbook3d_client-0.1.0.dist-info"
Files = dict[str, bytes]


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two files, as ``make dist`` builds them."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="session")
def built(dist: Path) -> Files:
    """The files of the wheel."""
    [wheel] = dist.glob("*.whl")
    return wheel_files(wheel)


def replace(name: str, old: bytes, new: bytes) -> Callable[[Files], Files]:
    """A change of a file, which has the text."""

    def change(files: Files) -> Files:
        assert old in files[name]
        return {**files, name: files[name].replace(old, new)}

    return change


def without(name: str) -> Callable[[Files], Files]:
    """A removal of a file."""
    return lambda files: {key: value for key, value in files.items() if key != name}


def test_wheel_of_the_project_has_no_problem(built: Files) -> None:
    assert list(wheel_problems(built)) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (without("playbook3d_client/py.typed"), "playbook3d_client/py.typed is missing"),
        (without(f"{INFO}/licenses/LICENSE"), f"{INFO}/licenses/LICENSE is missing"),
        (without("playbook3d_client/llms.txt"), "playbook3d_client/llms.txt is not generated/llms.txt"),
        (
            replace("playbook3d_mock/openapi.yaml", b"cancel", b"stop"),
            "playbook3d_mock/openapi.yaml is not generated/openapi.yaml",
        ),
        (lambda files: {**files, "sdk/test_errors.py": b""}, "sdk is no package of the project"),
        (replace(f"{INFO}/METADATA", b"\nVersion: 0.1.0", b"\nVersion: 0.2.0"), "version is '0.2.0', not '0.1.0'"),
        (replace(f"{INFO}/METADATA", b">=3.11", b">=3.8"), "requires_python is '>=3.8', not '>=3.11'"),
    ],
)
def test_problem_of_a_wheel_is_named(change: Callable[[Files], Files], problem: str, built: Files) -> None:
    assert list(wheel_problems(change(built))) == [problem]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b"\nProvides-Extra: mock", b"", "provides_extra"),
        (b"\nClassifier: Typing :: Typed", b"", "classifiers"),
        (b"\nLicense-Expression: MIT", b"", "license_expression"),
        (b"# playbook3d-client", b"# client", "description"),
    ],
)
def test_other_metadata_is_named(old: bytes, new: bytes, field: str, built: Files) -> None:
    files = replace(f"{INFO}/METADATA", old, new)(built)
    assert [problem.split()[0] for problem in wheel_problems(files)] == [field]


def test_invalid_metadata_is_rejected(built: Files) -> None:
    with pytest.raises(ExceptionGroup):
        list(metadata_problems(built[f"{INFO}/METADATA"].replace(b"License-Expression: MIT", b"License-Expression: M")))


def test_source_distribution_gives_the_same_wheel(dist: Path, built: Files, tmp_path: Path) -> None:
    [sdist] = dist.glob("*.tar.gz")
    assert list(metadata_problems(sdist_files(sdist)["PKG-INFO"])) == []
    assert different_files(built, wheel_files(rebuilt_wheel(sdist, tmp_path))) == []


def test_files_that_differ_are_named() -> None:
    assert different_files({"a": b"", "b": b"1", "c": b""}, {"b": b"2", "c": b"", "d": b""}) == ["a", "b", "d"]


def test_pythons_of_the_machine_are_found_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    listed = [
        {"implementation": "cpython", "version": version, "path": f"/{name}"}
        for version, name in (("3.14.0", "a"), ("3.13.2", "b"), ("3.13.0", "c"), ("3.10.9", "d"), ("3.15.0rc1", "e"))
    ]
    listed.append({"implementation": "pypy", "version": "3.12.0", "path": "/f"})
    uv = tmp_path / "uv"
    uv.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(listed)}\nEND\n")
    uv.chmod(0o755)
    monkeypatch.setattr(environments, "find_uv_bin", lambda: str(uv))
    found = environments.find_pythons()
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert found.pop(own) == sys.executable
    assert found == {minor: path for minor, path in {"3.13": "/b", "3.14": "/a"}.items() if minor != own}


def test_classifiers_name_the_supported_versions() -> None:
    prefix = "Programming Language :: Python :: 3."
    minors = [int(name.removeprefix(prefix)) for name in PROJECT["project"]["classifiers"] if name.startswith(prefix)]
    assert PROJECT["project"]["requires-python"] == f">=3.{minors[0]}"
    assert minors == list(range(minors[0], minors[-1] + 1))
