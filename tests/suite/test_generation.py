"""What Schemathesis draws with the extension: UUIDs in every form, and cookies that arrive as they are sent."""

import re
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from schemathesis import GenerationMode
from schemathesis.core import NotSet
from schemathesis.schemas import BaseSchema

from playbook3d_conformance.openapi import AnyCase, read_operations, read_schema
from support.breaching_server import CONTRACT


def draw(schema: BaseSchema, mode: GenerationMode) -> list[AnyCase]:
    """Cases of the only operation of a contract."""
    (operation,) = read_operations(schema)
    cases: list[AnyCase] = []
    settings(max_examples=200)(given(operation.as_strategy(generation_mode=mode))(lambda case: cases.append(case)))()
    return cases


def test_uuids_have_every_form_and_differ() -> None:
    cases = draw(read_schema(CONTRACT), GenerationMode.POSITIVE)
    assert len(cases) >= 100
    # A client that confuses two UUIDs is found only if they differ.
    assert sum(len({UUID(value) for value in case.path_parameters.values()}) == 2 for case in cases) >= 75
    for name in ("team_id", "run_id"):
        texts = [case.path_parameters[name] for case in cases]
        assert all(str(UUID(text)) == text.lower() for text in texts)
        assert texts.count(str(UUID(int=0))) >= 10
        assert len({text for text in texts if text != text.lower()}) >= 10
        assert len({text for text in texts if text != text.upper()}) >= 10


def test_invalid_cookies_arrive_as_they_are_sent() -> None:
    """One with a semicolon would arrive as another, which may be valid."""
    parameters = [
        {"name": "visit", "in": "cookie", "required": True, "schema": {"type": "string", "pattern": "^[0-9]+$"}}
    ]
    operation = {"parameters": parameters, "responses": {"200": {"description": "OK."}}}
    info = {"title": "t", "version": "1"}
    schema = read_schema({"openapi": "3.1.0", "info": info, "paths": {"/": {"get": operation}}})
    values = [str(case.cookies["visit"]) for case in draw(schema, GenerationMode.NEGATIVE) if "visit" in case.cookies]
    assert len(set(values)) >= 10
    assert [value for value in values if re.search(r'[\x00-\x20\x7f",;\\]', value)] == []


def test_empty_array_is_drawn_only_if_it_has_a_text() -> None:
    """Its text is empty: that is an array of one empty text."""
    arrays = {
        "ids": {"type": "array", "items": {"type": "string", "format": "uuid"}},
        "counts": {"type": ["array", "null"], "items": {"type": "integer"}},
        "names": {"type": "array", "items": {"type": "string"}},
    }
    parameters = [{"name": name, "in": "query", "explode": False, "schema": arrays[name]} for name in arrays]
    operation = {"parameters": parameters, "responses": {"204": {"description": "OK."}}}
    info = {"title": "t", "version": "1"}
    schema = read_schema({"openapi": "3.1.0", "info": info, "paths": {"/": {"get": operation}}})
    queries = [case.query for case in draw(schema, GenerationMode.POSITIVE)]
    assert {name for query in queries for name, value in query.items() if value == ""} == {"names"}
    assert {name for query in queries for name, value in query.items() if value != ""} == {*arrays}


def test_optional_body_is_drawn_and_left_out() -> None:
    content = {"application/json": {"schema": {"type": "object", "required": ["id"]}}}
    operation = {"requestBody": {"content": content}, "responses": {"200": {"description": "OK."}}}
    info = {"title": "t", "version": "1"}
    schema = read_schema({"openapi": "3.1.0", "info": info, "paths": {"/": {"post": operation}}})
    cases = draw(schema, GenerationMode.POSITIVE)
    assert {isinstance(case.body, NotSet) for case in cases} == {True, False}


def form_schema(media_type: str) -> BaseSchema:
    """A contract with a form of a text, an array and anything else."""
    properties = {"name": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}}
    form = {"type": "object", "required": ["name"], "properties": properties}
    content = {media_type: {"schema": form}}
    operation = {"requestBody": {"content": content, "required": True}, "responses": {"200": {"description": "OK."}}}
    info = {"title": "t", "version": "1"}
    return read_schema({"openapi": "3.1.0", "info": info, "paths": {"/": {"post": operation}}})


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_valid_forms_have_only_what_a_form_can_carry(media_type: str) -> None:
    bodies: list[Any] = [case.body for case in draw(form_schema(media_type), GenerationMode.POSITIVE)]
    assert len({str(body) for body in bodies}) >= 20
    values = [value for body in bodies for value in body.values()]
    assert None not in values
    assert [] not in values
    assert any(isinstance(value, list) for value in values)


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_invalid_forms_are_invalid_as_they_are_sent(media_type: str) -> None:
    """A text for an array is an array of one text."""
    bodies: list[Any] = [case.body for case in draw(form_schema(media_type), GenerationMode.NEGATIVE)]
    assert bodies
    assert not any(isinstance(body, dict) and isinstance(body.get("name"), str) for body in bodies)


def test_bytes_in_json_are_drawn() -> None:
    data = {"type": "object", "required": ["data"], "properties": {"data": {"type": "string", "format": "binary"}}}
    content = {"application/json": {"schema": data}}
    operation = {"requestBody": {"content": content, "required": True}, "responses": {"200": {"description": "OK."}}}
    info = {"title": "t", "version": "1"}
    schema = read_schema({"openapi": "3.1.0", "info": info, "paths": {"/": {"post": operation}}})
    assert draw(schema, GenerationMode.POSITIVE)
