"""Published contract + overlay → effective contract → generated client, atomically.

Everything is generated in a temporary folder beside the output, which it replaces only after all steps succeeded.
The output is a function of its sources and the pinned tools alone: the same bytes on every machine, at every run, and
without a network.
"""

import contextlib
import filecmp
import gc
import hashlib
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from openapi_python_client import __version__

from contract import overlay, yaml_io
from contract.errors import PipelineError, escape
from contract.generator import GENERATED, parse, read_settings, run_generator
from contract.llms_page import render_page
from contract.media_types import remove_unused_media_types
from contract.omissions import Omissions
from contract.overlay_actions import path_to
from contract.reading import Reading, read_contract
from contract.replacement import PREVIOUS, locked, replace_folder
from contract.sources import Sources
from contract.validation import validate

_README = """\
# generated/: do not edit

`make generate` writes this folder from `openapi/playbook.yaml` and `overrides/`, and replaces it as a whole;
`make check` fails if a byte differs from what it would write.

- `openapi.yaml`: the effective contract: the published contract with the overlay applied
- `{package}/`: the client that openapi-python-client generates from it, with `_operations.py`, the operations as data,
  and `_runtime.py`, a copy of `overrides/runtime.py`
- `llms.txt`: client and operations on one page, for agents

To change something here, change its source: the contract, `overrides/overlay.yaml`, `overrides/generator.yaml`,
`overrides/templates/`, `overrides/runtime.py`, or the docstrings of `overrides/playbook3d_client/`.
"""


def generate(sources: Sources, output: Path, omissions: Omissions | None = None) -> bool:
    """Generate ``output`` from the sources; returns whether it changed.

    ``omissions`` can allow to leave out what the client could not honour, and records it. Raises ``PipelineError`` if
    a source is invalid, and ``OSError`` if a folder cannot be written; ``output`` is then as it was.
    """
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise PipelineError(f"{output}: not a folder: name another with --output, or remove it.")
    with locked(output.parent):
        _repair(output)
        try:
            with generated_in_temp_dir(sources, output, omissions or Omissions()) as generated:
                if output.is_dir() and not differences(generated, output):
                    return False
                _reject_foreign_files(output, generated)
                replace_folder(output, generated)
        finally:  # a signal may have interrupted the removal of the temporary folder
            _repair(output)
    return True


def _temporary_prefix(output: Path) -> str:
    """How the names of the temporary folders beside the output start; those of another output start differently."""
    return f".generated-{output.name}-"


def _repair(output: Path) -> None:
    """Restore the output, and remove its temporary folders, of runs that a signal ended."""
    temporary = re.compile(re.escape(_temporary_prefix(output)) + "[a-z0-9_]{8}")  # as tempfile names them
    for folder in [path for path in output.parent.iterdir() if temporary.fullmatch(path.name)]:
        if not folder.is_dir() or not {path.name for path in folder.iterdir()} <= {"generated", PREVIOUS}:
            continue
        if (folder / PREVIOUS).is_dir() and not output.exists():
            (folder / PREVIOUS).rename(output)
        shutil.rmtree(folder)


def check(sources: Sources, output: Path, omissions: Omissions | None = None) -> list[str]:
    """The stale, edited, missing and left-over files, relative to ``output``; ``omissions`` as for ``generate``."""
    with (
        tempfile.TemporaryDirectory() as parent,
        generated_in_temp_dir(sources, Path(parent, "output"), omissions or Omissions()) as generated,
    ):
        return differences(generated, output)


def differences(expected: Path, actual: Path) -> list[str]:
    """The relative paths of files that only one of two folders has, or that differ in a byte."""
    names = {path.relative_to(folder) for folder in (expected, actual) for path in _files(folder)}
    return sorted(str(name) for name in names if not _is_same_file(expected / name, actual / name))


def _is_same_file(first: Path, second: Path) -> bool:
    """Whether both are regular files with the same bytes and the same executable bits."""
    if not all(path.is_file() and not path.is_symlink() for path in (first, second)):
        return False
    executable = [path.stat().st_mode & 0o111 for path in (first, second)]
    return executable[0] == executable[1] and filecmp.cmp(first, second, shallow=False)


def _files(folder: Path) -> Iterator[Path]:
    paths = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return (path for path in paths if "__pycache__" not in path.parts)


