"""What is committed is what its sources give."""

import pytest

from contract.__main__ import main
from contract.sources import Targets


def test_generated_folder_is_fresh() -> None:
    assert main(["generate", "--check"]) == 0


def test_published_contract_is_the_one_of_its_pages() -> None:
    targets = Targets()
    if not targets.contract.read_text(encoding="utf-8").startswith(("# Source: ", "# Merged from ")):
        pytest.skip("the contract names no page as its source")
    assert main(["refresh", "--from", str(targets.pages), "--check"]) == 0
