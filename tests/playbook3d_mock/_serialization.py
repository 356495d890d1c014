"""Serialized values: from the texts of parameters and form fields to JSON values.

The JSON types that a schema allows decide what a text can mean; numbers are written as in JSON. ``null`` cannot be
written: leave the value out. OpenAPI does not define how styles write a value within a value: it is read as JSON.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from playbook3d_mock._request import percent_decode
from playbook3d_mock._schemas import branches, properties, types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from playbook3d_mock._document import Json, Node

    Pairs = Sequence[tuple[str, str]]
    Decode = Callable[[str], str]

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NUMERIC, _NESTED = frozenset({"integer", "number"}), frozenset({"object", "array"})
_DELIMITERS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
_MAX_DEPTH = 500
# A million values would take a second and 200 MiB.
_MAX_VALUES = 200_000


@dataclass(frozen=True, slots=True)
class ValueType:
    """What a schema says of the type of a value.

    Attributes:
        types: The JSON types that it names, without null; empty for any.
        items: The type of the elements of an array, if it describes them.
        properties: The types of the properties of an object.
        is_open: Whether an object has more properties than these.
    """

    types: frozenset[str]
    items: ValueType | None = None
    properties: Mapping[str, ValueType] | None = None
    is_open: bool = False

    def texts_to_json(self, texts: Sequence[str]) -> list[Json]:
        """The values that the texts of one value can mean, the most specific first; several are an array."""
        if len(texts) == 1 and "array" not in self.types:
            return _parse(texts[0], self.types)
        item_types = self.items.types if self.items else frozenset[str]()
        parsed = [_parse(text, item_types) for text in texts]
        candidates: list[Json] = [[options[0] for options in parsed]]
        if any(len(options) > 1 for options in parsed):
            candidates.append([options[-1] for options in parsed])
        if len(texts) == 1:
            candidates += _parse(texts[0], self.types)
            if texts == [""]:
                candidates.append([])  # RFC 6570 cannot write an empty array: clients send an empty text
        return candidates

    def object(self, members: Mapping[str, Sequence[str]]) -> list[Json]:
        """The objects that the texts of its members can mean, the most specific first."""
        declared = self.properties or {}
        options = {name: declared.get(name, _ANY).texts_to_json(texts) for name, texts in members.items()}
        return combine(options)


_ANY = ValueType(frozenset())


def combine(options: Mapping[str, Sequence[Json]]) -> list[Json]:
    """The objects of the most and of the least specific option for each member."""
    candidates: list[Json] = [{name: values[0] for name, values in options.items()}]
    if any(len(values) > 1 for values in options.values()):
        candidates.append({name: values[-1] for name, values in options.items()})
    return candidates


def read_value_type(schema: Node, depth: int = 2) -> ValueType:
    """The type of a value; a value within a value is read as JSON."""
    value_types = types(schema) - {"null"}
    if not depth or not value_types & _NESTED:
        return ValueType(value_types)
    parts = list(_parts(schema))
    items = [read_value_type(part.child("items"), 0) for part in parts if "items" in part.object()]
    item_types = frozenset[str]().union(*(item.types for item in items if all(other.types for other in items)))
    by_name = {name: read_value_type(node, depth - 1) for name, node in properties(schema).items()}
    closed = any(part.object().get("additionalProperties") is False for part in parts)
    is_open = not closed and (not by_name or any("additionalProperties" in part.object() for part in parts))
    return ValueType(value_types, ValueType(item_types), by_name, is_open)


def _parts(schema: Node, ancestors: tuple[str, ...] = ()) -> Iterator[Node]:
    """A schema, and the schemas that it refers to or is composed of."""
    if not isinstance(schema.value, dict) or schema.pointer in ancestors:
        return
    ancestors = (*ancestors, schema.pointer)
    yield schema
    if "$ref" in schema.value:
        yield from _parts(schema.reference_target(), ancestors)
    for branch in branches(schema, "allOf", "anyOf", "oneOf"):
        yield from _parts(branch, ancestors)


@dataclass(frozen=True, slots=True)
class Serialization:
    """How a value is written as text.

    Attributes:
        name: Its name.
        style: A style of OpenAPI: "form", "simple", "deepObject", "spaceDelimited" or "pipeDelimited"; "json";
            "repeated", a text for each element.
        explode: Whether each element or member is given by itself, rather than all in one text.
        value_type: The type of the value.
        others: Names that are not members of this value, if its members are given by themselves.
    """

    name: str
    style: str
    explode: bool
    value_type: ValueType
    others: frozenset[str] = frozenset()

    def read(self, pairs: Pairs, decode: Decode = percent_decode) -> list[Json]:
        """The values that pairs of name and raw text can mean, the most specific first; none if it is missing.

        Raises:
            ValueError: A text is malformed; the message is the problem.
        """
        if self.style == "deepObject":
            return self._read_members({key: raw for key in self._keys(pairs) if (raw := _all(pairs, key))}, decode)
        raw = _all(pairs, self.name)
        if not raw:
            return self._read_members({key: _all(pairs, key) for key in self._keys(pairs)}, decode)
        return self.read_texts(raw, decode)

    def read_texts(self, raw: Sequence[str], decode: Decode = percent_decode) -> list[Json]:
        """The values that the raw texts of this name, at least one, can mean; as ``read``."""
        value_types = self.value_type.types
        is_repeated = self.explode and self.style != "simple"
        if len(raw) > 1 and not (is_repeated and "array" in value_types):
            raise ValueError("is given more than once")
        if self.style == "json":
            return [parse_json(decode(raw[0]).encode("utf-8"))]
        if not value_types & _NESTED:
            return _parse(decode(raw[0]), value_types)
        if is_repeated:
            return self.value_type.texts_to_json([decode(text) for text in raw])
        return self._read_delimited(raw[0], decode)

    def owns(self, name: str) -> bool:
        """Whether a pair of this name is part of the value."""
        return name == self.name or name in self._keys([(name, "")])

    @property
    def _has_members(self) -> bool:
        return "object" in self.value_type.types and self.style == "form" and self.explode

    def _keys(self, pairs: Pairs) -> list[str]:
        """The names of the pairs that are members of this object."""
        names = dict.fromkeys(name for name, _ in pairs)
        if self.style == "deepObject":
            return [name for name in names if name.startswith(f"{self.name}[") and name.endswith("]")]
        if not self._has_members:
            return []
        declared = self.value_type.properties or {}
        return [name for name in names if name in declared or (self.value_type.is_open and name not in self.others)]

    def _read_members(self, raw: Mapping[str, Sequence[str]], decode: Decode) -> list[Json]:
        start = len(self.name) + 1 if self.style == "deepObject" else 0
        members = {
            key[start:].removesuffix("[]").removesuffix("]") if start else key: [decode(text) for text in texts]
            for key, texts in raw.items()
        }
        return self.value_type.object(members) if members else []

    def _read_delimited(self, raw: str, decode: Decode) -> list[Json]:
        value_types, delimiter = self.value_type.types, _DELIMITERS[self.style]
        text = decode(raw)
        # RFC 6570: an encoded comma is part of an element. Many clients encode the delimiters, too.
        by_raw = [decode(part) for part in raw.split(delimiter)]
        splits = [by_raw, by_decoded] if (by_decoded := text.split(delimiter)) != by_raw else [by_raw]
        candidates: list[Json] = []
        for parts in splits:
            if "array" in value_types:
                candidates += self.value_type.texts_to_json(parts)
            if "object" in value_types:
                candidates += self._read_object(parts if text else [])
        return candidates + (_parse(text, value_types) if value_types - {"array"} else [])

    def _read_object(self, parts: Sequence[str]) -> list[Json]:
        if self.explode:
            pairs = [part.partition("=")[::2] for part in parts]
        else:
            pairs = list(zip(parts[::2], [*parts[1::2], ""], strict=False))
        return self.value_type.object({name: [text] for name, text in pairs})


def _all(pairs: Pairs, name: str) -> list[str]:
    return [raw for key, raw in pairs if key == name]


def _parse(text: str, value_types: frozenset[str]) -> list[Json]:
    """The values that a text can mean, at least one, the most specific first."""
    if text in ("true", "false") and (not value_types or "boolean" in value_types):
        return [text == "true", text]
    if (not value_types or value_types & _NUMERIC) and _NUMBER.fullmatch(text):
        try:
            return [json.loads(text), text]
        except ValueError:  # more digits than Python parses into an integer
            return [float(text), text]
    if text.startswith(("{", "[")) and (not value_types or value_types & _NESTED):
        try:
            return [parse_json(text.encode("utf-8")), text]
        except ValueError:
            return [text]
    return [text]  # the schema rejects it, unless it allows strings


def parse_json(content: bytes, max_values: int | None = _MAX_VALUES) -> Json:
    """The JSON value of a text; raises ``ValueError`` with the problem for what parsers disagree on."""
    if max_values is not None and content.count(b",") > max_values:
        raise ValueError(f"is too large: the mock reads at most {max_values} values")
    try:
        value: Json = json.loads(
            content.decode("utf-8"),
            parse_constant=_reject_constant,
            parse_float=_parse_float,
            object_pairs_hook=_unique_members,
        )
        if b"\\u" in content:
            # JSON can escape an unpaired surrogate, which is not Unicode text.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise ValueError("is not Unicode text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except KeyError:
        raise ValueError("has an object with a duplicate key") from None
    except ValueError:  # from the functions below, or more digits than Python parses
        raise ValueError("has a number that is not finite or has too many digits") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    # Python's own limit differs between versions, and the validator, in Rust, would overflow its stack.
    if content.count(b"[") + content.count(b"{") > _MAX_DEPTH and _is_deep(value):
        raise ValueError("is nested too deeply")
    return value


def _is_deep(value: Json) -> bool:
    level = [value]
    for _ in range(_MAX_DEPTH):
        members = [node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list)]
        level = [node for nodes in members for node in nodes]
    return bool(level)


def _unique_members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    # RFC 8259 §4: what a receiver does with duplicate names is unpredictable.
    members = dict(pairs)
    if len(members) < len(pairs):
        raise KeyError
    return members


def _reject_constant(constant: str) -> NoReturn:
    # RFC 8259 §6: NaN and Infinity are not permitted.
    raise ValueError(constant)


def _parse_float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value
