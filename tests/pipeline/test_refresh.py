"""``python -m contract refresh``: from pages to ``openapi/pages/`` and the published contract."""

from pathlib import Path
from typing import Any, Protocol

import pytest

from contract import yaml_io
from contract.__main__ import main
from contract.refresh import Targets
from contract.sources import Sources
from support.documentation_pages import document, operation_page, page
from support.small_contract import RunGenerate, files, operation

GUIDE = "# A guide\n\n```json\n{}\n```\n"


class RunRefresh(Protocol):
    """Runs ``python -m contract refresh`` in this process, on the folder of the test."""

    def __call__(self, *options: object) -> tuple[int, str, str]:
        """Return the exit status, standard output and standard error."""
        ...


@pytest.fixture
def targets(tmp_path: Path) -> Targets:
    return Targets(tmp_path / "openapi" / "pages", tmp_path / "openapi" / "playbook.yaml")


@pytest.fixture
def refresh(targets: Targets, capsys: pytest.CaptureFixture[str]) -> RunRefresh:
    def run(*options: object) -> tuple[int, str, str]:
        status = main(
            ["refresh", f"--pages={targets.pages}", f"--contract={targets.contract}", *map(str, ["--from", *options])]
        )
        out, err = capsys.readouterr()
        return status, out, err

    return run


def write_pages(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.md"):
        path.unlink()
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text)
    return folder


def operations(targets: Targets) -> list[str]:
    paths: dict[str, Any] = yaml_io.to_plain(yaml_io.read(targets.contract))["paths"]
    return [f"{method} {path}" for path, item in paths.items() for method in item]


def names(targets: Targets) -> list[str]:
    return sorted(path.name for path in targets.pages.iterdir())


