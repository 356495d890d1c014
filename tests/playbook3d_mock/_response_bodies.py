"""Bodies of responses: a valid value in each media type that a response declares."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playbook3d_mock._examples import NoExampleError
from playbook3d_mock._media_types import is_json, sent_media_type
from playbook3d_mock._messages import message_place, with_message
from playbook3d_mock._schemas import types
from playbook3d_mock._variation import vary

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from playbook3d_mock._document import Json, Node
    from playbook3d_mock._examples import Example, Examples
    from playbook3d_mock._messages import Place
    from playbook3d_mock._schemas import Schemas, Validator

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_BYTES = "playbook3d mock\n"


@dataclass(frozen=True, slots=True)
class ResponseBody:
    """The body of a documented response.

    Attributes:
        media_type: Its media type.
        value: Its value, a string unless it is JSON.
        examples: The values of its examples that have a name, by it.
        schema: The schema of its value, if the mock can serialize another one.
        validator: The validator of its value.
        message_place: Where in the value a message can stand, ``None`` if nowhere.
        is_shared: Whether its value is that of a schema which other responses have, too.
    """

    media_type: str
    value: Json
    examples: Mapping[str, Json]
    schema: Node | None
    validator: Validator
    message_place: Place | None
    is_shared: bool

    def encode(self, message: str | None = None, *, example: str | None = None, random: Random | None = None) -> bytes:
        """The content.

        Args:
            message: What it is to say, if the schema allows it.
            example: The name of an example that it has.
            random: Where its value varies, the source of chance.
        """
        value = self.value if example is None else self.examples[example]
        if random and example is None and self.schema:
            value = vary(self.schema, self.validator, random, value)
            value = value if is_json(self.media_type) or isinstance(value, str) else self.value
        if message is not None and self.message_place is not None:
            changed = with_message(value, self.message_place, message)
            value = changed if self.validator.is_valid(changed) else value
        if is_json(self.media_type):
            return _JSON.encode(value).encode("utf-8")
        return str(value).encode("utf-8")


def read_response_body(media: Node, schemas: Schemas, examples: Examples) -> ResponseBody:
    """The body that a Media Type Object of a response describes; raises ``NoExampleError``."""
    validator = schemas.validator_of(media)
    if (media_type := sent_media_type(media)) is None:
        raise NoExampleError(f"the mock cannot send {media.key!r}: name one media type, in UTF-8", media.pointer)
    schema = media.object().get("schema")
    if not is_json(media_type) and schema and "string" not in (types(media.child("schema")) or {"string"}):
        # Of an object that the mock cannot serialize, such as one as XML, an example is the text.
        texts = [example for example in examples.beside(media) if isinstance(example.node.value, str)]
        if not texts:
            raise _without_text(media)
        return ResponseBody(media_type, texts[0].node.value, _by_name(texts), None, validator, None, is_shared=False)
    given = examples.given(media)
    if is_json(media_type) or media_type.startswith("text/"):
        value = examples.value(media, given)
    else:
        value = given[0].node.value if given else _BYTES
    if not is_json(media_type):
        given = [example for example in given if isinstance(example.node.value, str)]
        value = value if isinstance(value, str) else _BYTES
    if not validator.is_valid(value):
        raise _without_text(media)
    is_shared = isinstance(schema, dict) and "$ref" in schema and not {"example", "examples"} & media.object().keys()
    place = message_place(media, value, validator)
    is_varied = schema is not None and (is_json(media_type) or media_type.startswith("text/"))
    varied = media.child("schema") if is_varied else None
    return ResponseBody(media_type, value, _by_name(given), varied, validator, place, is_shared)


def _by_name(examples: list[Example]) -> dict[str, Json]:
    return {example.name: example.node.value for example in examples if example.name}


def _without_text(media: Node) -> NoExampleError:
    return NoExampleError(f"a body of the type {media.key!r} must have an example of its text", media.pointer)
