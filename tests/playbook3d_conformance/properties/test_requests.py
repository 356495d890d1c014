"""The client sends what the contract allows, all of it, and sends it right."""

import httpx
import pytest
from hypothesis import settings

from playbook3d_conformance.openapi import AnyOperation
from playbook3d_conformance.properties.clients import STYLES
from playbook3d_conformance.properties.operations import OPERATIONS
from playbook3d_conformance.properties.request_properties import (
    check_hostile_strings,
    check_published,
    check_requests,
)

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)


@pytest.fixture
def _no_other_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if anything is sent by other clients than those of the test."""

    def fail(self: object, request: httpx.Request) -> None:
        raise AssertionError(f"{request.method} {request.url.path} was sent by another client")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", fail)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", fail)


@pytest.mark.usefixtures("_no_other_pool")
@each_operation
def test_valid_requests_are_sent_as_schemathesis_does(operation: AnyOperation) -> None:
    count = check_requests(operation)
    # An operation may have few valid requests, but not with a UUID in its path.
    parameters = operation.path_parameters
    has_uuid = any(parameter.definition.get("schema", {}).get("format") == "uuid" for parameter in parameters)
    assert count >= (settings().max_examples if has_uuid else 1)


@each_operation
def test_requests_are_valid_under_the_published_contract(operation: AnyOperation) -> None:
    check_published(operation)


@pytest.mark.usefixtures("_no_other_pool")
@pytest.mark.parametrize("style", STYLES)
@each_operation
def test_hostile_strings_stay_in_their_parameter(operation: AnyOperation, style: str) -> None:
    check_hostile_strings(operation, style)
