"""The day the API changes: pages in, a client, a mock and a suite out, with no line written by hand."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playbook3d_conformance.openapi import read_operations, read_schema
from support.rehearsal import Project, changed_operation, lost_status, new_status, write_pages

PROPERTIES = "tests/playbook3d_conformance/properties"
PYTEST = ("-m", "pytest", "-v", "--hypothesis-profile=quick", "-p", "no:cacheprovider")
NEW = {
    "POST /run_workflow/{team_id}/{run_id}",
    "GET /rehearsed",
    "DELETE /rehearsed/{run}",
    "POST /rehearsed/forms",
    "GET /rehearsed/constants/{kind}",
    "POST /stop/{team_id}/{run_id}",
}


def test_nothing_hand_written_is_touched(grown_project: Project) -> None:
    assert {re.sub(r"^(openapi/pages|generated)/.*", r"\1", name) for name in grown_project.changed_files()} == {
        "openapi/pages",
        "openapi/playbook.yaml",
        "generated",
    }


@pytest.mark.timeout(600)
def test_make_check_passes(grown_project: Project) -> None:
    done = grown_project.make("check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_report_tells_what_callers_feel(grown_project: Project) -> None:
    before, report = grown_project.published, grown_project.changes()
    assert "An addition: " in report
    assert re.search(rf"may raise \w+Error \({new_status(before)}\)", report)
    assert f"({lost_status(before)}) any more" in report
    added = re.findall(r"^- added: .*, `(.*)`$", report, re.MULTILINE)
    assert len(added) == 12
    assert set(added) > NEW - {"GET /rehearsed"}


def test_description_changes_nothing_for_callers(tmp_path: Path) -> None:
    project, pages = Project(tmp_path / "project"), tmp_path / "pages"
    contract = json.loads(json.dumps(project.published))
    changed_operation(contract)["description"] = "Another text."
    write_pages(contract, pages)
    project.regenerate(pages)
    assert 1 <= len([name for name in project.changed_files() if name.startswith("generated/")]) <= 4
    report = project.changes()
    assert "Neither breaking nor an addition: " in report
    assert "- nothing" in report


def test_suite_covers_new_operations(grown: Path, run_python: Callable[..., Any]) -> None:
    labels = {operation.label for operation in read_operations(read_schema(grown / "openapi.yaml"))}
    assert labels >= NEW
    done = run_python(*PYTEST, "tests/playbook3d_conformance")
    assert done.returncode == 0, done.stdout
    for test in ("valid_requests_are_sent_as_schemathesis_does", "each_documented_status_of_the_mock_is_parsed"):
        passed = {label for label in labels if f"test_{test}[{label}] PASSED" in done.stdout}
        assert passed == labels


def test_suite_fails_if_the_client_lacks_an_operation(run_python: Callable[..., Any]) -> None:
    done = run_python(*PYTEST, f"{PROPERTIES}/test_requests.py", "-k", "as_schemathesis and /rehearsed", folders=())
    assert done.returncode == 1
    assert "has no attribute 'rehearsed_history'" in done.stdout
    assert "passed" not in done.stdout


def test_new_operation_is_typed_and_documented(grown: Path, run_python: Callable[..., Any]) -> None:
    done = run_python("-m", "mypy", "--strict", str(grown / "playbook3d_api"))
    assert done.returncode == 0, done.stdout
    methods = (grown / "playbook3d_api" / "api" / "__init__.py").read_text(encoding="utf-8")
    assert "body: _runtime.JsonObject | WorkflowInputs,\n    ) -> QueuedRun:" in methods
    assert "200: The run has been queued." in methods
    assert "deep: bool | Unset = UNSET,\n        cast: str | Unset = UNSET,\n" in methods
    assert "visit: str | Unset = UNSET,\n    ) -> list[RehearsedRun]:" in methods
    assert "team: UUID | str | Unset = UNSET," in methods


@pytest.mark.parametrize(
    ("path", "method", "security"),
    [
        ("/run_workflow/{team_id}/{run_id}", "post", [{"bearerAuth": [], "apiKeyAuth": []}]),
        ("/rehearsed", "get", [{"apiKeyAuth": []}]),
        ("/rehearsed", "post", [{"bearerAuth": []}]),
        ("/rehearsed/{run}", "delete", None),
    ],
)
def test_new_operation_requires_its_credentials(grown: Path, path: str, method: str, security: Any) -> None:
    """The overlay turns header parameters of any operation into requirements."""
    paths = read_schema(grown / "openapi.yaml").raw_schema["paths"]
    assert paths[path][method].get("security") == security
