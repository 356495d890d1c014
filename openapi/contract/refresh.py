"""Documentation pages → ``openapi/pages/`` and the published contract.

Nothing is written before every page was read, understood and merged.
"""

import contextlib
import os
import re
import shlex
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from contract.download import Document, Downloads, Limits, decode, download, is_url
from contract.errors import PipelineError
from contract.merge import to_contract
from contract.pages import Fence, find_fence, is_page, read_page

ROOT = Path(__file__).resolve().parents[2]
INDEX = "https://docs.playbook3d.com/llms.txt"
DEFAULT_LIMITS = Limits()


class Targets(NamedTuple):
    """What a refresh writes."""

    pages: Path = ROOT / "openapi" / "pages"
    contract: Path = ROOT / "openapi" / "playbook.yaml"


class Refresh(NamedTuple):
    """What a refresh would change, and what a person should know about it."""

    writes: dict[Path, str]
    removals: dict[Path, str]  # and the reason
    skipped: int
    warnings: list[str]

    @property
    def report(self) -> list[str]:
        """One line for each file that changes."""
        changes = [(path, "changed" if path.exists() else "new") for path in self.writes]
        return [f"{path}: {change}" for path, change in sorted([*changes, *self.removals.items()])]


def plan(origins: Iterable[str], targets: Targets, *, keep: bool = False, limits: Limits = DEFAULT_LIMITS) -> Refresh:
    """Read the pages at the origins (URLs, folders, files), and compare what they give with the targets.

    ``keep`` keeps pages that the origins no longer have. Raises ``PipelineError`` if a page cannot be read or
    understood, or if pages contradict one another.
    """
    found = _read_origins(origins, limits)
    fences = [(document, find_fence(document.origin, document.text)) for document in found.documents]
    carriers = [(document, fence) for document, fence in fences if fence is not None]
    skipped = len(fences) - len(carriers)
    if not carriers:
        raise PipelineError(f"None of the {skipped} pages carries a contract. Nothing was changed.")
    names = _file_names([document for document, _ in carriers])
    pages = {name: read_page(fence) for name, (_, fence) in zip(names, carriers, strict=True)}
    texts = {name: document.text for name, (document, _) in zip(names, carriers, strict=True)}
    carried_by = {page.fence.route: name for name, page in pages.items()}
    removals: dict[Path, str] = {}
    for path, fence in _existing_fences(targets.pages, set(pages)):
        if fence.route in carried_by:
            removals[path] = f"removed: {fence.operation} has moved to {carried_by[fence.route]}"
        elif keep:
            pages[path.name] = read_page(fence)
        else:
            removals[path] = f"removed: no page carries {fence.operation} any more (KEEP=1 keeps it)"
    folder = Path(os.path.relpath(targets.pages, targets.contract.parent)).as_posix()
    contract = to_contract(pages, folder)
    written = {targets.pages / name: text for name, text in texts.items()} | {targets.contract: contract.text}
    writes = {path: text for path, text in written.items() if _present_bytes(path) != text.encode()}
    return Refresh(writes, removals, skipped, [*found.warnings, *contract.warnings])


def write(refresh: Refresh, targets: Targets) -> None:
    """Write what was planned: all files beside their targets first, then each in its place, without interruption."""
    for folder in {path.parent for path in refresh.writes}:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".refresh-", dir=targets.contract.parent) as temporary:
        staged = {Path(temporary, str(number)): path for number, path in enumerate(refresh.writes)}
        for staging, path in staged.items():
            staging.write_bytes(refresh.writes[path].encode())
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        try:
            for staging, path in staged.items():
                staging.replace(path)
            for path in refresh.removals:
                path.unlink(missing_ok=True)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def reject_page(contract: Path) -> None:
    """Reject a page where a contract is expected; a file that cannot be read is not judged."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if is_page(contract.read_text(encoding="utf-8")):
            raise PipelineError(f"{contract}: this is a page: make refresh FROM={shlex.quote(str(contract))}")


def _read_origins(origins: Iterable[str], limits: Limits) -> Downloads:
    documents: list[Document] = []
    warnings: list[str] = []
    for origin in origins:
        if is_url(origin):
            progress = _show_progress if sys.stderr.isatty() else _show_nothing
            downloads = download(origin, limits, progress)
            documents += downloads.documents
            warnings += downloads.warnings
        else:
            documents += _read_files(Path(origin), limits)
    return Downloads(documents, warnings)


def _show_nothing(done: int, total: int) -> None:
    """Show no progress: standard error is not a terminal."""


def _show_progress(done: int, total: int) -> None:
    """Rewrite the line of the terminal."""
    bar = "#" * (30 * done // total)
    print(f"\r[{bar:<30}] {done} of {total} pages", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _read_files(origin: Path, limits: Limits) -> list[Document]:
    paths = sorted(origin.rglob("*.md")) if origin.is_dir() else [origin]
    base = origin if origin.is_dir() else origin.parent
    if len(paths) > limits.pages:
        raise PipelineError(f"{origin}: has {len(paths):,} pages; at most {limits.pages:,} are read.")
    documents: list[Document] = []
    for path in paths:
        try:
            with path.open("rb") as file:
                content = file.read(limits.page_bytes + 1)
        except OSError as error:
            raise PipelineError(f"{path}: {error.strerror}.") from error
        if len(content) > limits.page_bytes:
            raise PipelineError(f"{path}: more than {limits.page_bytes:,} bytes.")
        documents.append(Document(str(path), path.relative_to(base).as_posix(), decode(str(path), content)))
    return documents


def _file_names(documents: list[Document]) -> list[str]:
    """A file name for each page: the last part of its path, or the whole path where pages share the last part."""
    short = [_file_name(document.path.rpartition("/")[2]) for document in documents]
    count = Counter(name.lower() for name in short)
    names = [
        name if count[name.lower()] == 1 else _file_name(document.path)
        for name, document in zip(short, documents, strict=True)
    ]
    origins: dict[str, str] = {}
    for name, document in zip(names, documents, strict=True):
        if name.lower() in origins:  # on many systems, a file name in capitals is the same
            raise PipelineError(f"{origins[name.lower()]} and {document.origin} would both be saved as {name}.")
        origins[name.lower()] = document.origin
    return names


def _file_name(path: str) -> str:
    """A name without separators, leading dots, or anything that a file system or a shell treats specially."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", path.removesuffix(".md")).lstrip(".-")
    return f"{stem or 'page'}.md"


def _existing_fences(folder: Path, replaced: set[str]) -> Iterable[tuple[Path, Fence]]:
    """The pages in a folder that carry a contract, without those that are replaced."""
    for path in sorted(folder.glob("*.md")):
        if path.name not in replaced and (fence := find_fence(str(path), decode(str(path), path.read_bytes()))):
            yield path, fence


def _present_bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
