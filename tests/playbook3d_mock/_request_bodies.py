"""Request bodies: reads what an operation declares, and judges media type and JSON."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from playbook3d_mock._media_types import essence, is_json, read_content

if TYPE_CHECKING:
    from playbook3d_mock._document import Json, Node
    from playbook3d_mock._request import Request
    from playbook3d_mock._schemas import Schemas, Validator

_MAX_DEPTH = 500
_ANY_BYTES: tuple[Json, ...] = (None, {}, {"type": "string", "format": "binary"})


class MediaTypeError(ValueError):
    """The operation does not declare the media type of a request body (RFC 9110 §15.5.16)."""


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The body that an operation declares.

    Attributes:
        required: Whether there must be one.
        schemas: The schema of each media type, ``None`` for any bytes.
    """

    required: bool
    schemas: dict[str, Validator | None]

    def problem(self, request: Request) -> str | None:
        """What is wrong with a request's body, or ``None``; raises ``MediaTypeError``."""
        media_type = essence((request.header(b"content-type") or b"").decode("latin-1"))
        any_bytes = media_type in self.schemas and self.schemas[media_type] is None
        if not request.body and not any_bytes:  # zero bytes are bytes
            return "is required" if self.required else None
        if media_type not in self.schemas:
            raise MediaTypeError(f"must be {' or '.join(self.schemas)}")
        schema = self.schemas[media_type]
        return _json_problem(request.body, schema) if schema else None


def _json_problem(body: bytes, schema: Validator) -> str | None:
    try:
        value: Json = json.loads(body.decode("utf-8"), parse_constant=_reject_constant, parse_float=_parse_float)
        if b"\\u" in body:
            # JSON can escape an unpaired surrogate, which is not Unicode text.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        # Python's own limit differs between versions, and the validator, in Rust, would overflow its stack.
        if body.count(b"[") + body.count(b"{") > _MAX_DEPTH and _is_deep(value):
            return "is nested too deeply"
        return schema.problem(value)
    except UnicodeError:
        return "is not Unicode text"
    except json.JSONDecodeError as error:
        return f"is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"
    except ValueError:  # from the two functions below, or more digits than Python parses
        return "has a number that is not finite or has too many digits"
    except RecursionError:
        return "is nested too deeply"


def _is_deep(value: Json) -> bool:
    level = [value]
    for _ in range(_MAX_DEPTH):
        members = [node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list)]
        level = [node for nodes in members for node in nodes]
    return bool(level)


def _reject_constant(constant: str) -> NoReturn:
    # RFC 8259 §6: NaN and Infinity are not permitted.
    raise ValueError(constant)


def _parse_float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


def read_request_body(operation: Node, schemas: Schemas) -> RequestBody | None:
    """The body that an operation declares, or ``None``."""
    node = operation.get("requestBody")
    if node is None:
        return None
    node.require_known_fields("description", "content", "required")
    content = node.get("content")
    if content is None or not content.object():
        raise node.error("must have a 'content' with a media type")
    by_media_type: dict[str, Validator | None] = {}
    for media in read_content(content):
        media_type = essence(media.key)
        if media_type in by_media_type:
            raise media.error("is a duplicate of another media type")
        if is_json(media_type):
            by_media_type[media_type] = schemas.validator_of(media)
        elif media_type != "application/octet-stream":
            raise media.error(f"request bodies of the type {media.key!r} are not supported: use JSON or octet-stream")
        elif media.object().get("schema") not in _ANY_BYTES:
            raise media.child("schema").error("schemas of bytes are not supported: leave it out")
        else:
            by_media_type[media_type] = None
    return RequestBody(node.flag("required"), by_media_type)
