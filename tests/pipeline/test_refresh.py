"""``python -m contract refresh``: from pages to ``openapi/pages/`` and the published contract."""

from contract.__main__ import main
from contract.refresh import Targets


def test_committed_contract_is_the_one_of_its_pages() -> None:
    assert main(["refresh", "--from", str(Targets().pages), "--check"]) == 0
