"""JSON Schemas of the contract: which are understood, validators for them, and what they say of types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import jsonschema_rs

from ._contract import ContractError, Json, Node, pointer_to

if TYPE_CHECKING:
    from collections.abc import Iterator

_BASE = "urn:playbook3d:contract"
_DIALECTS = ("https://json-schema.org/draft/2020-12/schema", "https://spec.openapis.org/oas/3.1/dialect/base")
# What moves the base of references, so that "#/components/…" would no longer mean this document.
_UNSUPPORTED = ("$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary")
_ONE = (
    "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not",
    "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
_LONGEST = 300
_LIST = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAP = ("$defs", "dependentSchemas", "patternProperties", "properties")


class Validator:
    """Whether values obey one schema. Formats are enforced; unknown formats are annotations, as always."""

    __slots__ = ("_compiled",)

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def is_valid(self, value: Json) -> bool:
        """Whether a value obeys the schema."""
        return bool(self._compiled.is_valid(value))

    def problem(self, value: Json) -> str | None:
        """What is wrong with a value, without repeating it; None where nothing is."""
        if self._compiled.is_valid(value):
            return None
        error = next(iter(self._compiled.iter_errors(value)))
        place = "".join(f"/{token}" for token in error.instance_path)
        # The names of properties come from the request, and may have any length.
        return (f"{place}: {error.message}" if place else str(error.message))[:_LONGEST]


class Schemas:
    """The validators of one contract."""

    def __init__(self, root: Node) -> None:
        dialect = root.text("jsonSchemaDialect", _DIALECTS[0])
        if dialect not in _DIALECTS:
            raise root.child("jsonSchemaDialect").error(f"the dialect {dialect!r} is not supported")
        self._registry = jsonschema_rs.Registry([(_BASE, root.value)])
        self._checked: set[str] = set()

    def validator(self, schema: Node) -> Validator:
        """A validator for a schema of the contract; raises ContractError where it is not understood."""
        self._check(schema)
        reference = f"{_BASE}{quote(schema.pointer, safe='#/~')}"
        try:
            compiled = jsonschema_rs.Draft202012Validator(
                {"$ref": reference}, registry=self._registry, validate_formats=True, mask="the value", offline=True
            )
        except jsonschema_rs.ValidationError as error:  # regular expressions are read only now
            raise _invalid(error, "#") from error
        return Validator(compiled)

    def of(self, owner: Node) -> Validator:
        """The validator of the field `schema` of an object; without that field, anything is valid."""
        if "schema" in owner.object():
            return self.validator(owner.child("schema"))
        return Validator(jsonschema_rs.Draft202012Validator(True))

    def _check(self, schema: Node) -> None:
        if schema.pointer in self._checked:
            return
        pending = [schema]
        while pending:
            node = pending.pop()
            if node.pointer in self._checked or isinstance(node.value, bool):
                continue
            self._checked.add(node.pointer)
            members = node.object()
            for key in _UNSUPPORTED:
                if key in members:
                    raise node.child(key).error(f"{key!r} is not supported")
            if "nullable" in members:
                raise node.child("nullable").error("OpenAPI 3.1 has no 'nullable': add \"null\" to 'type'")
            if members.get("$schema", _DIALECTS[0]) not in _DIALECTS:
                raise node.child("$schema").error(f"the dialect {members['$schema']!r} is not supported")
            pending.extend(_subschemas(node))
            if "$ref" in members:
                self._check(node.target())
        try:
            jsonschema_rs.meta.validate(cast(Any, schema.value))
        except jsonschema_rs.ValidationError as error:
            raise _invalid(error, schema.pointer) from error


def _invalid(error: jsonschema_rs.ValidationError, start: str) -> ContractError:
    return ContractError(f"is not a JSON Schema 2020-12: {error.message}", pointer_to(start, *error.instance_path))


def _subschemas(node: Node) -> Iterator[Node]:
    members = node.object()
    for key in _ONE:
        if key in members:
            yield node.child(key)
    for key in _LIST:
        if key in members:
            yield from branches(node, key)
    for key in _MAP:
        if key in members:
            inner = node.child(key)
            yield from (inner.child(name) for name in inner.object())


def branches(schema: Node, *keywords: str) -> list[Node]:
    """The schemas under list keywords such as `allOf`."""
    found: list[Node] = []
    for keyword in keywords:
        value = schema.object().get(keyword)
        if isinstance(value, list):
            inner = schema.child(keyword)
            found.extend(inner.child(index) for index in range(len(value)))
    return found


def types(schema: Node, around: tuple[str, ...] = ()) -> frozenset[str]:
    """The JSON types that a schema names, itself or through references and branches; empty where none."""
    if not isinstance(schema.value, dict) or schema.pointer in around:
        return frozenset()
    members, around = schema.value, (*around, schema.pointer)
    named = members.get("type")
    if isinstance(named, str):
        return frozenset({named})
    if isinstance(named, list):
        return frozenset(str(name) for name in named)
    if "const" in members:
        return frozenset({_type(members["const"])})
    if isinstance(values := members.get("enum"), list):
        return frozenset(_type(value) for value in values)
    if "$ref" in members and (found := types(schema.target(), around)):
        return found
    for branch in branches(schema, "allOf"):
        if found := types(branch, around):
            return found
    options = [types(branch, around) for branch in branches(schema, "anyOf", "oneOf")]
    return frozenset[str]().union(*options) if all(options) else frozenset()


def properties(schema: Node, around: tuple[str, ...] = ()) -> dict[str, Node]:
    """The properties that a schema declares, itself or through references and branches."""
    if not isinstance(schema.value, dict) or schema.pointer in around:
        return {}
    around = (*around, schema.pointer)
    found: dict[str, Node] = {}
    if "$ref" in schema.value:
        found.update(properties(schema.target(), around))
    for branch in branches(schema, "allOf", "anyOf", "oneOf"):
        found.update(properties(branch, around))
    if "properties" in schema.value:
        declared = schema.child("properties")
        found.update((name, declared.child(name)) for name in declared.object())
    return found


def _type(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return {int: "integer", float: "number", str: "string", list: "array", dict: "object"}[type(value)]
