"""Rows for the conformance suite: cases and requests a second."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from benchmarks.measuring import ROOT, Cost, Figure, cost_of, cost_of_command, spread
from playbook3d_conformance.openapi import AnyOperation
from playbook3d_conformance.properties.operations import OPERATIONS
from playbook3d_conformance.properties.request_properties import check_requests
from playbook3d_conformance.properties.response_properties import check_invalid_responses, check_valid_responses
from playbook3d_mock import Mock

CASES, ROUNDS = 100, 5

_PROPERTIES: dict[str, Callable[[AnyOperation], int]] = {
    "requests in four styles": check_requests,
    "valid responses in four styles": lambda operation: sum(check_valid_responses(operation).values()),
    "invalid responses in four styles": lambda operation: sum(check_invalid_responses(operation).values()),
}


def figures(scale: float) -> Iterator[Figure]:
    """All rows; ``scale`` multiplies the cases."""
    cases = max(10, round(CASES * scale))
    checks: list[Any] = list(HealthCheck)
    profile = settings(max_examples=cases, derandomize=True, database=None, deadline=None, suppress_health_check=checks)
    former = settings.get_current_profile_name()
    settings.register_profile("benchmark", profile)
    settings.load_profile("benchmark")
    try:
        for name, check in _PROPERTIES.items():
            yield _throughput(f"the suite's cases: {name}", [_property(check) for _ in range(ROUNDS)])
    finally:
        settings.load_profile(former)
    yield _throughput("requests of stock Schemathesis to the mock", [_schemathesis(cases) for _ in range(ROUNDS)])


def _throughput(subject: str, costs: list[Cost]) -> Figure:
    processor = spread(1 / cost.processor for cost in costs if cost.processor)
    return Figure(subject, processor=processor, wall=spread(1 / cost.wall for cost in costs), unit="a second")


def _property(check: Callable[[AnyOperation], int]) -> Cost:
    """The cost of a case."""
    counts: list[int] = []
    cost = cost_of(lambda: counts.extend(map(check, OPERATIONS)))
    return cost.per(sum(counts))


def _schemathesis(cases: int) -> Cost:
    """The cost of a request, without the mock's processor time, and with that of the start."""
    suite = ROOT / "tests" / "playbook3d_conformance" / "schemathesis.toml"
    program = str(Path(sys.executable).with_name("schemathesis"))
    mock = Mock()
    with mock.serve() as url:
        command = [program, "--config-file", str(suite), "run", str(ROOT / "generated" / "openapi.yaml")]
        cost = cost_of_command([*command, "--url", url, "--max-examples", str(cases)], mock.environment)
    return cost.per(len(mock.journal))