def test_page_and_contract_are_copied_word_for_word(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    body = "openapi: 3.1.0 # é\r\npaths: {/a: {get: {}}}\r\n"
    text = f"# Ä page\r\n\r\n````yaml get /a\r\n{body}````"
    (source := tmp_path / "a.md").write_bytes(text.encode())
    status, out, err = refresh(source)
    assert (status, err) == (0, "")
    assert out == f"{targets.pages / 'a.md'}: new\n{targets.contract}: new\n0 pages without a contract were skipped.\n"
    assert (targets.pages / "a.md").read_bytes() == text.encode()
    line = "# Source: pages/a.md (the document in its fence, word for word).\n"
    assert targets.contract.read_bytes().decode() == line + body.replace("\r", "")


def test_pages_of_a_folder_are_merged(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    folder = write_pages(tmp_path / "docs", a=operation_page("/a"), guide=GUIDE)
    write_pages(folder / "deeper", b=operation_page("/b", "post"))
    status, out, _ = refresh(folder)
    assert (status, out.splitlines()[-1]) == (0, "1 pages without a contract were skipped.")
    assert (operations(targets), names(targets)) == (["get /a", "post /b"], ["a.md", "b.md"])


def test_several_files_are_merged(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    folder = write_pages(tmp_path / "docs", a=operation_page("/a"), b=operation_page("/b"), c=operation_page("/c"))
    assert refresh(folder / "c.md", folder / "a.md")[0] == 0
    assert operations(targets) == ["get /a", "get /c"]


def test_second_refresh_changes_nothing(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    folder = write_pages(tmp_path / "docs", a=operation_page("/a"), b=operation_page("/b"))
    refresh(folder)
    before = [path.stat() for path in targets.contract.parent.rglob("*")]
    for options in ((folder,), (folder, "--check"), (targets.pages,)):
        status, out, err = refresh(*options)
        assert (status, out.splitlines()[0], err) == (0, f"{targets.contract}: up to date", "")
    # Times of access may change.
    after = [path.stat() for path in targets.contract.parent.rglob("*.*")]
    assert {(stat.st_ino, stat.st_mtime_ns) for stat in after} <= {(stat.st_ino, stat.st_mtime_ns) for stat in before}


def test_operation_moves_to_the_page_that_carries_it(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    refresh(write_pages(tmp_path / "docs", old=operation_page("/a/{id}"), b=operation_page("/b")))
    status, out, _ = refresh(
        write_pages(tmp_path / "docs", new=operation_page("/a/{name}"), b=operation_page("/b")), "--keep"
    )
    assert (status, operations(targets), names(targets)) == (0, ["get /a/{name}", "get /b"], ["b.md", "new.md"])
    assert f"{targets.pages / 'old.md'}: removed: GET /a/{{id}} has moved to new.md\n" in out


def test_vanished_page_is_removed_and_reported(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    refresh(write_pages(tmp_path / "docs", a=operation_page("/a"), b=operation_page("/b")))
    (targets.pages / "notes.md").write_text(GUIDE)
    status, out, _ = refresh(write_pages(tmp_path / "docs", a=operation_page("/a")))
    assert (status, operations(targets), names(targets)) == (0, ["get /a"], ["a.md", "notes.md"])
    assert f"{targets.pages / 'b.md'}: removed: no page carries GET /b any more (KEEP=1 keeps it)\n" in out


def test_vanished_page_can_be_kept(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    refresh(write_pages(tmp_path / "docs", a=operation_page("/a"), b=operation_page("/b")))
    changed = operation_page("/a", operation=operation("changed"))
    status, out, _ = refresh(write_pages(tmp_path / "docs", a=changed), "--keep")
    assert (status, operations(targets), names(targets)) == (0, ["get /a", "get /b"], ["a.md", "b.md"])
    assert out.splitlines()[:2] == [f"{targets.pages / 'a.md'}: changed", f"{targets.contract}: changed"]


def test_check_changes_nothing_and_finds_drift(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    refresh(write_pages(tmp_path / "docs", a=operation_page("/a"), b=operation_page("/b")))
    before = files(tmp_path / "openapi")
    folder = write_pages(tmp_path / "docs", a=operation_page("/a", operation=operation("new")), c=operation_page("/c"))
    status, out, err = refresh(folder, "--check")
    assert (status, out) == (1, "")
    assert err.splitlines() == [
        f"{targets.pages / 'a.md'}: changed",
        f"{targets.pages / 'b.md'}: removed: no page carries GET /b any more (KEEP=1 keeps it)",
        f"{targets.pages / 'c.md'}: new",
        f"{targets.contract}: changed",
        "Run `make refresh`, and read the difference.",
    ]
    assert files(tmp_path / "openapi") == before


def test_edited_contract_is_drift(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    folder = write_pages(tmp_path / "docs", a=operation_page("/a"))
    refresh(folder)
    targets.contract.write_text(targets.contract.read_text() + "# edited\n")
    assert refresh(folder, "--check")[0] == 1


def test_pages_of_one_name_are_saved_under_their_paths(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    folder = write_pages(tmp_path / "docs", other=operation_page("/c"))
    write_pages(folder / "runs", get=operation_page("/a"))
    write_pages(folder / "teams", GET=operation_page("/b"))
    assert refresh(folder)[0] == 0
    assert names(targets) == ["other.md", "runs-get.md", "teams-GET.md"]


def test_pages_of_one_path_are_rejected(tmp_path: Path, refresh: RunRefresh) -> None:
    folders = [write_pages(tmp_path / name, a=operation_page(f"/{name}")) for name in ("one", "two")]
    status, _, err = refresh(*folders)
    assert (status, err) == (
        2,
        f"python -m contract: {folders[0] / 'a.md'} and {folders[1] / 'a.md'} would both be saved as a.md.\n",
    )


def test_differing_info_is_a_warning(tmp_path: Path, refresh: RunRefresh) -> None:
    folder = write_pages(tmp_path / "docs", a=operation_page("/a"), b=operation_page("/b", info={"title": "Other"}))
    status, _, err = refresh(folder)
    assert (status, err.count("\n")) == (0, 1)
    assert err.startswith(f"warning: {folder / 'a.md'} and {folder / 'b.md'} differ in #/info")


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({}, "None of the 0 pages carries a contract."),
        ({"a": GUIDE}, "None of the 1 pages carries a contract."),
        ({"b": page("toml get /b", "")}, "{docs}/b.md, line 5: the fence header 'toml get /b' names the format toml"),
        ({"b": page("yaml get /b", "a: b: c\n")}, "{docs}/b.md, line 6, column 5: not YAML"),
        ({"b": page("yaml get /c", document("/b"))}, "{docs}/b.md, line 5: the header names GET /c"),
        ({"b": operation_page("/b", openapi="3.0.0")}, "{docs}/a.md and {docs}/b.md have another openapi"),
        ({"b": "\0" + operation_page("/b")}, "{docs}/b.md: not a text: it has a NUL character."),
    ],
)
def test_invalid_page_changes_nothing(
    texts: dict[str, str], message: str, tmp_path: Path, targets: Targets, refresh: RunRefresh
) -> None:
    refresh(write_pages(tmp_path / "docs", a=operation_page("/old"), b=operation_page("/b")))
    before = files(tmp_path / "openapi")
    folder = write_pages(tmp_path / "docs", **({"a": operation_page("/a")} if "b" in texts else {}), **texts)
    status, out, err = refresh(folder)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("python -m contract: " + message.format(docs=folder))
    assert files(tmp_path / "openapi") == before


def test_missing_file_is_named(tmp_path: Path, refresh: RunRefresh) -> None:
    path = tmp_path / "missing.md"
    assert refresh(path) == (2, "", f"python -m contract: {path}: No such file or directory.\n")


def test_folder_in_place_of_a_page_changes_nothing(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    folder = write_pages(tmp_path / "docs", a=operation_page("/a"), b=operation_page("/b"))
    (targets.pages / "b.md").mkdir(parents=True)
    assert refresh(folder) == (2, "", f"python -m contract: {targets.pages / 'b.md'}: Is a directory.\n")
    assert files(tmp_path / "openapi") == {}


def test_generate_names_the_command_for_a_page(tmp_path: Path, small_sources: Sources, run: RunGenerate) -> None:
    path = tmp_path / "a page.yaml"
    path.write_text(operation_page("/a"))
    status, out, err = run(small_sources._replace(contract=path), tmp_path / "generated")
    assert (status, out) == (2, "")
    assert err == f"python -m contract: {path}: this is a page: make refresh FROM='{path}'\n"
