"""Reads the contract out of documentation pages.

A page carries its contract in a fenced block whose header is ``yaml post /path`` or ``json openapi.json GET /path``.
"""

import contextlib
import json
import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from ruamel.yaml.comments import CommentedMap

from contract import json_io, yaml_io
from contract.errors import PipelineError
from contract.operations import METHODS, normalize_path
from contract.pointers import is_object, pointer

_FORMATS = ("yaml", "yml", "json")
_MARKDOWN = MarkdownIt("commonmark").disable("inline")
_FENCE = re.compile(r"^[ \t>*+-]*(?:`{3,}|~{3,}) *(?:yaml|yml|json)\b", re.MULTILINE | re.IGNORECASE)
# The start of a contract in YAML or JSON: its first field, after comments and a document marker.
_CONTRACT = re.compile(
    r"""(?:[\s{]|#.*|---)*+["']?(?:openapi|swagger|info|servers|security|tags|paths|webhooks|components|x-[^\s:"']+)["']?\s*:"""
)


class Fence(NamedTuple):
    """The contract that a page carries, as text."""

    page: str
    line: int
    format: str
    method: str
    path: str
    text: str

    @property
    def operation(self) -> str:
        """The method and the path that the header names."""
        return f"{self.method.upper()} {self.path}"

    @property
    def route(self) -> tuple[str, str]:
        """The operation, whatever its path parameters are called: a contract has each route once."""
        return self.method, normalize_path(self.path)


class Page(NamedTuple):
    """A page's fence, and its document: as plain data, and with the positions of its nodes in the page."""

    fence: Fence
    document: dict[str, Any]
    positioned: CommentedMap

    @property
    def item(self) -> Any:
        """The path item of the page's operation."""
        return self.document["paths"][self.fence.path]

    @property
    def operation(self) -> Any:
        """The operation that the header names."""
        return self.item[self.fence.method]


def is_page(text: str) -> bool:
    """Whether a text that should be a contract is a page that carries one."""
    return not _CONTRACT.match(text) and _FENCE.search(text) is not None


def reject_page(contract: Path) -> None:
    """Reject a page where a contract is expected; a file that cannot be read is not judged."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if contract.suffix == ".md" or is_page(contract.read_text(encoding="utf-8")):
            raise PipelineError(f"{contract}: this is a page: make refresh FROM={shlex.quote(str(contract))}")


def find_fence(page: str, text: str) -> Fence | None:
    """The fence with the contract of a page, or None if it has none; ``page`` is its name in messages.

    Raises ``PipelineError`` if there are several, or if the header is not understood.
    """
    text = re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff"))
    lines = text.split("\n")
    fences: list[Fence] = []
    for token in _MARKDOWN.parse(text):
        if token.type != "fence" or token.map is None:
            continue
        start, end = token.map
        where = f"{page}, line {start + 1}"
        header = _parse_header(where, token.info, token.content, is_long=len(token.markup) > 3)
        if header is None:
            continue
        if end - start < 2 or not lines[end - 1].rstrip().endswith(token.markup):
            raise PipelineError(f"{where}: the fence is not closed: the page is incomplete.")
        fences.append(Fence(page, start + 1, *header, token.content))
    if len(fences) > 1:
        raise PipelineError(f"{page}: two contracts, in lines {fences[0].line} and {fences[1].line}: split the page.")
    return fences[0] if fences else None


def _parse_header(where: str, header: str, text: str, *, is_long: bool) -> tuple[str, str, str] | None:
    """The format, method and path of a fence's header, or None if the fence is an example or a code sample.

    A fence of three backticks is a sample, whatever its header, unless a contract is in it.
    """
    language, *words = header.split() or [""]
    format_ = language.lower()
    is_contract = _CONTRACT.match(text) is not None
    names_operation = any(method.lower() in METHODS and path.startswith("/") for method, path in pairwise(words))
    if is_long and not (names_operation or is_contract or (format_ in _FORMATS and words)):
        return None
    if not is_long and not (names_operation and is_contract):
        return None
    *files, method, path = ["", "", *words]
    shown = f"{where}: the fence header {_shorten(header)!r}"
    if remote := next((word for word in (files if path.startswith("/") else words) if "//" in word), None):
        raise PipelineError(
            f"{shown} names a remote contract file: download {_shorten(remote)}, and replace the contract by hand."
        )
    if "webhook" in map(str.lower, words):
        raise PipelineError(f"{shown} names a webhook, which no client calls: name the other pages in FROM.")
    if method.lower() not in METHODS or not path.startswith("/") or len(words) > 3:
        raise PipelineError(
            f"{shown} is not understood: it must be a format (yaml, json), optionally a file, a method and a path."
        )
    if format_ not in _FORMATS:
        raise PipelineError(f"{shown} names the format {language}: only YAML and JSON are read.")
    return "json" if format_ == "json" else "yaml", method.lower(), path


def read_page(fence: Fence) -> Page:
    """The document in a fence; ``PipelineError`` if it is not an OpenAPI document with the operation of the header."""
    where = f"{fence.page}, line {fence.line}"
    # Blank lines for the lines before the fence: messages then name the line of the page.
    text = "\n" * fence.line + fence.text
    parse = json_io.parse if fence.format == "json" else yaml_io.parse
    positioned = parse(text, fence.page)
    document: dict[str, Any] = yaml_io.to_plain(positioned)
    try:
        json.dumps(document)
    except (TypeError, ValueError) as error:
        raise PipelineError(f"{where}: a value that JSON cannot hold: {error}.") from error
    paths: Any = document.get("paths")
    if "openapi" not in document:
        if is_object(paths) and {"path", "method"} & paths.keys():
            raise PipelineError(
                f"{where}: the document is in the old normalised dialect (paths: with path: and method:), not OpenAPI: "
                "fetch the page's present version."
            )
        raise PipelineError(f"{where}: not an OpenAPI document: it has no field openapi.")
    item = paths.get(fence.path) if is_object(paths) else None
    operation = item.get(fence.method) if is_object(item) else None
    if not is_object(operation):
        location = pointer(["paths", fence.path, fence.method])
        raise PipelineError(f"{where}: the header names {fence.operation}, but the document has no {location}.")
    for path, item in paths.items():
        for method in METHODS if is_object(item) else ():
            if method in item and item[method] is not operation:
                raise PipelineError(
                    f"{where}: the document has {method.upper()} {path}, too, which the header does not name."
                )
    return Page(fence, document, positioned)


def _shorten(text: str) -> str:
    return text if len(text) <= 100 else text[:100] + "…"
