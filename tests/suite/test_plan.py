"""What a run will send: decided and printed before anything is sent."""

import socket
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from playbook3d_conformance.openapi import read_operations, read_schema
from playbook3d_conformance.server.addresses import find_proxy
from playbook3d_conformance.server.errors import UsageError
from playbook3d_conformance.server.plan import make_plan, without_examples
from playbook3d_conformance.server.run import main
from support.breaching_server import CONTRACT, CREDENTIALS, KEY, RUN, TEAM, TOKEN

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


def test_unsafe_operations_without_ids_are_excluded() -> None:
    planned = make_plan(OPERATIONS, {}, URL)
    assert labels(planned.excluded) == {"POST /runs", "DELETE /runs/{name}"}
    assert planned.with_real_ids == []
    (run,) = planned.runs()
    assert sorted(run.options) == ["--exclude-name=DELETE /runs/{name}", "--exclude-name=POST /runs"]
    assert make_plan(OPERATIONS, {"UNSAFE": "1"}, URL).excluded == []


@pytest.mark.parametrize("no", ["", "0", "no", "False", "off"])
def test_no_is_not_read_as_yes(no: str) -> None:
    planned = make_plan(OPERATIONS, {"UNSAFE": no, "WRONG_METHODS": no}, URL)
    assert labels(planned.excluded) == {"POST /runs", "DELETE /runs/{name}"}
    assert not planned.wrong_methods


def test_only_idempotent_operations_get_real_ids() -> None:
    planned = make_plan(OPERATIONS, {"TEAM_ID": TEAM, "RUN_ID": RUN.upper()}, URL)
    assert labels(planned.with_real_ids) == {f"DELETE {UUID_PATH}", f"GET {UUID_PATH}"}
    assert planned.path_parameters == {"team_id": TEAM, "runId": RUN}
    assert [run.name for run in planned.runs()] == ["random-ids", "real-ids"]


def test_half_of_the_ids_is_rejected() -> None:
    with pytest.raises(UsageError, match=r"^TEAM_ID alone names nothing: give RUN_ID too, or leave it out\.$"):
        make_plan(OPERATIONS, {"TEAM_ID": TEAM}, URL)


def test_plan_without_operations_is_rejected() -> None:
    only = [operation for operation in OPERATIONS if operation.label == "POST /runs"]
    with pytest.raises(UsageError, match=r"^no operation names what it could change \(UNSAFE=1"):
        make_plan(only, {}, URL)


@pytest.mark.parametrize("yes", ["1", "true", "yes"])
def test_dry_run_opens_no_connection(
    yes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", connect)
    assert (
        main(
            {"BASE_URL": URL, "RATE": "100/m", "EXAMPLES": "2", "SEED": "5", "DRY_RUN": yes, **CREDENTIALS},
            tmp_path,
            contract=CONTRACT,
        )
        == 0
    )
    printed = capsys.readouterr().out
    assert f"To {URL}, at most 100 requests per m, for at most 120 s (SEED=5 repeats it):\n" in printed
    for operation in make_plan(read_operations(read_schema(CONTRACT)), {}, URL).included:
        assert f"  {operation.label}: at most 2 random requests" in printed
    assert printed.endswith("DRY_RUN=1: nothing was sent.\n")
    assert KEY not in printed
    assert TOKEN not in printed
    assert list(tmp_path.iterdir()) == []


PROXY = "http://me:of-mine@127.0.0.1:1"


@pytest.mark.parametrize("proxy", [PROXY, PROXY.removeprefix("http://"), PROXY.replace("mine", "mine%2F")])
def test_proxy_is_printed_without_its_password(
    proxy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "example.org")
    assert main({"BASE_URL": URL, "DRY_RUN": "1"}, tmp_path, contract=CONTRACT) == 0
    assert main({"BASE_URL": "https://api.example.org", "DRY_RUN": "1"}, tmp_path, contract=CONTRACT) == 0
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
