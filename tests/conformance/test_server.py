"""A server keeps the contract: stock Schemathesis, all of its checks, against the mock."""

from conformance import stock
from conformance.subject import CONTRACT, SUBJECTS, drawn
from playbook3d_mock import Mock


def test_the_mock_passes_every_check() -> None:
    mock = Mock(CONTRACT)
    credentials = {"Authorization": f"Bearer {mock.token}", "x-api-key": mock.api_key}
    with mock.serve() as url:
        count = stock.run(CONTRACT, url, credentials, examples=100)
    drawn[f"stock checks: {len(SUBJECTS)} operation(s)"] += count
