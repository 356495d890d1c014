"""What the rules of ``make lint`` share: findings and their overlay actions.

A rule takes a plain, valid contract and yields findings. Where an action can serve operations to come, its target is a
wildcard. A value that only a person can know is a placeholder, which the action's description names.
"""

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from contract import overlay
from contract.operations import Contract, Operation
from contract.overlay_actions import Action, path_to, quote, to_overlay
from contract.pointers import Location


class Finding(NamedTuple):
    """What misleads a user, where it is, and the overlay actions against it, to be applied in this order."""

    location: Location
    why: str
    actions: tuple[Action, ...]


Rule = Callable[[Contract], Iterator[Finding]]


def selector(operation: Operation) -> str:
    """A JSONPath of an operation: by its operationId, which survives a renamed path."""
    name = operation.fields.get("operationId")
    return f"$.paths[*][?@.operationId == {quote(name)}]" if name else path_to(operation.location)


def components(contract: Contract, section: str) -> Mapping[str, Any]:
    """The components of one type, by name."""
    return dict(contract.get("components", {}).get(section, {}))


def snake_case(name: str) -> str:
    """A name in the form that the generator gives it, nearly."""
    return "_".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^\W_A-Z]+", name)).lower()


def effective_actions(contract: Contract, actions: Iterable[Action]) -> Iterator[Action]:
    """The actions that change something when their turn comes."""
    document = deepcopy(contract)
    for action in actions:
        before = json.dumps(document)
        with contextlib.suppress(overlay.UnmatchedActionError):
            overlay.apply(to_overlay([action]), document)
        if json.dumps(document) != before:
            yield action
