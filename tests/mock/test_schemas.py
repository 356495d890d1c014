"""Schemas: compiled once, whatever refers to them."""

import json
import subprocess
import sys
from typing import Any

import pytest

from support.mock_requests import ask, content, minimal

PATH = {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]}
NO_CONTENT = {"responses": {"204": {"description": "Nothing."}}}

# 300 schemas in a ring: each can reach all.
RING = """
import resource
from playbook3d_mock import Mock

def media(index):
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/S{index % 300}"}}}

schemas, paths = {}, {}
for index in range(300):
    neighbours = {f"next{step}": media(index + step)["application/json"]["schema"] for step in (1, 7)}
    schemas[f"S{index}"] = {"type": "object", "properties": {"name": {"type": "string"}, **neighbours}}
    responses = {"200": {"description": "Good.", "content": media(index)}, "400": {"description": "Bad."}}
    paths[f"/s{index}"] = {"post": {"requestBody": {"content": media(index)}, "responses": responses}}
ring = {"openapi": "3.1.0", "info": {"title": "Ring", "version": "1"}}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
mock = Mock({**ring, "paths": paths, "components": {"schemas": schemas}})
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_schemas_in_a_ring_are_compiled_once() -> None:
    run = subprocess.run([sys.executable, "-c", RING], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 100 * 1024  # KiB, as Linux counts; each by itself would take 1.1 GiB


@pytest.mark.parametrize(
    ("schema", "value", "problem"),
    [
        ({"properties": {"a": False}}, {"a": 1}, "/a: is not allowed"),
        ({"prefixItems": [{}], "items": False}, [1, 2], "/1: is not allowed"),
        ({"additionalProperties": False}, {"a": 1}, "must not have any property"),
    ],
)
def test_what_is_forbidden_is_named(schema: Any, value: Any, problem: str) -> None:
    contract = {"requestBody": {"content": {"application/json": {"schema": schema}}}, **NO_CONTENT}
    mock = minimal({"#/paths/~1items~1{id}/post": {**PATH, **contract}})
    response = ask("/items/1", mock=mock, body=json.dumps(value).encode(), content_type="application/json")
    assert content(response)["message"] == f"body: {problem}"
