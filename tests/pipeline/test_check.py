"""``generate --check`` names each file that differs, and writes nothing."""

import shutil
from pathlib import Path

import pytest

from contract.output import check, differences
from contract.sources import Sources
from support.small_contract import RunGenerate, files


def test_fresh_output_passes(small_sources: Sources, generated: Path, run: RunGenerate) -> None:
    assert run(small_sources, generated, "--check") == (0, "", "")


def test_check_names_each_file_that_differs(
    tmp_path: Path, small_sources: Sources, generated: Path, run: RunGenerate
) -> None:
    output = tmp_path / "generated"
    shutil.copytree(generated, output)
    edited, extra, missing = paths = [output / "playbook3d_api" / name for name in ("client.py", "mine.py", "py.typed")]
    edited.write_bytes(edited.read_bytes()[:-1] + b" ")
    extra.touch()
    missing.unlink()
    before = files(output)
    messages = "".join(f"{path}: differs from its sources: run `make generate`.\n" for path in paths)
    assert run(small_sources, output, "--check") == (1, "", messages)
    assert files(output) == before


def test_check_of_a_missing_folder_names_every_file(tmp_path: Path, small_sources: Sources, generated: Path) -> None:
    assert check(small_sources, tmp_path / "missing") == sorted(files(generated))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("difference", ["executable", "link", "dangling link"])
def test_modes_and_links_are_differences(difference: str, tmp_path: Path, generated: Path) -> None:
    output = tmp_path / "generated"
    shutil.copytree(generated, output)
    path = output / ("nowhere" if difference == "dangling link" else "README.md")
    if difference == "executable":
        path.chmod(0o755)
    else:
        if path.exists():
            path.rename(tmp_path / path.name)
        path.symlink_to(tmp_path / path.name)
    assert differences(generated, output) == [path.name]
