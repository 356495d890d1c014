"""The day the API changes: a project after it, and Python that runs with its client."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from contract.sources import ROOT
from support.rehearsal import Done, Project, changed_operation, lost_status, new_status, write_pages

Python = Callable[..., Done]


@pytest.fixture(scope="session")
def grown_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after the day: new pages in it, and a new client generated from them.

    The pages carry the present operations and those of ``grown.yaml``. One operation has lost a status, and has a
    new one.
    """
    folder = tmp_path_factory.mktemp("day")
    project = Project(folder / "project")
    added: Any = YAML(typ="safe").load(Path(__file__).with_name("grown.yaml"))
    contract: Any = json.loads(json.dumps(project.published))
    responses = changed_operation(contract)["responses"]
    responses[new_status(project.published)] = responses.pop(lost_status(project.published))
    write_pages(contract, folder / "pages")
    write_pages({**contract, **added}, folder / "pages")
    project.regenerate(folder / "pages")
    return project


@pytest.fixture(scope="session")
def grown(grown_project: Project) -> Path:
    """The folder ``generated/`` after the day."""
    return grown_project.folder / "generated"


@pytest.fixture(scope="session")
def run_python(grown_project: Project, grown: Path) -> Python:
    """Runs Python on the grown contract, with its client unless ``folders`` names other folders."""

    def run(*arguments: str, folders: tuple[Path, ...] = (grown,), text: str = "") -> Done:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([*map(str, folders), os.environ.get("PYTHONPATH", "")]),
            "CONFORMANCE_CONTRACT": str(grown / "openapi.yaml"),
            "CONFORMANCE_PUBLISHED": str(grown_project.folder / "openapi" / "playbook.yaml"),
        }
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )

    return run
