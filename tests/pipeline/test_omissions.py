"""What the client could not honour is rejected with overlay actions that leave it out, or left out for one run."""

from pathlib import Path
from typing import Any

import pytest

from contract import yaml_io
from support.small_contract import NO_CONTENT, RunGenerate, contract, files, operation, sources, write

# The generator follows no reference to a reference of these.
UNREADABLE = {"$ref": "#/components/responses/Reference"}
TEXT = {"type": "string"}
UNDECLARED: dict[str, Any] = {"security": [{"missing": []}]}


def content(*media_types: str) -> dict[str, Any]:
    return {"content": {media_type: {"schema": TEXT} for media_type in media_types}}


def unsupported(paths: dict[str, Any]) -> dict[str, Any]:
    """A contract with these paths, and responses that they can refer to."""
    answer = {"description": "An answer.", **content("application/json")}
    responses = {"Reference": {"$ref": "#/components/responses/Answer"}, "Answer": answer}
    return contract(paths, components={"responses": responses})


UNSUPPORTED = unsupported(
    {
        "/runs": {
            "get": operation("list_runs", responses={"200": UNREADABLE}),
            "post": operation("start_run"),
        },
        "/jobs": {
            "get": operation("list_jobs", **UNDECLARED),
            "put": operation("put_job", **UNDECLARED),
            "parameters": [],
        },
    }
)
REASON = "its security scheme missing is not declared"


def effective(output: Path) -> Any:
    return yaml_io.to_plain(yaml_io.read(output / "openapi.yaml"))


def omit(document: Any, folder: Path, run: RunGenerate) -> tuple[Any, str, str]:
    """The effective contract of a run that omits what is unsupported, and its output and errors."""
    status, out, err = run(sources(folder, document), folder / "generated", "--omit-unsupported")
    assert status == 0, err
    return effective(folder / "generated"), out, err


def test_all_unsupported_operations_are_named_at_once(tmp_path: Path, run: RunGenerate) -> None:
    status, out, err = run(sources(tmp_path, UNSUPPORTED), tmp_path / "generated")
    assert (status, out) == (2, "")
    assert err.count("\n  #/") == 2
    for location in (
        "#/paths/~1runs/get/responses/200: openapi",
        "#/paths/~1jobs/get/security/0: its",
        "#/paths/~1jobs/put/security/0: its",
    ):
        assert location in err


def test_suggested_actions_leave_it_out(tmp_path: Path, run: RunGenerate) -> None:
    source = sources(tmp_path, UNSUPPORTED)
    _, _, err = run(source, tmp_path / "generated")
    _, _, actions = err.partition("--omit-unsupported:\n")
    write(source.overlay, f"overlay: 1.1.0\ninfo: {{title: Small, version: '1'}}\nactions:\n{actions}")
    status, _, _ = run(source, tmp_path / "generated")
    assert status == 0
    assert list(effective(tmp_path / "generated")["paths"]) == ["/things", "/runs"]


def test_omitted_operations_are_named_and_counted(tmp_path: Path, run: RunGenerate) -> None:
    document, out, err = omit(UNSUPPORTED, tmp_path, run)
    assert {path: [*item] for path, item in document["paths"].items()} == {"/things": ["get"], "/runs": ["post"]}
    assert out == f"{tmp_path / 'generated'}: regenerated; 3 of 5 operations omitted\n"
    assert [line.partition(": #")[0] for line in err.splitlines()] == [
        "omitted: GET /runs",
        "omitted: GET /jobs",
        "omitted: PUT /jobs",
    ]


def test_omissions_are_listed_at_the_head_of_the_contract(tmp_path: Path, run: RunGenerate) -> None:
    omit(UNSUPPORTED, tmp_path, run)
    head, _, _ = (tmp_path / "generated" / "openapi.yaml").read_text(encoding="utf-8").partition("openapi: 3.1")
    assert "3 of 5 operations omitted" in head
    assert f"#     GET /jobs: #/paths/~1jobs/get/security/0: {REASON}" in head


def test_omission_is_for_one_run(tmp_path: Path, run: RunGenerate) -> None:
    omit(UNSUPPORTED, tmp_path, run)
    before = files(tmp_path)
    status, _, err = run(sources(tmp_path, UNSUPPORTED), tmp_path / "generated")
    assert status == 2
    assert REASON in err
    assert files(tmp_path) == before


def test_check_accepts_what_the_same_option_wrote(tmp_path: Path, run: RunGenerate) -> None:
    omit(UNSUPPORTED, tmp_path, run)
    status, _, _ = run(sources(tmp_path, UNSUPPORTED), tmp_path / "generated", "--omit-unsupported", "--check")
    assert status == 0


def test_contract_without_a_supported_operation_is_rejected(tmp_path: Path, run: RunGenerate) -> None:
    source = sources(tmp_path, contract(**UNDECLARED))
    status, _, err = run(source, tmp_path / "generated", "--omit-unsupported")
    assert status == 2
    assert "none of the operations is supported: #/" in err


@pytest.mark.parametrize("status", ["404", "default"])
def test_unsupported_error_does_not_cost_the_operation(status: str, tmp_path: Path, run: RunGenerate) -> None:
    responses = {**NO_CONTENT, status: UNREADABLE}
    document, out, err = omit(
        unsupported({"/runs": {"get": operation("list_runs", responses=responses)}}), tmp_path, run
    )
    assert [*document["paths"]["/runs"]["get"]["responses"]] == ["204"]
    assert out.endswith("regenerated; 0 of 2 operations omitted, and 1 part of others\n")
    assert err.startswith("omitted: $.paths['/runs'].get.responses")


def test_unsupported_media_type_does_not_cost_the_operation(tmp_path: Path, run: RunGenerate) -> None:
    body = content("application/json", "text/plain")
    document, _, _ = omit(contract({"/runs": {"post": operation("start_run", requestBody=body)}}), tmp_path, run)
    assert [*document["paths"]["/runs"]["post"]["requestBody"]["content"]] == ["application/json"]


@pytest.mark.parametrize("status", ["200", "default"])
def test_unsupported_success_costs_the_operation(status: str, tmp_path: Path, run: RunGenerate) -> None:
    responses = {status: UNREADABLE}
    document, _, _ = omit(unsupported({"/runs": {"get": operation("list_runs", responses=responses)}}), tmp_path, run)
    assert [*document["paths"]] == ["/things"]
