"""The client parses what the contract allows, and fails as documented on the rest."""

import pytest

from playbook3d_conformance.openapi import AnyOperation
from playbook3d_conformance.properties.operations import OPERATIONS
from playbook3d_conformance.properties.response_properties import (
    check_documented_statuses,
    check_invalid_responses,
    check_valid_responses,
)

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)


@each_operation
def test_valid_responses_become_the_declared_type(operation: AnyOperation) -> None:
    check_valid_responses(operation)


@each_operation
def test_invalid_responses_become_documented_errors(operation: AnyOperation) -> None:
    check_invalid_responses(operation)


@each_operation
def test_each_documented_status_of_the_mock_is_parsed(operation: AnyOperation) -> None:
    check_documented_statuses(operation)
