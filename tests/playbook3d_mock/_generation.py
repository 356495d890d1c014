"""Generates a valid value for a schema: a plain one, from the examples of its parts where they are valid.

A schema is read with everything that it refers to and combines. Each choice on the way (an example, an option of
``oneOf``, an optional property) has alternatives. While the value is invalid, the choice that is nearest to the error
takes its next alternative, and the value is generated anew.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, cast

from playbook3d_mock._choices import Choices
from playbook3d_mock._combined_schemas import allowed_types, enumerated_values, greatest, undeclared_properties
from playbook3d_mock._document import ContractError, Json, Node
from playbook3d_mock._given_values import property_examples, schema_examples, without_forbidden
from playbook3d_mock._scalars import Bounds, plain_number, plain_string
from playbook3d_mock._schemas import branches, types

if TYPE_CHECKING:
    from playbook3d_mock._choices import Choice, Path, Taken
    from playbook3d_mock._schemas import Validator

    Pointers = frozenset[str]

# How deep optional values are generated, tried in this order: types that refer to each other have no end.
_DEPTHS = (6, 3, 2, 1, 0)
_MAX_PARTS = 50
_MAX_REQUIRED_PARTS = 5_000
_MAX_ELEMENTS = 10_000
_MAX_ATTEMPTS = 200
# Characters: drawing a value takes much longer if it is long.
_MAX_DRAWN = 1_000
_MAX_ERRORS = 20


class NoValueError(ValueError):
    """No valid value was found."""


class ImpossibleError(NoValueError):
    """No valid value is finite and small."""


class _InfiniteError(Exception):
    """Every value of the schema contains another, or there is none."""


class _TooLargeError(Exception):
    """The value has too many objects and arrays."""


class Generated(NamedTuple):
    """A valid value, and the examples in the schema that it could not have, each with the reason."""

    value: Json
    invalid: list[ContractError]


def generate(schema: Node, validator: Validator) -> Generated:
    """A valid value for a schema; raises ``NoValueError``."""
    problem = ""
    for depth in _DEPTHS:
        taken: Taken = {}
        invalid: dict[tuple[Path, str], ContractError] = {}
        for _ in range(_MAX_ATTEMPTS):
            choices = Choices(taken)
            try:
                value = _Attempt(choices, depth).value([schema], ())
            except (_TooLargeError, RecursionError):
                break
            except _InfiniteError as error:
                message = "the schema requires itself recursively: no finite value is valid"
                raise ImpossibleError(message) from error
            errors = list(islice(validator.errors(value), _MAX_ERRORS))
            if not errors:
                return Generated(value, list(invalid.values()))
            problem = "/".join(["", *map(str, errors[0][0])]) + ": " + errors[0][1] if errors[0][0] else errors[0][1]
            revised = [(choices.revise(path), message) for path, message in errors]
            for choice, message in revised:
                _note_invalid_example(choice, message, invalid)
            if not any(choice for choice, _ in revised):
                message = f"no valid example could be generated: add one ({problem})"
                raise NoValueError(message) if len(str(value)) < _MAX_DRAWN else ImpossibleError(message)
    raise ImpossibleError(f"no valid example could be generated: add one ({problem or 'it is too large'})")


def _note_invalid_example(choice: Choice | None, message: str, invalid: dict[tuple[Path, str], ContractError]) -> None:
    example = choice.options[choice.position] if choice else None
    if choice and choice.key == "example" and isinstance(example, Node):
        name = "default" if example.key == "default" else "example"
        error = example.error(f"the {name} does not match its schema: {message}")
        invalid.setdefault((choice.path, example.pointer), error)


class _Attempt:
    """One try to generate a value, by the alternatives taken so far."""

    def __init__(self, choices: Choices, max_depth: int) -> None:
        self._choices = choices
        self._max_depth = max_depth
        self._max_parts = _MAX_PARTS if max_depth > 1 else _MAX_REQUIRED_PARTS
        self._variant = 0

    def value(self, schemas: list[Node], path: Path, ancestors: Pointers = frozenset()) -> Json:
        """A value that is to match all of the schemas."""
        while True:
            made = len(self._choices.made)
            try:
                return self._value(schemas, path, ancestors)
            except _InfiniteError:
                later = self._choices.made[made:]
                if not self._choices.advance(
                    [choice for choice in later if choice.path == path and "Of" in choice.key]
                ):
                    raise
                del self._choices.made[made:]

    def _count_part(self) -> None:
        self._max_parts -= 1
        if self._max_parts < 0:
            raise _TooLargeError

    def _value(self, schemas: list[Node], path: Path, ancestors: Pointers) -> Json:
        parts, whole = self._parts(schemas, path)
        pointers = frozenset(part.pointer for part in parts)
        if pointers & ancestors:
            raise _InfiniteError
        examples = [example for part in parts if part.pointer in whole for example in schema_examples(part)]
        examples += [part.child("default") for part in parts if "default" in part.object()]
        examples = list({example.pointer: example for example in examples}.values())[self._variant :]
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
                return plain_string([part.object() for part in parts], self._variant)
            case "integer" | "number" as name:
                return plain_number(Bounds.of(part.object() for part in parts), name == "integer", self._variant)
            case "boolean":
                return self._variant % 2 == 0
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
                raise _InfiniteError
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
            if "if" in node.value:
                branch = self._choices.choose(path, f"{node.pointer}/if", ("", "then", "else"))
                if branch in node.value:
                    pending += [(node.child(branch), False)]
        return list(parts.values()), frozenset(whole)

    def _object(self, parts: list[Node], whole: Pointers, path: Path, ancestors: Pointers) -> Json:
        declared: dict[str, list[Node]] = {}
        for part in parts:
            by_name = part.child("properties") if "properties" in part.object() else None
            for name in by_name.object() if by_name else ():
                declared.setdefault(name, []).append(cast(Node, by_name).child(name))
        for name, values in property_examples(parts, whole).items():
            if name in declared:
                hint = Node({"examples": values}, f"{parts[0].pointer}/{name}", parts[0].root)
                declared[name] = [hint, *declared[name]]
        required = [str(name.value) for part in parts for name in branches(part, "required")]
        for name in required:
            declared.setdefault(name, undeclared_properties(parts))
        members: dict[str, Json] = {}
        for name, schemas in declared.items():
            child = (*path, name)
            if name not in required and (
                len(child) > self._max_depth or not self._choices.choose(child, "optional", (True, False))
            ):
                continue
            try:
                members[name] = self.value(schemas, child, ancestors)
            except _InfiniteError:
                if name in required:
                    raise
        least = greatest(parts, "minProperties")
        for number in range(1, min(least, _MAX_ELEMENTS) + 1 - len(members)):
            members[f"property{number}"] = self.value(
                undeclared_properties(parts), (*path, f"property{number}"), ancestors
            )
        return members

    def _array(self, parts: list[Node], path: Path, ancestors: Pointers) -> Json:
        least = required = greatest(parts, "minItems")
        prefix = max((branches(part, "prefixItems") for part in parts), key=len)
        items = [part.child("items") for part in parts if "items" in part.object()]
        contained = [part.child("contains") for part in parts if "contains" in part.object()]
        matching = greatest(parts, "minContains", 1) if contained else 0
        # One element shows more than an empty array.
        if not least and not matching and not prefix:
            if not items or len(path) >= self._max_depth or not self._choices.choose(path, "elements", (True, False)):
                return []
            least = 1
        unique = any(part.object().get("uniqueItems") is True for part in parts)
        elements: list[Json] = []
        variant = self._variant
        try:
            count = min(max(least, len(prefix) + matching), _MAX_ELEMENTS)
            for index in range(count):
                schemas = [prefix[index]] if index < len(prefix) else items
                if index >= len(prefix) and index < len(prefix) + matching:
                    schemas = [*contained, *items]
                if unique:
                    self._variant = index
                elements.append(self.value(schemas, (*path, index), ancestors))
                if index >= len(prefix) + matching and not unique:
                    elements += elements[-1:] * (count - len(elements))
                    break
        except _InfiniteError:
            if required or matching:
                raise
        finally:
            self._variant = variant
        return elements