def _reject_foreign_files(output: Path, generated: Path) -> None:
    """Reject files that the replacement would delete, and that no earlier run can have written."""
    expected = {path.relative_to(generated) for path in _files(generated)}
    paths = [path for path in output.rglob("*") if path.is_symlink() or not path.is_dir()]
    foreign = [path for path in paths if path.relative_to(output) not in expected and not _is_generated(path)]
    if foreign:
        raise PipelineError(
            f"{output}: contains {min(foreign).relative_to(output)}, which `make generate` did not write and would "
            "delete: name another folder with --output, or remove it."
        )


def _is_generated(path: Path) -> bool:
    """Whether an earlier run, or Python, has written the file."""
    if path.is_symlink() or not path.is_file():
        return False
    if path.parent.name == "__pycache__":
        return path.suffix == ".pyc"
    with path.open("rb") as file:
        return path.suffix == ".py" and file.readline() == GENERATED.encode()


@contextlib.contextmanager
def generated_in_temp_dir(sources: Sources, output: Path, omissions: Omissions) -> Generator[Path]:
    """What the sources give, in a folder beside ``output`` that lasts as long as the context."""
    with (
        contextlib.ExitStack() as at_exit,
        tempfile.TemporaryDirectory(prefix=_temporary_prefix(output), dir=output.parent) as temporary,
    ):
        # A contract is many small objects without cycles: looking for cycles would take a sixth of the time.
        gc.disable()
        at_exit.callback(gc.enable)
        folder = Path(temporary) / "generated"
        folder.mkdir()
        document, reading = read_effective_contract(sources)
        contract = reading.contract
        omissions.warnings += reading.warnings
        unused = remove_unused_media_types(contract, document)
        omissions.unused += [f"{path_to(location)}: {reason}" for location, reason in unused]
        package = folder / _package(sources)
        while errors := (
            (parsed := parse(contract, sources.settings, package)).errors(contract)
            or run_generator(contract, parsed, package, templates=sources.templates, runtime=sources.runtime)
        ):
            omissions.apply(sources.effective, contract, errors, document)
            contract = yaml_io.to_plain(document)
            validate(sources.effective, contract)
            shutil.rmtree(package, ignore_errors=True)
        omissions.widened += [str(error) for error in parsed.widened]
        write_effective_contract(sources, document, contract, omissions, folder / "openapi.yaml")
        page = render_page(contract, package, sources.client, sources.templates)
        (folder / "llms.txt").write_text(page, encoding="utf-8", newline="\n")
        (folder / "README.md").write_text(_README.format(package=package.name), encoding="utf-8", newline="\n")
        yield folder


def _package(sources: Sources) -> str:
    """The name of the generated package."""
    return str(read_settings(sources.settings).package_name_override)


def read_effective_contract(sources: Sources) -> tuple[Any, Reading]:
    """The published contract with the overlay applied, as OpenAPI 3.1: with its comments, and as plain data."""
    document = yaml_io.read(sources.contract)
    published = yaml_io.to_plain(document)
    actions = yaml_io.read(sources.overlay)
    try:
        try:
            overlay.apply(actions, document)
        except PipelineError as problem:
            raise PipelineError(f"{sources.overlay}: {problem}") from problem
        effective = read_contract(sources.effective, document)
    except PipelineError:
        # Only now, because it takes long. If this one is invalid already, that is what to report.
        read_contract(str(sources.contract), published)
        raise
    return document, effective


def write_effective_contract(
    sources: Sources, document: Any, contract: Any, omissions: Omissions, target: Path
) -> None:
    """Write the effective contract, after a comment that records its sources and what was left out."""
    version = " ".join(contract["info"]["version"].split())
    record = {
        "generator": f"openapi-python-client {__version__}",
        "published contract": f"version {version}, SHA-256 {_sha256(sources.contract)}",
        "overlay": f"SHA-256 {_sha256(sources.overlay)}",
    }
    lines = ["The EFFECTIVE contract: the published contract with the overlay applied. Generated: do not edit."]
    lines += [f"  {name}: {value}" for name, value in record.items()]
    if omissions.summary:
        lines += [f"  without what the client does not support: {omissions.summary}"]
        lines += [f"    {escape(line)}" for line in (*omissions.operations, *omissions.parts)]
    if omissions.unused:
        lines += [f"  without {len(omissions.unused)} media types that the client does not use:"]
        lines += [f"    {escape(line)}" for line in omissions.unused]
    comment = "\n".join(lines)
    # JSON has neither comments nor style to keep.
    text = "" if yaml_io.is_json(sources.contract) else yaml_io.dump(document, comment)
    if not yaml_io.is_written(contract, text):  # nor can ruamel.yaml write every string
        text = yaml_io.render(contract, comment)
    target.write_text(text, encoding="utf-8", newline="\n")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
