"""``python -m contract refresh``: from pages to ``openapi/pages/`` and the published contract."""

import fcntl
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from contract import yaml_io
from contract.__main__ import main
from contract.sources import Sources, Targets
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


def test_second_refresh_touches_nothing(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    folder = write_pages(tmp_path / "docs", a=operation_page("/a"), b=operation_page("/b"))
    refresh(folder)

    def states() -> dict[Path, tuple[int, int]]:
        root = targets.contract.parent
        return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in (root, *root.rglob("*"))}

    before = states()
    for options in ((folder,), (folder, "--check"), (targets.pages,), (folder, folder / "a.md")):
        status, out, err = refresh(*options)
        assert (status, out.splitlines()[0], err) == (0, f"{targets.contract}: up to date", "")
        assert states() == before


@pytest.mark.parametrize(("changed", "failing"), [(False, 4), *((True, number) for number in range(1, 6))])
def test_failed_replacement_restores_all_files(
    changed: bool, failing: int, tmp_path: Path, targets: Targets, refresh: RunRefresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two pages that change, one that vanishes, and the contract, the n-th fails."""
    if changed:
        refresh(
            write_pages(tmp_path / "docs", a=operation_page("/old"), b=operation_page("/b"), c=operation_page("/c"))
        )
    before = files(tmp_path / "openapi")
    folder = write_pages(tmp_path / "docs", a=operation_page("/a"), b=operation_page("/b2"), d=operation_page("/d"))
    calls: list[str] = []

    def failing_at_last(change: Callable[..., Any]) -> Callable[..., Any]:
        def changing(path: Path, *arguments: Any, **options: Any) -> Any:
            calls.append(str(arguments[0] if arguments else path))
            if len(calls) == failing:
                raise OSError(5, "Input/output error", str(path), None, *arguments)
            return change(path, *arguments, **options)

        return changing

    with monkeypatch.context() as patch:
        for name in ("replace", "unlink"):
            patch.setattr(Path, name, failing_at_last(getattr(Path, name)))
        status, out, err = refresh(folder)
    assert (status, out, err) == (
        2,
        "",
        f"python -m contract: {calls[failing - 1]}: Input/output error. Nothing was changed.\n",
    )
    assert files(tmp_path / "openapi") == before
    assert refresh(folder)[0] == 0


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signal_does_not_interrupt_the_replacement(
    sent: signal.Signals,
    status: int,
    tmp_path: Path,
    targets: Targets,
    refresh: RunRefresh,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replace = Path.replace

    def replace_under_a_signal(path: Path, target: Path) -> Path:
        signal.raise_signal(sent)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", replace_under_a_signal)
    assert refresh(write_pages(tmp_path / "docs", a=operation_page("/a"), b=operation_page("/b")))[0] == status
    assert {*files(tmp_path / "openapi")} == {"pages/a.md", "pages/b.md", "playbook.yaml"}


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="this system does not list who waits for a lock")
def test_refresh_waits_for_another(tmp_path: Path, targets: Targets) -> None:
    folder = write_pages(tmp_path / "docs", a=operation_page("/a"))
    targets.contract.parent.mkdir()
    other = os.open(targets.contract.parent, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    paths = [f"--pages={targets.pages}", f"--contract={targets.contract}"]
    with subprocess.Popen([sys.executable, "-m", "contract", "refresh", "--from", str(folder), *paths]) as process:
        while process.poll() is None and not re.search(rf"-> FLOCK .* {process.pid} ", Path("/proc/locks").read_text()):
            pass
        waits = process.poll() is None
        os.close(other)
        assert process.wait(60) == 0
    assert waits
    assert {*files(tmp_path / "openapi")} == {"pages/a.md", "playbook.yaml"}


def test_leftovers_of_a_killed_refresh_are_removed(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    folder = write_pages(tmp_path / "docs", a=operation_page("/a"))
    refresh(folder)
    (targets.contract.parent / ".refresh-killed").mkdir()
    (targets.contract.parent / ".refresh-killed" / "0.new").touch()
    assert refresh(folder)[0] == 0
    assert {*files(tmp_path / "openapi")} == {"pages/a.md", "playbook.yaml"}


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
        f"python -m contract: {folders[0] / 'a.md'} and {folders[1] / 'a.md'} would both be saved as a.md. "
        "Nothing was changed.\n",
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
        ({"b": operation_page("/b", openapi="3.0.0")}, "{docs}/a.md and {docs}/b.md differ in #/openapi"),
        ({"b": "\0" + operation_page("/b")}, "{docs}/b.md: not a text: it has a NUL character."),
        ({"b": operation_page("/b", tags=[{"name": "\x1b[2J\n"}, {"name": "\x1b[2J\n", "x-a": 1}])}, "{docs}/b.md and"),
    ],
)
def test_invalid_page_changes_nothing(
    texts: dict[str, str], message: str, tmp_path: Path, targets: Targets, refresh: RunRefresh
) -> None:
    refresh(write_pages(tmp_path / "docs", a=operation_page("/old"), b=operation_page("/b")))
    before = files(tmp_path / "openapi")
    folder = write_pages(tmp_path / "docs", **({"a": operation_page("/a")} if "b" in texts else {}), **texts)
    status, out, err = refresh(folder)
    assert (status, out, err.count("\n"), err.count("\x1b")) == (2, "", 1, 0)
    assert err.startswith("python -m contract: " + message.format(docs=folder))
    assert files(tmp_path / "openapi") == before


def test_size_of_a_file_is_limited(tmp_path: Path, refresh: RunRefresh) -> None:
    path = write_pages(tmp_path / "docs", a=operation_page("/a") + "x" * 5 * 1024 * 1024) / "a.md"
    message = f"python -m contract: {path}: more than 5,242,880 bytes. Nothing was changed.\n"
    assert refresh(path.parent) == (2, "", message)


def test_pages_in_an_unreadable_folder_have_not_vanished(tmp_path: Path, refresh: RunRefresh) -> None:
    """A path beyond the system's limit is unreadable, for root too."""
    folder = write_pages(tmp_path / "docs", a=operation_page("/a"))
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(20):
        os.mkdir(name := "d" * 250, dir_fd=descriptor)
        deeper = os.open(name, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = deeper
    os.close(descriptor)
    status, _, err = refresh(folder)
    assert status == 2
    assert err.endswith(": File name too long. Nothing was changed.\n")


def test_long_path_becomes_a_shorter_name(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    folder = write_pages(tmp_path / "docs", b=operation_page("/b"))
    for name in ("c" * 200, "d" * 200):
        (folder / name / name).mkdir(parents=True)
        write_pages(folder / name / name, a=operation_page(f"/{name}"))
    assert refresh(folder)[0] == 0
    assert names(targets) == ["b.md", f"{'c' * 198}-a.md", f"{'d' * 198}-a.md"]


def test_pipe_is_not_a_page(tmp_path: Path, refresh: RunRefresh) -> None:
    folder = write_pages(tmp_path / "docs", a=operation_page("/a"))
    os.mkfifo(folder / "b.md")
    assert refresh(folder) == (2, "", f"python -m contract: {folder / 'b.md'}: not a file. Nothing was changed.\n")


def test_missing_file_is_named(tmp_path: Path, refresh: RunRefresh) -> None:
    path = tmp_path / "missing.md"
    assert refresh(path) == (2, "", f"python -m contract: {path}: No such file or directory. Nothing was changed.\n")


def test_folder_in_place_of_a_page_changes_nothing(tmp_path: Path, targets: Targets, refresh: RunRefresh) -> None:
    folder = write_pages(tmp_path / "docs", a=operation_page("/a"), b=operation_page("/b"))
    (targets.pages / "b.md").mkdir(parents=True)
    message = f"python -m contract: {targets.pages / 'b.md'}: Is a directory. Nothing was changed.\n"
    assert refresh(folder) == (2, "", message)
    assert files(tmp_path / "openapi") == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [("a page.yaml", operation_page("/a")), ("a page.md", "---\nopenapi: get /a\n---\n\n" + operation_page("/a"))],
)
def test_generate_names_the_command_for_a_page(
    name: str, text: str, tmp_path: Path, small_sources: Sources, run: RunGenerate
) -> None:
    path = tmp_path / name
    path.write_text(text)
    status, out, err = run(small_sources._replace(contract=path), tmp_path / "generated")
    assert (status, out) == (2, "")
    assert err == f"python -m contract: {path}: this is a page: make refresh FROM='{path}'\n"
