"""``readOnly`` and ``writeOnly`` as their authors mean them: a model does not require what one direction lacks."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from contract.nodes import iterate_nodes
from contract.operations import iterate_operations
from contract.pointers import is_array, is_object, reference_target


def without_one_way_requirements(contract: Any) -> Any:
    """A plain, valid contract whose requests do not require ``readOnly`` properties, nor responses ``writeOnly`` ones.

    A schema of both directions requires neither. A contract without such properties is returned as it is.
    """
    if not any(node.is_schema and {"readOnly", "writeOnly"} & node.value.keys() for node in iterate_nodes(contract)):
        return contract
    contract = deepcopy(contract)
    operations = list(iterate_operations(contract))
    lacking = {
        "readOnly": _reachable(contract, [operation.fields.get("requestBody") for operation in operations]),
        "writeOnly": _reachable(contract, [operation.responses for operation in operations]),
    }
    for node in iterate_nodes(contract):
        keywords = [keyword for keyword, reachable in lacking.items() if id(node.value) in reachable]
        if node.is_schema and keywords:
            _drop_requirements(contract, node.value, keywords)
    return contract


def _reachable(contract: Any, roots: list[Any]) -> set[int]:
    """The identities of the objects in these nodes, and in those that they refer to."""
    pending, seen = list(roots), set[int]()
    while pending:
        node = pending.pop()
        if is_array(node):
            pending += node
        elif is_object(node) and id(node) not in seen:
            seen.add(id(node))
            pending += node.values()
            if isinstance(node.get("$ref"), str):
                pending.append(reference_target(contract, node["$ref"]))
    return seen


def _drop_requirements(contract: Any, schema: Any, keywords: list[str]) -> None:
    properties = [entry for part in _parts(contract, schema) for entry in part.get("properties", {}).items()]
    names = {name for name, own in properties if any(_has(contract, own, keyword) for keyword in keywords)}
    for part in _parts(None, schema) if names else ():
        if "required" in part:
            part["required"] = [name for name in part["required"] if name not in names]


def _parts(contract: Any, schema: Any, *, unions: bool = True) -> Iterator[Any]:
    """A schema, and those that it combines in place; the targets of references, too, if there is a contract."""
    if not is_object(schema):
        return
    yield schema
    combined = [*schema.get("allOf", ())]
    if unions:
        combined += [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if contract is not None and "$ref" in schema:
        combined.append(reference_target(contract, schema["$ref"]))
    for part in combined:
        yield from _parts(contract, part, unions=unions)


def _has(contract: Any, schema: Any, keyword: str) -> bool:
    """Whether a keyword is true of a property's schema, or of one that it includes."""
    return any(part.get(keyword) is True for part in _parts(contract, schema, unions=False))
