"""What a schema leaves open while a value is generated: plain choices, and which alternative comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from playbook3d_mock._scalars import Bounds, plain_number, plain_string

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playbook3d_mock._document import Json

#: The names and indexes that lead to a part of a value.
Path: TypeAlias = "tuple[str | int, ...]"
#: The position of the alternative to take, by the path in the value and the kind of choice; 0 if it is missing.
Taken: TypeAlias = "dict[tuple[Path, str], int]"

_Option = TypeVar("_Option")


class Choice(NamedTuple):
    """A choice that was made.

    Attributes:
        path: For which part of the value.
        key: The kind of choice.
        position: The position of the alternative that was taken.
        options: The alternatives.
    """

    path: Path
    key: str
    position: int
    options: Sequence[object]


class Choices:
    """The choices of one try to generate a value.

    Args:
        taken: What to take. Alternatives for the next try are written into it.

    Attributes:
        made: The choices, in their order.
        fixed: Values that parts have, whatever their schemas.
        is_random: Whether the choices are random.
        max_recursions: How often schemas may be used within themselves.
        distinct_elements: After how many elements those of an array are repeated, unless they are unique.
    """

    is_random = False
    max_recursions = 0
    distinct_elements = 1

    def __init__(self, taken: Taken) -> None:
        self.made: list[Choice] = []
        self.fixed: Mapping[Path, Json] = {}
        self._taken = taken
        self._revised: set[tuple[Path, str]] = set()

    def choose(self, path: Path, key: str, options: Sequence[_Option]) -> _Option:
        """The option to take, of at least one."""
        index = min(self._taken.get((path, key), 0), len(options) - 1)
        self.made.append(Choice(path, key, index, options))
        return options[index]

    def revise(self, path: Path) -> Choice | None:
        """Take another alternative of the choice that is nearest to an invalid part; returns that choice."""
        above = [choice for choice in self.made if path[: len(choice.path)] == choice.path]
        below = [choice for choice in self.made if choice.path[: len(path)] == path]
        for choices in (sorted(above, key=lambda choice: len(choice.path)), below):
            for choice in reversed(choices):
                if (choice.path, choice.key) in self._revised or self.advance([choice]):
                    self._revised.add((choice.path, choice.key))
                    return choice
        return None

    def advance(self, choices: list[Choice]) -> Choice | None:
        """Take the next alternative of the last of the choices that has one."""
        for choice in reversed(choices):
            if choice.position + 1 < len(choice.options):
                self._taken[choice.path, choice.key] = choice.position + 1
                later = self.made[self.made.index(choice) + 1 :]
                for other in later:
                    if other.path[: len(choice.path)] == choice.path:
                        self._taken.pop((other.path, other.key), None)
                return choice
        return None

    def string(self, _path: Path, schemas: list[dict[str, Json]], variant: int, /) -> str:
        """A string that is to match the schemas; another one for each variant."""
        return plain_string(schemas, variant)

    def number(self, schemas: list[dict[str, Json]], is_integer: bool, variant: int, /) -> int | float:
        """A number that is to match the schemas; another one for each variant."""
        return plain_number(Bounds.of(schemas), is_integer, variant)

    def boolean(self, variant: int, /) -> bool:
        """A boolean."""
        return variant % 2 == 0

    def property_name(self, schemas: list[dict[str, Json]], number: int, /) -> str:
        """The name of a property that is not declared; ``schemas`` restrict it."""
        return plain_string(schemas, number) if schemas else f"property{number}"

    def length(self, least: int, _greatest: int, /) -> int:
        """The number of elements or further properties."""
        return least
