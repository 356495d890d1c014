"""The workflow files call the scripts and targets of the project, with no more rights than they need."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from contract.__main__ import main
from distribution.artifacts import PROJECT

ROOT = Path(__file__).parents[2]
WORKFLOWS: dict[str, Any] = {
    path.stem: YAML(typ="safe").load(path) for path in (ROOT / ".github" / "workflows").glob("*.yml")
}
JOBS = [
    pytest.param(job, id=f"{name}-{key}")
    for name, workflow in WORKFLOWS.items()
    for key, job in workflow["jobs"].items()
]


def steps(name: str, key: str) -> Iterator[str]:
    """The commands of one workflow's steps, or the actions that they use."""
    for job in WORKFLOWS[name]["jobs"].values():
        yield from (step[key] for step in job["steps"] if key in step)


def test_there_is_one_for_changes_and_one_for_the_night() -> None:
    assert WORKFLOWS.keys() == {"ci", "nightly"}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflow_may_only_read(name: str) -> None:
    workflow = WORKFLOWS[name]
    assert workflow["permissions"] == {"contents": "read"}
    assert "concurrency" in workflow
    assert "secrets." not in (ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("job", JOBS)
def test_job_ends_and_has_no_rights_of_its_own(job: dict[str, Any]) -> None:
    assert job["timeout-minutes"] <= 240
    assert "permissions" not in job
    assert all(
        step["with"]["persist-credentials"] is False for step in job["steps"] if "checkout" in step.get("uses", "")
    )


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_by_commit(name: str) -> None:
    used = list(steps(name, "uses"))
    assert used
    assert [action for action in used if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)] == []


@pytest.mark.parametrize(
    ("name", "commands"),
    [
        ("ci", [".ci/run"]),
        ("nightly", [".ci/nightly", "make setup", ".venv/bin/python -m contract refresh --check"]),
    ],
)
def test_workflow_runs_the_project_s_own_commands(name: str, commands: list[str]) -> None:
    assert list(steps(name, "run")) == commands
    assert [path for path in commands if path.startswith(".ci") and not os.access(ROOT / path, os.X_OK)] == []


def test_drift_check_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    *_, command = steps("nightly", "run")
    arguments = command.split()[3:]
    assert main([*arguments, "--from", str(ROOT / "openapi" / "pages")]) in (0, 1)
    assert "usage" not in capsys.readouterr().err


def test_each_python_of_the_classifiers_is_tested() -> None:
    prefix = "Programming Language :: Python :: "
    classified = [name.removeprefix(prefix) for name in PROJECT["project"]["classifiers"] if f"{prefix}3." in name]
    (job,) = WORKFLOWS["ci"]["jobs"].values()
    *tested, coming = job["strategy"]["matrix"]["python"]
    assert tested == classified
    assert job["continue-on-error"] == f"${{{{ matrix.python == '{coming}' }}}}"
