"""The contract as a document, which is walked by JSON pointers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


class ContractError(ValueError):
    """The contract cannot be served.

    Attributes:
        message: What is wrong, in one line.
        pointer: Where, as a JSON pointer in a URI fragment (RFC 6901 §6); empty if the file as a whole is wrong.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message, pointer)
        self.message = message
        self.pointer = pointer

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.pointer else self.message


class Problems:
    """What is wrong with a contract that can be served all the same.

    Args:
        strict: Whether the first problem is raised.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self._errors: dict[str, ContractError] = {}
        self._strict = strict

    @property
    def errors(self) -> list[ContractError]:
        """The problems that were reported."""
        return list(self._errors.values())

    def report(self, error: ContractError) -> None:
        """Add a problem, once; raises it if the contract must have none."""
        if self._strict:
            raise error
        self._errors.setdefault(str(error), error)


def pointer_to(start: str, *tokens: str | int) -> str:
    """The JSON pointer ``start``, extended by tokens (RFC 6901 §3)."""
    for token in map(str, tokens):
        start = f"{start}/{token.replace('~', '~0').replace('/', '~1') if '~' in token or '/' in token else token}"
    return start


def json_type(value: Json) -> str:
    """The JSON Schema type of a value."""
    return "null" if value is None else _JSON_TYPES[type(value)]


@dataclass(frozen=True, slots=True)
class Node:
    """A value in the contract, and its JSON pointer.

    Attributes:
        value: The JSON value.
        pointer: Where it is, as a URI fragment.
        root: The whole document.
    """

    value: Json
    pointer: str
    root: Json = field(repr=False)
    _targets: dict[str, Node] = field(default_factory=dict[str, "Node"], repr=False, compare=False)

    @property
    def key(self) -> str:
        """The last token of the pointer."""
        return self.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")

    def error(self, message: str) -> ContractError:
        """The error to raise for this node."""
        return ContractError(message, self.pointer)

    def child(self, key: str | int) -> Node:
        """The existing member or element ``key``; a reference is not followed."""
        return Node(cast(Any, self.value)[key], pointer_to(self.pointer, key), self.root, self._targets)

    def get(self, key: str) -> Node | None:
        """The dereferenced member ``key``, or ``None`` if missing."""
        return self.child(key).dereference() if key in self.object() else None

    def members(self) -> Iterator[tuple[str, Node]]:
        """The dereferenced members of a map. Its keys are names, even if they begin with ``x-``."""
        return ((key, self.child(key).dereference()) for key in self.object())

    def elements(self) -> Iterator[Node]:
        """The dereferenced elements of an array."""
        if not isinstance(self.value, list):
            raise self.error(f"must be of type array, not {json_type(self.value)}")
        return (self.child(index).dereference() for index in range(len(self.value)))

    def object(self) -> dict[str, Json]:
        """The value, which must be an object."""
        if not isinstance(self.value, dict):
            raise self.error(f"must be of type object, not {json_type(self.value)}")
        return self.value

    def require_known_fields(self, *fields: str) -> Node:
        """The object itself; raises ``ContractError`` for a field that is neither known nor an extension."""
        for key in self.object():
            if key not in fields and not key.startswith("x-"):
                raise self.child(key).error(f"{key!r} is not a field that OpenAPI 3.1 allows here")
        return self

    def text(self, key: str, default: str | None = None) -> str:
        """The string ``key``, required unless there is a default."""
        value = self.object().get(key, default)
        if not isinstance(value, str):
            raise self.error(f"must have a string {key!r}")
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """The boolean ``key``."""
        value = self.object().get(key, default)
        if not isinstance(value, bool):
            raise self.child(key).error(f"must be of type boolean, not {json_type(value)}")
        return value

    def dereference(self) -> Node:
        """The node itself, or the end of the chain of references that starts here."""
        node, seen = self, {self.pointer}
        while isinstance(node.value, dict) and "$ref" in node.value:
            node = node.reference_target()
            if node.pointer in seen:
                raise self.error("is a circular reference")
            seen.add(node.pointer)
        return node

    def reference_target(self) -> Node:
        """The node that ``$ref`` names (RFC 6901 §6)."""
        ref = self.object()["$ref"]
        if not isinstance(ref, str) or not ref.startswith("#"):
            raise self.error(f"reference {ref!r}: only references within the document ('#/…') are supported")
        if ref not in self._targets:
            before, *tokens = unquote(ref[1:]).split("/")
            if before or not tokens:
                raise self.error(f"reference {ref!r}: is not a JSON pointer to a part of the document")
            self._targets[ref] = self._resolve(tokens, f"reference {ref!r}")
        return self._targets[ref]

    def in_document(self, root: Json) -> Node:
        """The node with the same pointer in a document of the same structure."""
        return Node(root, "#", root)._resolve(self.pointer.split("/")[1:], "pointer")

    def _resolve(self, tokens: list[str], name: str) -> Node:
        node = Node(self.root, "#", self.root, self._targets)
        for token in tokens:
            key = token.replace("~1", "/").replace("~0", "~")
            if isinstance(node.value, dict) and key in node.value:
                node = node.child(key)
            elif isinstance(node.value, list) and re.fullmatch("0|[1-9][0-9]{0,8}", key) and int(key) < len(node.value):
                node = node.child(int(key))
            else:
                raise self.error(f"{name}: nothing is at {node.pointer}/{token}")
        return node
