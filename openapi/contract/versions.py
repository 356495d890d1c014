"""Reads OpenAPI 3.0 and 3.2 as 3.1, in place.

| version | what its authors wrote | in 3.1 |
| --- | --- | --- |
| 3.0 | ``nullable`` | ``null`` among the types, the alternatives or the enumerated values |
| | ``exclusiveMinimum: true`` | the minimum itself; the maximum likewise |
| | ``example`` of a schema | ``examples`` |
| | fields beside the ``$ref`` of a schema | removed, as 3.0 ignores them, except annotations |
| | ``format: byte`` | with ``contentEncoding: base64`` |
| 3.1 | ``nullable``, boolean ``exclusiveMinimum`` | as in 3.0, with a warning |
| all | fields beside other references | removed; in 3.1 with a warning |
| | ``format: binary``, ``contentMediaType: application/octet-stream`` | both: each tool reads one of them |
| 3.2 | annotations that 3.1 lacks | removed |
| | all else that 3.1 lacks | rejected |
"""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from contract.errors import ContractWarning, PipelineError
from contract.nodes import Node, iterate_nodes
from contract.pointers import dereference, is_array, is_object, pointer

_NULL = {"type": "null"}
_OCTETS = "application/octet-stream"
# What counts beside a reference: the first three anywhere, the rest in a schema.
_BESIDE_REFERENCE = ("$ref", "summary", "description", "deprecated", "readOnly", "writeOnly", "nullable")
# What stays outside of the alternatives of a nullable schema.
_OUTSIDE = {"description", "deprecated", "readOnly", "writeOnly", "default", "example", "examples", "externalDocs"}
_BOUNDS = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))
# The type that a keyword is for.
_TYPES = {"properties": "object", "additionalProperties": "object", "items": "array"}
# What only 3.2 has: fields, and values of fields.
_ONLY_3_2 = {"$self", "query", "additionalOperations", "itemSchema", "itemEncoding", "prefixEncoding", "defaultMapping"}
_ONLY_3_2_VALUES = {("in", "querystring"), ("style", "cookie")}
# Annotations of 3.2, by the container of their object.
_ANNOTATIONS_3_2 = {
    "tags": ("summary", "parent", "kind"),
    "servers": ("name",),
    "responses": ("summary",),
    "securitySchemes": ("deprecated", "oauth2MetadataUrl"),
}


def to_3_1(name: str, document: Any) -> list[ContractWarning]:
    """Make OpenAPI 3.1 of a document, in place; messages call it ``name``.

    Raises ``PipelineError`` for another version, and for what only OpenAPI 3.2 has.
    """
    version = document.get("openapi")
    if "swagger" in document and "openapi" not in document:
        raise PipelineError(
            f"{name}: Swagger {document['swagger']} is not supported: convert it to OpenAPI 3 first "
            "(npx swagger2openapi FILE -o openapi.yaml)."
        )
    if not isinstance(version, str) or not re.fullmatch(r"3\.[012]\.\d+", version):
        raise PipelineError(f"{name}: not an OpenAPI 3.0, 3.1 or 3.2 document (openapi: {version!r}).")
    is_3_0, is_3_2 = version.startswith("3.0."), version.startswith("3.2.")
    warnings: list[ContractWarning] = []
    rejected: list[str] = []
    for node in iterate_nodes(document):
        if is_3_2:
            rejected += _lower(node)
        notes = [*_remove_ignored_fields(node, is_3_0=is_3_0)]
        if node.is_schema:
            if is_3_0:
                _raise_example_and_encoding(node.value)
            _declare_bytes(node.value)
            notes += [*_raise_bounds(node.value), *_raise_nullable(document, node.value)]
        warnings += [ContractWarning((*node.location, key), text) for key, text in notes if not is_3_0]
    if rejected:
        raise PipelineError(f"{name}: only OpenAPI 3.2 has this, and 3.1 is supported:\n  " + "\n  ".join(rejected))
    if not version.startswith("3.1."):
        document["openapi"] = "3.1.1"
    return warnings


