"""Generates a valid value for a schema: a plain one, from the examples of its parts where they are valid.

A schema is read with everything that it refers to and combines. Each choice on the way (an example, an option of
``oneOf``, an optional property) has alternatives. While the value is invalid, the choice that is nearest to the error
takes its next alternative, and the value is generated anew.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from playbook3d_mock._document import ContractError, Json, Node
from playbook3d_mock._given_values import enumerated_values, property_examples, schema_examples, without_forbidden
from playbook3d_mock._scalars import Bounds, plain_number, plain_string
from playbook3d_mock._schemas import branches, types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playbook3d_mock._schemas import Validator

    Path = tuple[str | int, ...]
    Pointers = frozenset[str]

_Option = TypeVar("_Option")

# Of several types the first of these is generated.
_PREFERRED_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_KEYWORDS_OF_TYPES = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    "array": ("items", "prefixItems", "contains", "minItems", "uniqueItems"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
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
        taken: dict[tuple[Path, str], int] = {}
        invalid: dict[tuple[Path, str], ContractError] = {}
        for _ in range(_MAX_ATTEMPTS):
            attempt = _Attempt(taken, depth)
            try:
                value = attempt.value([schema], ())
            except (_TooLargeError, RecursionError):
                break
            except _InfiniteError as error:
                message = "the schema requires itself recursively: no finite value is valid"
                raise ImpossibleError(message) from error
            errors = list(islice(validator.errors(value), _MAX_ERRORS))
            if not errors:
                return Generated(value, list(invalid.values()))
            problem = "/".join(["", *map(str, errors[0][0])]) + ": " + errors[0][1] if errors[0][0] else errors[0][1]
            revised = [attempt.revise(path, message, invalid) for path, message in errors]
            if not any(revised):
                message = f"no valid example could be generated: add one ({problem})"
                raise NoValueError(message) if len(str(value)) < _MAX_DRAWN else ImpossibleError(message)
    raise ImpossibleError(f"no valid example could be generated: add one ({problem or 'it is too large'})")


class _Choice(NamedTuple):
    path: Path
    key: str
    position: int
    options: Sequence[object]


class _Attempt:
    """One try to generate a value, by the alternatives taken so far."""

    def __init__(self, taken: dict[tuple[Path, str], int], max_depth: int) -> None:
        self._taken = taken
        self._max_depth = max_depth
        self._choices: list[_Choice] = []
        self._advanced: set[tuple[Path, str]] = set()
        self._max_parts = _MAX_PARTS if max_depth > 1 else _MAX_REQUIRED_PARTS
        self._variant = 0

    def value(self, schemas: list[Node], path: Path, ancestors: Pointers = frozenset()) -> Json:
        """A value that is to match all of the schemas."""
        while True:
            made = len(self._choices)
            try:
                return self._value(schemas, path, ancestors)
            except _InfiniteError:
                options = [choice for choice in self._choices[made:] if choice.path == path and "Of" in choice.key]
                if not self._advance(options):
                    raise
                del self._choices[made:]

    def revise(self, path: Path, message: str, invalid: dict[tuple[Path, str], ContractError]) -> bool:
        """Take another alternative because of an error; returns whether there was one."""
        above = [choice for choice in self._choices if path[: len(choice.path)] == choice.path]
        below = [choice for choice in self._choices if choice.path[: len(path)] == path]
        choice = self._advance(sorted(above, key=lambda choice: len(choice.path))) or self._advance(below)
        example = choice.options[choice.position] if choice else None
        if choice and choice.key == "example" and isinstance(example, Node):
            name = "default" if example.key == "default" else "example"
            error = example.error(f"the {name} does not match its schema: {message}")
            invalid.setdefault((choice.path, example.pointer), error)
        return choice is not None

    def _choose(self, path: Path, key: str, options: Sequence[_Option]) -> _Option:
        index = min(self._taken.get((path, key), 0), len(options) - 1)
        self._choices.append(_Choice(path, key, index, options))
        return options[index]

    def _count_part(self) -> None:
        self._max_parts -= 1
        if self._max_parts < 0:
            raise _TooLargeError

    def _advance(self, choices: list[_Choice]) -> _Choice | None:
        """Take the next alternative of the last of the choices that has one."""
        for choice in reversed(choices):
            if (choice.path, choice.key) in self._advanced:
                return choice
            if choice.position + 1 < len(choice.options):
                self._taken[choice.path, choice.key] = choice.position + 1
                self._advanced.add((choice.path, choice.key))
                later = self._choices[self._choices.index(choice) + 1 :]
                for other in later:
                    if other.path[: len(choice.path)] == choice.path:
                        self._taken.pop((other.path, other.key), None)
                return choice
        return None

    def _value(self, schemas: list[Node], path: Path, ancestors: Pointers) -> Json:
        parts, whole = self._parts(schemas, path)
        pointers = frozenset(part.pointer for part in parts)
        if pointers & ancestors:
            raise _InfiniteError
        examples = [example for part in parts if part.pointer in whole for example in schema_examples(part)]
        examples += [part.child("default") for part in parts if "default" in part.object()]
        examples = list({example.pointer: example for example in examples}.values())[self._variant :]
        if examples and (example := self._choose(path, "example", [*examples, None])):
            return without_forbidden(parts[0], example.value)
        values = [part.child("const") for part in parts if "const" in part.object()] + enumerated_values(parts)
        if values:
            return self._choose(path, "enum", values[self._variant :] or values).value
        match self._choose(path, "type", _allowed_types(parts)):
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
                    option = self._choose(path, f"{node.pointer}/{keyword}", options)
                    pending.append((option, alone and not combined))
            if "if" in node.value:
                branch = self._choose(path, f"{node.pointer}/if", ("", "then", "else"))
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
            declared.setdefault(name, _undeclared(parts))
        members: dict[str, Json] = {}
        for name, schemas in declared.items():
            child = (*path, name)
            if name not in required and (
                len(child) > self._max_depth or not self._choose(child, "optional", (True, False))
            ):
                continue
            try:
                members[name] = self.value(schemas, child, ancestors)
            except _InfiniteError:
                if name in required:
                    raise
        least = max((_count(part.object().get("minProperties")) for part in parts), default=0)
        for number in range(1, min(least, _MAX_ELEMENTS) + 1 - len(members)):
            members[f"property{number}"] = self.value(_undeclared(parts), (*path, f"property{number}"), ancestors)
        return members

    def _array(self, parts: list[Node], path: Path, ancestors: Pointers) -> Json:
        keywords = [part.object() for part in parts]
        least = max((_count(members.get("minItems")) for members in keywords), default=0)
        prefix = max((branches(part, "prefixItems") for part in parts), key=len)
        items = [part.child("items") for part in parts if "items" in part.object()]
        contained = [part.child("contains") for part in parts if "contains" in part.object()]
        matching = max((_count(members.get("minContains", 1)) for members in keywords), default=1) if contained else 0
        # One element shows more than an empty array.
        if not least and not matching and not prefix:
            if not items or len(path) >= self._max_depth or not self._choose(path, "elements", (True, False)):
                return []
            least = 1
        unique = any(members.get("uniqueItems") is True for members in keywords)
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
            if any(_count(members.get("minItems")) for members in keywords) or matching:
                raise
        finally:
            self._variant = variant
        return elements


def _allowed_types(parts: list[Node]) -> Sequence[str]:
    named = [value if isinstance(value, list) else [value] for part in parts if (value := part.object().get("type"))]
    if named:
        sets = [{*map(str, names), *(["integer"] if "number" in names else [])} for names in named]
        allowed = set[str].intersection(*sets)
        # A number is an integer only if that is all that is left.
        if "number" in allowed and not any("integer" in names for names in named):
            allowed.discard("integer")
        return [name for name in _PREFERRED_TYPES if name in allowed] or ["null"]
    keywords = {keyword for part in parts for keyword in part.object()}
    return [name for name, own in _KEYWORDS_OF_TYPES.items() if not keywords.isdisjoint(own)][:1] or ["object"]


def _undeclared(parts: list[Node]) -> list[Node]:
    """What properties must match that are not declared."""
    additional = [part.child("additionalProperties") for part in parts if "additionalProperties" in part.object()]
    text: Json = {"type": "string"}
    schemas = [node for node in additional if isinstance(node.value, dict) and node.value]
    return schemas or [Node(text, f"{parts[0].pointer}/additionalProperties", parts[0].root)]


def _count(bound: Json) -> int:
    return int(bound) if isinstance(bound, int | float) else 0
