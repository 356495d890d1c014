"""JSON Schemas of the contract: validators for them, and what they say of types and properties.

All schemas are compiled together: compiled by itself, each would hold a copy of every schema that it can reach.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import jsonschema_rs

from playbook3d_mock._document import ContractError, Json, Node, json_type, pointer_to
from playbook3d_mock._formats import with_integer_bounds

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
# Data, or schemas that others refer to.
_WITHOUT_SCHEMAS = ("schema", "schemas", "example", "examples")
_MAX_PROBLEM = 300


class Validator:
    """Validates values by one schema. Formats are checked; unknown formats are annotations (JSON Schema 2020-12)."""

    __slots__ = ("_compiled", "_key")

    def __init__(self, compiled: jsonschema_rs.Draft202012Validator, key: str) -> None:
        self._compiled = compiled
        self._key = key

    def is_valid(self, value: Json) -> bool:
        """Whether a value is valid."""
        return self._compiled.is_valid(cast(Any, {self._key: value}))

    def problem(self, value: Json) -> str | None:
        """Why a value is invalid, without showing it, or ``None``."""
        try:
            # Stops at the first error; iter_errors() collects all of them, of which there may be a million.
            self._compiled.validate(cast(Any, {self._key: value}))
        except jsonschema_rs.ValidationError as error:
            pointer, message = pointer_to("", *error.instance_path[1:]), _message(error)
            text = f"{pointer}: {message}" if pointer else message
            # Names of properties come from the request, and may have any length. Half a credential is not recognized.
            return text if len(text) <= _MAX_PROBLEM else f"{text[:_MAX_PROBLEM].rpartition(' ')[0]} …"
        return None

    def errors(self, value: Json) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Where in a value what is invalid, in the options of ``anyOf`` and ``oneOf`` too."""
        for error in self._compiled.iter_errors(cast(Any, {self._key: value})):
            innermost = _innermost(error)
            yield tuple(innermost.instance_path[1:]), _message(innermost)


def _message(error: jsonschema_rs.ValidationError) -> str:
    if not isinstance(error.kind, jsonschema_rs.ValidationErrorKind.FalseSchema):
        return str(error.message)
    # Of an object whose properties are all forbidden, the path is that of the object.
    is_object = list(error.schema_path)[-1:] == ["additionalProperties"]
    return "must not have any property" if is_object else "is not allowed"


