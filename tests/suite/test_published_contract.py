"""A request that the published contract does not allow is reported, whatever the overlay made of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

PROBLEMS = """
import json, sys
import httpx
from playbook3d_conformance.properties.published_contract import problems
json.dump([problems(httpx.Request(**request), path) for request, path in json.load(sys.stdin)], sys.stdout)
"""
PATH = "/run_workflow/{team_id}/{run_id}"
ID = "c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22"
GOOD: dict[str, Any] = {
    "method": "POST",
    "url": f"https://api.example.com/v1/run_workflow/{ID}/{ID}",
    "headers": {"X-API-Key": "k", "Authorization": "Bearer t", "Content-Type": "application/json"},
    "content": json.dumps({"id": ID, "inputs": {}}),
}
WITHOUT_KEY = {"Authorization": "Bearer t", "Content-Type": "application/json"}
CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "valid": ({}, []),
    "method": ({"method": "PUT"}, [f"PUT {PATH} is not published"]),
    "header": ({"headers": WITHOUT_KEY}, ["header x-api-key is missing"]),
    "path": ({"url": GOOD["url"][:-1]}, [f"path run_id: ['{ID[:-1]}'] does not match its schema"]),
    "query": ({"url": f"{GOOD['url']}?deep=1"}, ["query deep is not published"]),
    "cookie": ({"headers": {**GOOD["headers"], "Cookie": "visit=1"}}, ["cookie visit is not published"]),
    "no body": ({"content": "", "headers": {"X-API-Key": "k", "Authorization": "t"}}, ["the body is missing"]),
    "empty JSON": ({"content": ""}, ["the body is missing"]),
    "type of the body": (
        {"headers": {**GOOD["headers"], "Content-Type": "text/plain"}},
        ["a body of the type 'text/plain' is not published"],
    ),
    "schema of the body": ({"content": '{"id": 1}'}, ["the body does not match its schema"]),
}


@pytest.fixture(scope="module")
def problems(run_python: Callable[..., Any]) -> dict[str, list[str]]:
    """The problems of each request, on the grown contract."""
    requests = [(GOOD | changed, PATH) for changed, _ in CASES.values()]
    done = run_python("-c", PROBLEMS, text=json.dumps(requests))
    assert done.returncode == 0, done.stderr
    return dict(zip(CASES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_request_is_compared_with_the_published_contract(name: str, problems: dict[str, list[str]]) -> None:
    assert problems[name] == CASES[name][1]
