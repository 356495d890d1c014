"""What is committed is what its sources give."""

import re

import pytest

from contract.__main__ import main
from contract.sources import ROOT, Sources


def test_generated_folder_is_fresh() -> None:
    assert main(["generate", "--check"]) == 0


def test_published_contract_is_the_one_of_its_page() -> None:
    first, _, contract = Sources().contract.read_text(encoding="utf-8").partition("\n")
    if not (source := re.match(r"# Source: (\S+)", first)):
        pytest.skip("the contract names no page as its source")
    page = (ROOT / "openapi" / source[1]).read_text(encoding="utf-8")
    fences = re.findall(r"^````yaml.*?\n(.*?)^````$", page, flags=re.MULTILINE | re.DOTALL)
    assert fences == [contract]