def _innermost(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """The error of the option that matches best: whose error lies deepest in the value."""
    options: list[list[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", None) or []
    errors = [_innermost(errors[0]) for errors in options if errors]
    return max(errors, key=lambda inner: len(inner.instance_path), default=error)


class Schemas:
    """The validators of a contract."""

    def __init__(self, root: Node) -> None:
        dialect = root.text("jsonSchemaDialect", _DIALECTS[0])
        if dialect not in _DIALECTS:
            raise root.child("jsonSchemaDialect").error(f"the dialect {dialect!r} is not supported")
        self._registry = jsonschema_rs.Registry([(_BASE_URI, cast(Any, with_integer_bounds(root.value)))])
        self._checked: set[str] = set()
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}
        # `validator` raises what is wrong with a schema, if the schema is used.
        with suppress(ContractError, jsonschema_rs.ValidationError):
            schemas = list(declared_schemas(root))
            for schema in schemas:
                self._check(schema)
            self._compiled = self._compile(*schemas)
        if not self._compiled:
            self._checked.clear()

    def validator(self, schema: Node) -> Validator:
        """The validator of a schema; raises ``ContractError`` if the schema is invalid or not supported."""
        if schema.pointer not in self._compiled:
            self._check(schema)
            try:
                self._compiled |= self._compile(schema)
            except jsonschema_rs.ValidationError as error:  # regular expressions are compiled only now
                raise _invalid_schema(error, "#") from error
        return Validator(self._compiled[schema.pointer], schema.pointer)

    def validator_of(self, owner: Node) -> Validator:
        """The validator of the field ``schema``; if it is missing, every value is valid."""
        if "schema" in owner.object():
            return self.validator(owner.child("schema"))
        return Validator(jsonschema_rs.Draft202012Validator(True), owner.pointer)

    def _compile(self, *schemas: Node) -> dict[str, jsonschema_rs.Draft202012Validator]:
        # The properties of one schema share what they refer to; validator_map_for would compile it for each.
        references = {schema.pointer: {"$ref": _BASE_URI + quote(schema.pointer, safe="#/~")} for schema in schemas}
        compiled = jsonschema_rs.Draft202012Validator(
            {"properties": references},
            registry=self._registry,
            validate_formats=True,
            mask="the value",
            offline=True,
        )
        return dict.fromkeys(references, compiled)

    def _check(self, schema: Node) -> None:
        if schema.pointer in self._checked:
            return
        pending, whole = [schema], [schema]
        while pending:
            node = pending.pop()
            if node.pointer in self._checked or isinstance(node.value, bool):
                continue
            self._checked.add(node.pointer)
            members = node.object()
            for key in _UNSUPPORTED:
                if key in members:
                    raise node.child(key).error(f"{key!r} is not supported")
            if members.get("$schema", _DIALECTS[0]) not in _DIALECTS:
                raise node.child("$schema").error(f"the dialect {members['$schema']!r} is not supported")
            pending.extend(subschemas(node))
            if "$ref" in members:
                pending.append(node.reference_target())
                whole += [target for target in pending[-1:] if target.pointer not in self._checked]
        for node in whole:
            try:
                jsonschema_rs.meta.validate(cast(Any, node.value))
            except jsonschema_rs.ValidationError as error:
                raise _invalid_schema(error, node.pointer) from error


def _invalid_schema(error: jsonschema_rs.ValidationError, start: str) -> ContractError:
    return ContractError(f"is not a JSON Schema 2020-12: {error.message}", pointer_to(start, *error.instance_path))


def declared_schemas(root: Node) -> Iterator[Node]:
    """The schemas of parameters, headers and media types, used or not, without those in extensions."""
    pending = [root.child(key) for key in ("paths", "components") if key in root.object()]
    while pending:
        node = pending.pop()
        if isinstance(node.value, list):
            pending += [node.child(index) for index in range(len(node.value))]
        if not isinstance(node.value, dict):
            continue
        if isinstance(node.value.get("schema"), dict | bool):
            yield node.child("schema")
        keys = (key for key in node.value if key not in _WITHOUT_SCHEMAS and not key.startswith("x-"))
        pending += map(node.child, keys)


def all_schemas(root: Node) -> Iterator[Node]:
    """Every schema of a document, with those inside; without what is behind an invalid one."""
    pending = list(declared_schemas(root))
    with suppress(ContractError, KeyError):
        by_name = root.child("components").child("schemas")
        pending += [by_name.child(name) for name in by_name.object()]
    seen: set[str] = set()
    while pending:
        schema = pending.pop()
        if isinstance(schema.value, dict) and schema.pointer not in seen:
            seen.add(schema.pointer)
            yield schema
            with suppress(ContractError):
                pending += subschemas(schema)


def subschemas(schema: Node) -> Iterator[Node]:
    """The schemas in a schema, without those that it refers to."""
    members = schema.object()
    yield from (schema.child(key) for key in _SCHEMA_KEYWORDS if key in members)
    yield from branches(schema, *_LIST_KEYWORDS)
    for key in _MAP_KEYWORDS:
        if key in members:
            by_name = schema.child(key)
            yield from (by_name.child(name) for name in by_name.object())


def branches(schema: Node, *keywords: str) -> list[Node]:
    """The elements of list keywords, such as ``allOf``."""
    members = schema.object()
    lists = [schema.child(keyword) for keyword in keywords if isinstance(members.get(keyword), list)]
    return [node.child(index) for node in lists for index in range(len(cast(Any, node.value)))]


@lru_cache(maxsize=256)
def _pattern_validator(pattern: str) -> jsonschema_rs.Draft202012Validator | None:
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (jsonschema_rs.ValidationError, ValueError):
        return None


def matches_pattern(pattern: str, text: str) -> bool:
    """Whether a regular expression of JSON Schema matches a part of a text; an invalid one matches nothing."""
    validator = _pattern_validator(pattern)
    return validator is not None and validator.is_valid(text)


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
