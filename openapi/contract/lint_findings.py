"""What the rules of ``make lint`` share: findings, the operations of a contract, and overlay actions.

A rule takes a plain, valid contract and yields findings. Where an action can serve operations to come, its target is a
wildcard. A value that only a person can know is a placeholder, which the action's description names.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from contract.operations import METHODS
from contract.pointers import dereference

Action = dict[str, Any]
Location = tuple[str | int, ...]
Contract = Mapping[str, Any]


class Finding(NamedTuple):
    """What misleads a user, where it is, and the overlay actions against it, to be applied in this order."""

    location: Location
    why: str
    actions: tuple[Action, ...]


Rule = Callable[[Contract], Iterator[Finding]]


class Operation(NamedTuple):
    """An operation, its location, and its path item."""

    location: Location
    item: Contract
    fields: Contract


def iterate_operations(contract: Contract) -> Iterator[Operation]:
    """The operations of a contract, in its order."""
    for path, item in contract.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield Operation(("paths", path, method), item, item[method])


def update(target: str, description: str, value: Any) -> Action:
    """An overlay action that merges ``value`` into its targets."""
    return {"target": target, "description": description, "update": value}


def remove(target: str, description: str) -> Action:
    """An overlay action that removes its targets."""
    return {"target": target, "description": description, "remove": True}


def quote(text: str) -> str:
    """A JSONPath string literal in single quotes (RFC 9535 §2.3.1.1)."""
    return "'" + json.dumps(text)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def path_to(location: Location) -> str:
    """The JSONPath of one location."""
    parts = (f"[{part}]" if isinstance(part, int) else _member(part) for part in location)
    return "$" + "".join(parts)


def _member(name: str) -> str:
    return f".{name}" if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else f"[{quote(name)}]"


def parameters_of(contract: Contract, operation: Operation) -> Iterator[tuple[Location, Any, Any]]:
    """The parameters of an operation and its path item: location, as declared, dereferenced."""
    location, item, fields = operation
    for where, owner in ((location[:-1], item), (location, fields)):
        for index, declared in enumerate(owner.get("parameters", ())):
            yield (*where, "parameters", index), declared, dereference(contract, declared)


def security_of(contract: Contract, operation: Operation) -> list[Contract]:
    """The effective security requirements of an operation."""
    security: list[Contract] = operation.fields.get("security", contract.get("security", []))
    return security


def operation_path(operation: Operation) -> str:
    """A JSONPath of one operation: by its operationId, which survives a renamed path."""
    name = operation.fields.get("operationId")
    return f"$.paths[*][?@.operationId == {quote(name)}]" if name else path_to(operation.location)
