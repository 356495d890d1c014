"""What the client could not honour is rejected with overlay actions that leave it out, or left out for one run."""

from pathlib import Path
from typing import Any

import pytest

from contract import yaml_io
from support.small_contract import NO_CONTENT, RunGenerate, contract, files, operation, sources, write

MIXED = {"type": "object", "properties": {"a": {"enum": [1, "a"]}}}
SERVER = {"servers": [{"url": "ftp://files.example"}]}


def content(schema: Any, *media_types: str) -> dict[str, Any]:
    return {"content": {media_type: {"schema": schema} for media_type in media_types or ["application/json"]}}


def answer(schema: Any) -> dict[str, Any]:
    return {"description": "An answer.", **content(schema)}


UNSUPPORTED = contract(
    {
        "/runs": {
            "get": operation("list_runs", responses={"200": answer({"$ref": "#/components/schemas/Run"})}),
            "post": operation("start_run"),
        },
        "/jobs": {"get": operation("list_jobs", **SERVER), "put": operation("put_job", **SERVER), "parameters": []},
    },
    components={
        "schemas": {
            "Run": {"type": "object", "properties": {"mixed": {"$ref": "#/components/schemas/Mixed"}}},
            "Mixed": MIXED,
        }
    },
)
SERVER_REASON = "the server 'ftp://files.example' is not an http or https URL"


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
        "#/components/schemas/Mixed: openapi",
        "#/paths/~1jobs/get/servers/0/url: the",
        "#/paths/~1jobs/put/servers/0/url: the",
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
        "no model",
    ]


def test_omissions_are_listed_at_the_head_of_the_contract(tmp_path: Path, run: RunGenerate) -> None:
    omit(UNSUPPORTED, tmp_path, run)
    head, _, _ = (tmp_path / "generated" / "openapi.yaml").read_text(encoding="utf-8").partition("openapi: 3.1")
    assert "3 of 5 operations omitted" in head
    assert f"#     GET /jobs: #/paths/~1jobs/get/servers/0/url: {SERVER_REASON}" in head


def test_omission_is_for_one_run(tmp_path: Path, run: RunGenerate) -> None:
    omit(UNSUPPORTED, tmp_path, run)
    before = files(tmp_path)
    status, _, err = run(sources(tmp_path, UNSUPPORTED), tmp_path / "generated")
    assert status == 2
    assert SERVER_REASON in err
    assert files(tmp_path) == before


def test_check_accepts_what_the_same_option_wrote(tmp_path: Path, run: RunGenerate) -> None:
    omit(UNSUPPORTED, tmp_path, run)
    status, _, _ = run(sources(tmp_path, UNSUPPORTED), tmp_path / "generated", "--omit-unsupported", "--check")
    assert status == 0


def test_contract_without_a_supported_operation_is_rejected(tmp_path: Path, run: RunGenerate) -> None:
    source = sources(tmp_path, contract(**SERVER))
    status, _, err = run(source, tmp_path / "generated", "--omit-unsupported")
    assert status == 2
    assert "none of the operations is supported: #/" in err


def test_unneeded_schema_costs_no_operation(tmp_path: Path, run: RunGenerate) -> None:
    status, _, err = run(sources(tmp_path, contract(components={"schemas": {"A": MIXED}})), tmp_path / "generated")
    assert status == 0
    assert err.startswith("no model: #/components/schemas/A: openapi-python-client cannot generate this: ")


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"responses": {**NO_CONTENT, "404": answer(MIXED)}}, ("responses", "404", "content")),
        ({"responses": {**NO_CONTENT, "default": answer(MIXED)}}, ("responses", "default", "content")),
        (
            {
                "requestBody": {
                    "content": content(MIXED)["content"] | content({"type": "string"}, "application/xml")["content"]
                }
            },
            ("requestBody", "content", "application/json"),
        ),
    ],
    ids=["error", "default", "media type"],
)
def test_unsupported_part_does_not_cost_the_operation(
    fields: Any, part: tuple[str, ...], tmp_path: Path, run: RunGenerate
) -> None:
    document, out, err = omit(contract({"/runs": {"post": operation("start_run", **fields)}}), tmp_path, run)
    node = document["paths"]["/runs"]["post"]
    for key in part[:-1]:
        node = node[key]
    assert part[-1] not in node
    assert out.endswith("regenerated; 0 of 2 operations omitted, and 1 part of others\n")
    assert err.startswith("omitted: $.paths['/runs'].post.")


@pytest.mark.parametrize("responses", [{"200": answer(MIXED)}, {"default": answer(MIXED)}], ids=["200", "default"])
def test_unsupported_success_costs_the_operation(responses: Any, tmp_path: Path, run: RunGenerate) -> None:
    document, _, _ = omit(contract({"/runs": {"get": operation("list_runs", responses=responses)}}), tmp_path, run)
    assert [*document["paths"]] == ["/things"]
