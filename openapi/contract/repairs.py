"""Corrects what is invalid in a contract, and can mean only one thing.

| found | read as |
| --- | --- |
| a value twice where it counts once: ``required``, ``enum``, ``type``, ``tags``, ``parameters`` | once |
| a field that is ``null``, a text or examples of another type | not given |
| a document without a title or a version, or with a number as its version | with one |
| a response without a description | with an empty one |
| an operation without responses | with any |
| a parameter or a header with neither ``schema`` nor ``content`` | a string |
| an operationId of two operations | that of the first; the other gets its name from its path |
| a path parameter that is not declared | a string |
| a default that breaks its schema | not given |
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from contract.errors import ContractWarning
from contract.nodes import Node, iterate_nodes
from contract.operations import METHODS, iterate_operations
from contract.pointers import is_array, is_object, pointer

_SETS, _SETS_OF_SCHEMAS = ("tags", "parameters"), ("required", "enum", "type")
_ANNOTATIONS = {"title": str, "summary": str, "description": str, "deprecated": bool}
# In these, null is a value.
_DATA = ("default", "example", "const", "value", "dataValue")


def repair(document: Any) -> Iterator[ContractWarning]:
    """Correct a document in place; a warning for each correction."""
    for node in iterate_nodes(document):
        yield from _remove_invalid_annotations(node)
        for key in _SETS_OF_SCHEMAS if node.is_schema else _SETS:
            yield from _remove_repeats(node, key)
        if not node.is_schema and "$ref" not in node.value:
            yield from _complete(node)


def _complete(node: Node) -> Iterator[ContractWarning]:
    """Add what an object lacks although it is required, if there is only one way."""
    fields, container = node.value, str(["", "", *node.location][-2])
    if not node.location:
        fields.setdefault("info", {})
    if node.location == ("info",):
        yield from _complete_info(node)
    if container == "responses" and "description" not in fields:
        fields["description"] = ""
        yield ContractWarning(node.location, "this response has no description; it is read with an empty one")
    is_value = container == "headers" or (container == "parameters" and "name" in fields)  # not one of a link
    if is_value and not {"schema", "content"} & fields.keys():
        fields["schema"] = {"type": "string"}
        yield ContractWarning(node.location, "this has neither schema nor content; it is read as a string")
    if container == "parameters" and fields.get("in") == "path" and fields.get("required") is not True:
        fields["required"] = True
        yield ContractWarning(node.location, "a path parameter is always required; it is read so")
    if _is_operation(node) and not fields.get("responses", True):
        del fields["responses"]  # an empty map means the same as none, and is invalid


def _complete_info(node: Node) -> Iterator[ContractWarning]:
    version = node.value.get("version")
    if isinstance(version, (int, float)) and not isinstance(version, bool):
        node.value["version"] = str(version)
        yield ContractWarning((*node.location, "version"), f"the version must be a string; it is read as {version}")
    for key, value in (("title", "API"), ("version", "0")):
        if key not in node.value:
            node.value[key] = value
            yield ContractWarning(node.location, f"the document has no {key}; it is read as {value}")


def _is_operation(node: Node) -> bool:
    return len(node.location) == 3 and node.location[0] == "paths" and node.location[2] in METHODS


def _remove_invalid_annotations(node: Node) -> Iterator[ContractWarning]:
    types = {**_ANNOTATIONS, "examples": list if node.is_schema else dict}
    for key, value in list(node.value.items()):
        if (value is None and key not in _DATA and not key.startswith("x-")) or not isinstance(
            value, types.get(key, object)
        ):
            del node.value[key]
            yield ContractWarning((*node.location, key), f"this {key} has the wrong type, and is ignored")


def _remove_repeats(node: Node, key: str) -> Iterator[ContractWarning]:
    if not is_array(items := node.value.get(key)):
        return
    identities = [json.dumps(_identity(key, item), sort_keys=True) for item in items]
    for index in reversed(range(len(items))):
        if identities[index] in identities[:index]:
            del items[index]
            yield ContractWarning((*node.location, key, index), f"{key} has this twice; the second is ignored")


def _identity(key: str, item: Any) -> Any:
    return item["name"] if key == "tags" and is_object(item) and "name" in item else item


def complete_operations(document: Any) -> Iterator[ContractWarning]:
    """Give each operation responses, and an operationId to one operation only; a warning for each change."""
    first: dict[Any, Node] = {}
    for node in iterate_nodes(document):
        if not _is_operation(node):
            continue
        if "responses" not in node.value:
            node.value["responses"] = {"default": {"description": ""}}
            yield ContractWarning(node.location, "this operation has no responses; it is read with any")
        operation_id = node.value.get("operationId")
        if isinstance(operation_id, str) and (other := first.setdefault(operation_id, node)) is not node:
            del node.value["operationId"]
            text = f"{operation_id} is that of {pointer(other.location)}, too; this operation is named by its path"
            yield ContractWarning((*node.location, "operationId"), text)


def declare_path_parameters(contract: Any) -> Iterator[ContractWarning]:
    """Declare the parameters that only the path of a valid contract names, in place; a warning for each."""
    for operation in iterate_operations(contract):
        declared = {parameter["name"] for _, _, parameter in operation.parameters if parameter["in"] == "path"}
        for name in dict.fromkeys(re.findall(r"\{([^{}]+)\}", operation.path)):
            if name not in declared:
                parameter = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                operation.item[operation.method].setdefault("parameters", []).append(parameter)
                yield ContractWarning(
                    operation.location, f"the path parameter {name} is not declared; it is read as a string"
                )


def invalid_defaults(contract: Any) -> Iterator[ContractWarning]:
    """The defaults of a plain, valid contract that break their own schemas."""
    for node in iterate_nodes(contract):
        if node.is_schema and "default" in node.value:
            # References of the schema start at the contract's root.
            schema = {**contract, **node.value}
            validator: Any = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
            if (error := next(validator.iter_errors(node.value["default"]), None)) is not None:
                text = f"the default breaks its schema, and is ignored: {error.message[:100]}"
                yield ContractWarning((*node.location, "default"), text)
