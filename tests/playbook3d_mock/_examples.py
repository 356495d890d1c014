"""Examples: the value of a body or header, from the contract's examples, else generated from the schema.

The value is, in this order: the example beside the schema, the first of the examples there, the schema's example, the
first of its examples, a value generated from the parts of the schema, or one that Schemathesis draws. It is valid, or
there is none. A client can ask for another example beside the schema, by its name.

An example must not drift from its schema either: one that shares no property with the declared ones can be valid, with
every declared property missing. Invalid examples are reported, and replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from playbook3d_mock._document import ContractError, Node
from playbook3d_mock._drawing import DrawError, draw
from playbook3d_mock._generation import ImpossibleError, NoValueError, generate
from playbook3d_mock._given_values import schema_examples, without_forbidden
from playbook3d_mock._schemas import properties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playbook3d_mock._document import Json, Problems
    from playbook3d_mock._schemas import Schemas, Validator


class NoExampleError(ContractError):
    """A body or header of a response has no valid value."""


class Example(NamedTuple):
    """An example of the contract: its name in ``examples``, empty elsewhere, and its value."""

    name: str
    node: Node


class Examples:
    """The examples of a contract.

    Args:
        schemas: The validators of its schemas.
        problems: Where invalid examples are reported.
    """

    def __init__(self, schemas: Schemas, problems: Problems) -> None:
        self._schemas = schemas
        self._problems = problems
        self._values: dict[str, Json | NoExampleError] = {}

    def value(self, owner: Node, given: list[Example] | None = None) -> Json:
        """A valid value for a Media Type or Header Object, of which the valid examples may be known already.

        Raises ``NoExampleError``.
        """
        for example in self.given(owner) if given is None else given:
            return example.node.value
        if "schema" not in owner.object():
            return {}
        return self._value_of(owner.child("schema"), self._schemas.validator_of(owner))

    def given(self, owner: Node) -> list[Example]:
        """The valid examples that the contract gives for a Media Type or Header Object."""
        schema = owner.child("schema") if "schema" in owner.object() else None
        validator = self._schemas.validator_of(owner)
        in_schema = [Example("", node) for node in schema_examples(schema)] if schema else []
        examples: list[Example] = []
        for name, node in (*self.beside(owner), *in_schema):
            example = Node(without_forbidden(schema, node.value), node.pointer, node.root) if schema else node
            try:
                if problem := validator.problem(example.value):
                    raise example.error(f"the example does not match its schema: {problem}")
                if schema:
                    _reject_drift(schema, example)
            except ContractError as error:
                self._problems.report(error)
            else:
                examples.append(Example(name, example))
        return examples

    def beside(self, owner: Node) -> Iterator[Example]:
        """The examples in the fields of a Media Type or Header Object; malformed ones are reported."""
        if "example" in owner.object():
            yield Example("", owner.child("example"))
        try:
            named = owner.get("examples")
            by_name = dict(named.members()) if named else {}
        except ContractError as error:
            return self._problems.report(error)
        for name, example in by_name.items():
            try:
                example.require_known_fields("summary", "description", "value", "externalValue")
                if "value" not in example.object():
                    raise example.error("an example must have a 'value' in the document itself")
                yield Example(name, example.child("value"))
            except ContractError as error:
                self._problems.report(error)

    def _value_of(self, schema: Node, validator: Validator) -> Json:
        """A generated or drawn value, once for each schema: many responses refer to one."""
        while isinstance(schema.value, dict) and schema.value.keys() == {"$ref"}:
            schema = schema.reference_target()
        if schema.pointer not in self._values:
            try:
                self._values[schema.pointer] = self._generate(schema, validator)
            except NoExampleError as error:
                self._values[schema.pointer] = error
        value = self._values[schema.pointer]
        if isinstance(value, NoExampleError):
            raise value
        return value

    def _generate(self, schema: Node, validator: Validator) -> Json:
        try:
            value, invalid = generate(schema, validator)
        except ImpossibleError as error:
            raise NoExampleError(str(error), schema.pointer) from error
        except NoValueError as error:
            try:
                return draw(schema, validator)
            except DrawError as reason:
                raise NoExampleError(f"{error}; {reason}", schema.pointer) from error
        for problem in invalid:
            self._problems.report(problem)
        return value


def _reject_drift(schema: Node, example: Node) -> None:
    declared, target = properties(schema), schema.dereference().value
    fields = target if isinstance(target, dict) else {}
    if isinstance(example.value, dict):
        common = [name for name in example.value if name in declared]
        is_open = bool(fields.get("additionalProperties")) or "patternProperties" in fields
        if declared and example.value and not common and not is_open:
            message = f"the example has none of the properties that its schema declares: {', '.join(declared)}"
            raise example.error(message)
        for name in common:
            _reject_drift(declared[name], example.child(name))
    elif isinstance(example.value, list) and "items" in fields:
        for index in range(len(example.value)):
            _reject_drift(schema.dereference().child("items"), example.child(index))
