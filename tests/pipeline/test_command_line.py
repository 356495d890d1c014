"""``python -m contract``: options, and one message for whatever is invalid."""

from pathlib import Path
from typing import Any

import pytest

from contract.__main__ import main
from contract.sources import Sources
from support.small_contract import RunGenerate, overlay, write


@pytest.mark.parametrize("arguments", [["generate", "--fast"], ["generate", "extra"], ["make"], []])
def test_unknown_option_is_rejected(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "")
    assert err.startswith("usage: python -m contract")


@pytest.mark.parametrize("name", Sources._fields)
def test_missing_source_is_named(name: str, tmp_path: Path, small_sources: Sources, run: RunGenerate) -> None:
    path = tmp_path / "missing"
    reason = "not a folder of templates" if name == "templates" else "No such file or directory. Nothing was changed"
    missing = small_sources._replace(**{name: path})
    file = path / "__init__.py" if name == "client" else path
    assert run(missing, tmp_path / "generated") == (2, "", f"python -m contract: {file}: {reason}.\n")
    assert list(tmp_path.iterdir()) == []


def test_folder_in_place_of_a_file_is_named(tmp_path: Path, small_sources: Sources, run: RunGenerate) -> None:
    message = f"python -m contract: {tmp_path}: Is a directory. Nothing was changed.\n"
    assert run(small_sources._replace(contract=tmp_path), tmp_path / "generated") == (2, "", message)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("a: b: c\n", "{overlay}, line 1, column 5: not YAML: mapping values are not allowed here."),
        (overlay({"target": "$.no", "description": "Old."}), "{overlay}: overlay action 0 (Old.) matches nothing"),
        (
            overlay({"target": "$.info.title", "update": "T"}, {"target": "$.paths", "update": {"a": {}}}),
            "{contract} with invalid.yaml applied: not a valid OpenAPI 3.1 document:\n  #/paths: ",
        ),
    ],
)
def test_invalid_overlay_is_named(
    document: Any, message: str, tmp_path: Path, small_sources: Sources, run: RunGenerate
) -> None:
    invalid = small_sources._replace(overlay=write(tmp_path / "invalid.yaml", document))
    status, out, err = run(invalid, tmp_path / "generated")
    assert (status, out) == (2, "")
    assert err.startswith("python -m contract: " + message.format(**invalid._asdict()))
