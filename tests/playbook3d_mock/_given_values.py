"""Values that schemas give: examples, enumerations, discriminators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playbook3d_mock._schemas import branches, properties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playbook3d_mock._document import Json, Node


def schema_examples(schema: Node) -> Iterator[Node]:
    """The examples of a schema, or else those of what it refers to."""
    visited: set[str] = set()
    while isinstance(schema.value, dict) and schema.pointer not in visited:
        visited.add(schema.pointer)
        if "example" in schema.value:
            yield schema.child("example")
        yield from branches(schema, "examples")
        if "$ref" not in schema.value:
            return
        schema = schema.reference_target()


def without_forbidden(schema: Node, value: Json) -> Json:
    """A value without the properties that its schema forbids, such as ``writeOnly`` ones in a response."""
    if isinstance(value, dict):
        declared = properties(schema)
        members = ((name, declared.get(name), member) for name, member in value.items())
        return {
            name: without_forbidden(node, member) if node else member
            for name, node, member in members
            if not (node and node.value is False)
        }
    target = schema.dereference()
    if isinstance(value, list) and isinstance(target.value, dict) and "items" in target.value:
        return [without_forbidden(target.child("items"), element) for element in value]
    return value


def property_examples(parts: list[Node], whole: frozenset[str]) -> dict[str, list[Json]]:
    """Values of properties in the examples of schemas that describe a part of the object."""
    hints: dict[str, list[Json]] = {}
    for part in parts:
        for example in schema_examples(part) if part.pointer not in whole else ():
            if isinstance(example.value, dict):
                for name, value in example.value.items():
                    hints.setdefault(name, []).append(value)
    return hints


def discriminating_values(parts: list[Node]) -> dict[str, list[Json]]:
    """Values of properties that name the schema that was chosen (OpenAPI 3.1.1, Discriminator Object)."""
    values: dict[str, list[Json]] = {}
    for owner in parts:
        if isinstance(discriminator := owner.object().get("discriminator"), dict):
            name = str(discriminator.get("propertyName"))
            values[name] = _names_of_chosen(owner, discriminator, parts) + values.get(name, [])
    return values


def _names_of_chosen(owner: Node, discriminator: dict[str, Json], parts: list[Node]) -> list[Json]:
    names = {part.key: part.pointer for part in parts if part.pointer.rpartition("/")[0] == "#/components/schemas"}
    mapping = discriminator.get("mapping")
    if isinstance(mapping, dict):
        chosen: list[Json] = [value for value, target in mapping.items() if target in (*names, *names.values())]
        return chosen or list(mapping)
    return [name for name, pointer in names.items() if pointer != owner.pointer]
