"""Parameters: from text in a request to a JSON value, judged by its schema.

Styles are OpenAPI's defaults: ``form`` in query and cookies, ``simple`` in path and headers. The types that the schema
names decide what a text can mean; numbers are written as in JSON. ``null`` cannot be written: leave the parameter out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playbook3d_mock._request import is_token, percent_decode
from playbook3d_mock._schemas import branches, types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playbook3d_mock._document import Json, Node
    from playbook3d_mock._request import Request
    from playbook3d_mock._schemas import Schemas, Validator

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_FIELDS = (
    "name", "in", "description", "required", "deprecated", "allowEmptyValue",
    "style", "explode", "allowReserved", "schema", "content", "example", "examples",
)  # fmt: skip
# OpenAPI 3.1, Parameter Object: header parameters with these names SHALL be ignored.
_IGNORED_HEADERS = ("accept", "content-type", "authorization")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation.

    Attributes:
        location: "path", "query", "header" or "cookie".
        name: Its name.
        required: Whether it must be given.
        array: Whether its value is an array.
        explode: Whether each element of an array is given by itself, rather than all in one text.
        types: The JSON types of its value, or of the elements of the array.
        validator: The validator of its value.
    """

    location: str
    name: str
    required: bool
    array: bool
    explode: bool
    types: frozenset[str]
    validator: Validator

    @property
    def label(self) -> str:
        """Its name in messages, such as "path team_id"."""
        return f"{self.location} {self.name}"

    def problem(self, request: Request, path_value: str) -> str | None:
        """What is wrong with its value in a request, or ``None``.

        Args:
            request: The request.
            path_value: The raw value, if the parameter is in the path.
        """
        raw = [path_value] if self.location == "path" else request.values(self.location, self.name)
        if not raw:
            return "is required" if self.required else None
        if len(raw) > 1 and not (self.array and self.explode):
            return "is given more than once"
        texts = raw[0].split(",") if self.array and not self.explode else raw
        try:
            texts = [text.strip(" \t") if self.location == "header" else percent_decode(text) for text in texts]
        except ValueError as error:
            return str(error)
        candidates = _parse(texts[0], self.types)
        if self.array:
            candidates = [[_parse(text, self.types)[0] for text in texts]]
            if texts == [""]:
                candidates.append([])  # RFC 6570 cannot write an empty array: clients send an empty text
        problems = [self.validator.problem(value) for value in candidates]
        return problems[0] if all(problems) else None


def _parse(text: str, allowed_types: frozenset[str]) -> list[Json]:
    """The values that a text can mean, at least one, the most specific first."""
    if "boolean" in allowed_types and text in ("true", "false"):
        return [text == "true", text]
    if not allowed_types.isdisjoint({"integer", "number"}) and _NUMBER.fullmatch(text):
        try:
            return [json.loads(text), text]
        except ValueError:  # more digits than Python parses into an integer
            return [float(text), text]
    return [text]  # the schema rejects it, unless it allows strings


def read_parameters(operation: Node, item: Node, path_names: Sequence[str], schemas: Schemas) -> tuple[Parameter, ...]:
    """The parameters of an operation and its path item: those of the path first, in the order of ``path_names``."""
    declared: dict[tuple[str, str], Node] = {}
    for owner in (item, operation):
        own: dict[tuple[str, str], Node] = {}
        parameters = owner.get("parameters")
        for node in parameters.elements() if parameters else ():
            location, name = node.text("in"), node.text("name")
            # RFC 9110 §5.1: names of headers are case-insensitive.
            key = (location, name.lower() if location == "header" else name)
            if key in own:
                raise node.error(f"{location} parameter {name!r} is a duplicate")
            if location == "path" and name not in path_names:
                raise node.error(f"the path has no parameter '{{{name}}}'")
            own[key] = node
        declared.update(own)
    for name in path_names:
        if ("path", name) not in declared:
            raise operation.error(f"the parameter '{{{name}}}' of the path is not declared")
    in_path = [declared.pop(("path", name)) for name in path_names]
    return tuple(_read_parameter(node, schemas) for node in (*in_path, *declared.values()))


def _read_parameter(node: Node, schemas: Schemas) -> Parameter:
    location, name = _read_name(node.require_known_fields(*_FIELDS))
    required = node.flag("required")
    if location == "path" and not required:
        raise node.error("a path parameter must have 'required: true'")
    if "content" in node.object():
        raise node.child("content").error("parameters described by 'content' are not supported")
    if node.flag("allowEmptyValue"):
        raise node.child("allowEmptyValue").error("'allowEmptyValue' is not supported")
    if (style := node.text("style", _STYLES[location])) != _STYLES[location]:
        raise node.child("style").error(f"style {style!r} is not supported: {location} allows {_STYLES[location]!r}")
    if "schema" not in node.object():
        raise node.error("must have a 'schema'")
    schema = node.child("schema")
    validator = schemas.validator(schema)
    value_types = types(schema) - {"null"}
    if not value_types:
        raise schema.error("must name the type of the parameter, which decides how its text is parsed")
    array = value_types == frozenset({"array"}) and location != "cookie"
    if not array and value_types - _SCALARS:
        named = " or ".join(sorted(value_types))
        raise schema.error(f"{location} parameters of the type {named!r} are not supported")
    # The style `simple` writes an array as one text either way.
    form = style == "form"
    explode = node.flag("explode", default=form) and form
    return Parameter(location, name, required, array, explode, _item_types(schema) if array else value_types, validator)


def _read_name(node: Node) -> tuple[str, str]:
    location, name = node.text("in"), node.text("name")
    if location not in _STYLES:
        raise node.child("in").error(f"{location!r} is not a location for a parameter: {', '.join(_STYLES)}")
    if location == "header" and name.lower() in _IGNORED_HEADERS:
        message = f"OpenAPI ignores a header parameter named {name!r}: declare a security scheme or a media type"
        raise node.error(message)
    if location in ("header", "cookie") and not is_token(name):
        raise node.child("name").error(f"{name!r} is not a valid name of a {location}")
    return location, name


def _item_types(schema: Node) -> frozenset[str]:
    """The one scalar type of the elements of an array."""
    schema = schema.dereference()
    for branch in branches(schema, "allOf", "anyOf", "oneOf"):
        if "array" in types(branch):
            return _item_types(branch)
    item_types = types(schema.child("items")) - {"null"} if "items" in schema.object() else frozenset[str]()
    if len(item_types) != 1 or item_types - _SCALARS:
        raise schema.error("an array parameter must have 'items' of one simple type")
    return item_types
