"""JSON pointers and references: the one place of the pipeline that follows them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeGuard
from urllib.parse import unquote

Location = tuple[str | int, ...]


def is_object(node: object) -> TypeGuard[dict[str, Any]]:
    """Whether a node of a document is a JSON object."""
    return isinstance(node, dict)


def is_array(node: object) -> TypeGuard[list[Any]]:
    """Whether a node of a document is a JSON array."""
    return isinstance(node, list)


def pointer(location: Iterable[object]) -> str:
    """The JSON pointer of a location, as a URI fragment without percent-encoding (RFC 6901 §6)."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def dereference(document: Any, node: Any) -> Any:
    """``node``, or the target of its references; ``LookupError`` if they are circular or unresolvable."""
    seen: set[str] = set()
    while is_object(node) and "$ref" in node:
        reference = node["$ref"]
        if reference in seen:
            raise LookupError(reference)
        seen.add(reference)
        node = reference_target(document, reference)
    return node


def reference_target(document: Any, reference: str) -> Any:
    """The target of a local reference (RFC 6901 §6); ``LookupError`` if it does not exist."""
    node = document
    for key in reference_location(reference):
        node = node[int(key) if is_array(node) and key.isdecimal() else key]
    return node


def reference_location(reference: str) -> tuple[str, ...]:
    """The location to which a local reference points; ``LookupError`` if it is not local."""
    if not re.match(r"#(/|$)", reference):
        raise LookupError(reference)
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in unquote(reference).split("/")[1:])


def at(document: Any, location: Location) -> Any:
    """The node at a location."""
    for part in location:
        document = document[part]
    return document


def resolve(document: Any, location: Location) -> Location:
    """The location, or that of the target if a reference is there."""
    node = at(document, location)
    return resolve(document, reference_location(node["$ref"])) if is_object(node) and "$ref" in node else location


def needed_locations(document: Any, node: Any) -> list[tuple[str, ...]]:
    """The locations that a node refers to, directly or through others; the nearest first."""
    needed: dict[str, None] = {}
    nodes = [node]
    for each in nodes:
        new = [reference for reference in _iterate_references(each) if reference not in needed]
        needed |= dict.fromkeys(new)
        nodes += [reference_target(document, reference) for reference in dict.fromkeys(new)]
    return [reference_location(reference) for reference in needed]


def _iterate_references(node: Any) -> Iterator[str]:
    if is_object(node):
        if isinstance(reference := node.get("$ref"), str):
            yield reference
        for value in node.values():
            yield from _iterate_references(value)
    elif is_array(node):
        for value in node:
            yield from _iterate_references(value)
