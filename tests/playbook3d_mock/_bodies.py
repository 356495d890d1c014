"""Bodies: one for each response of the contract, from its examples, proven valid when the mock starts.

A body is, in this order: the media type's example, the first of its examples, the schema's example, the first
of its examples, or a value composed of the defaults, constants and examples of the schema's parts. Where a
response has several media types, JSON is taken, else the first: a server may disregard Accept (RFC 9110
§12.5.1). An example may also drift from its schema: share no property with those that are declared. Nothing
being required or closed, no validator would object, and every declared property would be missing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._payloads import check_media_type, essence, is_json
from ._samples import NoSampleError, examples, sample, schema_examples
from ._schemas import properties, types

if TYPE_CHECKING:
    from ._contract import Json, Node
    from ._schemas import Schemas, Validator

# The property of an error body that carries its text: the first of these that is declared as a string,
# else the first that is.
_TEXTS = ("result", "message", "description", "detail", "error", "title")
_BYTES = "playbook3d mock\n"


@dataclass(frozen=True, slots=True)
class Body:
    """A body that obeys its schema, and others like it that carry a text."""

    media_type: str
    value: Json
    schema: Validator
    text_key: str | None = None

    def encode(self) -> bytes:
        """The body as it is sent."""
        if is_json(self.media_type):
            return json.dumps(self.value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        return str(self.value).encode("utf-8")

    def saying(self, text: str) -> Body:
        """The same body with a text in it; without, where its schema has no room for one."""
        value: Json = text
        if isinstance(self.value, dict):
            value = {**self.value, self.text_key: text} if self.text_key else self.value
        return Body(self.media_type, value, self.schema, self.text_key) if self.schema.is_valid(value) else self


def body(response: Node, schemas: Schemas) -> Body | None:
    """The body of a Response Object; None where it has none."""
    content = response.get("content")
    if content is None or not content.object():
        return None
    found = [_body(check_media_type(content.child(key)), schemas) for key in content.object()]
    return next((one for one in found if is_json(one.media_type)), found[0])


def _body(media: Node, schemas: Schemas) -> Body:
    validator = schemas.of(media)
    schema = media.child("schema") if "schema" in media.object() else None
    given = [*examples(media), *(schema_examples(schema) if schema else ())]
    for example in given:
        if problem := validator.problem(example.value):
            raise example.error(f"the example breaks its schema: {problem}")
        if schema:
            _refuse_drift(schema, example)
    kind = essence(media.key)
    if given:
        value = given[0].value
    elif is_json(kind) or kind.startswith("text/"):
        value = proven(schema or media, validator)
    else:
        value = _BYTES
    if not is_json(kind) and not (isinstance(value, str) and validator.is_valid(value)):
        raise media.error(f"a body of the type {media.key!r} must be described as a string, or not at all")
    media_type = media.key if ";" in media.key or not kind.startswith("text/") else f"{media.key}; charset=utf-8"
    return Body(media_type, value, validator, _text_key(schema, value, validator))


def proven(schema: Node, validator: Validator) -> Json:
    """The sample of a schema; refused where it is not valid."""
    try:
        value = sample(schema)
    except NoSampleError as error:
        raise schema.error("the schema requires itself without end: no value can obey it") from error
    if problem := validator.problem(value):
        raise schema.error(f"no valid example could be composed, so give one ({problem})")
    return value


def _text_key(schema: Node | None, value: Json, validator: Validator) -> str | None:
    if schema is None or not isinstance(value, dict):
        return None
    strings = [name for name, node in properties(schema).items() if "string" in types(node)]
    ranked = [name for name in _TEXTS if name in strings] + strings
    return next((name for name in ranked if validator.is_valid({**value, name: "any words: at all"})), None)


def _refuse_drift(schema: Node, example: Node) -> None:
    declared = properties(schema)
    if isinstance(example.value, dict):
        common = [name for name in example.value if name in declared]
        if declared and example.value and not common and not _open(schema):
            raise example.error(
                f"the example has none of the properties that its schema declares: {', '.join(declared)}"
            )
        for name in common:
            _refuse_drift(declared[name], example.child(name))
    elif isinstance(example.value, list):
        target = schema.follow()
        if isinstance(target.value, dict) and "items" in target.value:
            for index in range(len(example.value)):
                _refuse_drift(target.child("items"), example.child(index))


def _open(schema: Node) -> bool:
    target = schema.follow().value
    return isinstance(target, dict) and (bool(target.get("additionalProperties")) or "patternProperties" in target)
