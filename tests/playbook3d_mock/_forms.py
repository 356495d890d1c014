"""Forms: request bodies that are urlencoded or multipart, as objects.

``encoding`` decides how a property is written, as for parameters. The media types of parts are not checked: clients
guess those of files by their names.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from playbook3d_mock._media_types import is_json
from playbook3d_mock._request import percent_decode, read_pairs
from playbook3d_mock._schemas import properties
from playbook3d_mock._serialization import Serialization, ValueType, combine, read_value_type

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

    from playbook3d_mock._document import Json, Node
    from playbook3d_mock._schemas import Validator

# Otherwise its warnings of malformed bodies would be printed. Applications can still configure the logger.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())

_MAX_FIELDS = 10_000
_STYLES = ("form", "deepObject", "spaceDelimited", "pipeDelimited")
_ENCODING_FIELDS = ("contentType", "headers", "style", "explode", "allowReserved")


@dataclass(frozen=True, slots=True)
class Form:
    """A form.

    Attributes:
        fields: How each declared property is written.
    """

    fields: tuple[Serialization, ...]

    def problem(self, pairs: list[tuple[str, str]], validator: Validator) -> str | None:
        """What is wrong with a form of decoded names and texts, or ``None``; raises ``ValueError``."""
        if len(pairs) > _MAX_FIELDS:
            raise ValueError(f"is too large: the mock reads at most {_MAX_FIELDS} fields")
        options: dict[str, list[Json]] = {}
        for field in self.fields:
            try:
                if candidates := field.read(pairs, str):
                    options[field.name] = candidates
            except ValueError as error:
                raise ValueError(f"/{field.name}: {error}") from None
        undeclared: dict[str, list[str]] = {}
        for name, text in pairs:
            if name not in options and not any(field.owns(name) for field in self.fields):
                undeclared.setdefault(name, []).append(text)
        candidates = combine({**options, **{name: _ANY.texts_to_json(texts) for name, texts in undeclared.items()}})
        problem = validator.problem(candidates[0])
        return problem if problem and not any(map(validator.is_valid, candidates[1:])) else None

    def parse_urlencoded(self, body: bytes) -> list[tuple[str, str]]:
        """The names and texts of a form; raises ``ValueError`` if it is not one."""
        return [(name, percent_decode(raw)) for name, raw in read_pairs(body)]

    def parse_multipart(self, body: bytes, media_type: str) -> list[tuple[str, str]]:
        """The names and texts of a form; bytes as latin-1; raises ``ValueError`` if it is not one."""
        boundary = parse_options_header(media_type)[1].get(b"boundary")
        if not boundary:
            raise ValueError("has no boundary: Content-Type must name it")
        parts = _Parts()
        try:
            parser = MultipartParser(boundary, parts.callbacks())
            parser.write(body)
            parser.finalize()
        except FormParserError:
            raise ValueError("is not multipart/form-data") from None
        if body and not parts.is_complete:
            raise ValueError("is not multipart/form-data: its last boundary is missing")
        return parts.pairs


_ANY = ValueType(frozenset())


class _Parts:
    """The parts of a multipart body, collected while it is parsed."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.is_complete = False
        self._name, self._value, self._data = bytearray(), bytearray(), bytearray()
        self._disposition = b""

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_part_data": lambda data, start, end: self._data.extend(data[start:end]),
            "on_part_end": self._end,
            "on_end": self._complete,
        }

    def _begin(self) -> None:
        self._disposition = b""
        self._data.clear()

    def _end_header(self) -> None:
        if bytes(self._name).lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _end(self) -> None:
        options = parse_options_header(self._disposition)[1]
        if b"name" not in options:
            raise ValueError("has a part without a name")
        self.pairs.append((_text(options[b"name"]), _text(self._data, is_file=b"filename" in options)))

    def _complete(self) -> None:
        self.is_complete = True


def _text(content: bytes | bytearray, *, is_file: bool = False) -> str:
    """A text, or bytes as latin-1: the length of a file is counted in bytes."""
    try:
        return content.decode("latin-1" if is_file else "utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def read_form(media: Node) -> Form:
    """The form that a Media Type Object describes; raises ``ContractError``."""
    encodings = media.get("encoding")
    by_name = dict(encodings.members()) if encodings else {}
    declared = properties(media.child("schema"))
    return Form(tuple(_read_field(name, node, by_name.get(name)) for name, node in declared.items()))


def _read_field(name: str, schema: Node, encoding: Node | None) -> Serialization:
    value_type = read_value_type(schema)
    if encoding is None:
        return Serialization(name, "repeated", True, value_type)
    encoding.require_known_fields(*_ENCODING_FIELDS)
    style = encoding.text("style", "form")
    if style not in _STYLES:
        raise encoding.child("style").error(f"style {style!r} is not supported: {' or '.join(_STYLES)} are")
    explode = encoding.flag("explode", default=style == "form")
    if {"style", "explode"} & encoding.object().keys():
        return Serialization(name, style, explode, value_type)
    if is_json(encoding.text("contentType", "")) and "array" not in value_type.types:
        return Serialization(name, "json", True, value_type)
    return Serialization(name, "repeated", True, value_type)
