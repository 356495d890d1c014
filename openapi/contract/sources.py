"""The sources of ``generated/``, and a record that spares the generator a run when none of them has changed."""

import contextlib
import errno
import hashlib
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Sources(NamedTuple):
    """The source files of ``generated/``."""

    contract: Path = ROOT / "openapi" / "playbook.yaml"
    overlay: Path = ROOT / "overrides" / "overlay.yaml"
    settings: Path = ROOT / "overrides" / "generator.yaml"
    templates: Path = ROOT / "overrides" / "templates"
    runtime: Path = ROOT / "overrides" / "runtime.py"
    client: Path = ROOT / "overrides" / "playbook3d_client"

    @property
    def effective(self) -> str:
        """What messages call the effective contract."""
        return f"{self.contract} with {self.overlay.name} applied"


class Targets(NamedTuple):
    """What a refresh writes."""

    pages: Path = ROOT / "openapi" / "pages"
    contract: Path = ROOT / "openapi" / "playbook.yaml"


def fingerprint(sources: Sources) -> str:
    """A digest of all that goes into the output: the sources, the pipeline, and the installed packages.

    It is taken before a run, during which a source may change. Empty if a source cannot be read.
    """
    installed = sorted(f"{each.name}=={each.version}" for each in distributions())
    with contextlib.suppress(OSError):
        return _digest("\n".join([sys.version, *installed]), *sources, Path(__file__).parent)
    return ""


def is_recorded(before: str, output: Path) -> bool:
    """Whether the last run made this output of what has this fingerprint."""
    with contextlib.suppress(OSError, ValueError):
        return _record(output).read_text(encoding="ascii") == _digest(before, output)
    return False


def record(before: str, output: Path) -> None:
    """Remember of what the output was made. ``--check`` does not look at it."""
    _record(output).write_text(_digest(before, output), encoding="ascii")


def _record(output: Path) -> Path:
    return output.with_name(f".{output.name.lstrip('.')}.record")


def _digest(start: str, *paths: Path) -> str:
    digest = hashlib.sha256(start.encode())
    for path in _files(paths):
        content = path.read_bytes()
        digest.update(f"\n{path} {path.stat().st_mode} {len(content)}\n".encode(errors="surrogateescape") + content)
    return digest.hexdigest()


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files in the paths; raises ``OSError`` for what is neither file nor folder, and could block its reader."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            yield from _files(sorted(child for child in path.iterdir() if child.name != "__pycache__"))
        elif path.is_file():
            yield path
        else:
            raise OSError(errno.EINVAL, "Not a file", str(path))
