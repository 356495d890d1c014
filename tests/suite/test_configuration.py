"""The two configurations of Schemathesis: one as strict as the contract, one for servers with real data."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from playbook3d_conformance.server.errors import UsageError
from playbook3d_conformance.server.schemathesis_cli import LIVE, STRICT, read_configuration, to_toml

# Requests at a low rate, with other UUIDs in each run, and patience with servers and gateways.
LIVE_DIFFERENCES = {
    "hooks": "playbook3d_conformance.checks.live",
    "rate-limit": "10/s",
    "generation.max-examples": 25,
    "generation.deterministic": False,
    "phases.examples.enabled": False,
    "phases.stateful.enabled": False,
    "phases.coverage.unexpected-methods": [],
    "checks.positive_data_acceptance.expected-statuses": ["2XX", "401", "402", "403", "404"],
    "checks.negative_data_rejection.expected-statuses": ["4XX"],
    "checks.missing_required_header.expected-statuses": ["4XX"],
    "checks.ignored_auth.enabled": False,
    "checks.EverythingReached.successes": False,
    "checks.EverythingReached.fails": False,
}


def flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in table.items():
        values |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return values


def test_live_differs_only_where_it_must() -> None:
    strict, live = flat(read_configuration(STRICT)), flat(read_configuration(LIVE))
    assert strict.keys() <= live.keys()
    assert {key: value for key, value in live.items() if strict.get(key) != value} == LIVE_DIFFERENCES


def test_only_a_check_that_cannot_wait_is_disabled() -> None:
    assert [key for key in flat(read_configuration(STRICT)["checks"]) if key.endswith("enabled")] == []
    assert [key for key in flat(read_configuration(LIVE)["checks"]) if key.endswith("enabled")] == [
        "ignored_auth.enabled"
    ]


def test_only_client_errors_reject_and_only_successes_accept() -> None:
    checks = read_configuration(STRICT)["checks"]
    assert checks["positive_data_acceptance"]["expected-statuses"] == ["2XX"]
    assert checks["negative_data_rejection"]["expected-statuses"] == ["400", "401", "422"]
    assert checks["missing_required_header"]["expected-statuses"] == ["400", "401", "422"]


def test_invalid_configuration_is_reported(tmp_path: Path) -> None:
    (tmp_path / "live.toml").write_text("rate-limit = fast", encoding="utf-8")
    with pytest.raises(UsageError, match=r"live\.toml: Invalid value \(at line 1, column 14\)\.$"):
        read_configuration(tmp_path / "live.toml")


def test_configuration_is_written_as_it_is() -> None:
    value = {"a b": [1, 2.5, True, '"\\\n\té\U0001f4a9'], "path.id": {"enabled": False, "empty": {}}}
    assert tomllib.loads(f"value = {to_toml(value)}") == {"value": value}
