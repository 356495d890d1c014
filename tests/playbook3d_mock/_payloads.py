"""Request bodies: whether the media type is a declared one, and whether the JSON obeys its schema."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from ._request import is_token

if TYPE_CHECKING:
    from ._contract import Json, Node
    from ._request import Request
    from ._schemas import Schemas, Validator

_DEEPEST = 500
_MEDIA_FIELDS = ("schema", "example", "examples", "encoding")


class MediaTypeError(ValueError):
    """The media type of a request body is none that the operation declares (RFC 9110 §15.5.16)."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What an operation wants as a body: a schema by media type, None where any bytes will do."""

    required: bool
    schemas: dict[str, Validator | None]

    def problem(self, request: Request) -> str | None:
        """What is wrong with a request's body; raises MediaTypeError where it is of another type."""
        declared = request.header(b"content-type") or b""
        media_type = essence(declared.decode("latin-1"))
        bytes_will_do = media_type in self.schemas and self.schemas[media_type] is None
        if not request.body and not bytes_will_do:  # where they do, none do as well
            return "is required" if self.required else None
        if media_type not in self.schemas:
            raise MediaTypeError(f"must be {' or '.join(self.schemas)}")
        schema = self.schemas[media_type]
        return _problem(request.body, schema) if schema else None


def _problem(body: bytes, schema: Validator) -> str | None:
    try:
        value: Json = json.loads(body.decode("utf-8"), parse_constant=_no_json, parse_float=_finite)
        if b"\\u" in body:
            # Half of a surrogate pair can be escaped, but is no character: the encoder would refuse it.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        # Python's own limit differs between versions; a validator written in Rust has no stack to spare.
        if body.count(b"[") + body.count(b"{") > _DEEPEST and _is_deep(value):
            return "is nested too deeply"
        return schema.problem(value)
    except UnicodeError:
        return "is not Unicode text"
    except json.JSONDecodeError as error:
        return f"is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"
    except ValueError:  # from the two below, or more digits than Python reads
        return "has a number that JSON cannot carry"
    except RecursionError:
        return "is nested too deeply"


def _is_deep(value: Json) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        inner = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [one for members in inner for one in members]
    return bool(level)


def _no_json(constant: str) -> NoReturn:
    # RFC 8259 §6: NaN and Infinity are not permitted.
    raise ValueError(constant)


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


def essence(media_type: str) -> str:
    """Type and subtype, in lower case, without parameters (RFC 9110 §8.3.1)."""
    return media_type.partition(";")[0].strip(" \t").lower()


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON (RFC 6839 §3.1: the suffix +json)."""
    return essence(media_type) == "application/json" or essence(media_type).endswith("+json")


def check_media_type(node: Node) -> Node:
    """The Media Type Object, refused where its name is a range, or has parameters that would be ignored."""
    name, _, parameters = node.key.partition(";")
    if "*" in name or not all(map(is_token, name.split("/", 1))) or "/" not in name:
        raise node.error(f"{node.key!r} names no single media type")
    if parameters and parameters.strip().lower() != "charset=utf-8":
        raise node.error(f"{node.key!r}: media types with parameters are not supported")
    return node.only(*_MEDIA_FIELDS)


def payload(operation: Node, schemas: Schemas) -> Payload | None:
    """The body that an operation declares, None where it declares none."""
    node = operation.get("requestBody")
    if node is None:
        return None
    node.only("description", "content", "required")
    content = node.get("content")
    if content is None or not content.object():
        raise node.error("must have a 'content' with a media type")
    found: dict[str, Validator | None] = {}
    for key in content.object():
        media = check_media_type(content.child(key))
        if essence(key) in found:
            raise media.error("cannot be told from another media type")
        if is_json(key):
            found[essence(key)] = schemas.of(media)
        elif essence(key) == "application/octet-stream":
            if media.object().get("schema") not in (None, {}, {"type": "string", "format": "binary"}):
                raise media.child("schema").error("schemas of bytes are not supported: leave it out")
            found[essence(key)] = None
        else:
            raise media.error(f"request bodies of the type {key!r} are not supported: only JSON and octet-stream are")
    return Payload(node.flag("required"), found)
