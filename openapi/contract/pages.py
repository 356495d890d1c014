"""Reads the contract out of documentation pages.

A page carries its contract in a fenced block whose header is ``yaml post /path`` or ``json openapi.json GET /path``.
"""

# ruamel.yaml declares few of its types.
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from ruamel.yaml.comments import CommentedMap

from contract import yaml_io
from contract.errors import PipelineError
from contract.operations import METHODS
from contract.pointers import is_object, pointer

# In the order in which the OpenAPI specification lists them.
_FORMATS = ("yaml", "yml", "json")
_FENCE = re.compile(r"^ {0,3}(?:`{4,}|~{4,}) *(?:yaml|yml|json)\b", re.MULTILINE | re.IGNORECASE)


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
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path)


class Page(NamedTuple):
    """A page's fence, and its document."""

    fence: Fence
    document: CommentedMap

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
    return _FENCE.search(text) is not None


def find_fence(page: str, text: str) -> Fence | None:
    """The fence with the contract of a page, or None if it has none; ``page`` is its name in messages.

    Raises ``PipelineError`` if there are several, or if the header is not understood.
    """
    tokens = MarkdownIt("commonmark").disable("inline").parse(text)
    lines = text.splitlines()
    fences: list[Fence] = []
    for token in tokens:
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
    """The format, method and path of a fence's header, or None if the fence is an example or a code sample."""
    first, *words = header.split() or [""]
    language = first.lower()
    names_operation = len(words) > 1 and words[-2].lower() in METHODS and words[-1].startswith("/")
    is_contract = is_long and language in _FORMATS and (words or re.match(r"(openapi|paths)\s*:", text))
    if not names_operation and not is_contract:
        return None
    shown = f"{where}: the fence header {_shorten(header)!r}"
    if language not in _FORMATS:
        raise PipelineError(f"{shown} names the format {first}: only YAML and JSON are read.")
    if remote := next((word for word in words if "://" in word), None):
        raise PipelineError(
            f"{shown} names a remote contract file: download {_shorten(remote)}, and replace the contract by hand."
        )
    if len(words) > 1 and words[-2].lower() == "webhook":
        raise PipelineError(f"{shown} names a webhook, which no client calls: remove the page from FROM.")
    if not names_operation or len(words) > 3:
        raise PipelineError(
            f"{shown} is not understood: it must be a format (yaml, json), optionally a file, a method and a path."
        )
    return "json" if language == "json" else "yaml", words[-2].lower(), words[-1]


def read_page(fence: Fence) -> Page:
    """The document in a fence; ``PipelineError`` if it is not an OpenAPI document with the operation of the header."""
    where = f"{fence.page}, line {fence.line}"
    if fence.format == "json":
        _reject_invalid_json(fence)
    # Blank lines for the lines before the fence: messages then name the line of the page.
    document = yaml_io.parse("\n" * fence.line + fence.text, fence.page)
    paths = document.get("paths")
    if "openapi" not in document:
        if is_object(paths) and {"path", "method"} & paths.keys():
            raise PipelineError(
                f"{where}: the document is in the old normalised dialect (paths: with path: and method:), not OpenAPI: "
                "fetch the page's present version."
            )
        raise PipelineError(f"{where}: not an OpenAPI document: it has no field openapi.")
    item = paths.get(fence.path) if is_object(paths) else None
    operation = item.get(fence.method) if is_object(item) else None
    if not is_object(paths) or not is_object(item) or not is_object(operation):
        location = pointer(["paths", fence.path, fence.method])
        raise PipelineError(f"{where}: the header names {fence.operation}, but the document has no {location}.")
    others = [f"{method.upper()} {path}" for path, method in _operations(paths) if paths[path][method] is not operation]
    if others:
        raise PipelineError(f"{where}: the document has {others[0]}, too, which the header does not name.")
    return Page(fence, document)


def _reject_invalid_json(fence: Fence) -> None:
    def constant(name: str) -> None:
        raise PipelineError(f"{fence.page}, line {fence.line}: {name} is not a number in JSON.")

    try:
        json.loads(fence.text, parse_constant=constant)
    except json.JSONDecodeError as error:
        line = fence.line + error.lineno
        raise PipelineError(f"{fence.page}, line {line}, column {error.colno}: not JSON: {error.msg}.") from error
    except RecursionError as error:
        raise PipelineError(f"{fence.page}, line {fence.line}: nested too deeply to be read.") from error


def _operations(paths: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for path, item in paths.items():
        if is_object(item):
            yield from ((path, method) for method in METHODS if method in item)


def _shorten(text: str) -> str:
    return text if len(text) <= 100 else text[:100] + "…"
