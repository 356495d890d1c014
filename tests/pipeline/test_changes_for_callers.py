"""``make changes`` reports each kind of breaking change, and each one breaks a caller's code for real."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from contract.changes import Report, compare
from contract.output import generate
from contract.schema_changes import Impact
from contract.sources import ROOT
from support.small_contract import contract, operation, sources

KINDS: dict[str, dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("breaking_changes.yaml"))
RUN = [kind for kind in KINDS if "call" in KINDS[kind]]
CHECKED = [kind for kind in KINDS if "types" in KINDS[kind]]

TEXT = {"type": "string"}
ANIMALS = {
    "Cat": {"type": "object", "properties": {"meow": TEXT}, "required": ["meow"]},
    "Dog": {"type": "object", "properties": {"bark": TEXT}, "required": ["bark"]},
}


class Sides(NamedTuple):
    """The clients before and after all changes."""

    before: Path
    after: Path


def document(side: str) -> dict[str, Any]:
    """The contract with all kinds of changes, before or after."""
    paths: dict[str, Any] = {}
    for kind, fields in KINDS.items():
        if (changed := fields.get(side, {})) is None:
            continue
        fields = operation(kind.replace(" ", "_"), **changed)
        path, method = fields.pop("path", f"/{kind.replace(' ', '-')}"), fields.pop("method", "get")
        if "result" in fields:
            content = {"application/json": {"schema": fields.pop("result")}}
            fields["responses"] = {"200": {"description": "Done.", "content": content}}
        if "body" in fields:
            fields["requestBody"] = {"required": True, "content": {"application/json": {"schema": fields.pop("body")}}}
        paths[path] = {method: fields}
    name = {"name": "Ada"}
    author = {"type": "object", "properties": {"name": TEXT}, "required": ["name"] if side == "before" else []}
    example = {"author": name if side == "before" else {}}
    report = {"type": "object", "properties": {"author": author}, "required": ["author"], "example": example}
    schemes = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    }
    return contract(paths, components={"schemas": {**ANIMALS, "Report": report}, "securitySchemes": schemes})


@pytest.fixture(scope="session")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Sides:
    folders: list[Path] = []
    for side in Sides._fields:
        folder = tmp_path_factory.mktemp(side)
        generate(sources(folder, document(side)), folder / "generated")
        folders.append(folder / "generated")
    return Sides(*folders)


@pytest.fixture(scope="session")
def report(sides: Sides) -> Report:
    return compare(*sides)


def python(side: Path, *arguments: str, text: str = "") -> str:
    """The output of Python with the client of one side."""
    path = os.pathsep.join(str(folder) for folder in (side, ROOT / "overrides", ROOT / "tests"))
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=side.parent,
        env={**os.environ, "PYTHONPATH": path, "MYPYPATH": path},
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def call_errors(sides: Sides) -> list[dict[str, str]]:
    """Of each snippet its error, before and after."""
    snippets = {kind: KINDS[kind]["call"] for kind in RUN}
    return [
        json.loads(
            python(
                side,
                "-m",
                "support.call_snippets",
                text=json.dumps({"contract": str(side / "openapi.yaml"), "snippets": snippets}),
            )
        )
        for side in sides
    ]


@pytest.fixture(scope="session")
def type_errors(sides: Sides, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """Of each snippet mypy's first message, before and after."""
    head = "from typing import assert_never\nfrom playbook3d_client import PlaybookClient, models\n"
    program = head + "client = PlaybookClient()\n"
    lines: dict[int, str] = {}
    for kind in CHECKED:
        program += f"{KINDS[kind]['types']}\n"
        lines[program.count("\n")] = kind
    errors: list[dict[str, str]] = []
    cache = tmp_path_factory.mktemp("mypy")
    for side in sides:
        (path := side.parent / "program.py").write_text(program, encoding="utf-8")
        output = python(side, "-m", "mypy", "--strict", f"--cache-dir={cache}", path.name)
        matches = re.findall(r"^program\.py:(\d+): error: (.*)", output, re.MULTILINE)
        errors.append({next(lines[end] for end in lines if end >= int(line)): message for line, message in matches})
    return errors


@pytest.mark.parametrize("kind", KINDS)
def test_breaking_change_is_reported(kind: str, report: Report) -> None:
    impacts = [impact for text, impact in report.felt.items() if KINDS[kind]["report"] in text]
    assert impacts == [Impact.BREAKING]


def test_only_these_changes_are_breaking(report: Report) -> None:
    expected = [fields[field] for fields in KINDS.values() for field in ("report", "also") if field in fields]
    texts = [text for text, impact in report.felt.items() if impact is Impact.BREAKING]
    assert [text for text in texts if not any(each in text for each in expected)] == []


@pytest.mark.parametrize("kind", RUN)
def test_breaking_change_breaks_a_call(kind: str, call_errors: list[dict[str, str]]) -> None:
    before, after = call_errors
    assert before[kind] == ""
    assert after[kind] != ""


@pytest.mark.parametrize("kind", CHECKED)
def test_breaking_change_breaks_a_type_check(kind: str, type_errors: list[dict[str, str]]) -> None:
    before, after = type_errors
    assert before == {}
    assert kind in after
