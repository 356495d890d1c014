"""What commands are made from: the operations of a contract, and the client that calls them."""

from __future__ import annotations

import inspect
from collections import Counter
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, get_type_hints

from playbook3d_api._operations import CONTRACT
from playbook3d_api.api import Operations
from playbook3d_client import AsyncPlaybookClient

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from types import ModuleType

    from playbook3d_api._runtime import Contract, Operation, Parse, RequestArguments


class Api(NamedTuple):
    """An API as the command line sees it.

    Attributes:
        client: The async client, which makes the calls.
        operations: The generated class with an attribute for each tag, blocking, which describes and validates.
        contract: The operations as data.
    """

    client: type[Any]
    operations: type[Any]
    contract: Contract

    def method(self, operation: Operation) -> Any:
        """The bound method of an operation, which validates its arguments and sends nothing."""
        attributes = {"_call": staticmethod(_accept), "_call_raw": staticmethod(_accept)}
        return self.method_of(type("Validator", (self.operations,), attributes)(), operation)

    def method_of(self, client: Any, operation: Operation) -> Any:
        """The method of a client that calls an operation; reserved names of tags and operations have an underscore."""
        tag: object = getattr(client, operation.tag if hasattr(self.operations, operation.tag) else f"{operation.tag}_")
        is_reserved = isinstance(getattr(tag.__class__, operation.name, None), property)
        return getattr(tag, f"{operation.name}_" if is_reserved else operation.name)

    def parameters(self, operation: Operation) -> Iterable[inspect.Parameter]:
        """The parameters of an operation; those of its path are not keyword-only."""
        return inspect.signature(self.method(operation)).parameters.values()

    def hints(self, operation: Operation) -> dict[str, Any]:
        """The type of each parameter. The methods have them as texts only; this imports the endpoint module."""
        endpoint: Any = import_module(f"{self.contract.package}.{operation.tag}.{operation.name}")
        return get_type_hints(endpoint.sync_detailed)

    @property
    def types(self) -> ModuleType:
        """The module of the generated package with its ``Unset`` and ``File``."""
        return import_module(f"{self.contract.package.rpartition('.')[0]}.types")


PLAYBOOK = Api(AsyncPlaybookClient, Operations, CONTRACT)


def _accept(operation: Operation, arguments: RequestArguments, parse: Parse) -> None:
    """Takes the place of a client's call: what comes this far is valid."""


def command_names(operations: Collection[Operation], subcommands: Collection[str]) -> dict[str, Operation]:
    """The operation of each command.

    The name is that of the operation. If a subcommand or an operation of another tag has it, too, it is
    ``tag-operation``; a number follows if that is taken as well.
    """
    counts = Counter(_kebab(operation.name) for operation in operations)
    counts.update([*subcommands])
    names: dict[str, Operation] = {}
    for operation in operations:
        name = _kebab(operation.name)
        if counts[name] > 1:
            name = long_name = f"{_kebab(operation.tag)}-{name}"
            number = 2
            while name in counts or name in names:
                name, number = f"{long_name}-{number}", number + 1
        names[name] = operation
    return names


def _kebab(name: str) -> str:
    return name.strip("_").replace("_", "-")
