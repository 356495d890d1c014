"""Parameters: from the text on the wire to a value, and from the value to a verdict by its schema.

Styles are OpenAPI's own defaults: `form` in query and cookies, `simple` in path and headers. What a text can
mean depends on the types that its schema names; numbers are written as in JSON. `null` has no form on the
wire, so a nullable parameter is left out instead.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._request import field_key, is_token
from ._routes import decode
from ._schemas import branches, types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._contract import Json, Node
    from ._request import Request
    from ._schemas import Schemas, Validator

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NUMBERS = frozenset({"integer", "number"})
_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_FIELDS = (
    "name", "in", "description", "required", "deprecated", "allowEmptyValue",
    "style", "explode", "allowReserved", "schema", "content", "example", "examples",
)  # fmt: skip
# OpenAPI 3.1, Parameter Object: header parameters of these names SHALL be ignored.
_IGNORED = ("accept", "content-type", "authorization")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation, ready to judge what a request says of it."""

    place: str
    name: str
    key: bytes
    required: bool
    explode: bool
    array: bool
    types: frozenset[str]
    schema: Validator

    @property
    def label(self) -> str:
        """How messages name it, such as "path team_id"."""
        return f"{self.place} {self.name}"

    def problem(self, request: Request, in_path: str) -> str | None:
        """What is wrong with what a request gives; `in_path` is the raw text where that is the path."""
        raw = [in_path] if self.place == "path" else self._given(request)
        if not raw:
            return "is required" if self.required else None
        if len(raw) > 1 and not (self.array and self.explode):
            return "is given more than once"
        texts = raw[0].split(",") if self.array and not self.explode else raw
        try:
            texts = [text.strip(" \t") if self.place == "header" else decode(text) for text in texts]
        except ValueError as error:
            return str(error)
        readings: tuple[Json, ...] = _readings(texts[0], self.types)
        if self.array:
            elements: list[Json] = [_readings(text, self.types)[0] for text in texts]
            # RFC 6570 has no form for an empty array: clients send an empty text.
            readings = (elements,) if texts != [""] else (elements, [])
        told: str | None = None
        for value in readings:
            problem = self.schema.problem(value)
            if problem is None:
                return None
            told = told or problem
        return told

    def _given(self, request: Request) -> list[str]:
        if self.place == "query":
            return request.query_values(self.name)
        if self.place == "cookie":
            return request.cookies(self.name)
        value = request.header(self.key)
        return [] if value is None else [value.decode("latin-1")]


def _readings(text: str, wanted: frozenset[str]) -> tuple[Json, ...]:
    """The values that a text can mean, the more special ones first; at least one."""
    if "boolean" in wanted and text in ("true", "false"):
        return text == "true", text
    if wanted & _NUMBERS and _NUMBER.fullmatch(text):
        try:
            return json.loads(text), text
        except ValueError:  # more digits than Python reads into an integer
            return float(text), text
    # What is no boolean and no number stays text, for the schema to say so.
    return (text,)


def parameters(operation: Node, item: Node, in_path: Sequence[str], schemas: Schemas) -> tuple[Parameter, ...]:
    """The parameters of an operation, its path item's included; those of the path first, as in the path."""
    declared: dict[tuple[str, str], Node] = {}
    for owner in (item, operation):
        own: set[tuple[str, str]] = set()
        node = owner.get("parameters")
        for parameter in node.elements() if node else ():
            place, name = parameter.text("in"), parameter.text("name")
            # RFC 9110 §5.1: names of header fields are case-insensitive.
            key = (place, name.lower() if place == "header" else name)
            if key in own:
                raise parameter.error(f"{place} parameter {name!r} is declared twice")
            own.add(key)
            declared[key] = parameter
    for place, name in declared:
        if place == "path" and name not in in_path:
            raise declared[place, name].error(f"the path has no parameter '{{{name}}}'")
    for name in in_path:
        if ("path", name) not in declared:
            raise operation.error(f"the parameter '{{{name}}}' of the path is not declared")
    first = [declared.pop(("path", name)) for name in in_path]
    return tuple(_parameter(node, schemas) for node in (*first, *declared.values()))


def _parameter(node: Node, schemas: Schemas) -> Parameter:
    node.only(*_FIELDS)
    place, name = node.text("in"), node.text("name")
    if place not in ("path", "query", "header", "cookie"):
        raise node.child("in").error(f"{place!r} is no place for a parameter")
    if place == "header" and name.lower() in _IGNORED:
        raise node.error(
            f"OpenAPI ignores a header parameter named {name!r}: declare a security scheme or a media type"
        )
    if place in ("header", "cookie") and not is_token(name):
        raise node.child("name").error(f"{name!r} is no name that a {place} can have")
    required = node.flag("required")
    if place == "path" and not required:
        raise node.error("a path parameter must say 'required: true'")
    if "content" in node.object():
        raise node.child("content").error("parameters described by 'content' are not supported")
    if node.flag("allowEmptyValue"):
        raise node.child("allowEmptyValue").error("'allowEmptyValue' is not supported")
    usual = "form" if place in ("query", "cookie") else "simple"
    style = node.text("style", usual)
    if style != usual:
        raise node.child("style").error(f"style {style!r} is not supported: only {usual!r} is in {place}")
    if "schema" not in node.object():
        raise node.error("must have a 'schema'")
    schema = node.child("schema")
    validator = schemas.validator(schema)
    named = types(schema) - {"null"}
    if not named:
        raise schema.error("must name the type of the parameter: text on the wire has none of its own")
    array = named == frozenset({"array"}) and place != "cookie"
    if not array and named - _SCALARS:
        raise schema.error(f"{place} parameters of the type {' or '.join(sorted(named))!r} are not supported")
    return Parameter(
        place=place,
        name=name,
        key=field_key(name),
        required=required,
        # In path and headers an array is one text either way.
        explode=node.flag("explode", default=usual == "form") and usual == "form",
        array=array,
        types=_items(schema) if array else named,
        schema=validator,
    )


def _items(schema: Node) -> frozenset[str]:
    """The one simple type of the elements of an array."""
    schema = schema.follow()
    for branch in branches(schema, "allOf", "anyOf", "oneOf"):
        if "array" in types(branch):
            return _items(branch)
    found = types(schema.child("items")) - {"null"} if "items" in schema.object() else frozenset[str]()
    if len(found) != 1 or found - _SCALARS:
        raise schema.error("an array parameter must have 'items' of one simple type")
    return found
