"""``generate`` replaces its output as a whole, or not at all, and replaces nothing else."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contract.sources import Sources
from support.small_contract import RunGenerate, files, write


def test_fresh_output_is_not_touched(tmp_path: Path, small_sources: Sources, generated: Path, run: RunGenerate) -> None:
    output = tmp_path / "generated"
    shutil.copytree(generated, output)

    def states() -> dict[Path, tuple[int, int]]:
        return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in (output, *output.rglob("*"))}

    before = states()
    assert run(small_sources, output) == (0, f"{output}: up to date\n", "")
    assert states() == before


def test_edited_missing_and_leftover_files_are_restored(
    tmp_path: Path, small_sources: Sources, generated: Path, run: RunGenerate
) -> None:
    output = tmp_path / "generated"
    shutil.copytree(generated, output)
    shutil.copy(output / "playbook3d_api" / "types.py", output / "playbook3d_api" / "old.py")
    (output / "playbook3d_api" / "__pycache__").mkdir()
    (output / "playbook3d_api" / "__pycache__" / "old.pyc").touch()
    (output / "openapi.yaml").unlink()
    write(output / "playbook3d_api" / "client.py", "edited")
    assert run(small_sources, output) == (0, f"{output}: regenerated\n", "")
    assert files(output) == files(generated)
    assert {*tmp_path.iterdir()} == {output}


INTERRUPT, FULL_DISK = KeyboardInterrupt(), OSError(28, "No space left on device")


@pytest.mark.parametrize(("failure", "late"), [(INTERRUPT, False), (INTERRUPT, True), (FULL_DISK, False)])
@pytest.mark.parametrize("failing", [1, 2])
def test_failed_swap_leaves_a_complete_output(
    failing: int,
    failure: BaseException,
    late: bool,
    tmp_path: Path,
    small_sources: Sources,
    generated: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: RunGenerate,
) -> None:
    """The first or the second rename fails, before or after it has an effect."""
    output = tmp_path / "generated"
    output.mkdir()
    write(output / "README.md", "old")
    rename, calls = os.rename, list[int]()

    def failing_rename(source: Any, target: Any) -> None:
        calls.append(1)
        if late or len(calls) != failing:
            rename(source, target)
        if len(calls) == failing:
            raise failure

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", failing_rename)
        status, _, err = run(small_sources, output)
    assert (status, err.removeprefix("python -m contract: ")) == (
        (130, "interrupted: the output is complete, either the old or the new one.\n")
        if failure is INTERRUPT
        else (2, f"{output}: No space left on device. Nothing was changed.\n")
    )
    assert files(output) == (files(generated) if late and failing == 2 else {"README.md": b"old"})
    assert [path.name for path in tmp_path.iterdir()] == ["generated"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "folder: contains thesis.txt, which `make generate` did not write and would delete: "),
        ("file", "file: not a folder: "),
        ("link", "link: not a folder: "),
        ("file/deeper/generated", "file"),
    ],
)
def test_only_an_earlier_output_is_replaced(
    name: str, message: str, tmp_path: Path, small_sources: Sources, run: RunGenerate
) -> None:
    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder" / "thesis.txt", "x")
    write(tmp_path / "file", "x")
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    status, out, err = run(small_sources, tmp_path / name)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"python -m contract: {tmp_path}/{message}")
    assert files(tmp_path) == {"file": b"x", "folder/thesis.txt": b"x"}


@pytest.mark.parametrize(
    "name", ["notes.txt", "notes.py", "api/things/notes.py", "models/__pycache__/notes.txt", "link"]
)
def test_foreign_file_at_any_depth_is_rejected_by_name(
    name: str, tmp_path: Path, small_sources: Sources, generated: Path, run: RunGenerate
) -> None:
    output = tmp_path / "generated"
    shutil.copytree(generated, output)
    foreign = output / "playbook3d_api" / name
    foreign.parent.mkdir(exist_ok=True)
    write(output / "openapi.yaml", "stale")
    foreign.symlink_to(tmp_path) if name == "link" else write(foreign, "mine")
    before = files(output)
    status, _, err = run(small_sources, output)
    assert (status, files(output)) == (2, before)
    assert f"{output}: contains playbook3d_api/{name}, which `make generate` did not write and would delete: " in err
    assert foreign.exists()


def killed_run(sources: Sources, output: Path, number: int) -> subprocess.CompletedProcess[str]:
    """``generate`` in a process of its own, which a signal ends while the output is being generated."""
    fifo = sources.contract.with_name("runtime.fifo")  # who opens it waits for the other side
    os.mkfifo(fifo)
    paths = [f"--{name}={path}" for name, path in sources._replace(runtime=fifo)._asdict().items()]
    command = [sys.executable, "-m", "contract", "generate", *paths, f"--output={output}"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process, fifo.open("wb"):
        assert list(output.parent.glob(f".generated-{output.name}-*"))
        process.send_signal(number)
        out, err = process.communicate()
    fifo.unlink()
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def test_terminated_run_cleans_up(tmp_path: Path, small_sources: Sources) -> None:
    done = killed_run(small_sources, tmp_path / "generated", signal.SIGTERM)
    message = "python -m contract: terminated: the output is complete, either the old or the new one.\n"
    assert (done.returncode, done.stderr) == (143, message)
    assert list(tmp_path.iterdir()) == []


def test_interrupted_clean_up_is_completed(
    tmp_path: Path, small_sources: Sources, generated: Path, monkeypatch: pytest.MonkeyPatch, run: RunGenerate
) -> None:
    """After the new output is in place, while the temporary folder is being removed."""
    rmdir, calls = os.rmdir, list[int]()

    def failing_rmdir(*arguments: Any, **options: Any) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt
        rmdir(*arguments, **options)

    output = tmp_path / "generated"
    shutil.copytree(generated, output)
    write(output / "README.md", "old")
    with monkeypatch.context() as patch:
        patch.setattr(os, "rmdir", failing_rmdir)
        assert run(small_sources, output)[0] == 130
    assert files(output) == files(generated)
    assert list(tmp_path.iterdir()) == [output]


def test_next_run_removes_what_a_killed_one_left(
    tmp_path: Path, small_sources: Sources, generated: Path, run: RunGenerate
) -> None:
    output = tmp_path / "generated"
    assert killed_run(small_sources, output, signal.SIGKILL).returncode == -signal.SIGKILL
    assert [path.name.startswith(".generated-generated-") for path in tmp_path.iterdir()] == [True]
    assert run(small_sources, output) == (0, f"{output}: regenerated\n", "")
    assert {*tmp_path.iterdir()} == {output}
    assert files(output) == files(generated)


@pytest.mark.parametrize(
    "name",
    [
        *["notes/generated/x", "backup/previous/x", "generated/generated/x", "generated-backup/generated/x"],
        *["generated-mybackup1/previous/x", "generated-mybackup/notes", "other-mybackup/previous/x"],
        *["generated-x-mybackup/previous/x", "generated-mybackup"],
    ],
)
def test_no_other_folder_is_removed_or_restored(
    name: str, tmp_path: Path, small_sources: Sources, run: RunGenerate
) -> None:
    """Folders of users, and what killed runs for a sibling left."""
    path = tmp_path / f".generated-{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, "mine")
    invalid = small_sources._replace(contract=write(tmp_path / "invalid.yaml", "{}"))
    assert run(invalid, tmp_path / "generated")[0] == 2
    assert files(tmp_path) == {path.relative_to(tmp_path).as_posix(): b"mine", "invalid.yaml": b"{}"}


def test_next_run_restores_an_output_that_a_killed_one_moved_away(
    tmp_path: Path, small_sources: Sources, run: RunGenerate
) -> None:
    """As between the two renames, and then with a contract that is invalid."""
    output, previous = tmp_path / "[generated]", tmp_path / ".generated-[generated]-a_1b2c3d" / "previous"
    previous.mkdir(parents=True)
    write(previous / "README.md", "old")
    invalid = small_sources._replace(contract=write(tmp_path / "invalid.yaml", "{}"))
    assert run(invalid, output)[0] == 2
    assert files(output) == {"README.md": b"old"}
    assert not previous.parent.exists()
