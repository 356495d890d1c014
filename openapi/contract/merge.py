"""Merges the documents of several pages into one contract, which does not depend on the order of the pages.

Each operation means in the merged contract what it means on its page; pages that contradict one another are an error.
"""

# ruamel.yaml declares few of its types.
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from contract import yaml_io
from contract.errors import PipelineError
from contract.operations import METHODS
from contract.pages import Page
from contract.pointers import is_array, is_object, pointer

# What the rest of a document depends on: the same on all pages.
_SHARED = ("openapi", "jsonSchemaDialect")
# What an operation inherits from its document.
_INHERITED = ("servers", "security")
_MERGED = (*_SHARED, "info", *_INHERITED, "tags", "paths", "components")


class Contract(NamedTuple):
    """The published contract as text, and what a person should know about it."""

    text: str
    warnings: list[str]


def to_contract(pages: Mapping[str, Page], folder: str) -> Contract:
    """The published contract that pages give, by file name; ``folder`` is where the contract says that they are.

    One page's document is copied word for word. Raises ``PipelineError`` if pages contradict one another.
    """
    if len(pages) == 1:
        [(name, page)] = pages.items()
        source = f"# Source: {folder}/{name} (the document in its fence, word for word)."
        return Contract(f"{source}\n{page.fence.text}", [])
    ordered = [pages[name] for name in sorted(pages, key=lambda name: (*_position(pages[name]), name))]
    document = _merge(ordered)
    comment = f"Merged from the {len(pages)} pages in {folder}/ by `make refresh`: do not edit."
    return Contract(_dump(document, comment), list(_info_warnings(ordered)))


def _position(page: Page) -> tuple[str, int]:
    return page.fence.path, METHODS.index(page.fence.method)


def _merge(pages: Sequence[Page]) -> CommentedMap:
    first = pages[0]
    for page in pages:
        for field in _SHARED:
            if not _is_same(first.document.get(field), page.document.get(field)):
                raise _conflict(first, page, f"have another {field}")
    merged = CommentedMap()
    for field in ("openapi", "info", "jsonSchemaDialect"):
        if field in first.document:
            merged[field] = first.document[field]
    for field in _INHERITED:
        _share_or_push_down(field, pages, merged)
    if tags := _merge_tags(pages):
        merged["tags"] = tags
    merged["paths"] = _merge_paths(pages)
    if components := _merge_components(pages):
        merged["components"] = components
    others = _Union()
    for page in pages:
        for field, value in page.document.items():
            if field not in _MERGED:
                others.add((field,), value, page)
    for (field,), value in others.values():
        merged[field] = value
    return merged


class _Union:
    """Nodes by location: the same location must have the same node on all pages."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[str, ...], tuple[Any, str, Page]] = {}

    def add(self, location: tuple[str, ...], node: Any, page: Page) -> None:
        canonical = _canonical(node)
        _, expected, other = self._nodes.setdefault(location, (node, canonical, page))
        if canonical != expected:
            raise _conflict(other, page, f"differ in {pointer(location)}")

    def values(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        for location, (node, _, _) in self._nodes.items():
            yield location, node


def _share_or_push_down(field: str, pages: Sequence[Page], merged: CommentedMap) -> None:
    """Put a field into the merged document if all pages agree, otherwise into each operation that inherits it."""
    if len({_canonical(page.document.get(field) or []) for page in pages}) == 1:
        values = [page.document[field] for page in pages if field in page.document]
        if values:
            merged[field] = values[0]
        return
    for page in pages:
        inherited = page.document.get(field)
        if inherited and field not in page.operation and not (field == "servers" and field in page.item):
            page.operation[field] = inherited


def _merge_tags(pages: Sequence[Page]) -> list[Any]:
    union = _Union()
    for page in pages:
        tags = page.document.get("tags", [])
        if not is_array(tags):
            raise PipelineError(f"{page.fence.page}: #/tags is not an array.")
        for tag in tags:
            union.add(("tags", str(tag.get("name")) if is_object(tag) else _canonical(tag)), tag, page)
    return [tag for _, tag in union.values()]


def _merge_paths(pages: Sequence[Page]) -> CommentedMap:
    paths, union = CommentedMap(), _Union()
    routes: dict[tuple[str, str], Page] = {}
    ids: dict[str, Page] = {}
    for page in pages:
        path, method = page.fence.path, page.fence.method
        operation_id = page.operation.get("operationId")
        route = routes.setdefault(page.fence.route, page)
        if route.fence.path != path:
            raise _conflict(route, page, f"name the path parameters of {route.fence.operation} differently")
        union.add(("paths", path, method), page.operation, page)
        if (
            isinstance(operation_id, str)
            and (other := ids.setdefault(operation_id, page)).fence.route != route.fence.route
        ):
            raise _conflict(other, page, f"have two operations with the operationId {operation_id}")
        common = CommentedMap((key, value) for key, value in page.item.items() if key not in METHODS)
        union.add(("paths", path), common, page)
        paths.setdefault(path, common)[method] = page.operation
    return paths


def _merge_components(pages: Sequence[Page]) -> CommentedMap:
    union = _Union()
    for page in pages:
        components = page.document.get("components") or {}
        if not is_object(components):
            raise PipelineError(f"{page.fence.page}: #/components is not an object.")
        for section, entries in components.items():
            if not is_object(entries):
                raise PipelineError(f"{page.fence.page}: {pointer(('components', section))} is not an object.")
            for name, entry in entries.items():
                union.add(("components", section, name), entry, page)
    merged = CommentedMap()
    for (_, section, name), entry in sorted(union.values(), key=lambda item: item[0]):
        merged.setdefault(section, CommentedMap())[name] = entry
    return merged


def _info_warnings(pages: Sequence[Page]) -> Iterator[str]:
    first = pages[0]
    others = [page for page in pages if not _is_same(first.document.get("info"), page.document.get("info"))]
    if others:
        yield (
            f"{first.fence.page} and {others[0].fence.page} differ in #/info ({len(others)} of {len(pages)} pages do): "
            "the contract has that of the former."
        )


def _conflict(first: Page, second: Page, problem: str) -> PipelineError:
    return PipelineError(
        f"{first.fence.page} and {second.fence.page} {problem}: name one of them in FROM, or correct one in a folder."
    )


def _is_same(first: Any, second: Any) -> bool:
    return _canonical(first) == _canonical(second)


def _canonical(node: Any) -> str:
    """The node as JSON: unlike Python, it tells true from 1."""
    return json.dumps(yaml_io.to_plain(node), sort_keys=True)


def _dump(document: CommentedMap, comment: str) -> str:
    _write_as_block(document)
    text = yaml_io.dump(document, comment)
    if not yaml_io.is_written(yaml_io.to_plain(document), text):
        raise PipelineError("A string of the pages cannot be written as YAML: it has control characters.")
    return text


def _write_as_block(node: Any) -> None:
    """Write JSON, and what YAML writes in its way, as the rest of the contract."""
    if isinstance(node, (CommentedMap, CommentedSeq)) and node:
        node.fa.set_block_style()
    for child in node.values() if is_object(node) else node if is_array(node) else ():
        _write_as_block(child)
