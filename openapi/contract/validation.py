"""Rejects contracts that are not valid OpenAPI 3.1 documents."""

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV31SpecValidator

from contract.errors import PipelineError
from contract.nodes import Node, iterate_nodes
from contract.operations import iterate_operations
from contract.pointers import Location, dereference, is_array, is_object, pointer, reference_location, reference_target

_Problem = tuple[Location, str]

_SCHEMAS: Any = Draft202012Validator(Draft202012Validator.META_SCHEMA)
#: The keywords whose schemas apply to the same value.
_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
#: The section of the components that holds what is in a map, or a field, of this name.
_SECTIONS = {"paths": "pathItems", "webhooks": "pathItems", "requestBody": "requestBodies"}


def validate(name: str, document: Any) -> None:
    """Reject a plain document that is not valid OpenAPI 3.1, with every error and its JSON pointer."""
    version = document.get("openapi")
    if not isinstance(version, str) or not re.fullmatch(r"3\.1\.\d+", version):
        raise PipelineError(f"{name}: not an OpenAPI 3.1 document (openapi: {version!r}).")
    # In this order: each step relies on the one before.
    for problems in (_structure_problems, _reference_problems, _schema_problems, _operation_problems):
        if messages := list(dict.fromkeys(f"{pointer(location)}{text}" for location, text in problems(document))):
            raise PipelineError(f"{name}: not a valid OpenAPI 3.1 document:\n  " + "\n  ".join(messages))


def _structure_problems(document: Any) -> Iterator[_Problem]:
    for error in OpenAPIV31SpecValidator.schema_validator.iter_errors(document):
        yield tuple(error.absolute_path), f": {_first_line(error.message)}"


def _first_line(message: str) -> str:
    line = message.split("\n", 1)[0]
    return line if len(line) <= 200 else line[:200] + "…"


def _reference_problems(document: Any) -> Iterator[_Problem]:
    nodes = list(iterate_nodes(document))
    schemas = {tuple(map(str, node.location)) for node in nodes if node.is_schema}
    for node in nodes:
        if "$ref" in node.value and (problem := _reference_problem(document, node, schemas)):
            yield (*node.location, "$ref"), problem


def _reference_problem(document: Any, node: Node, schemas: set[tuple[str, ...]]) -> str | None:
    reference = node.value["$ref"]
    if not isinstance(reference, str):
        return f": must be a string, not {_first_line(repr(reference))}"
    start = f" refers to {_first_line(reference)},"
    if not reference.startswith("#"):
        return (
            f"{start} outside the document: copy the target into the contract, which is one file and read without a "
            "network"
        )
    try:
        dereference(document, node.value)
        target, location = reference_target(document, reference), reference_location(reference)
    except (LookupError, TypeError):
        return f"{start} which does not exist"
    if node.is_schema:
        if location not in schemas and not isinstance(target, bool):
            return f"{start} which is not a schema"
        if _includes_itself(document, target):
            return f"{start} which includes itself: no value could be checked against it"
    elif not is_object(target) or _section(location) != _section(node.location):
        return f"{start} which is not one of the {_section(node.location)}"
    return None


def _section(location: Location) -> str:
    """The section of the components that holds objects such as the one at a location."""
    name = str(location[-1] if location[-1:] == ("requestBody",) else ["", "", *location][-2])
    return _SECTIONS.get(name, name)


def _includes_itself(document: Any, schema: Any) -> bool:
    """Whether a value that is checked against a schema is to be checked against it again (JSON Schema §9.4.1)."""
    pending, seen = [schema], set[int]()
    while pending:
        node = pending.pop()
        parts = [part for key in _IN_PLACE for part in (node.get(key) if is_array(node.get(key)) else [node.get(key)])]
        if isinstance(node.get("$ref"), str):
            parts.append(reference_target(document, node["$ref"]))
        new = [part for part in parts if is_object(part) and id(part) not in seen]
        if any(part is schema for part in new):
            return True
        seen.update(map(id, new))
        pending += new
    return False


def _schema_problems(document: Any) -> Iterator[_Problem]:
    outer: Location = ()
    for node in iterate_nodes(document):
        if not node.is_schema or (outer and node.location[: len(outer)] == outer):
            continue
        outer = node.location  # its own schemas are checked with it
        for error in _SCHEMAS.iter_errors(node.value):
            yield (*outer, *error.absolute_path), f": {_first_line(error.message)}"


def _operation_problems(document: Any) -> Iterator[_Problem]:
    for operation in iterate_operations(document):
        names = set(re.findall(r"\{([^{}]+)\}", operation.path))
        seen: set[tuple[Location, str, str]] = set()
        for location, _, parameter in operation.parameters:
            key = (location[:-1], parameter["in"], parameter["name"])
            if key in seen:
                yield location, f": the {key[1]} parameter {key[2]} is declared twice"
            seen.add(key)
            if key[1] == "path" and key[2] not in names:
                yield location, f": the path has no {{{key[2]}}}"
