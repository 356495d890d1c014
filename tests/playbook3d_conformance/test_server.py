"""The mock keeps the contract: stock Schemathesis with our configuration finds nothing."""

import re
from pathlib import Path

import pytest
from hypothesis import settings

from playbook3d_conformance.openapi import CONTRACT, documents_success, read_operations, read_schema
from playbook3d_conformance.server import schemathesis_cli
from playbook3d_conformance.server.schemathesis_cli import STRICT, read_configuration
from playbook3d_mock import Mock


def test_mock_passes_every_check(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    mock = Mock(CONTRACT)
    configuration = read_configuration(STRICT)
    configuration["generation"] |= {"max-examples": settings().max_examples, "deterministic": settings().derandomize}
    # It remembers nothing, so what was deleted is still there.
    configuration["checks"]["use_after_free"] = {"enabled": False}
    if (seed := pytestconfig.getoption("--hypothesis-seed")) is not None:
        configuration["seed"] = int(seed)
    with mock.serve() as url:
        status, output = schemathesis_cli.run(CONTRACT, url, configuration, mock.environment, tmp_path)
    assert status == 0, output
    # Each operation was reached, with each parameter and, if it documents one, a success.
    line = r"^(.+): \d+ cases, \d+ different valid requests, (\d+) of \2 parameters, answered (\d)"
    reached = {label: first == "2" for label, _, first in re.findall(line, output, re.MULTILINE)}
    assert reached == {each.label: documents_success(each) for each in read_operations(read_schema(CONTRACT))}
