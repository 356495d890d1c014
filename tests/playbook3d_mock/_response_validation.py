"""Validates responses, of any server, by what an operation documents. It has no clock, no I/O and no state.

| part | is valid if |
| --- | --- |
| status | it is documented: by itself, by a range such as ``4XX``, or by ``default`` |
| headers | those that are required are there, and all that are declared match their schemas |
| media type | it is documented, by a range too |
| body | it can be read, and matches its schema, without ``writeOnly`` properties |

Nothing is said of the body of a response without documented content. Values are not shown.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from playbook3d_mock._document import ContractError, pointer_to
from playbook3d_mock._media_types import best_match, charset, essence, is_json, read_content
from playbook3d_mock._parameters import read_header
from playbook3d_mock._request import Request
from playbook3d_mock._request_bodies import Content, read_media_type
from playbook3d_mock._responses import WITHOUT_CONTENT, find_documented, read_statuses
from playbook3d_mock._serialization import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playbook3d_mock._document import Node, Problems
    from playbook3d_mock._parameters import Parameter
    from playbook3d_mock._responses import Response
    from playbook3d_mock._schemas import Schemas

_MAX_VIOLATIONS = 20
# Of a larger body only the first violation is reported: there may be a million.
_MAX_BODY = 1_000_000
_MAX_MEDIA_TYPE = 100
# The texts of several cookies cannot be told apart.
_UNREAD_HEADERS = ("set-cookie",)


@dataclass(frozen=True, slots=True)
class DocumentedParts:
    """What a Response Object says of a response.

    Attributes:
        headers: Its headers.
        contents: What is documented for each media type or range.
    """

    headers: tuple[Parameter, ...]
    contents: dict[str, Content]

    def violations(self, method: str, response: Response) -> Iterator[str]:
        """What is wrong with the headers and the content of a response."""
        received = Request(method, b"", headers=response.headers)
        for header in self.headers:
            name = header.name.lower()
            if name in _UNREAD_HEADERS and received.values("header", name):
                continue
            if problem := header.problem(received, ""):
                yield f"{header.label}: {problem}"
        if method == "HEAD":
            return
        if response.status in WITHOUT_CONTENT:
            if response.body:
                yield f"body: is not allowed in a response {response.status} (RFC 9110 §15)"
        elif self.contents:
            yield from self._content_violations(received.header(b"content-type"), response.body)

    def _content_violations(self, content_type: bytes | None, body: bytes) -> Iterator[str]:
        documented = " or ".join(self.contents)
        if content_type is None:
            part = "header Content-Type" if body else "body"
            yield f"{part}: is missing; documented is {documented}"
            return
        media_type = content_type.decode("latin-1")
        key = best_match(media_type, self.contents)
        if key is None:
            name = essence(media_type)
            # Not its beginning: half a credential is not recognized.
            shown = repr(name) if len(name) <= _MAX_MEDIA_TYPE else f"a value of {len(name)} characters"
            yield f"header Content-Type: {shown} is not documented; documented is {documented}"
        elif is_json(media_type):
            yield from _json_violations(self.contents[key], body)
        elif problem := self.contents[key].problem(media_type, _to_utf8(media_type, body)):
            yield _in_body(problem)


def _json_violations(content: Content, body: bytes) -> Iterator[str]:
    try:
        value = parse_json(body, max_values=None)
    except ValueError as error:
        yield f"body: {error}"
        return
    problem = content.validator.problem(value)
    if problem is None:
        return
    if len(body) > _MAX_BODY:
        yield _in_body(problem)
        return
    for path, message in islice(content.validator.errors(value), _MAX_VIOLATIONS):
        yield f"{pointer_to('body', *path)}: {message}"


def _in_body(problem: str) -> str:
    return f"body{problem}" if problem.startswith("/") else f"body: {problem}"


def _to_utf8(media_type: str, body: bytes) -> bytes:
    """A text that says that it is not UTF-8, as UTF-8."""
    name = charset(media_type)
    with suppress(LookupError, UnicodeError):
        if essence(media_type).startswith("text/") and name:
            return body.decode(name).encode("utf-8")
    return body


class ResponseRules:
    """What the responses of an operation must be.

    Args:
        operation: The operation, as responses read it.
        schemas: The validators of responses.
        problems: Where media types that cannot be read are reported.
    """

    def __init__(self, operation: Node, schemas: Schemas, problems: Problems) -> None:
        responses = operation.get("responses")
        statuses = read_statuses(responses) if responses else ()
        self._documented = {key: _read_parts(node, schemas, problems) for key, node in statuses}

    def violations(self, method: str, response: Response) -> tuple[str, ...]:
        """What is wrong with a response to a request of this method, each with its part; none if it is valid."""
        parts = find_documented(self._documented, response.status)
        if parts is None:
            return (f"status: is not documented; documented is {' or '.join(self._documented)}",)
        return tuple(dict.fromkeys(parts.violations(method, response)))


def _read_parts(node: Node, schemas: Schemas, problems: Problems) -> DocumentedParts:
    headers: list[Parameter] = []
    declared = node.get("headers")
    for name, header in declared.members() if declared else ():
        # What is wrong with it is reported where it is sent. OpenAPI 3.1, Response Object: Content-Type is ignored.
        with suppress(ContractError):
            if name.lower() != "content-type":
                headers.append(read_header(name, header, schemas))
    content = node.get("content")
    contents: dict[str, Content] = {}
    for media in read_content(content, problems) if content else ():
        contents.setdefault(media.key.lower(), _read_content(media, schemas))
    return DocumentedParts(tuple(headers), contents)


def _read_content(media: Node, schemas: Schemas) -> Content:
    validator = schemas.validator_of(media)
    if "schema" in media.object():
        with suppress(ContractError):
            return read_media_type(media, schemas)
    return Content(validator, None, is_text=False)
