"""The public names of the package: few, exported, typed, and cheap to import."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import playbook3d_api.models
import playbook3d_client
from playbook3d_client import PlaybookError, _errors, models

ROOT = Path(__file__).parents[2]


def test_all_is_every_public_name_and_at_most_30() -> None:
    public = {name for name in vars(playbook3d_client) if not name.startswith("_")}
    assert public | {"__version__"} == set(playbook3d_client.__all__)
    assert {name for name in public if inspect.ismodule(getattr(playbook3d_client, name))} == {"models"}
    assert len(playbook3d_client.__all__) <= 30


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'playbook3d_client' has no attribute 'no_such'$"):
        _ = playbook3d_client.no_such


@pytest.mark.parametrize("package", ["playbook3d_client", "playbook3d_mock"])
def test_modules_are_private(package: str) -> None:
    (folder,) = importlib.import_module(package).__path__
    assert {path.stem for path in Path(folder).glob("*.py") if not path.stem.startswith("_")} <= {"models"}


@pytest.mark.parametrize("package", ["playbook3d_client", "playbook3d_api", "playbook3d_mock"])
def test_package_is_marked_as_typed(package: str) -> None:
    assert (files(package) / "py.typed").is_file()


def test_models_are_those_of_the_generated_client() -> None:
    assert {name: getattr(models, name) for name in models.__all__} == {
        name: getattr(playbook3d_api.models, name) for name in playbook3d_api.models.__all__
    }


@pytest.mark.parametrize("module", ["playbook3d_client.models", "playbook3d_api.models", "anyio"])
def test_module_is_not_imported_before_it_is_needed(module: str) -> None:
    # Older versions of httpx import anyio themselves.
    program = (
        f"import httpx, sys; sys.modules.pop({module!r}, 0); import playbook3d_client; exit({module!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_error_tree_in_the_docstring_is_the_hierarchy() -> None:
    parents = ["Exception"]
    documented: dict[str, str] = {}
    for line in (_errors.__doc__ or "").splitlines():
        if drawn := re.match(r" {4}([│├└─ ]*)([A-Z]\w+Error)\b", line):
            depth = len(drawn[1]) // 4
            documented[drawn[2]] = parents[depth]
            parents[depth + 1 :] = [drawn[2]]
    defined = {
        name: next(base.__name__ for base in value.__mro__[1:] if not base.__name__.startswith("_"))
        for name, value in vars(playbook3d_client).items()
        if inspect.isclass(value) and issubclass(value, PlaybookError)
    }
    assert documented == defined
    assert {name for name in vars(_errors) if re.match("[A-Z].*Error$", name)} == defined.keys()


def test_at_most_three_modules_import_httpx() -> None:
    def imports_httpx(path: Path) -> bool:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            if isinstance(node, ast.If) and typing_only:
                node.body = []
        return bool(re.search(r"^\s*(import|from) httpx\b", ast.unparse(tree), re.MULTILINE))

    importing = {path.name for path in (ROOT / "overrides" / "playbook3d_client").glob("*.py") if imports_httpx(path)}
    assert 1 <= len(importing) <= 3, importing
