"""The contract as the mock reads it: walking a document, and refusing what is not understood.

The mock answers from the contract alone, so a contract that it would have to guess at, or to ignore in
part, is refused when the mock starts, with the JSON pointer of the place. Refused here and in the modules
that read the single parts:

- anything but an OpenAPI 3.1 document (no Swagger 2.0, 3.0 or 3.2), and fields that OpenAPI 3.1 does not have;
- external, unresolvable and circular references; a path item with a reference and fields beside it;
- schemas that are not valid JSON Schema 2020-12, that move their base (`$id`, anchors, dynamic references,
  another dialect), or that say `nullable`, which OpenAPI 3.1 no longer has;
- security schemes other than HTTP bearer and apiKey, unknown scheme names, roles;
- parameters described by `content`, styles other than `form` (query, cookie) and `simple` (path, header),
  objects, arrays of anything but one simple type, schemas that name no type, `allowEmptyValue`, header
  parameters named Accept, Content-Type or Authorization, which OpenAPI ignores;
- path templates and path parameters that do not match each other, or templates that cannot be told apart;
- request bodies other than JSON and application/octet-stream; media types with parameters but charset=utf-8;
- operations without a success to answer with; 1xx responses; content in 204, 205 and 304 responses;
- examples that break their schema, or drift from it, and schemas for which no valid example can be found;
- required response headers without an example.

Webhooks, callbacks, links and descriptions shape no reply, and are left unread. The mock serves every path at
its root, and below the path of each server that the contract names: where a client sends to, and where it does
if it is given the mock's own URL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class ContractError(ValueError):
    """The contract cannot be served: `message` says why, `pointer` (a JSON pointer, RFC 6901) where.

    `pointer` is a URI fragment ("#/paths/…"), or empty where the fault is in the file as a whole.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message, pointer)
        self.message = message
        self.pointer = pointer

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.pointer else self.message


def pointer_to(start: str, *way: str | int) -> str:
    """A JSON pointer from another, and the members and elements on the way from there (RFC 6901 §3)."""
    return "/".join([start, *(str(token).replace("~", "~0").replace("/", "~1") for token in way)])


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the contract: what stands there, and its JSON pointer."""

    value: Json
    pointer: str
    root: Json = field(repr=False)

    @property
    def key(self) -> str:
        """The last token of the pointer: the name under which this stands where it is declared."""
        return self.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")

    def error(self, message: str) -> ContractError:
        """The refusal of this place."""
        return ContractError(message, self.pointer)

    def child(self, key: str | int) -> Node:
        """The member or element `key`, which is there; a reference is not followed."""
        return Node(cast(Any, self.value)[key], pointer_to(self.pointer, key), self.root)

    def get(self, key: str) -> Node | None:
        """The member `key`, with a Reference Object replaced by what it names; None where there is none."""
        return self.child(key).follow() if key in self.object() else None

    def members(self) -> Iterator[tuple[str, Node]]:
        """The members of an object whose author named them (so that `x-…` is no extension), references followed."""
        return ((key, self.child(key).follow()) for key in self.object())

    def elements(self) -> Iterator[Node]:
        """The elements of an array, references followed."""
        if not isinstance(self.value, list):
            raise self.error(f"must be an array, not {_kind(self.value)}")
        return (self.child(index).follow() for index in range(len(self.value)))

    def object(self) -> dict[str, Json]:
        """What stands here, which must be an object."""
        if not isinstance(self.value, dict):
            raise self.error(f"must be an object, not {_kind(self.value)}")
        return self.value

    def only(self, *fields: str) -> Node:
        """The object that stands here, which may have these fields and extensions, and no others."""
        for key in self.object():
            if key not in fields and not key.startswith("x-"):
                raise self.child(key).error(f"{key!r} is no field that OpenAPI 3.1 has here")
        return self

    def text(self, key: str, default: str | None = None) -> str:
        """The string `key`, required unless a default is given."""
        value = self.object().get(key, default)
        if not isinstance(value, str):
            raise self.error(f"must have a string {key!r}")
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """The boolean `key`."""
        value = self.object().get(key, default)
        if not isinstance(value, bool):
            raise self.child(key).error(f"must be true or false, not {_kind(value)}")
        return value

    def follow(self) -> Node:
        """What this place means: itself, or what the Reference Object that stands here names in the end."""
        node, seen = self, {self.pointer}
        while isinstance(node.value, dict) and "$ref" in node.value:
            node = node.target()
            if node.pointer in seen:
                raise self.error("this reference leads back to itself")
            seen.add(node.pointer)
        return node

    def target(self) -> Node:
        """The place that the `$ref` here names (RFC 6901 §6: a JSON pointer as a URI fragment)."""
        ref = self.object()["$ref"]
        if not isinstance(ref, str) or not ref.startswith("#"):
            raise self.error(f"reference {ref!r}: only references within the document ('#/…') are supported")
        node = Node(self.root, "#", self.root)
        tokens = unquote(ref[1:]).split("/")
        if tokens[0] or len(tokens) == 1:
            raise self.error(f"reference {ref!r}: is not a JSON pointer to a part of the document")
        for token in tokens[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            if isinstance(node.value, dict) and key in node.value:
                node = node.child(key)
            elif isinstance(node.value, list) and re.fullmatch("0|[1-9][0-9]{0,8}", key) and int(key) < len(node.value):
                node = node.child(int(key))
            else:
                raise self.error(f"reference {ref!r}: there is nothing at {node.pointer}/{token}")
        return node


def _kind(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    return {int: "a number", float: "a number", str: "a string", list: "an array", dict: "an object"}[type(value)]