def _lower(node: Node) -> Iterator[str]:
    """Remove the annotations of an object that 3.1 lacks; yield the pointer of what else 3.1 lacks."""
    fields, container = node.value, [part for part in node.location if not isinstance(part, int)][-2:]
    for key, value in fields.items():
        if key in _ONLY_3_2 or (isinstance(value, str) and (key, value) in _ONLY_3_2_VALUES):
            yield pointer((*node.location, key))
    if node.is_schema:
        return
    for name in [name for key in container for name in _ANNOTATIONS_3_2.get(str(key), ())]:
        fields.pop(name, None)
    if "responses" in container[:1] and "$ref" not in fields:
        fields.setdefault("description", "")


def _remove_ignored_fields(node: Node, *, is_3_0: bool) -> Iterator[tuple[str, str]]:
    """Remove what the specification ignores beside a reference; path items can have more than theirs."""
    if not isinstance(node.reference, str) or set(node.location[-2:-1]) & {"paths", "pathItems", "webhooks"}:
        return
    for key in list(node.value):
        is_kept = key in _BESIDE_REFERENCE or key.startswith("x-") if node.is_schema else key in _BESIDE_REFERENCE[:3]
        if not is_kept and (is_3_0 or not node.is_schema):
            del node.value[key]
            yield key, f"{key} is ignored beside $ref"


def _raise_example_and_encoding(schema: Any) -> None:
    if "example" in schema:
        schema["examples"] = [schema.pop("example")]
    if schema.get("format") == "byte":
        schema.setdefault("contentEncoding", "base64")


def _declare_bytes(schema: Any) -> None:
    """Declare bytes in both ways."""
    declared = schema.get("format", "binary"), schema.get("contentMediaType", _OCTETS)
    is_plain = schema.get("type") == "string" and "contentEncoding" not in schema
    if is_plain and declared == ("binary", _OCTETS) and schema.keys() & {"format", "contentMediaType"}:
        schema["format"], schema["contentMediaType"] = declared


def _raise_bounds(schema: Any) -> Iterator[tuple[str, str]]:
    for exclusive, inclusive in _BOUNDS:
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive):
            yield exclusive, f"{exclusive} is a number in OpenAPI 3.1; it is read as in 3.0"
            if inclusive in schema:
                schema[exclusive] = schema.pop(inclusive)


def _raise_nullable(document: Any, schema: Any) -> Iterator[tuple[str, str]]:
    if isinstance(schema.get("nullable"), bool) and schema.pop("nullable") and _allow_null(document, schema):
        yield "nullable", "nullable is no keyword of OpenAPI 3.1; it is read as in 3.0"


def _allow_null(document: Any, schema: Any) -> bool:
    """Make a schema allow ``null``; whether it did not before."""
    unions = [schema[key] for key in ("oneOf", "anyOf") if is_array(schema.get(key))]
    types = schema.get("type") or next((_TYPES[key] for key in _TYPES if key in schema), None)
    if "$ref" in schema or "allOf" in schema or (unions and types):
        inner = {key: schema.pop(key) for key in list(schema) if key not in _OUTSIDE and not key.startswith("x-")}
        schema["anyOf"] = [inner, dict(_NULL)]
        return True
    is_changed = False
    for union in unions:
        if not any(_has_null(document, each) for each in union):
            union.append(dict(_NULL))
            is_changed = True
    if isinstance(types, str) and types != "null":
        types = [types]
    if is_array(types) and "null" not in types:
        schema["type"] = [*types, "null"]
        is_changed = True
    if is_array(schema.get("enum")) and None not in schema["enum"]:
        schema["enum"].append(None)
        is_changed = True
    return is_changed


def _has_null(document: Any, schema: Any) -> bool:
    """Whether an alternative of a nullable schema allows ``null`` by itself."""
    with contextlib.suppress(LookupError, TypeError):  # the validation reports references to nothing
        schema = dereference(document, schema)
    if not is_object(schema):
        return False
    types = schema.get("type", ())
    return schema.get("nullable") is True or types == "null" or (is_array(types) and "null" in types)
