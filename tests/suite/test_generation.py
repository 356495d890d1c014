"""What Schemathesis draws with the extension: UUIDs in every form, valid cookies, valid bodies."""

from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from schemathesis import GenerationMode

from playbook3d_conformance.openapi import AnyCase, read_operations, read_schema
from support.breaching_server import CONTRACT


def draw(contract: Path | dict[str, Any]) -> list[AnyCase]:
    """Valid cases of the only operation of a contract."""
    (operation,) = read_operations(read_schema(contract))
    cases: list[AnyCase] = []
    strategy = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    settings(max_examples=100)(given(strategy)(lambda case: cases.append(case)))()
    return cases


def contract_with(**operation: Any) -> dict[str, Any]:
    """A contract whose only operation has more members."""
    post = {"responses": {"200": {"description": "OK."}}, **operation}
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/": {"post": post}}}


def test_uuids_have_every_form_and_differ() -> None:
    cases = draw(CONTRACT)
    assert len(cases) >= 100
    # A client that confuses two UUIDs is found only if they differ.
    assert sum(len({UUID(value) for value in case.path_parameters.values()}) == 2 for case in cases) >= 75
    for name in ("team_id", "run_id"):
        texts = [case.path_parameters[name] for case in cases]
        assert all(str(UUID(text)) == text.lower() for text in texts)
        assert texts.count(str(UUID(int=0))) >= 10
        assert len({text for text in texts if text != text.lower()}) >= 10
        assert len({text for text in texts if text != text.upper()}) >= 10


def test_cookies_are_valid() -> None:
    cookie = {"name": "visit", "in": "cookie", "schema": {"type": "string", "pattern": '^["; ,a]*$', "maxLength": 2}}
    drawn = {case.cookies.get("visit") for case in draw(contract_with(parameters=[cookie]))}
    assert {"a", "aa"} <= drawn <= {None, "", "a", "aa"}


def test_bodies_match_their_schema() -> None:
    schema = {
        "type": "object",
        "required": ["at"],
        "additionalProperties": False,
        "properties": {"at": {"type": ["string", "null"], "format": "date"}},
    }
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    cases = draw(contract_with(requestBody=body))
    assert len(cases) >= 50
    assert {"at": ""} not in [case.body for case in cases]
