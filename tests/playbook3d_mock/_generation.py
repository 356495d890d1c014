"""Generates a valid value for a schema: a plain one, from the examples of its parts where they are valid.

A schema is read with everything that it refers to and combines. Each choice on the way (an example, an option of
``oneOf``, an optional property) has alternatives. While the value is invalid, the choice that is nearest to the error
takes its next alternative, and the value is generated anew.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from playbook3d_mock._choices import Choices
from playbook3d_mock._document import ContractError, Json, Node
from playbook3d_mock._value_builder import InfiniteError, TooLargeError, ValueBuilder

if TYPE_CHECKING:
    from playbook3d_mock._choices import Choice, Path, Taken
    from playbook3d_mock._schemas import Validator

#: How deep optional values are generated, tried in this order: types that refer to each other have no end.
DEPTHS = (6, 3, 2, 1, 0)
_MAX_ATTEMPTS = 200
# Characters: drawing a value takes much longer if it is long.
_MAX_DRAWN = 1_000
_MAX_ERRORS = 20


class NoValueError(ValueError):
    """No valid value was found."""


class ImpossibleError(NoValueError):
    """No valid value is finite and small."""


class Generated(NamedTuple):
    """A valid value, and the examples in the schema that it could not have, each with the reason."""

    value: Json
    invalid: list[ContractError]


def generate(schema: Node, validator: Validator) -> Generated:
    """A valid value for a schema; raises ``NoValueError``."""
    problem = ""
    for depth in DEPTHS:
        taken: Taken = {}
        invalid: dict[tuple[Path, str], ContractError] = {}
        for _ in range(_MAX_ATTEMPTS):
            choices = Choices(taken)
            try:
                value = ValueBuilder(choices, depth).value([schema], ())
            except (TooLargeError, RecursionError):
                break
            except InfiniteError as error:
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
