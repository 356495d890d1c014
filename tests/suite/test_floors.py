"""How much is drawn at least, so that a property does not rest on a single case."""

from collections.abc import Callable

import pytest
from hypothesis import settings

from playbook3d_conformance.openapi import AnyOperation
from playbook3d_conformance.properties.operations import EFFECTIVE, OPERATIONS
from playbook3d_conformance.properties.response_properties import check_invalid_responses, check_valid_responses
from playbook3d_conformance.properties.response_strategies import response_strategies


@pytest.mark.parametrize(("profile", "floor"), [("default", 100), ("nightly", 1000)])
def test_profile_draws_many_cases(profile: str, floor: int) -> None:
    assert settings.get_profile(profile).max_examples >= floor


@pytest.mark.parametrize("check", [check_valid_responses, check_invalid_responses])
def test_each_response_has_different_bodies(check: Callable[[AnyOperation], dict[str, int]]) -> None:
    operation = OPERATIONS[0]
    with_content = {response.key for response in response_strategies(operation, EFFECTIVE) if response.media_type}
    counts = check(operation)
    assert {key: count for key, count in counts.items() if key in with_content and count < 5} == {}
