"""References within a contract."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote


def dereference(document: Mapping[str, Any], node: Any) -> Any:
    """``node``, or what its local reference leads to (RFC 6901 §6)."""
    while isinstance(node, Mapping) and "$ref" in node:
        node = reference_target(document, node["$ref"])
    return node


def reference_target(document: Mapping[str, Any], reference: str) -> Any:
    """What a local reference leads to."""
    node: Any = document
    for token in unquote(reference).split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        node = node[int(key) if isinstance(node, list) else key]
    return node
