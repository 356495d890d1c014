"""Merges the documents of several pages into one contract, which does not depend on the order of the pages.

Each operation means in the merged contract what it means on its page; pages that contradict one another are an error.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from contract.errors import PipelineError
from contract.operations import METHODS
from contract.pages import Page
from contract.pointers import is_array, is_object, pointer
from contract.yaml_io import is_written, render

# What the rest of a document depends on: the same on all pages.
_SHARED = ("openapi", "jsonSchemaDialect")
# What an operation inherits from its document.
_INHERITED = ("servers", "security")
_MERGED = (*_SHARED, "info", *_INHERITED, "tags", "paths")


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
    fences = {name: page.fence for name, page in pages.items()}
    order = sorted(pages, key=lambda name: (fences[name].path, METHODS.index(fences[name].method), name))
    ordered = [pages[name] for name in order]
    document = _merge(ordered)
    text = render(document, f"Merged from the {len(pages)} pages in {folder}/ by `make refresh`: do not edit.")
    if not is_written(document, text):
        raise PipelineError("A string of the pages cannot be written as YAML: it has control characters.")
    return Contract(text, list(_info_warnings(ordered)))


def _merge(pages: Sequence[Page]) -> dict[str, Any]:
    union = _Union()
    for page in pages:
        for field in _SHARED:
            union.add((field,), page.document.get(field), page)
        if "servers" in page.item:  # which those of the other operations of the path may differ from
            page.operation.setdefault("servers", page.item.pop("servers"))
    shared = ("openapi", "info", "jsonSchemaDialect")
    merged = {field: pages[0].document[field] for field in shared if field in pages[0].document}
    for field in _INHERITED:
        _share_or_push_down(field, pages, merged)
    if tags := _merge_tags(pages):
        merged["tags"] = tags
    merged["paths"] = _merge_paths(pages)
    for location, node in sorted(_merge_others(pages).nodes(), key=lambda entry: entry[0]):
        parent = merged
        for part in location[:-1]:
            parent = parent.setdefault(part, {})
        parent[location[-1]] = node
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

    def nodes(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        for location, (node, _, _) in self._nodes.items():
            yield location, node


def _share_or_push_down(field: str, pages: Sequence[Page], merged: dict[str, Any]) -> None:
    """Put a field into the merged document if all pages agree, otherwise into each operation that inherits it."""
    if len({_canonical(page.document.get(field) or []) for page in pages}) == 1:
        values = [page.document[field] for page in pages if field in page.document]
        if values:
            merged[field] = values[0]
        return
    for page in pages:
        if inherited := page.document.get(field):
            page.operation.setdefault(field, inherited)


def _merge_tags(pages: Sequence[Page]) -> list[Any]:
    union = _Union()
    for page in pages:
        tags = page.document.get("tags", [])
        if not is_array(tags):
            raise PipelineError(f"{page.fence.page}: #/tags is not an array.")
        for tag in tags:
            union.add(("tags", str(tag.get("name")) if is_object(tag) else _canonical(tag)), tag, page)
    return [tag for _, tag in union.nodes()]


def _merge_paths(pages: Sequence[Page]) -> dict[str, Any]:
    union, paths = _Union(), dict[str, Any]()
    routes: dict[tuple[str, str], Page] = {}
    ids: dict[str, Page] = {}
    for page in pages:
        path, method = page.fence.path, page.fence.method
        other = routes.setdefault(page.fence.route, page)
        if other.fence.path != path:
            raise _conflict(other, page, f"name the path parameters of {other.fence.operation} differently")
        union.add(("paths", path, method), page.operation, page)
        operation_id = page.operation.get("operationId")
        other = ids.setdefault(operation_id, page) if isinstance(operation_id, str) else page
        if other.fence.route != page.fence.route:
            raise _conflict(other, page, f"have two operations with the operationId {operation_id}")
        for key, item in page.document["paths"].items():
            common = {name: node for name, node in item.items() if name not in METHODS} if is_object(item) else item
            union.add(("paths", key), common, page)
            paths.setdefault(key, common)
        paths[path][method] = page.operation
    return dict(sorted(paths.items()))


def _merge_others(pages: Sequence[Page]) -> _Union:
    """The components, and the fields that are left."""
    union = _Union()
    for page in pages:
        for field, value in page.document.items():
            if field == "components":
                _add_components(union, value or {}, page)
            elif field not in _MERGED:
                union.add((field,), value, page)
    return union


def _add_components(union: _Union, components: Any, page: Page) -> None:
    if not is_object(components):
        raise PipelineError(f"{page.fence.page}: #/components is not an object.")
    for section, entries in components.items():
        if not is_object(entries):
            raise PipelineError(f"{page.fence.page}: {pointer(('components', section))} is not an object.")
        for name, entry in entries.items():
            union.add(("components", section, name), entry, page)


def _info_warnings(pages: Sequence[Page]) -> Iterator[str]:
    first = pages[0]
    others = [page for page in pages if page.document.get("info") != first.document.get("info")]
    if others:
        yield (
            f"{first.fence.page} and {others[0].fence.page} differ in #/info ({len(others)} of {len(pages)} pages do): "
            "the contract has that of the former."
        )


def _conflict(first: Page, second: Page, problem: str) -> PipelineError:
    pages = f"{first.fence.page} and {second.fence.page}"
    one_line = " ".join(problem.split())  # it quotes the pages
    return PipelineError(f"{pages} {one_line}: name one of them in FROM, or correct one in a folder.")


def _canonical(node: Any) -> str:
    """The node as JSON: unlike Python, it tells true from 1."""
    return json.dumps(node, sort_keys=True)
