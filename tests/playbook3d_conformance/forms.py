"""Forms as they are sent, urlencoded or multipart: their fields, and the values that these can mean."""

import json
from collections.abc import Iterator, Mapping
from email.parser import BytesParser
from typing import Any, cast
from urllib.parse import parse_qsl

from playbook3d_conformance.schemas import validator

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def essence(content_type: str) -> str:
    """A media type in lower case, without parameters."""
    return content_type.partition(";")[0].strip().lower()


def is_form(content_type: str) -> bool:
    """Whether a Content-Type is one of forms."""
    return essence(content_type) in (URLENCODED, MULTIPART)


def read_fields(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """The names and texts of a form; the bytes of a multipart field as latin-1, if they are not UTF-8."""
    if essence(content_type) == URLENCODED:
        return parse_qsl(body.decode("utf-8", "surrogateescape"), keep_blank_values=True)
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body)
    parts = [part for part in message.walk() if not part.is_multipart()]
    named = [(part.get_param("name", header="content-disposition"), part.get_payload(decode=True)) for part in parts]
    return [(str(name), _text(cast(bytes, content))) for name, content in named if name is not None]


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def urlencoded_texts(value: Any) -> list[str]:
    """The texts of a property of an urlencoded form, one for each element of an array; what is not a text is JSON."""
    elements: list[Any] = value if isinstance(value, list) else [value]
    return [element if isinstance(element, str) else json.dumps(element) for element in elements]


def form_value(fields: list[tuple[str, str]], schema: Any, document: Mapping[str, Any]) -> dict[str, Any] | None:
    """The object that a form means by its schema, or ``None`` if none of its meanings is valid."""
    compiled = validator(schema, document, "request")
    texts: dict[str, list[str]] = {}
    for name, text in fields:
        texts.setdefault(name, []).append(text)
    options = {name: list(text_values(values)) for name, values in texts.items()}
    for _ in range(max(map(len, options.values()), default=1)):
        value = {name: candidates[0] for name, candidates in options.items()}
        invalid = {str(name) for error in compiled.iter_errors(value) for name in error.instance_path[:1]}
        if compiled.is_valid(value):
            return value
        options = {
            name: candidates[1:] if name in invalid and len(candidates) > 1 else candidates
            for name, candidates in options.items()
        }
    return None


def text_values(texts: list[str]) -> Iterator[Any]:
    """What the texts of one name can mean: text, a number or the like, an object, or an array of any."""
    parsed = [_parsed(text) for text in texts]
    if len(texts) == 1:
        yield from (texts[0], parsed[0])
    yield from (texts, parsed)


def _parsed(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, str) else value
