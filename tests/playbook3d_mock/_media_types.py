"""Media types: how they compare, and which the contract declares for a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playbook3d_mock._request import is_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playbook3d_mock._document import Node


def essence(media_type: str) -> str:
    """Type and subtype, in lower case, without parameters (RFC 9110 §8.3.1)."""
    return media_type.partition(";")[0].strip(" \t").lower()


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON, by its name or its suffix (RFC 6839 §3.1)."""
    return essence(media_type) == "application/json" or essence(media_type).endswith("+json")


def read_content(content: Node) -> Iterator[Node]:
    """The Media Type Objects of a ``content``; raises ``ContractError`` for ranges and for parameters."""
    for key in content.object():
        node = content.child(key)
        name, _, parameters = key.partition(";")
        type_, slash, subtype = name.partition("/")
        if "*" in name or not (slash and is_token(type_) and is_token(subtype)):
            raise node.error(f"{key!r} is not a single media type")
        if parameters and parameters.strip().lower() != "charset=utf-8":
            raise node.error(f"{key!r}: media types with parameters are not supported")
        yield node.require_known_fields("schema", "example", "examples", "encoding")
