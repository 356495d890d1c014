"""The suite calls the client with the values that Schemathesis sends."""

from typing import Any

from hypothesis import given
from schemathesis import GenerationMode

from playbook3d_conformance.openapi import AnyCase, read_operations, read_schema
from playbook3d_conformance.properties.arguments import Arguments


def test_bytes_in_json_are_texts() -> None:
    items = {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1}
    body = {"required": True, "content": {"application/json": {"schema": items}}}
    operation = {"requestBody": body, "responses": {"204": {"description": "Done."}}}
    info = {"title": "t", "version": "1"}
    schema = read_schema({"openapi": "3.1.0", "info": info, "paths": {"/images": {"post": operation}}})
    (post,) = read_operations(schema)
    arguments = Arguments(schema.raw_schema)
    sent: list[Any] = []

    @given(post.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def collect(case: AnyCase) -> None:
        sent.extend(arguments.of(case)["body"])

    collect()
    assert sent
    assert {type(text) for text in sent} == {str}
