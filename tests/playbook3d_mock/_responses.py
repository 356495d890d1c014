"""Responses: what an operation responds with for each status, valid by the contract, and ready when the mock starts.

A response with several media types is sent as JSON, else as the first: a server may disregard ``Accept`` (RFC 9110
§12.5.1).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playbook3d_mock._examples import read_examples, validated_example
from playbook3d_mock._media_types import is_json, read_content
from playbook3d_mock._request import is_token
from playbook3d_mock._schemas import properties, types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playbook3d_mock._document import Json, Node
    from playbook3d_mock._schemas import Schemas, Validator

Headers = tuple[tuple[bytes, bytes], ...]

_STATUS = re.compile("([1-5])([0-9]{2}|XX)")
# RFC 9110 §15.3.5, §15.3.6, §15.4.5: responses with these statuses have no content.
_WITHOUT_CONTENT = frozenset({204, 205, 304})
_HEADER_VALUE = re.compile("[!-~](?:[ -~]*[!-~])?")
# Of the declared string properties of an error, the first of these carries the message, else the first of all.
_MESSAGE_KEYS = ("result", "message", "description", "detail", "error", "title")
_BYTES = "playbook3d mock\n"


@dataclass(frozen=True, slots=True)
class Response:
    """A complete response.

    Attributes:
        status: The status code.
        headers: Pairs of name, in lower case, and value.
        body: The content.
    """

    status: int
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)


def response_with_content(status: int, headers: Headers, media_type: str, content: bytes) -> Response:
    """A response with ``Content-Type`` and ``Content-Length``, if the status allows content."""
    if status in _WITHOUT_CONTENT:
        # RFC 9110 §8.6: no Content-Length in a 204.
        return Response(status, headers if status != 205 else (*headers, (b"content-length", b"0")))
    content_type = [(b"content-type", media_type.encode("ascii"))] if media_type else []
    length = (b"content-length", str(len(content)).encode("ascii"))
    return Response(status, (*headers, *content_type, length), content)


@dataclass(frozen=True, slots=True)
class ResponseBody:
    """The body of a documented response.

    Attributes:
        media_type: Its media type.
        value: Its value, a string unless it is JSON.
        validator: The validator of its value.
        message_key: The property that can carry a message, if there is one.
        is_shared: Whether its value is that of a schema which other responses have, too.
    """

    media_type: str
    value: Json
    validator: Validator
    message_key: str | None
    is_shared: bool

    def encode(self, message: str | None = None) -> bytes:
        """The content; with the message, if the schema allows it."""
        value = self.value
        if message is not None and self.validator.is_valid(with_message := self._with_message(message)):
            value = with_message
        if is_json(self.media_type):
            return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        return str(value).encode("utf-8")

    def _with_message(self, message: str) -> Json:
        if not isinstance(self.value, dict):
            return message
        return {**self.value, self.message_key: message} if self.message_key else self.value


@dataclass(frozen=True, slots=True)
class DocumentedResponse:
    """A Response Object of the contract.

    Attributes:
        description: Its description, in one line.
        headers: The headers that it requires.
        body: Its body, if it has one.
        content: The body without a message, encoded. A shared error schema has one example for all statuses; the
            description says what this status means.
    """

    description: str
    headers: Headers
    body: ResponseBody | None
    content: bytes

    def response(self, status: int, message: str | None) -> Response:
        """The response to send with ``status``, perhaps with a message in its body."""
        if self.body is None:
            return response_with_content(status, self.headers, "", b"")
        content = self.content if message is None else self.body.encode(f"{self.description}: {message}")
        return response_with_content(status, self.headers, self.body.media_type, content)


class Responses:
    """The documented responses of an operation.

    Attributes:
        documented: Each by its key in the contract: a status, a range such as ``4XX``, or ``default``.
        success: The status of a success.
    """

    def __init__(self, operation: Node, schemas: Schemas) -> None:
        responses = operation.get("responses")
        if responses is None:
            raise operation.error("must have 'responses'")
        self.documented = {key: _read_response(node, key, schemas) for key, node in _read_statuses(responses)}
        successes = sorted(int(key) for key in self.documented if key.startswith("2") and key != "2XX")
        if not successes and self._find(200) is None:
            raise responses.error("documents no success (2xx): a valid request would have no response")
        self.success = successes[0] if successes else 200

    def documents(self, status: int) -> bool:
        """Whether a status is documented: by itself, by its range, or by ``default``."""
        return self._find(status) is not None

    def response(self, status: int, message: str | None = None) -> Response | None:
        """The response for a status, perhaps with a message in its body; ``None`` if it is not documented."""
        documented = self._find(status)
        return documented.response(status, message) if documented else None

    def _find(self, status: int) -> DocumentedResponse | None:
        keys = (str(status), f"{status // 100}XX", "default")
        return next((self.documented[key] for key in keys if key in self.documented), None)


def _read_statuses(responses: Node) -> Iterator[tuple[str, Node]]:
    for key in responses.object():
        if key.startswith("x-"):
            continue
        match = _STATUS.fullmatch(key)
        if not match and key != "default":
            raise responses.child(key).error(f"{key!r} is not a status, a range such as '4XX', or 'default'")
        if match and match[1] == "1":
            raise responses.child(key).error("the mock cannot send 1xx: these are not final responses")
        yield key, responses.child(key).dereference()


def _read_response(node: Node, key: str, schemas: Schemas) -> DocumentedResponse:
    node.require_known_fields("description", "headers", "content", "links")
    if key.isdigit() and int(key) in _WITHOUT_CONTENT and node.object().get("content"):
        raise node.child("content").error(f"a response {key} has no content (RFC 9110 §15)")
    description = " ".join(node.text("description").split())
    body = _read_body(node, schemas)
    message = description if body and body.is_shared and not key.startswith("2") else None
    content = body.encode(message) if body else b""
    return DocumentedResponse(description.rstrip("."), tuple(_read_headers(node, schemas)), body, content)


def _read_headers(response: Node, schemas: Schemas) -> Iterator[tuple[bytes, bytes]]:
    """The headers that a response requires."""
    declared = response.get("headers")
    for name, node in declared.members() if declared else ():
        # OpenAPI 3.1, Response Object: a header named Content-Type SHALL be ignored. Content-Length is ours to count.
        if name.lower() in ("content-type", "content-length") or not node.flag("required"):
            continue
        if not is_token(name):
            raise node.error(f"{name!r} is not a valid name of a header")
        if "schema" not in node.object():
            raise node.error("a required header must have a 'schema'")
        example = validated_example(node, schemas.validator_of(node))
        text = str(example.value).lower() if isinstance(example.value, bool) else str(example.value)
        if isinstance(example.value, dict | list) or not _HEADER_VALUE.fullmatch(text):
            raise example.error(f"is not a value that the header {name!r} can have: add an example")
        yield name.lower().encode("ascii"), text.encode("ascii")


def _read_body(response: Node, schemas: Schemas) -> ResponseBody | None:
    content = response.get("content")
    if content is None:
        return None
    bodies = [_read_media_type(media, schemas) for media in read_content(content)]
    return next((body for body in bodies if is_json(body.media_type)), bodies[0] if bodies else None)


def _read_media_type(media: Node, schemas: Schemas) -> ResponseBody:
    validator = schemas.validator_of(media)
    is_text = media.key.lower().startswith("text/")
    if is_json(media.key) or is_text:
        value = validated_example(media, validator).value
    else:
        value = next((example.value for example in read_examples(media, validator)), _BYTES)
    if not is_json(media.key) and not (isinstance(value, str) and validator.is_valid(value)):
        raise media.error(f"a body of the type {media.key!r} must be described as a string, or not at all")
    media_type = f"{media.key}; charset=utf-8" if is_text and ";" not in media.key else media.key
    schema = media.object().get("schema")
    is_shared = isinstance(schema, dict) and "$ref" in schema and not {"example", "examples"} & media.object().keys()
    return ResponseBody(media_type, value, validator, _message_key(media, value, validator), is_shared)


def _message_key(media: Node, value: Json, validator: Validator) -> str | None:
    if not isinstance(value, dict) or "schema" not in media.object():
        return None
    strings = [name for name, node in properties(media.child("schema")).items() if "string" in types(node)]
    ranked = [name for name in _MESSAGE_KEYS if name in strings] + strings
    return next((name for name in ranked if validator.is_valid({**value, name: "A message: details"})), None)
