"""Each operation is a command, named and described by the contract."""

import re
from pathlib import Path
from typing import Any

import pytest

from playbook3d_api._operations import CONTRACT
from playbook3d_cli._operations import PLAYBOOK, Api, command_names
from support.command_line import FIXTURE, command
from support.generated_package import generated_package
from support.small_contract import contract, operation


def named(*names: str) -> list[Any]:
    """Operations called ``tag.name``."""
    template = CONTRACT.operations[0]
    return [template._replace(tag=tag, name=operation) for tag, _, operation in (name.partition(".") for name in names)]


def listed(help_text: str) -> list[str]:
    """The commands of a help text."""
    return re.findall(r"^│ ([a-z][a-z0-9-]+) ", help_text, flags=re.MULTILINE)


@pytest.mark.parametrize("api", [FIXTURE, PLAYBOOK])
def test_each_operation_is_a_command(api: Api) -> None:
    names = listed(command("--help", api=api).stdout)
    assert sorted(names) == sorted(
        ["conformance", "mock", *(each.name.replace("_", "-") for each in api.contract.operations)]
    )


def test_reserved_names_are_commands(tmp_path: Path) -> None:
    paths = {"/close": {"get": operation("with_raw_response", tags=["close"])}}
    with generated_package(tmp_path, contract(paths)) as package:
        api = Api(FIXTURE.client, package.module("api").Operations, package.module("_operations").CONTRACT)
        assert listed(command("--help", api=api).stdout) == ["conformance", "list-things", "mock", "with-raw-response"]
        assert command("with-raw-response", "--help", api=api).status == 0


def test_new_operation_is_a_new_command(tmp_path: Path) -> None:
    parameters = [{"name": "thing-id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    paths = {"/things/{thing-id}": {"get": operation("show_thing", summary="Show it", parameters=parameters)}}
    with generated_package(tmp_path, contract(paths)) as package:
        api = Api(FIXTURE.client, package.module("api").Operations, package.module("_operations").CONTRACT)
        assert listed(command("--help", api=api).stdout) == ["conformance", "list-things", "mock", "show-thing"]
        shown = command("show-thing", "--help", api=api).stdout
    assert "playbook3d show-thing [OPTIONS] THING_ID..." in shown
    assert "Show it" in shown


@pytest.mark.parametrize(
    ("names", "commands"),
    [
        (["a.stop_run", "b.show"], ["stop-run", "show"]),
        (["a.stop", "b.stop", "b.show"], ["a-stop", "b-stop", "show"]),
        (["a.mock", "a_b.conformance"], ["a-mock", "a-b-conformance"]),
        (["a.print_", "a._show"], ["print", "show"]),
        (["a.b_c", "a_b.c", "c.c", "d.b_c"], ["a-b-c", "a-b-c-2", "c-c", "d-b-c"]),
        (["a.stop", "b.stop", "c.a_stop"], ["a-stop-2", "b-stop", "a-stop"]),
    ],
)
def test_command_names_are_unique(names: list[str], commands: list[str]) -> None:
    assert [*command_names(named(*names), ["mock", "conformance"])] == commands


def test_help_is_the_text_of_the_contract() -> None:
    shown = command("stop-thing", "--help").stdout
    for text in ("Stop a thing", "Both credentials, two UUIDs in the path", "Whose thing.", "THING_ID..."):
        assert text in shown


def test_help_shows_types_and_defaults() -> None:
    shown = command("list-things", "--help").stdout
    assert re.search(r"--limit INT +\[default: 3\]", shown)
    assert re.search(r"--state CHOICE +\[choices: executed, queued\]", shown)
    assert "--keep-going" not in shown  # nothing to repeat


def test_no_option_takes_a_credential() -> None:
    options = set(re.findall(r"--[a-z-]+", command("stop-thing", "--help").stdout))
    assert {each for each in options if "key" in each or "token" in each} == {"--api-key-file", "--token-file"}


def test_completion_knows_each_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/bash")
    assert command("--install-completion").status == 0
    scripts = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert any("stop-thing" in script and "--max-retries" in script for script in scripts)
