"""The operations of a contract: one view of them for all readers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from contract.pointers import Location, dereference, needed_locations

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
Contract = Mapping[str, Any]


def normalize_path(path: str) -> str:
    """A path template without the names of its parameters: two operations differ in more than these names."""
    return re.sub(r"\{[^}]*\}", "{}", path)


class Operation(NamedTuple):
    """An operation of a plain, valid contract, with its path item."""

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
    def route(self) -> tuple[str, str]:
        """The method and the normal path: a contract has each route once."""
        return self.method, normalize_path(self.path)

    @property
    def endpoint(self) -> str:
        """Method and path, as messages name it."""
        return f"{self.method.upper()} {self.path}"

    @property
    def is_idempotent(self) -> bool:
        """Whether the client may repeat it: by its method (RFC 9110 §9.2.2), or by the mark ``x-idempotent``."""
        return self.method not in ("post", "patch") or self.fields.get("x-idempotent") is True

    @property
    def is_deprecated(self) -> bool:
        """Whether the contract says that it is to be avoided."""
        return self.fields.get("deprecated") is True

    @property
    def parameters(self) -> Iterator[tuple[Location, Any, Any]]:
        """The parameters, those of the path item included: location, as declared, dereferenced."""
        for location, owner in ((self.location[:-1], self.item), (self.location, self.fields)):
            for index, declared in enumerate(owner.get("parameters", ())):
                yield (*location, "parameters", index), declared, dereference(self.contract, declared)

    @property
    def responses(self) -> Mapping[str, Any]:
        """The responses by status, as declared."""
        return dict(self.fields.get("responses", {}))

    @property
    def security(self) -> list[Contract]:
        """The security requirements in force."""
        return list(self.fields.get("security", self.contract.get("security", ())))

    @property
    def servers(self) -> tuple[Location, list[Contract]]:
        """The servers in force, and the location of what declares them; the root's if nothing does."""
        for location, owner in ((self.location, self.fields), (self.location[:-1], self.item)):
            if owner.get("servers"):
                return location, list(owner["servers"])
        return (), list(self.contract.get("servers", ()))

    @property
    def label(self) -> str:
        """What people call it: its method and path."""
        return f"{self.method.upper()} {self.path}"

    @property
    def needs(self) -> list[tuple[str, ...]]:
        """The locations that it refers to, directly or through others; the nearest first."""
        return needed_locations(self.contract, [self.fields, self.item.get("parameters", [])])


def iterate_operations(contract: Contract) -> Iterator[Operation]:
    """The operations of a contract, in its order."""
    for path, item in contract.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield Operation(contract, ("paths", path, method), item, item[method])


def server_url(server: Contract) -> str:
    """The URL of a Server Object, each variable at its default."""
    url: str = server["url"]
    for name, variable in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", variable["default"])
    return url


def select(contract: Contract, operations: Iterable[Operation]) -> Contract:
    """A contract of these operations alone, with the components that they need."""
    chosen = list(operations)
    needed = {location[:3] for operation in chosen for location in operation.needs}
    components: dict[str, Any] = dict(contract.get("components", {}))
    for section in {location[1] for location in needed} | {"schemas", "parameters", "requestBodies", "responses"}:
        members = components.get(section, {})
        components[section] = {key: value for key, value in members.items() if ("components", section, key) in needed}
    paths: dict[str, dict[str, Any]] = {}
    for operation in chosen:
        shared = {key: value for key, value in operation.item.items() if key not in METHODS}
        paths.setdefault(operation.path, shared)[operation.method] = operation.fields
    return {**contract, "paths": paths, "components": components}
