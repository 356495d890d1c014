"""A server keeps the contract: stock Schemathesis, as it is configured here, against the mock."""

import pytest
from hypothesis import settings

from conformance import stock
from conformance.subject import CONTRACT, SUBJECTS
from playbook3d_mock import Mock


def test_the_mock_passes_every_check(pytestconfig: pytest.Config) -> None:
    mock = Mock(CONTRACT)
    credentials = {"PLAYBOOK_API_KEY": mock.api_key, "PLAYBOOK_TOKEN": mock.token}
    drawing = {"max-examples": settings().max_examples, "deterministic": settings().derandomize}
    seed = pytestconfig.getoption("--hypothesis-seed")
    configured = stock.configuration(
        stock.NO_MEMORY, {"generation": drawing}, {} if seed is None else {"seed": int(seed)}
    )
    with mock.serve() as url:
        outcome = stock.run(CONTRACT, url, credentials, configured=configured)
    assert outcome.passed, outcome.output
    assert stock.unreached(outcome, [subject.label for subject in SUBJECTS]) == [], outcome.output
