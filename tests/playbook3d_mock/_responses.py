"""Responses: what an operation responds with for each status, valid by the contract, and ready when the mock starts.

Of several media types, ``Accept`` decides; without a preference it is JSON, else the first.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from http.client import responses as phrases
from typing import TYPE_CHECKING, TypeVar

from playbook3d_mock._examples import Examples, NoExampleError
from playbook3d_mock._media_types import is_json, negotiate, read_content
from playbook3d_mock._response_bodies import read_response_body
from playbook3d_mock._response_headers import read_response_headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from random import Random

    from playbook3d_mock._document import Node, Problems
    from playbook3d_mock._request import Request
    from playbook3d_mock._response_bodies import ResponseBody
    from playbook3d_mock._schemas import Schemas, Validator

_T = TypeVar("_T")

Headers = tuple[tuple[bytes, bytes], ...]

_STATUS = re.compile("([1-5])([0-9]{2}|XX)")
#: Statuses whose responses have no content (RFC 9110 §15.3.5, §15.3.6, §15.4.5).
WITHOUT_CONTENT = frozenset({204, 205, 304})


@dataclass(frozen=True, slots=True)
class Response:
    """A complete response.

    Attributes:
        status: The status code.
        headers: Pairs of name, in lower case, and value.
        body: The content.
        delay: The seconds to wait before it is sent.
        drip: The seconds over which the body is sent, in ten pieces.
        fault: What goes wrong with it, ``None`` for nothing; those of the wire while it is sent.
        error: What a function in a script raised instead of a reply.
    """

    status: int
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)
    delay: float = 0.0
    drip: float = 0.0
    fault: str | None = None
    error: Exception | None = None


def response_with_content(status: int, headers: Headers, media_type: str, content: bytes) -> Response:
    """A response with ``Content-Type`` and ``Content-Length``, if the status allows content."""
    if status in WITHOUT_CONTENT:
        # RFC 9110 §8.6: no Content-Length in a 204.
        return Response(status, headers if status != 205 else (*headers, (b"content-length", b"0")))
    content_type = [(b"content-type", media_type.encode("ascii"))] if media_type else []
    length = (b"content-length", str(len(content)).encode("ascii"))
    return Response(status, (*headers, *content_type, length), content)


def with_headers(response: Response, headers: Mapping[bytes, bytes]) -> Response:
    """A response with headers, which replace those of the same names."""
    if not headers:
        return response
    others = [header for header in response.headers if header[0] not in headers]
    return replace(response, headers=(*others, *headers.items()))


@dataclass(frozen=True, slots=True)
class DocumentedResponse:
    """A Response Object of the contract.

    Attributes:
        description: Its description, in one line.
        headers: The headers that it declares.
        bodies: Its body in each media type, the default first; none if it has no content.
        contents: The bodies without a message, encoded. A shared error schema has one example for all statuses; the
            description says what this status means.
        unavailable: Why the mock cannot send it.
    """

    description: str
    headers: Headers
    bodies: tuple[ResponseBody, ...]
    contents: tuple[bytes, ...]
    unavailable: str | None = None

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media types of its bodies."""
        return tuple([body.media_type for body in self.bodies])

    @property
    def examples(self) -> tuple[str, ...]:
        """The names of the examples of its bodies."""
        return tuple(dict.fromkeys(name for body in self.bodies for name in body.examples))

    @property
    def can_vary(self) -> bool:
        """Whether a body of it can be drawn from its schema."""
        return any(body.schema is not None for body in self.bodies)

    def validator(self, media_type: str) -> Validator | None:
        """What judges a body of this media type; ``None`` if the media type is not documented."""
        return next((body.validator for body in self.bodies if body.media_type == media_type), None)

    def response(
        self,
        status: int,
        message: str | None,
        request: Request,
        *,
        example: str | None = None,
        random: Random | None = None,
    ) -> Response:
        """The response to send.

        Args:
            status: Its status.
            message: What its body is to say, if its schema allows it.
            request: The request, whose ``Accept`` decides between several bodies.
            example: The name of the example to send; ``Accept`` then decides between the bodies that have it.
            random: Where its body varies, the source of chance.
        """
        if self.unavailable is not None:
            text = f"the mock has no valid response {status}: {self.unavailable}"
            content = json.dumps({"message": text}).encode("ascii")
            return response_with_content(501, (), "application/json", content)
        if not self.bodies:
            return response_with_content(status, self.headers, "", b"")
        having = [index for index, body in enumerate(self.bodies) if example in body.examples] if example else []
        offered = having or range(len(self.bodies))
        index = offered[0]
        if len(offered) > 1:
            # RFC 9110 §12.5.1: a response may disregard Accept.
            media_types = tuple([self.bodies[index].media_type for index in offered])
            index = offered[negotiate(request.header(b"accept"), media_types) or 0]
        body = self.bodies[index]
        if message is None and random is None and not having:
            content = self.contents[index]
        else:
            by_default = self.description if body.is_shared and status >= 400 else None
            explained = by_default if message is None else f"{self.description}: {message}"
            content = body.encode(explained, example=example if having else None, random=random)
        return response_with_content(status, self.headers, body.media_type, content)


