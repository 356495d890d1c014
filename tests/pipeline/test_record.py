"""``generate`` runs the generator only if something has changed since the run that made the output."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.sources import Sources
from support.small_contract import RunGenerate


def generate(sources: Sources, output: Path, *options: str, broken: Path) -> tuple[int, str]:
    """In a process in which the generator cannot be imported."""
    command = [sys.executable, "-m", "contract", "generate", *options, f"--output={output}"]
    command += [f"--{name}={path}" for name, path in sources._asdict().items()]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(broken), *sys.path])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout or done.stderr


@pytest.fixture
def sources(tmp_path: Path, small_sources: Sources) -> Sources:
    """Sources to edit."""
    copies = {name: shutil.copy(getattr(small_sources, name), tmp_path) for name in ("contract", "overlay")}
    client = shutil.copytree(small_sources.client, tmp_path / small_sources.client.name)
    return small_sources._replace(client=client, **{name: Path(copy) for name, copy in copies.items()})


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder with a generator that raises an error."""
    (folder := tmp_path / "broken").mkdir()
    (folder / "openapi_python_client.py").write_text("raise ImportError('the generator runs')\n")
    return folder


def test_unchanged_sources_run_no_generator(tmp_path: Path, sources: Sources, broken: Path, run: RunGenerate) -> None:
    output = tmp_path / "generated"
    assert run(sources, output) == (0, f"{output}: regenerated\n", "")
    assert generate(sources, output, broken=broken) == (0, f"{output}: up to date\n")
    status, error = generate(sources, output, "--check", broken=broken)
    assert (status, "the generator runs" in error) == (1, True)


def edit(path: Path) -> None:
    path.write_text(path.read_text() + "\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda sources, _: edit(sources.contract),
        lambda sources, _: edit(sources.overlay),
        lambda sources, _: edit(sources.client / "_errors.py"),
        lambda _, output: edit(output / "playbook3d_api" / "models" / "__init__.py"),
        lambda _, output: (output / "README.md").unlink(),
        lambda _, output: (output / "more.py").touch(),
        lambda _, output: (output / "openapi.yaml").chmod(0o755),
        lambda _, output: output.with_name(".generated.record").unlink(),
        lambda _, output: output.with_name(".generated.record").write_bytes(b"\xff"),
    ],
)
def test_any_change_runs_the_generator(
    change: Callable[[Sources, Path], object], tmp_path: Path, sources: Sources, broken: Path, run: RunGenerate
) -> None:
    output = tmp_path / "generated"
    run(sources, output)
    change(sources, output)
    status, error = generate(sources, output, broken=broken)
    assert (status, "the generator runs" in error) == (1, True)


def test_change_during_a_run_counts_for_the_next(
    tmp_path: Path, sources: Sources, broken: Path, run: RunGenerate, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def edit_and_rename(path: Path, target: Path) -> Path:
        edit(sources.overlay)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", edit_and_rename)
    output = tmp_path / "generated"
    assert run(sources, output)[0] == 0
    assert "the generator runs" in generate(sources, output, broken=broken)[1]
