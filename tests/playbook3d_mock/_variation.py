"""Varies a value: draws a random one from a schema, valid by its validator, that looks like data of an API.

The same state of a ``random.Random`` gives the same value. A part that is invalid is drawn anew, by other choices; in
the end it is the same as in the plain value.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from playbook3d_mock._choices import Choice, Choices
from playbook3d_mock._document import Node
from playbook3d_mock._generation import DEPTHS
from playbook3d_mock._scalars import Bounds
from playbook3d_mock._value_builder import InfiniteError, TooLargeError, ValueBuilder
from playbook3d_mock._varied_scalars import varied_name, varied_number, varied_string

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from playbook3d_mock._choices import Path
    from playbook3d_mock._document import Json
    from playbook3d_mock._schemas import Validator

    #: By the path in the value and the kind of choice, the positions of alternatives that were wrong.
    Excluded = dict[tuple[Path, str], set[int]]

_Option = TypeVar("_Option")

_MAX_TRIES = 20
_MAX_ERRORS = 20
# After so many failures a part makes other choices, then it is the same as in the plain value.
_FAILURES_TO_REVISE, _FAILURES_TO_FIX = 2, 4
_MAX_RECURSIONS = 2


def vary(schema: Node, validator: Validator, random: Random, plain: Json) -> Json:
    """A random value that is valid, or the plain one if none was found."""
    excluded: Excluded = {}
    fixed: dict[Path, Json] = {}
    failures: Counter[Path] = Counter()
    depth = 0
    for _ in range(_MAX_TRIES):
        choices = RandomChoices(random, excluded, fixed)
        try:
            value = ValueBuilder(choices, DEPTHS[depth]).value([schema], ())
        except (TooLargeError, RecursionError):
            depth += 1
            if depth == len(DEPTHS):
                break
            continue
        except InfiniteError:
            break
        errors = [path for path, _ in islice(validator.errors(value), _MAX_ERRORS)]
        if not errors:
            return value
        for path in dict.fromkeys(errors):
            failures[path] += 1
            if failures[path] >= _FAILURES_TO_FIX and (part := _part(plain, path)):
                fixed[path] = part[0]
            elif failures[path] >= _FAILURES_TO_REVISE:
                choices.revise(path)
    return plain


def _part(value: Json, path: Path) -> list[Json]:
    """The part of a value at a path, if it has one; of an array any element."""
    for key in path:
        if isinstance(value, dict) and key in value:
            value = value[str(key)]
        elif isinstance(value, list) and value and isinstance(key, int):
            value = value[min(key, len(value) - 1)]
        else:
            return []
    return [value]


class RandomChoices(Choices):
    """Random choices, and random strings and numbers.

    Args:
        random: The source of chance.
        excluded: Alternatives not to take. Those for the next try are written into it.
        fixed: Values that parts have.
    """

    is_random = True
    distinct_elements = 3

    def __init__(self, random: Random, excluded: Excluded, fixed: dict[Path, Json]) -> None:
        super().__init__({})
        self.fixed = fixed
        self.max_recursions = random.randint(0, _MAX_RECURSIONS)
        self._random = random
        self._excluded = excluded

    def choose(self, path: Path, key: str, options: Sequence[_Option]) -> _Option:
        """The option to take, of at least one."""
        positions = self._open(path, key, len(options))
        weights = [_weight(options[position], key, len(options)) for position in positions]
        (position,) = self._random.choices(positions, weights)
        self.made.append(Choice(path, key, position, options))
        return options[position]

    def advance(self, choices: list[Choice]) -> Choice | None:
        """Exclude what the last of the choices took that has another alternative."""
        for choice in reversed(choices):
            if len(self._open(choice.path, choice.key, len(choice.options))) > 1:
                self._excluded.setdefault((choice.path, choice.key), set()).add(choice.position)
                return choice
        return None

    def _open(self, path: Path, key: str, count: int) -> Sequence[int]:
        excluded = self._excluded.get((path, key), ())
        return [position for position in range(count) if position not in excluded] or range(count)

    def string(self, path: Path, schemas: list[dict[str, Json]], _variant: int, /) -> str:
        """A string that is to match the schemas, and looks like the property of this name."""
        names = [key for key in path if isinstance(key, str)]
        return varied_string(schemas, self._random, names[-1] if names else "")

    def number(self, schemas: list[dict[str, Json]], is_integer: bool, _variant: int, /) -> int | float:
        """A number that is to match the schemas."""
        return varied_number(Bounds.of(schemas), is_integer, self._random)

    def boolean(self, _variant: int, /) -> bool:
        """A boolean."""
        return self._random.random() < 0.5

    def property_name(self, schemas: list[dict[str, Json]], _number: int, /) -> str:
        """The name of a property that is not declared; ``schemas`` restrict it."""
        return varied_name(schemas, self._random)

    def length(self, least: int, greatest: int, /) -> int:
        """The number of elements or further properties."""
        return self._random.randint(least, max(least, greatest))


def _weight(option: object, key: str, count: int) -> int:
    """How often an alternative is taken, in relation to others."""
    if key in ("optional", "elements"):
        return 4 if option else 1
    if key == "example":  # half of the time none
        return 1 if option else max(count - 1, 1)
    is_null = isinstance(option, Node) and isinstance(option.value, dict) and option.value.get("type") == "null"
    return 1 if is_null or option == "null" else 5
