"""A server keeps the contract: stock Schemathesis, as it is configured here, against the mock."""

from conformance import stock
from conformance.subject import CONTRACT
from playbook3d_mock import Mock


def test_the_mock_passes_every_check() -> None:
    mock = Mock(CONTRACT)
    credentials = {"PLAYBOOK_API_KEY": mock.api_key, "PLAYBOOK_TOKEN": mock.token}
    with mock.serve() as url:
        outcome = stock.run(CONTRACT, url, credentials)
    assert outcome.passed, outcome.output
