"""JSON pointers and references: the one place of the pipeline that follows them."""

import re
from collections.abc import Iterable
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
    if not re.match(r"#(/|$)", reference):
        raise LookupError(reference)
    node = document
    for part in unquote(reference).split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        node = node[int(key) if is_array(node) and key.isdecimal() else key]
    return node
