"""JSON Schemas of the contract: validators for them, and what they say of types and properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import jsonschema_rs

from playbook3d_mock._document import ContractError, Json, Node, json_type, pointer_to

if TYPE_CHECKING:
    from collections.abc import Iterator

_BASE_URI = "urn:playbook3d:contract"
_DIALECTS = ("https://json-schema.org/draft/2020-12/schema", "https://spec.openapis.org/oas/3.1/dialect/base")
# These change what a reference refers to: "#/components/…" would no longer be a place in this document.
_UNSUPPORTED = ("$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary")
_SCHEMA_KEYWORDS = (
    "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not",
    "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
_LIST_KEYWORDS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAP_KEYWORDS = ("$defs", "dependentSchemas", "patternProperties", "properties")
_MAX_PROBLEM = 300


class Validator:
    """Validates values by one schema. Formats are checked; unknown formats are annotations (JSON Schema 2020-12)."""

    __slots__ = ("_compiled",)

    def __init__(self, compiled: jsonschema_rs.Draft202012Validator) -> None:
        self._compiled = compiled

    def is_valid(self, value: Json) -> bool:
        """Whether a value is valid."""
        return self._compiled.is_valid(cast(Any, value))

    def problem(self, value: Json) -> str | None:
        """Why a value is invalid, without showing it, or ``None``."""
        if self.is_valid(value):
            return None
        error = next(iter(self._compiled.iter_errors(cast(Any, value))))
        path = "".join(f"/{token}" for token in error.instance_path)
        # Names of properties come from the request, and may have any length.
        return (f"{path}: {error.message}" if path else str(error.message))[:_MAX_PROBLEM]


class Schemas:
    """The validators of a contract."""

    def __init__(self, root: Node) -> None:
        dialect = root.text("jsonSchemaDialect", _DIALECTS[0])
        if dialect not in _DIALECTS:
            raise root.child("jsonSchemaDialect").error(f"the dialect {dialect!r} is not supported")
        self._registry = jsonschema_rs.Registry([(_BASE_URI, cast(Any, root.value))])
        self._checked: set[str] = set()

    def validator(self, schema: Node) -> Validator:
        """The validator of a schema; raises ``ContractError`` if the schema is invalid or not supported."""
        self._check(schema)
        try:
            compiled = jsonschema_rs.Draft202012Validator(
                {"$ref": _BASE_URI + quote(schema.pointer, safe="#/~")},
                registry=self._registry,
                validate_formats=True,
                mask="the value",
                offline=True,
            )
        except jsonschema_rs.ValidationError as error:  # regular expressions are compiled only now
            raise _invalid_schema(error, "#") from error
        return Validator(compiled)

    def validator_of(self, owner: Node) -> Validator:
        """The validator of the field ``schema``; if it is missing, every value is valid."""
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
                self._check(node.reference_target())
        try:
            jsonschema_rs.meta.validate(cast(Any, schema.value))
        except jsonschema_rs.ValidationError as error:
            raise _invalid_schema(error, schema.pointer) from error


def _invalid_schema(error: jsonschema_rs.ValidationError, start: str) -> ContractError:
    return ContractError(f"is not a JSON Schema 2020-12: {error.message}", pointer_to(start, *error.instance_path))


def _subschemas(schema: Node) -> Iterator[Node]:
    members = schema.object()
    yield from (schema.child(key) for key in _SCHEMA_KEYWORDS if key in members)
    yield from branches(schema, *_LIST_KEYWORDS)
    for key in _MAP_KEYWORDS:
        if key in members:
            by_name = schema.child(key)
            yield from (by_name.child(name) for name in by_name.object())


def branches(schema: Node, *keywords: str) -> list[Node]:
    """The elements of list keywords, such as ``allOf``."""
    lists = [schema.child(keyword) for keyword in keywords if isinstance(schema.object().get(keyword), list)]
    return [node.child(index) for node in lists for index in range(len(cast(Any, node.value)))]


def types(schema: Node, ancestors: tuple[str, ...] = ()) -> frozenset[str]:
    """The JSON types that a schema allows, also by references and branches; empty if it names none."""
    if not isinstance(schema.value, dict) or schema.pointer in ancestors:
        return frozenset()
    members, ancestors = schema.value, (*ancestors, schema.pointer)
    named = members.get("type")
    if named is not None:
        return frozenset(map(str, named if isinstance(named, list) else [named]))
    if "const" in members:
        return frozenset({json_type(members["const"])})
    if isinstance(values := members.get("enum"), list):
        return frozenset(map(json_type, values))
    required = [schema.reference_target()] if "$ref" in members else []
    for part in [*required, *branches(schema, "allOf")]:
        if allowed := types(part, ancestors):
            return allowed
    options = [types(branch, ancestors) for branch in branches(schema, "anyOf", "oneOf")]
    return frozenset[str]().union(*options) if all(options) else frozenset()


def properties(schema: Node, ancestors: tuple[str, ...] = ()) -> dict[str, Node]:
    """The properties that a schema declares, also by references and branches."""
    if not isinstance(schema.value, dict) or schema.pointer in ancestors:
        return {}
    ancestors = (*ancestors, schema.pointer)
    declared: dict[str, Node] = {}
    if "$ref" in schema.value:
        declared.update(properties(schema.reference_target(), ancestors))
    for branch in branches(schema, "allOf", "anyOf", "oneOf"):
        declared.update(properties(branch, ancestors))
    if "properties" in schema.value:
        by_name = schema.child("properties")
        declared.update((name, by_name.child(name)) for name in by_name.object())
    return declared
