"""``make contracts`` takes each contract of a folder the whole way, and says how far it got."""

from pathlib import Path

import pytest

from check_contracts import main
from support.small_contract import contract, operation, write


@pytest.mark.timeout(300)
def test_each_contract_has_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "a.json", contract())
    write(tmp_path / "b.yaml", "swagger: '2.0'\ninfo: {title: Old, version: '1'}\npaths: {}\n")
    write(tmp_path / "c.json", contract({"/{id}": {"get": operation("a"), "put": {"x": 1}}}))
    write(tmp_path / "notes.txt", "not a contract")
    assert main(tmp_path, tmp_path / "reports") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "a.json: 1 of 1 operations, the whole way"
    assert lines[1].startswith("b.yaml: 0 of 0 operations, generate fails: ")
    assert lines[2].startswith("c.json: 0 of 3 operations, generate fails: ")
    assert lines[3:] == ["1 of 3 documents the whole way, 1 of 4 operations"]


def test_folder_without_contracts_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(tmp_path, tmp_path / "reports") == 2
    assert capsys.readouterr().err == f"{tmp_path}: no contracts (*.json, *.yaml): name a folder with DOCS=folder.\n"
