"""Parameters: from text in a request to a JSON value, judged by its schema.

Styles are ``simple`` in path and headers, ``form`` in cookies, and in the query ``form``, ``deepObject``,
``spaceDelimited`` or ``pipeDelimited``. A parameter that is described by ``content`` is JSON or text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playbook3d_mock._document import Node
from playbook3d_mock._media_types import essence, is_json
from playbook3d_mock._request import is_token, percent_decode
from playbook3d_mock._serialization import Serialization, ValueType, read_value_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playbook3d_mock._document import Json, Problems
    from playbook3d_mock._request import Request
    from playbook3d_mock._schemas import Schemas, Validator

# The first is the default.
_STYLES = {
    "path": ("simple",),
    "query": ("form", "deepObject", "spaceDelimited", "pipeDelimited"),
    "header": ("simple",),
    "cookie": ("form",),
}
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
        allows_empty: Whether an empty text is a value, whatever the schema (``allowEmptyValue``).
        serialization: How its value is written.
        validator: The validator of its value.
    """

    location: str
    name: str
    required: bool
    allows_empty: bool
    serialization: Serialization
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
        if self.allows_empty and (self.name, "") in request.pairs("query"):
            return None
        try:
            candidates = self._read(request, path_value)
        except ValueError as error:
            return str(error)
        if not candidates:
            return "is required" if self.required else None
        problem = self.validator.problem(candidates[0])
        return problem if problem and not any(map(self.validator.is_valid, candidates[1:])) else None

    def _read(self, request: Request, path_value: str) -> list[Json]:
        """The values that it can have in a request; none if it is missing."""
        if self.location == "path":
            return self.serialization.read_texts((path_value,))
        if self.location == "header":
            raw = request.values("header", self.name)
            return self.serialization.read_texts(raw, _strip) if raw else []
        decode = _decode_cookie if self.location == "cookie" else percent_decode
        return self.serialization.read(request.pairs(self.location), decode)


def _strip(text: str) -> str:
    return text.strip(" \t")


def _decode_cookie(raw: str) -> str:
    """Decode a cookie, as the style form has it; RFC 6265 knows no percent-encoding, so any other text is as it is."""
    try:
        return percent_decode(raw)
    except ValueError:
        return raw


def read_parameters(
    operation: Node, item: Node, path_names: Sequence[str], schemas: Schemas, problems: Problems
) -> tuple[Parameter, ...]:
    """The parameters of an operation and its path item: those of the path first, in the order of ``path_names``."""
    declared: dict[tuple[str, str], Node] = {}
    for owner in (item, operation):
        own: dict[tuple[str, str], Node] = {}
        parameters = owner.get("parameters")
        for node in parameters.elements() if parameters else ():
            location, name = node.text("in"), node.text("name")
            if location == "header" and name.lower() in _IGNORED_HEADERS:
                continue
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
            problems.report(operation.error(f"the parameter '{{{name}}}' of the path is not declared"))
            undeclared: Json = {"name": name, "in": "path", "required": True, "content": {"text/plain": {}}}
            declared["path", name] = Node(undeclared, operation.pointer, operation.root)
    in_path = [declared.pop(("path", name)) for name in path_names]
    others = _query_names(operation.root, declared)
    return tuple(_read_parameter(node, schemas, problems, others) for node in (*in_path, *declared.values()))


def _query_names(root: Json, declared: Mapping[tuple[str, str], Node]) -> frozenset[str]:
    """The names in the query of all parameters and credentials."""
    components = Node(root, "#", root).get("components")
    schemes = components.get("securitySchemes") if components else None
    credentials = [scheme.object() for _, scheme in schemes.members()] if schemes else []
    names = [str(scheme.get("name")) for scheme in credentials if scheme.get("in") == "query"]
    return frozenset((*names, *(name for location, name in declared if location == "query")))


def _read_parameter(node: Node, schemas: Schemas, problems: Problems, others: frozenset[str]) -> Parameter:
    location, name = _read_name(node.require_known_fields(*_FIELDS))
    required = node.flag("required")
    if location == "path" and not required:
        raise node.error("a path parameter must have 'required: true'")
    if content := node.get("content"):
        serialization, validator = _read_content(name, content, schemas)
    else:
        if "schema" not in node.object():
            problems.report(node.error("must have a 'schema'"))
        serialization, validator = _read_schema(location, name, node, schemas, others)
    allows_empty = location == "query" and node.flag("allowEmptyValue")
    return Parameter(location, name, required, allows_empty, serialization, validator)


def read_header(name: str, node: Node, schemas: Schemas) -> Parameter:
    """A Header Object of a response, as a parameter."""
    content = node.get("content")
    serialization, validator = (
        _read_content(name, content, schemas) if content else _read_schema("header", name, node, schemas, frozenset())
    )
    return Parameter("header", name, node.flag("required"), False, serialization, validator)


def _read_schema(
    location: str, name: str, node: Node, schemas: Schemas, others: frozenset[str]
) -> tuple[Serialization, Validator]:
    styles = _STYLES[location]
    if (style := node.text("style", styles[0])) not in styles:
        raise node.child("style").error(f"style {style!r} is not supported: {location} allows {' or '.join(styles)}")
    value_type = read_value_type(node.child("schema")) if "schema" in node.object() else ValueType(frozenset())
    if style == "deepObject" and "object" not in value_type.types:
        raise node.child("style").error("the style 'deepObject' needs the type object")
    explode = node.flag("explode", default=style == "form")
    return Serialization(name, style, explode, value_type, others), schemas.validator_of(node)


def _read_content(name: str, content: Node, schemas: Schemas) -> tuple[Serialization, Validator]:
    media = [content.child(key) for key in content.object()]
    if len(media) != 1:
        raise content.error("the 'content' of a parameter must have exactly one media type")
    if not is_json(media[0].key) and not essence(media[0].key).startswith("text/"):
        raise media[0].error(f"a parameter of the type {media[0].key!r} is not supported: use JSON or text")
    style = "json" if is_json(media[0].key) else "form"
    return Serialization(name, style, True, ValueType(frozenset({"string"}))), schemas.validator_of(media[0])


def _read_name(node: Node) -> tuple[str, str]:
    location, name = node.text("in"), node.text("name")
    if location not in _STYLES:
        raise node.child("in").error(f"{location!r} is not a location for a parameter: {', '.join(_STYLES)}")
    if location in ("header", "cookie") and not is_token(name):
        raise node.child("name").error(f"{name!r} is not a valid name of a {location}")
    return location, name
