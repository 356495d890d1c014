"""Headers of responses: a valid value of each that a response declares."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from playbook3d_mock._examples import NoExampleError
from playbook3d_mock._request import is_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playbook3d_mock._document import Json, Node, Problems
    from playbook3d_mock._examples import Examples
    from playbook3d_mock._schemas import Schemas

# OpenAPI 3.1, Response Object: a header named Content-Type SHALL be ignored. The mock counts and frames content itself,
# and encodes nothing.
_OWN_HEADERS = (
    "content-type", "content-length", "content-encoding", "transfer-encoding",
    "connection", "keep-alive", "trailer", "upgrade",
)  # fmt: skip
_VALUE = re.compile("[!-~](?:[ -~]*[!-~])?")


def read_response_headers(
    response: Node, schemas: Schemas, examples: Examples, problems: Problems
) -> Iterator[tuple[bytes, bytes]]:
    """The headers that a response declares, without optional ones that have no valid value.

    Raises:
        NoExampleError: A required header has no valid value.
    """
    declared = response.get("headers")
    for name, node in declared.members() if declared else ():
        if name.lower() in _OWN_HEADERS:
            continue
        required = node.flag("required")
        if not is_token(name):
            raise node.error(f"{name!r} is not a valid name of a header")
        try:
            text = _header_value(name, node, schemas, examples)
        except NoExampleError as error:
            if required:
                raise
            problems.report(error)
        else:
            yield name.lower().encode("ascii"), text.encode("ascii")


def _header_value(name: str, node: Node, schemas: Schemas, examples: Examples) -> str:
    if not node.object().keys() & {"schema", "example", "examples"}:
        raise NoExampleError(f"the header {name!r} must have a 'schema' or an example", node.pointer)
    validator = schemas.validator_of(node)
    value = examples.value(node)
    value = "x" if value == "" and validator.is_valid("x") else value
    text = _simple(value, explode=node.flag("explode"))
    if text is None or not _VALUE.fullmatch(text):
        raise NoExampleError(f"is not a value that the header {name!r} can have: add an example", node.pointer)
    return text


def _simple(value: Json, *, explode: bool) -> str | None:
    """A value in the style ``simple`` (OpenAPI 3.1.1, Header Object); ``None`` if it is nested."""
    match value:
        case dict():
            pairs = [(name, _simple(member, explode=False)) for name, member in value.items()]
            separator = "=" if explode else ","
            return ",".join(f"{name}{separator}{text}" for name, text in pairs)
        case list():
            return ",".join(str(_simple(element, explode=False)) for element in value)
        case bool() | None:
            return json.dumps(value)
        case _:
            return str(value)
