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
    """An operation, its contract and its path item."""

    contract: Contract
    location: Location
    item: Contract
    fields: Contract

    @property
    def path(self) -> str:
        """The path template."""
        return str(self.location[1])

    @property
    def method(self) -> str:
        """The method, in lower case."""
        return str(self.location[2])

    @property
    def responses(self) -> Mapping[str, Any]:
        """The responses by status, as declared."""
        return dict(self.fields.get("responses", {}))

    @property
    def security(self) -> list[Contract]:
        """The effective security requirements."""
        return list(self.fields.get("security", self.contract.get("security", ())))

    @property
    def servers(self) -> tuple[Location, list[Contract]]:
        """The effective servers, and the location of what declares them; the root's if nothing does."""
        levels = {self.location: self.fields, self.location[:-1]: self.item}
        owner = next((where for where, level in levels.items() if level.get("servers")), ())
        return owner, list(levels.get(owner, self.contract).get("servers", ()))

    @property
    def parameters(self) -> Iterator[tuple[Location, Any, Any]]:
        """The parameters, those of the path item included: location, as declared, dereferenced."""
        for where, owner in ((self.location[:-1], self.item), (self.location, self.fields)):
            for index, declared in enumerate(owner.get("parameters", ())):
                yield (*where, "parameters", index), declared, dereference(self.contract, declared)

    @property
    def selector(self) -> str:
        """A JSONPath of this operation: by its operationId, which survives a renamed path."""
        name = self.fields.get("operationId")
        return f"$.paths[*][?@.operationId == {quote(name)}]" if name else path_to(self.location)


def iterate_operations(contract: Contract) -> Iterator[Operation]:
    """The operations of a contract, in its order."""
    for path, item in contract.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield Operation(contract, ("paths", path, method), item, item[method])


def components(contract: Contract, section: str) -> Mapping[str, Any]:
    """The components of one type, by name."""
    return dict(contract.get("components", {}).get(section, {}))


def snake_case(name: str) -> str:
    """A name in the form that the generator gives it, nearly."""
    return "_".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^\W_A-Z]+", name)).lower()


def unique(name: str, names: set[str]) -> str:
    """A name that is not among the names, added to them: the name itself, or with a number."""
    candidates = (f"{name}{number or ''}" for number in (0, *range(2, len(names) + 3)))
    own = next(candidate for candidate in candidates if candidate not in names)
    names.add(own)
    return own


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
