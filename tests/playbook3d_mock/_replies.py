"""Replies: what an operation answers for each status, ready to be sent when the mock starts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ._bodies import body, proven
from ._request import is_token
from ._samples import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._bodies import Body
    from ._contract import Node
    from ._schemas import Schemas

Headers = tuple[tuple[bytes, bytes], ...]

_STATUS = re.compile("([1-5])([0-9]{2}|XX)")
# RFC 9110 §15.3.5, §15.3.6, §15.4.5: responses of these statuses have no content.
_EMPTY = frozenset({204, 205, 304})
_FIELD_VALUE = re.compile("[!-~](?:[ -~]*[!-~])?")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, complete: status, header fields with lower-case names, body."""

    status: int
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)


def complete(status: int, headers: Headers, media_type: str, body: bytes) -> Reply:
    """A reply with its Content-Type and Content-Length."""
    if status in _EMPTY:
        # RFC 9110 §8.6: no Content-Length in a 204.
        return Reply(status, headers if status != 205 else (*headers, (b"content-length", b"0")))
    fields = (b"content-type", media_type.encode("ascii")), (b"content-length", str(len(body)).encode("ascii"))
    return Reply(status, (*headers, *(fields if media_type else fields[1:])), body)


@dataclass(frozen=True, slots=True)
class _Answer:
    description: str
    headers: Headers
    body: Body | None

    def reply(self, status: int, text: str | None) -> Reply:
        body = self.body
        if body and text is not None:
            body = body.saying(f"{self.description}: {text}")
        return complete(status, self.headers, body.media_type if body else "", body.encode() if body else b"")


class Replies:
    """The answers of one operation: by status, by range of statuses, and for any other."""

    def __init__(self, operation: Node, schemas: Schemas) -> None:
        responses = operation.get("responses")
        if responses is None:
            raise operation.error("must have 'responses'")
        self.documented = {key: _answer(node, key, schemas) for key, node in _documented(responses)}
        successes = sorted(int(key) for key in self.documented if key.startswith("2") and key != "2XX")
        if not successes and "2XX" not in self.documented and "default" not in self.documented:
            raise responses.error("documents no success (2xx), so a good request could not be answered")
        self.success = successes[0] if successes else 200
        self._ready: dict[int, Reply] = {}
        for key, answer in self.documented.items():
            if key.isdigit():
                self._ready[int(key)] = answer.reply(int(key), None)

    def documents(self, status: int) -> bool:
        """Whether a status is documented: by itself, by its range, or by `default`."""
        return not self.documented.keys().isdisjoint((str(status), f"{status // 100}XX", "default"))

    def reply(self, status: int, text: str | None = None) -> Reply | None:
        """The reply of a status: its example, or the same with a text in it; None if not documented."""
        if text is None and status in self._ready:
            return self._ready[status]
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.documented:
                return self.documented[key].reply(status, text)
        return None


def _documented(responses: Node) -> Iterator[tuple[str, Node]]:
    for key in responses.object():
        if key.startswith("x-"):
            continue
        if key != "default":
            match = _STATUS.fullmatch(key)
            if not match:
                raise responses.child(key).error(f"{key!r} is no status, no range such as '4XX', and not 'default'")
            if match[1] == "1":
                raise responses.child(key).error("a mock cannot answer 1xx: those are no final responses")
        yield key, responses.child(key).follow()


def _answer(node: Node, key: str, schemas: Schemas) -> _Answer:
    node.only("description", "headers", "content", "links")
    if key.isdigit() and int(key) in _EMPTY and node.object().get("content"):
        raise node.child("content").error(f"a response {key} has no content (RFC 9110 §15)")
    description = " ".join(node.text("description").split()).rstrip(".")
    return _Answer(description, tuple(_headers(node, schemas)), body(node, schemas))


def _headers(response: Node, schemas: Schemas) -> Iterator[tuple[bytes, bytes]]:
    """The header fields that a response requires, by their examples."""
    declared = response.get("headers")
    for name, node in declared.members() if declared else ():
        # OpenAPI 3.1, Response Object: a header named Content-Type SHALL be ignored. Content-Length is true anyway.
        if name.lower() in ("content-type", "content-length") or not node.flag("required"):
            continue
        if not is_token(name):
            raise node.error(f"{name!r} is no name that a header can have")
        if "schema" not in node.object():
            raise node.error("a required header must have a 'schema'")
        schema = node.child("schema")
        validator = schemas.validator(schema)
        given = next(examples(node), None)
        value = given.value if given else proven(schema, validator)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if isinstance(value, dict | list) or not _FIELD_VALUE.fullmatch(text):
            raise (given or schema).error(f"there is no example that the header {name!r} could have")
        if problem := validator.problem(value):
            raise (given or schema).error(f"the example breaks its schema: {problem}")
        yield name.lower().encode("ascii"), text.encode("ascii")
