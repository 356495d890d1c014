"""Tests in an environment with pytest: the second needs the extra ``mock``."""

from typing import Any

import httpx


def test_without_fixture() -> None:
    pass


def test_with_fixtures(playbook_mock: Any, playbook_mock_url: str) -> None:
    operation = playbook_mock.engine.operations[0]
    httpx.request(operation.method, playbook_mock_url + operation.path, trust_env=False)
    playbook_mock.assert_called(operation.name, times=1)
