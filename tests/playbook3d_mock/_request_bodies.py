"""Request bodies: reads what an operation declares, and judges media type and content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playbook3d_mock._forms import Form, read_form
from playbook3d_mock._media_types import best_match, essence, is_json, read_content
from playbook3d_mock._schemas import types
from playbook3d_mock._serialization import parse_json

if TYPE_CHECKING:
    from playbook3d_mock._document import Node, Problems
    from playbook3d_mock._request import Request
    from playbook3d_mock._schemas import Schemas, Validator


class MediaTypeError(ValueError):
    """The operation does not accept a request body, by its media type or encoding (RFC 9110 §15.5.16).

    Attributes:
        header: The header that says so.
    """

    def __init__(self, header: str, problem: str) -> None:
        super().__init__(problem)
        self.header = header


@dataclass(frozen=True, slots=True)
class Content:
    """What an operation declares for a media type, or for a range such as ``*/*``.

    Attributes:
        validator: The validator of a body that can be read.
        form: How to read a form; ``None`` if no object is described.
        is_text: Whether a body that is neither JSON nor form is described as text or bytes.
    """

    validator: Validator
    form: Form | None
    is_text: bool

    def problem(self, media_type: str, body: bytes) -> str | None:
        """What is wrong with a body, or ``None``; ``media_type`` is that of the message."""
        name = essence(media_type)
        try:
            if is_json(name):
                return self.validator.problem(parse_json(body))
            if name == "application/x-www-form-urlencoded" and self.form:
                return self.form.problem(self.form.parse_urlencoded(body), self.validator)
            if name == "multipart/form-data" and self.form:
                return self.form.problem(self.form.parse_multipart(body, media_type), self.validator)
            if not self.is_text:
                return None  # the mock does not parse it
            # The length of bytes is counted in bytes.
            return self.validator.problem(body.decode("utf-8" if name.startswith("text/") else "latin-1"))
        except UnicodeDecodeError:
            return "is not Unicode text"
        except ValueError as error:
            return str(error)


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The body that an operation declares.

    Attributes:
        required: Whether there must be one.
        contents: What is declared for each media type or range.
    """

    required: bool
    contents: dict[str, Content]

    def problem(self, request: Request) -> str | None:
        """What is wrong with a request's body, or ``None``; raises ``MediaTypeError``."""
        media_type = (request.header(b"content-type") or b"").decode("latin-1")
        key = best_match(media_type, self.contents)
        if not request.body and (key is None or is_json(media_type)):  # else zero bytes are bytes, or an empty form
            return "is required" if self.required else None
        if request.header(b"content-encoding") not in (None, b"", b"identity"):
            raise MediaTypeError("Content-Encoding", "is not supported: send the content as it is")
        if key is None:
            raise MediaTypeError("Content-Type", f"must be {' or '.join(self.contents)}")
        return self.contents[key].problem(media_type, request.body)


def read_request_body(operation: Node, schemas: Schemas, problems: Problems) -> RequestBody | None:
    """The body that an operation declares, or ``None``."""
    node = operation.get("requestBody")
    if node is None:
        return None
    node.require_known_fields("description", "content", "required")
    content = node.get("content")
    contents: dict[str, Content] = {}
    for media in read_content(content, problems) if content else ():
        if media.key.lower() in contents:
            raise media.error("is a duplicate of another media type")
        contents[media.key.lower()] = read_media_type(media, schemas)
    if not contents:
        raise node.error("must have a 'content' with a media type")
    return RequestBody(node.flag("required"), contents)


def read_media_type(media: Node, schemas: Schemas) -> Content:
    """What a Media Type Object says of a body."""
    value_types = types(media.child("schema")) if "schema" in media.object() else frozenset({"string"})
    validator = schemas.validator_of(media)
    return Content(validator, read_form(media) if "object" in value_types else None, "string" in value_types)
