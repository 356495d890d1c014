"""The public surface: what is exported, what it is called, and that it stays small."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

import playbook3d_api.models
import playbook3d_client
from playbook3d_api import _operations
from playbook3d_client import _errors, models

ROOT = Path(__file__).parents[1]


def test_everything_public_is_exported_and_nothing_else() -> None:
    public = {name for name in vars(playbook3d_client) if not name.startswith("_")}
    modules = {"models"}
    assert public | {"__version__"} == set(playbook3d_client.__all__)
    assert {name for name in public if inspect.ismodule(getattr(playbook3d_client, name))} == modules
    assert len(playbook3d_client.__all__) <= 30


@pytest.mark.parametrize("folder", ["overrides/playbook3d_client", "tests/playbook3d_mock"])
def test_modules_behind_a_package_are_private(folder: str) -> None:
    public = {path.stem for path in (ROOT / folder).glob("*.py") if not path.stem.startswith("_")}
    assert public <= {"models"}


@pytest.mark.parametrize("package", ["playbook3d_client", "playbook3d_api", "playbook3d_mock"])
def test_packages_are_marked_as_typed(package: str) -> None:
    path = importlib.import_module(package).__file__
    assert path is not None
    assert (Path(path).parent / "py.typed").is_file()


def test_the_models_are_those_of_the_generated_client() -> None:
    assert set(models.__all__) == set(playbook3d_api.models.__all__) >= {"CancelRunResult", "Error"}


def test_the_tree_that_opens_the_module_of_errors_is_the_one_that_it_defines() -> None:
    assert _errors.__doc__ is not None
    drawn = re.findall(r"([A-Z]\w+Error)\b", _errors.__doc__)
    defined = [
        name
        for name, kind in vars(_errors).items()
        if inspect.isclass(kind) and issubclass(kind, _errors.PlaybookError) and not name.startswith("_")
    ]
    assert sorted(drawn) == sorted(defined)
    assert set(defined) <= set(playbook3d_client.__all__)


def test_few_modules_of_the_client_import_httpx() -> None:
    def imports_httpx(path: Path) -> bool:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        return any(
            isinstance(node, ast.Import) and any(alias.name == "httpx" for alias in node.names)
            for node in ast.walk(tree)
        )

    modules = [path.name for path in (ROOT / "overrides/playbook3d_client").glob("*.py") if imports_httpx(path)]
    assert len(modules) <= 4, modules


def test_every_operation_is_a_documented_method_blocking_and_async() -> None:
    for kind in (playbook3d_client.PlaybookClient, playbook3d_client.AsyncPlaybookClient):
        client = kind()
        for operation in _operations.OPERATIONS:
            method = getattr(getattr(client, operation.tag), operation.name)
            assert inspect.iscoroutinefunction(method) == (kind is playbook3d_client.AsyncPlaybookClient)
            assert f"``{operation.method} {operation.path}``" in (method.__doc__ or "")


def test_a_method_is_documented_with_the_contracts_text() -> None:
    from playbook3d_api.api import WorkflowsApi

    documentation = inspect.getdoc(WorkflowsApi.cancel_run)
    assert documentation is not None
    assert documentation.startswith("Cancel a Running Workflow\n")
    for text in (
        "team_id: The UUID of the team that owns this run.",
        "200: The run was canceled successfully or is already in a final state.",
        "402: Payment Required. Subscription not active or no credits available.",
    ):
        assert text in documentation
