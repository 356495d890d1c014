"""The day the API changes: a grown contract, its client, and Python that runs with both."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from contract.output import generate
from contract.sources import ROOT, Sources

Python = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``make generate`` makes of the published contract with ``grown.yaml`` added: the folder ``generated/``."""
    folder = tmp_path_factory.mktemp("grown")
    contract: Any = YAML(typ="safe").load(Sources().contract)
    added: Any = YAML(typ="safe").load(Path(__file__).with_name("grown.yaml"))
    contract["paths"] |= added["paths"]
    contract.setdefault("components", {}).setdefault("schemas", {}).update(added["components"]["schemas"])
    (folder / "playbook.yaml").write_text(json.dumps(contract), encoding="utf-8")
    generate(Sources(contract=folder / "playbook.yaml"), folder / "generated")
    return folder / "generated"


@pytest.fixture(scope="session")
def run_python(grown: Path) -> Python:
    """Runs Python on the grown contract, with its client unless ``folders`` names other folders."""

    def run(
        *arguments: str, folders: tuple[Path, ...] = (grown,), text: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([*map(str, folders), os.environ.get("PYTHONPATH", "")]),
            "CONFORMANCE_CONTRACT": str(grown / "openapi.yaml"),
            "CONFORMANCE_PUBLISHED": str(grown.parent / "playbook.yaml"),
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
