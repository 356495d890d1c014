"""Documentation pages → ``openapi/pages/`` and the published contract.

Nothing is written before every page was read, understood and merged.
"""

import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from contract.download import Document, Downloads, Limits, decode, download, is_url
from contract.errors import PipelineError
from contract.merge import to_contract
from contract.pages import Fence, find_fence, read_page
from contract.replacement import locked, replace_files
from contract.sources import Targets

INDEX = "https://docs.playbook3d.com/llms.txt"
_LIMITS = Limits()
# How the temporary folder beside the contract is called.
_TEMPORARY = ".refresh-"


class Refresh(NamedTuple):
    """What a refresh changes, and what a person should know about it."""

    texts: dict[Path, str | None]  # of the files that change; None removes one
    report: list[str]
    skipped: int
    warnings: list[str]


def refresh(origins: Iterable[str], targets: Targets, *, keep: bool = False, check: bool = False) -> Refresh:
    """Write what the pages at the origins (URLs, folders, files) give, all or nothing.

    ``keep`` keeps pages that the origins no longer have; ``check`` writes nothing. Raises ``PipelineError`` if a page
    cannot be read or understood, or if pages contradict one another.
    """
    found = _read_origins(origins)
    if check:
        return _plan(found, targets, keep=keep)
    folder = targets.contract.parent
    with locked(folder):
        for leftover in folder.glob(_TEMPORARY + "*"):  # of a refresh that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        planned = _plan(found, targets, keep=keep)
        if planned.texts:
            targets.pages.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=_TEMPORARY, dir=folder) as temporary:
                replace_files(planned.texts, Path(temporary))
    return planned


def _plan(found: Downloads, targets: Targets, *, keep: bool) -> Refresh:
    fences = [(document, find_fence(document.origin, document.text)) for document in found.documents]
    carriers = [(document, fence) for document, fence in fences if fence is not None]
    skipped = len(fences) - len(carriers)
    if not carriers:
        hint = " ".join(["It is a fence with a header such as `yaml post /path`.", *found.warnings])
        raise PipelineError(f"None of the {skipped} pages carries a contract. {hint}")
    names = _file_names([document for document, _ in carriers])
    pages = {name: read_page(fence) for name, (_, fence) in zip(names, carriers, strict=True)}
    texts: dict[Path, str | None] = {
        targets.pages / name: document.text for name, (document, _) in zip(names, carriers, strict=True)
    }
    carried_by = {page.fence.route: name for name, page in pages.items()}
    reasons: dict[Path, str] = {}
    for path, fence in _existing_fences(targets.pages, set(pages)):
        if fence.route in carried_by:
            reasons[path] = f"removed: {fence.operation} has moved to {carried_by[fence.route]}"
        elif keep:
            pages[path.name] = read_page(fence)
        else:
            reasons[path] = f"removed: no page carries {fence.operation} any more (KEEP=1 keeps it)"
    folder = Path(os.path.relpath(targets.pages, targets.contract.parent)).as_posix()
    contract = to_contract(pages, folder)
    texts |= dict.fromkeys(reasons) | {targets.contract: contract.text}
    present = {path: path.read_bytes() if path.exists() else None for path in texts}
    changed = {path: text for path, text in texts.items() if text is None or text.encode() != present[path]}
    report = [f"{path}: {reasons.get(path) or ('new' if present[path] is None else 'changed')}" for path in changed]
    return Refresh(changed, sorted(report), skipped, [*found.warnings, *contract.warnings])


def _read_origins(origins: Iterable[str]) -> Downloads:
    """The pages of all origins, each once."""
    documents: dict[str, Document] = {}
    warnings: list[str] = []
    for origin in origins:
        found = _download(origin) if is_url(origin) else Downloads(_read_files(Path(origin)), [])
        documents |= {document.origin: document for document in found.documents}
        warnings += found.warnings
    return Downloads([*documents.values()], warnings)


def _download(url: str) -> Downloads:
    if not sys.stderr.isatty():
        return download(url, _LIMITS, lambda _done, _total: None)
    try:
        return download(url, _LIMITS, _show_progress)
    finally:
        print(file=sys.stderr)


def _show_progress(done: int, total: int) -> None:
    """Rewrite the line of the terminal."""
    bar = "#" * (30 * done // total)
    print(f"\r[{bar:<30}] {done} of {total} pages", end="", file=sys.stderr, flush=True)


def _read_files(origin: Path) -> list[Document]:
    paths = _pages_below(origin) if origin.is_dir() else [origin]
    base = origin if origin.is_dir() else origin.parent
    if len(paths) > _LIMITS.pages:
        raise PipelineError(f"{origin}: has {len(paths):,} pages; at most {_LIMITS.pages:,} are read.")
    documents: list[Document] = []
    for path in paths:
        if path.exists() and not path.is_file():  # a pipe would be read until somebody writes to it
            raise PipelineError(f"{path}: not a file.")
        with path.open("rb") as file:
            content = file.read(_LIMITS.page_bytes + 1)
        if len(content) > _LIMITS.page_bytes:
            raise PipelineError(f"{path}: more than {_LIMITS.page_bytes:,} bytes.")
        documents.append(Document(str(path), path.relative_to(base).as_posix(), decode(str(path), content)))
    return documents


def _pages_below(folder: Path) -> list[Path]:
    """The pages in a folder and those below; ``OSError`` if one of them cannot be read: its pages have not vanished."""

    def fail(error: OSError) -> None:
        raise error

    return sorted(
        Path(parent, name)
        for parent, _, names in os.walk(folder, onerror=fail)
        for name in names
        if name.endswith(".md")
    )


def _file_names(documents: list[Document]) -> list[str]:
    """A file name for each page: the last part of its path, or the whole path where pages share the last part."""
    short = [_file_name(document.path.rpartition("/")[2]) for document in documents]
    count = Counter(name.lower() for name in short)
    pages: dict[str, Document] = {}
    names: list[str] = []
    for name, document in zip(short, documents, strict=True):
        names.append(name if count[name.lower()] == 1 else _file_name(document.path))
        other = pages.setdefault(names[-1].lower(), document)  # on many systems, capitals make no other file name
        if other is not document:
            raise PipelineError(f"{other.origin} and {document.origin} would both be saved as {names[-1]}.")
    return names


def _file_name(path: str) -> str:
    """A name of limited length without separators, leading dots, or anything that a shell treats specially."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", path.removesuffix(".md"))[-200:].lstrip(".-")
    return f"{stem or 'page'}.md"


def _existing_fences(folder: Path, replaced: set[str]) -> Iterable[tuple[Path, Fence]]:
    """The pages in a folder that carry a contract, without those that are replaced."""
    for path in sorted(folder.glob("*.md")):
        if path.name not in replaced and (fence := find_fence(str(path), decode(str(path), path.read_bytes()))):
            yield path, fence
