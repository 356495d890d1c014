"""The contract as requests read it, and as responses do.

OpenAPI 3.1 takes ``readOnly`` and ``writeOnly`` from JSON Schema, as annotations; this is what their authors mean:

| keyword | in a request | in a response |
| --- | --- | --- |
| ``readOnly`` | not required; judged by its schema if it is sent | as declared |
| ``writeOnly`` | as declared | not allowed, not required |
"""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from typing import TYPE_CHECKING, Any, cast

from playbook3d_mock._document import ContractError, Node
from playbook3d_mock._schemas import all_schemas, branches, properties

if TYPE_CHECKING:
    from collections.abc import Iterator


def request_view(root: Node) -> Node:
    """The contract without the requirement of ``readOnly`` properties; the same node if it has none."""
    return _view(root, "readOnly", allowed=True)


def response_view(root: Node) -> Node:
    """The contract without ``writeOnly`` properties; the same node if it has none."""
    return _view(root, "writeOnly", allowed=False)


def _view(root: Node, keyword: str, *, allowed: bool) -> Node:
    schemas = list(all_schemas(root))
    if not any(keyword in schema.object() for schema in schemas):
        return root
    document = deepcopy(root.value)
    for schema in schemas:
        with suppress(ContractError):  # an invalid schema is reported by its reader
            names = {name for name, node in properties(schema).items() if _has(node, keyword)}
            for part in _inline_parts(schema) if names else ():
                members = part.in_document(document).object()
                if isinstance(required := members.get("required"), list):
                    members["required"] = [name for name in required if name not in names]
                declared = cast(Any, members.get("properties", {}))
                for name in () if allowed else names & declared.keys():
                    declared[name] = False
    return Node(document, root.pointer, document)


def _inline_parts(schema: Node) -> Iterator[Node]:
    """A schema and those that it combines in place."""
    if isinstance(schema.value, dict):
        yield schema
        for branch in branches(schema, "allOf", "anyOf", "oneOf"):
            yield from _inline_parts(branch)


def _has(schema: Node, keyword: str, seen: tuple[str, ...] = ()) -> bool:
    """Whether a keyword is true in a schema, or in one that it refers to or includes."""
    if not isinstance(schema.value, dict) or schema.pointer in seen:
        return False
    included = [schema.reference_target()] if "$ref" in schema.value else []
    included += branches(schema, "allOf")
    return schema.value.get(keyword) is True or any(_has(part, keyword, (*seen, schema.pointer)) for part in included)
