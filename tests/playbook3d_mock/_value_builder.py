"""Builds a value for a schema out of choices, which are plain or random. The value may be invalid.

A schema is read with everything that it refers to and combines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from playbook3d_mock._combined_schemas import (
    allowed_types,
    dependent_names,
    enumerated_values,
    greatest,
    is_map,
    least,
    pattern_schemas,
    property_schemas,
    undeclared_names,
)
from playbook3d_mock._document import Json, Node
from playbook3d_mock._given_values import (
    discriminating_values,
    property_examples,
    schema_examples,
    without_forbidden,
)
from playbook3d_mock._schemas import branches, types

if TYPE_CHECKING:
    from playbook3d_mock._choices import Choices, Path

    Pointers = frozenset[str]

_MAX_PARTS = 50
_MAX_REQUIRED_PARTS = 5_000
_MAX_ELEMENTS = 10_000
# How often a random element is drawn anew that is not unique, and of how many.
_MAX_REDRAWS = 20
_MAX_UNIQUE = 100


class InfiniteError(Exception):
    """Every value of the schema contains another, or there is none."""


class TooLargeError(Exception):
    """The value has too many objects and arrays."""


class ValueBuilder:
    """One try to build a value.

    Args:
        choices: What to take of what the schemas leave open.
        max_depth: How deep optional values are built.
    """

    def __init__(self, choices: Choices, max_depth: int) -> None:
        self._choices = choices
        self._recursions = choices.max_recursions
        self._max_depth = max_depth
        self._max_parts = _MAX_PARTS if max_depth > 1 else _MAX_REQUIRED_PARTS
        self._variant = 0

    def value(self, schemas: list[Node], path: Path, ancestors: Pointers = frozenset()) -> Json:
        """A value that is to match all of the schemas; raises ``InfiniteError`` and ``TooLargeError``."""
        if path in self._choices.fixed:
            return self._choices.fixed[path]
        while True:
            made = len(self._choices.made)
            try:
                return self._value(schemas, path, ancestors)
            except InfiniteError:
                later = self._choices.made[made:]
                if not self._choices.advance(
                    [choice for choice in later if choice.path == path and "Of" in choice.key]
                ):
                    raise
                del self._choices.made[made:]

    def _count_part(self) -> None:
        self._max_parts -= 1
        if self._max_parts < 0:
            raise TooLargeError

    def _value(self, schemas: list[Node], path: Path, ancestors: Pointers) -> Json:
        parts, whole = self._parts(schemas, path)
        pointers = frozenset(part.pointer for part in parts)
        if pointers & ancestors:
            if not self._recursions:
                raise InfiniteError
            self._recursions -= 1
        examples = [example for part in parts if part.pointer in whole for example in schema_examples(part)]
        examples += [part.child("default") for part in parts if "default" in part.object()]
        examples = list({example.pointer: example for example in examples}.values())[self._variant :]
        if self._choices.is_random:
            examples = [example for example in examples if not isinstance(example.value, dict | list)]
        if examples and (example := self._choices.choose(path, "example", [*examples, None])):
            return without_forbidden(parts[0], example.value)
        values = [part.child("const") for part in parts if "const" in part.object()] + enumerated_values(parts)
        if values:
            return self._choices.choose(path, "enum", values[self._variant :] or values).value
        match self._choices.choose(path, "type", allowed_types(parts)):
            case "object":
                self._count_part()
                return self._object(parts, whole, path, ancestors | pointers)
            case "array":
                self._count_part()
                return self._array(parts, path, ancestors | pointers)
            case "string":
                return self._choices.string(path, [part.object() for part in parts], self._variant)
            case "integer" | "number" as name:
                return self._choices.number([part.object() for part in parts], name == "integer", self._variant)
            case "boolean":
                return self._choices.boolean(self._variant)
            case _:
                return None

    def _parts(self, schemas: list[Node], path: Path) -> tuple[list[Node], Pointers]:
        """The schemas that a value must match, and which of them describe it as a whole."""
        parts: dict[str, Node] = {}
        whole: set[str] = set()
        pending = [(schema, True) for schema in schemas]
        while pending:
            node, is_whole = pending.pop(0)
            if node.value is False:
                raise InfiniteError
            if not isinstance(node.value, dict) or node.pointer in parts:
                continue
            parts[node.pointer] = node
            if is_whole:
                whole.add(node.pointer)
            if "$ref" in node.value:
                pending.append((node.reference_target(), is_whole))
            combined = branches(node, "allOf")
            alone = is_whole and "properties" not in node.value and len(combined) < 2
            pending += [(part, alone) for part in combined]
            for keyword in ("anyOf", "oneOf"):
                if options := branches(node, keyword):
                    options.sort(key=lambda option: types(option) == frozenset({"null"}))
                    option = self._choices.choose(path, f"{node.pointer}/{keyword}", options)
                    pending.append((option, alone and not combined))
            for name in node.child("dependentSchemas").object() if "dependentSchemas" in node.value else ():
                dependent = node.child("dependentSchemas").child(name)
                if self._choices.choose(path, dependent.pointer, (False, True)):
                    hint = Node({"required": [name]}, f"{dependent.pointer}/hint", node.root)
                    pending += [(hint, False), (dependent, False)]
            if "if" in node.value:
                branch = self._choices.choose(path, f"{node.pointer}/if", ("", "then", "else"))
                condition = ("if",) if branch == "then" else ()
                pending += [(node.child(key), False) for key in (*condition, branch) if key in node.value]
        return list(parts.values()), frozenset(whole)

    def _object(self, parts: list[Node], whole: Pointers, path: Path, ancestors: Pointers) -> Json:
        declared = self._declared(parts, whole)
        required = [str(name.value) for part in parts for name in branches(part, "required")]
        for name in required:
            declared.setdefault(name, property_schemas(parts, name))
        room = least(parts, "maxProperties", _MAX_ELEMENTS) - len(set(required))
        members: dict[str, Json] = {}

        def add(name: str) -> None:
            schemas = declared.get(name) or property_schemas(parts, name)
            try:
                members[name] = self.value(schemas, (*path, name), ancestors)
            except InfiniteError:
                if name in required:
                    raise

        for name in declared:
            if name in required:
                add(name)
            elif (
                len(path) < self._max_depth
                and room > 0
                and self._choices.choose((*path, name), "optional", (True, False))
            ):
                add(name)
                room -= name in members
        names = list(members)
        for name in names:
            for other in dependent_names(parts, name):
                if other not in names:
                    add(other)
                    names.append(other)
        self._add_undeclared(members, parts, path, ancestors)
        return members

    def _declared(self, parts: list[Node], whole: Pointers) -> dict[str, list[Node]]:
        """What each property must match that is declared, its examples first."""
        declared: dict[str, list[Node]] = {}
        for part in parts:
            if "properties" in part.object():
                by_name = part.child("properties")
                for name in by_name.object():
                    declared.setdefault(name, []).append(by_name.child(name))
        for name, schemas in declared.items():
            schemas += pattern_schemas(parts, name)
        examples = property_examples(parts, frozenset() if self._choices.is_random else whole)
        # A random name of a schema would be valid, and wrong.
        keyword = "enum" if self._choices.is_random else "examples"
        for key, values_by_name in (("examples", examples), (keyword, discriminating_values(parts))):
            for name, values in values_by_name.items():
                if name in declared and values:
                    hint = Node({key: values}, f"{parts[0].pointer}/{name}/{key}", parts[0].root)
                    declared[name] = [hint, *declared[name]]
        return declared

    def _add_undeclared(self, members: dict[str, Json], parts: list[Node], path: Path, ancestors: Pointers) -> None:
        """Add properties that are not declared, as many as there must be; random ones to a map."""
        missing = max(min(greatest(parts, "minProperties"), _MAX_ELEMENTS) - len(members), 0)
        room = max(least(parts, "maxProperties", _MAX_ELEMENTS) - len(members), missing)
        is_varied = self._choices.is_random and is_map(parts) and len(path) < self._max_depth
        usual = 0 if not is_varied else 1 if members else 3
        some = missing if members else max(missing, min(usual, room, 1))
        for number in range(1, self._choices.length(some, min(missing + usual, room)) + 1):
            schemas = self._choices.choose(path, f"name{number}", undeclared_names(parts))
            name = self._choices.property_name(schemas, number)
            if name not in members:
                members[name] = self.value(property_schemas(parts, name), (*path, name), ancestors)

    def _array(self, parts: list[Node], path: Path, ancestors: Pointers) -> Json:
        required = greatest(parts, "minItems")
        prefix = max((branches(part, "prefixItems") for part in parts), key=len)
        items = [part.child("items") for part in parts if "items" in part.object()]
        contained = [part.child("contains") for part in parts if "contains" in part.object()]
        matching = greatest(parts, "minContains", 1) if contained else 0
        count = min(max(required, len(prefix) + matching), _MAX_ELEMENTS)
        if any(node.value is not False for node in items) and len(path) < self._max_depth:
            # One element shows more than an empty array.
            if not count and not self._choices.choose(path, "elements", (True, False)):
                return []
            most = max(least(parts, "maxItems", _MAX_ELEMENTS), count)
            count = self._choices.length(max(count, min(most, 1)), min(max(count + 2, 3), most))
        unique = any(part.object().get("uniqueItems") is True for part in parts)
        elements: list[Json] = []
        variant = self._variant
        try:
            for index in range(count):
                schemas = [prefix[index]] if index < len(prefix) else items
                if index >= len(prefix) and index < len(prefix) + matching:
                    schemas = [*contained, *items]
                if unique and not self._choices.is_random:
                    self._variant = index
                elements.append(self.value(schemas, (*path, index), ancestors))
                is_redrawn = unique and self._choices.is_random and index < _MAX_UNIQUE
                for _ in range(_MAX_REDRAWS if is_redrawn else 0):
                    if elements[-1] not in elements[:-1]:
                        break
                    elements[-1] = self.value(schemas, (*path, index), ancestors)
                if index >= len(prefix) + matching + self._choices.distinct_elements - 1 and not unique:
                    elements += elements[-1:] * (count - len(elements))
                    break
        except InfiniteError:
            if required or matching:
                raise
        finally:
            self._variant = variant
        return elements
