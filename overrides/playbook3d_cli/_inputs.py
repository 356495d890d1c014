"""How the arguments of an operation are typed on a command line, and read from there."""

from __future__ import annotations

import json
from datetime import date, datetime
from enum import Enum
from functools import partial
from io import BytesIO
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Union, get_args, get_origin

from playbook3d_cli._settings import WHOLE_NUMBER, UsageError, read_bytes, read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

#: How each type is parsed.
_SCALARS: dict[Any, Any] = {each: each for each in (str, float, bool, date, datetime)} | {int: WHOLE_NUMBER}


class Input(NamedTuple):
    """How an argument is typed.

    Attributes:
        hint: What cyclopts parses.
        read: Makes an argument of the operation of what cyclopts has parsed.
    """

    hint: Any
    read: Callable[[Any], Any]


def input_of(name: str, annotation: Any, types: ModuleType) -> Input:
    """The input of a parameter; ``types`` is the module of the generated package with its ``Unset``.

    UUIDs are texts here: the client's message about an invalid one names the parameter.
    """
    members = [member for member in _members(annotation) if member not in (types.Unset, NoneType)]
    match members:
        case [member] if isinstance(member, type) and issubclass(member, Enum):
            return Input(Literal[tuple(each.value for each in member)], member)
        case [member] if get_origin(member) is list:
            item = input_of(name, get_args(member)[0], types)
            return Input(list[item.hint], partial(_read_all, item.read))  # type: ignore[name-defined]
        case [member] if hasattr(member, "from_dict"):
            return Input(str, partial(_read_model, name, member))
        case _ if members and all(
            getattr(member, "__name__", "") == "UUID" or member in _SCALARS for member in members
        ):
            scalars = tuple(_SCALARS.get(member, str) for member in members)
            return Input(Union[scalars], partial(_require_offset, name))  # noqa: UP007 (of a tuple)
        case _:
            return Input(str, partial(_parse_json, name))


def body_input(annotation: Any, types: ModuleType) -> Input:
    """The input of a body: the name of a file, ``-`` for standard input.

    Its ``read`` returns a function that makes the body of each call, because a binary body can be sent only once.
    """
    members = {*_members(annotation)} - {types.Unset}
    if members == {types.File}:
        return Input(str, partial(_read_binary, types.File))
    if members == {str}:
        return Input(str, _read_text_body)
    return Input(str, _read_json_body)


def _read_binary(file_type: Any, name: str) -> Callable[[], Any]:
    content = read_bytes("--body", name)
    return lambda: file_type(payload=BytesIO(content))


def _read_text_body(name: str) -> Callable[[], str]:
    return partial(str, read_text("--body", name))


def _read_json_body(name: str) -> Callable[[], Any]:
    body = _parse_json("--body", read_text("--body", name))
    return lambda: body


def _require_offset(name: str, value: Any) -> Any:
    """RFC 3339 §5.6: a date-time has an offset."""
    if isinstance(value, datetime) and value.tzinfo is None:
        raise UsageError(f"{name} has no offset from UTC: write {value.isoformat()}Z, or another offset.")
    return value


def _read_all(read: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
    return [*map(read, values)]


def _parse_json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise UsageError(f"{name} is not JSON: nested too deeply.") from None
    except ValueError as error:
        raise UsageError(f"{name} is not JSON: {error}.") from None


def _read_model(name: str, model: Any, text: str) -> Any:
    try:
        return model.from_dict(_parse_json(name, text))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise UsageError(f"{name} is not a {model.__name__}: {error!r}.") from None


def _members(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
