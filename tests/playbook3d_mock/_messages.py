"""Where the body of an error carries a message: in a property whose name says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from playbook3d_mock._schemas import properties, types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playbook3d_mock._document import Json, Node
    from playbook3d_mock._schemas import Validator

#: The names and indexes that lead to a part of a value.
Place: TypeAlias = "tuple[str | int, ...]"

# The names of properties that carry a message, the best first, without separators.
_MESSAGE_KEYS = (
    "result", "message", "description", "detail", "error", "title", "msg", "reason",
    "errormessage", "errordescription", "details", "summary", "statusmessage",
)  # fmt: skip
_MAX_MESSAGE_DEPTH = 3


def with_message(value: Json, place: Place, message: str) -> Json:
    """A copy of a value with a message at a place."""
    if not place:
        return message
    name, rest = place[0], place[1:]
    if isinstance(value, list):
        return [with_message(part, rest, message) if index == name else part for index, part in enumerate(value)]
    members = value if isinstance(value, dict) else {}
    return {**members, str(name): with_message(members.get(str(name)), rest, message)}


def message_place(media: Node, value: Json, validator: Validator) -> Place | None:
    """The place of a message: a text alone, or the nearest property whose name says that it holds one."""
    if not isinstance(value, dict | list):
        return ()
    if "schema" not in media.object():
        return None
    level: list[tuple[Place, Node, Json]] = [((), media.child("schema"), value)]
    for _ in range(_MAX_MESSAGE_DEPTH):
        members = [member for place, schema, part in level for member in _members(place, schema, part)]
        keys = [re.sub("[^a-z]", "", str(place[-1]).lower()) for place, _, _ in members]
        ranked = sorted((_MESSAGE_KEYS.index(key), index) for index, key in enumerate(keys) if key in _MESSAGE_KEYS)
        for _, index in ranked:
            place, schema, _part = members[index]
            if "string" in types(schema) and validator.is_valid(with_message(value, place, "A message: details")):
                return place
        level = members
    return None


def _members(place: Place, schema: Node, value: Json) -> Iterator[tuple[Place, Node, Json]]:
    """The declared properties of an object, also those that the value lacks, or the first element of an array."""
    target = schema.dereference()
    if isinstance(value, dict):
        yield from (((*place, name), node, value.get(name)) for name, node in properties(schema).items())
    elif isinstance(value, list) and value and isinstance(target.value, dict) and "items" in target.value:
        yield (*place, 0), target.child("items"), value[0]
