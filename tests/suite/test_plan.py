"""What a run will send: decided and printed before anything is sent."""

import socket
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from playbook3d_conformance.openapi import read_operations, read_schema
from playbook3d_conformance.server.addresses import find_proxy
from playbook3d_conformance.server.errors import UsageError
from playbook3d_conformance.server.examples import without_examples
from playbook3d_conformance.server.options import read_options
from playbook3d_conformance.server.plan import Plan, make_plan
from support.breaching_server import CONTRACT, KEY, RUN, TEAM, TOKEN, conformance

URL = "https://api.example.com"
NAMESPACE = UUID(RUN)
UUID_PATH = "/runs/{team_id}/{runId}"


def operations(paths: dict[str, Any]) -> list[Any]:
    """The operations of a small contract, each with its path parameters; those named like ids are UUIDs."""
    for path, item in paths.items():
        names = [segment.strip("{}") for segment in path.split("/") if segment.startswith("{")]
        item["parameters"] = [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"type": "string"} | ({"format": "uuid"} if name != "name" else {}),
            }
            for name in names
        ]
    return read_operations(read_schema({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}))


def responses(**more: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": "OK."}}, **more}


def labels(selected: list[Any]) -> set[str]:
    return {operation.label for operation in selected}


OPERATIONS = operations(
    {
        UUID_PATH: {"put": responses(), "delete": responses(**{"x-idempotent": True}), "get": responses()},
        "/runs": {"get": responses(), "post": responses()},
        "/runs/{name}": {"delete": responses(**{"x-idempotent": True})},
    }
)


def plan(*arguments: str, operations: list[Any] = OPERATIONS) -> Plan:
    return make_plan(operations, read_options(["--base-url", URL, *arguments]), URL)


def test_unsafe_operations_without_ids_are_excluded() -> None:
    planned = plan()
    assert labels(planned.selection.excluded) == {"POST /runs", "DELETE /runs/{name}"}
    assert planned.selection.with_real_ids == []
    (run,) = planned.runs()
    assert sorted(run.filters) == ["--exclude-name=DELETE /runs/{name}", "--exclude-name=POST /runs"]
    assert plan("--unsafe").selection.excluded == []


def test_only_idempotent_operations_get_real_ids() -> None:
    planned = plan("--id", f"team_id={TEAM}", "--id", f"runId={RUN.upper()}")
    assert labels(planned.selection.with_real_ids) == {f"DELETE {UUID_PATH}", f"GET {UUID_PATH}"}
    assert planned.selection.path_parameters == {"team_id": TEAM, "runId": RUN}
    assert [run.name for run in planned.runs()] == ["random-ids", "real-ids"]


@pytest.mark.parametrize("names", [("TEAM_ID", "RUN_ID"), ("team-id", "run_id"), ("teamid", "runid")])
def test_spelling_of_a_name_does_not_matter(names: tuple[str, str]) -> None:
    planned = plan("--id", f"{names[0]}={TEAM}", "--id", f"{names[1]}={RUN}")
    assert planned.selection.path_parameters == {"team_id": TEAM, "runId": RUN}


def test_half_of_the_ids_is_rejected() -> None:
    with pytest.raises(UsageError, match=r"^--id team_id alone names nothing: give --id runId=… too, or leave it"):
        plan("--id", f"team_id={TEAM}")


def test_id_without_a_repeatable_operation_is_rejected() -> None:
    only = [operation for operation in OPERATIONS if operation.label == f"PUT {UUID_PATH}"]
    with pytest.raises(UsageError, match=r"^--id team_id: every operation with it could do something twice"):
        plan("--id", f"team_id={TEAM}", operations=only)


def test_malformed_uuid_is_rejected() -> None:
    with pytest.raises(UsageError, match=r"^--id TEAM_ID must be a UUID, not 'mine'\.$"):
        plan("--id", "TEAM_ID=mine", "--id", f"run_id={RUN}")


def test_other_path_parameters_are_taken_as_they_are() -> None:
    planned = plan("--id", "name=My/Run")
    assert labels(planned.selection.with_real_ids) == {"DELETE /runs/{name}"}
    assert planned.selection.path_parameters == {"name": "My/Run"}


def test_unknown_id_is_rejected() -> None:
    with pytest.raises(UsageError, match=r"^--id user_id: .*; it has team_id, runId, name\.$"):
        plan("--id", f"user_id={TEAM}")


def test_environment_sends_nothing_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_ID", TEAM)
    monkeypatch.setenv("RUN_ID", RUN)
    assert plan().selection.with_real_ids == []


def test_plan_without_operations_is_rejected() -> None:
    only = [operation for operation in OPERATIONS if operation.label == "POST /runs"]
    with pytest.raises(UsageError, match=r"^no operation names what it could change \(--unsafe sends them"):
        plan(operations=only)


def test_dry_run_opens_no_connection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", connect)
    options = ("--rate", "100/m", "--examples", "2", "--seed", "5", "--reports", str(tmp_path), "--dry-run")
    assert conformance("--base-url", URL, "--spec", str(CONTRACT), *options) == 0
    printed = capsys.readouterr().out
    assert f"To {URL}, at most 100 requests per m, for at most 120 s (--seed 5 repeats it):\n" in printed
    for operation in plan(operations=read_operations(read_schema(CONTRACT))).selection.included:
        assert f"  {operation.label}: at most 2 random requests" in printed
    assert printed.endswith("--dry-run: nothing was sent.\n")
    assert KEY not in printed
    assert TOKEN not in printed
    assert list(tmp_path.iterdir()) == []


PROXY = "http://me:of-mine@127.0.0.1:1"


@pytest.mark.parametrize("proxy", [PROXY, PROXY.removeprefix("http://"), PROXY.replace("mine", "mine%2F")])
def test_proxy_is_printed_without_its_password(
    proxy: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "example.org")
    assert conformance("--base-url", URL, "--dry-run") == 0
    assert conformance("--base-url", "https://api.example.org", "--dry-run") == 0
    printed = capsys.readouterr().out
    assert f"To {URL} through the proxy http://127.0.0.1:1, at most" in printed
    assert "To https://api.example.org, at most" in printed
    assert "of-mine" not in printed


@pytest.mark.parametrize(
    "proxy",
    ["http://me:of-mine/x@h:1", "http://me:1/of-mine@h:1", "me:of-mine//x@h:1", "http://me:1?of-mine@h", "http://"],
)
def test_invalid_proxy_is_rejected_and_not_shown(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UsageError) as raised:
        find_proxy(URL)
    assert str(raised.value) == "the proxy of the environment must be like http://proxy.example.com:3128."


def test_only_keywords_are_removed_as_examples() -> None:
    schema = {"properties": {"example": {"type": "string", "default": "a"}, "default": {"examples": ["b"]}}}
    documented = {"default": {"content": {"application/json": {"schema": schema, "example": {"example": "c"}}}}}
    parameters = [{"name": "example", "example": 1}]
    assert without_examples({"responses": documented, "parameters": parameters}, NAMESPACE) == {
        "responses": {
            "default": {
                "content": {
                    "application/json": {"schema": {"properties": {"example": {"type": "string"}, "default": {}}}}
                }
            }
        },
        "parameters": [{"name": "example"}],
    }