#: Stands for the responses that a contract does not document.
UNDOCUMENTED = DocumentedResponse("", (), (), ())


class Responses:
    """The documented responses of an operation.

    Attributes:
        documented: Each by its key in the contract: a status, a range such as ``4XX``, or ``default``.
        success: The status of the response to a valid request: the lowest success, else the lowest status.
    """

    def __init__(self, operation: Node, schemas: Schemas, examples: Examples, problems: Problems) -> None:
        responses = operation.get("responses")
        if responses is None:
            raise operation.error("must have 'responses'")
        reader = _Reader(schemas, examples, problems)
        self.documented = {key: reader.response(node, key) for key, node in read_statuses(responses)}
        statuses = sorted(int(key.replace("XX", "00")) for key in self.documented if key != "default")
        successes = [status for status in statuses if 200 <= status < 300]
        if not statuses and "default" not in self.documented:
            raise responses.error("documents no response: a valid request would have none")
        self.success = successes[0] if successes else 200 if "default" in self.documented else statuses[0]

    def find(self, status: int) -> DocumentedResponse:
        """What is documented for a status, ``UNDOCUMENTED`` if nothing is."""
        return find_documented(self.documented, status) or UNDOCUMENTED


def error_shape(operations: Iterable[Responses]) -> ResponseBody | None:
    """The body for errors that no operation documents: that of the first 404 with a message, else of another error."""
    bodies = [
        (("404", "4XX").index(key) if key in ("404", "4XX") else 2, body)
        for responses in operations
        for key, response in responses.documented.items()
        if key.startswith("4")
        for body in response.bodies[:1]
        if body.message_place is not None and is_json(body.media_type)
    ]
    return min(bodies, key=lambda ranked: ranked[0])[1] if bodies else None


def find_documented(documented: Mapping[str, _T], status: int) -> _T | None:
    """What is documented for a status: by itself, by its range, or by ``default``."""
    return documented.get(str(status)) or documented.get(f"{status // 100}XX") or documented.get("default")


def read_statuses(responses: Node) -> Iterator[tuple[str, Node]]:
    """The Response Objects of an operation, by their keys; raises ``ContractError``."""
    for key in responses.object():
        if key.startswith("x-"):
            continue
        match = _STATUS.fullmatch(key)
        if not match and key != "default":
            raise responses.child(key).error(f"{key!r} is not a status, a range such as '4XX', or 'default'")
        if match and match[1] == "1":
            raise responses.child(key).error("the mock cannot send 1xx: these are not final responses")
        yield key, responses.child(key).dereference()


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads Response Objects."""

    schemas: Schemas
    examples: Examples
    problems: Problems

    def response(self, node: Node, key: str) -> DocumentedResponse:
        """A Response Object, by its key in the contract."""
        node.require_known_fields("description", "headers", "content", "links")
        if key.isdigit() and int(key) in WITHOUT_CONTENT and node.object().get("content"):
            raise node.child("content").error(f"a response {key} has no content (RFC 9110 §15)")
        if "description" not in node.object():
            self.problems.report(node.error("must have a string 'description'"))
        phrase = phrases.get(int(key), key) if key.isdigit() else key
        description = " ".join(node.text("description", phrase).split())
        try:
            headers = tuple(read_response_headers(node, self.schemas, self.examples, self.problems))
            bodies = self._bodies(node)
        except NoExampleError as error:
            self.problems.report(error)
            return DocumentedResponse(description, (), (), (), str(error))
        is_error = not key.startswith("2")
        contents = tuple(body.encode(description if body.is_shared and is_error else None) for body in bodies)
        return DocumentedResponse(description.rstrip("."), headers, bodies, contents)

    def _bodies(self, response: Node) -> tuple[ResponseBody, ...]:
        content = response.get("content")
        bodies: list[ResponseBody] = []
        errors: list[NoExampleError] = []
        for media in read_content(content, self.problems) if content else ():
            try:
                bodies.append(read_response_body(media, self.schemas, self.examples))
            except NoExampleError as error:
                self.problems.report(error)
                errors.append(error)
        if errors and not bodies:
            raise errors[0]
        default = next((body for body in bodies if is_json(body.media_type)), None)
        return tuple(sorted(bodies, key=lambda body: body is not default))
