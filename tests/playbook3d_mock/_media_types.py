"""Media types: how they compare, and which the contract declares for a body."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from playbook3d_mock._request import is_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from playbook3d_mock._document import Node, Problems


_RANGE = re.compile(r"[ \t]*[^\s;/]+/[^\s;/]")
_WEIGHT = re.compile(r";[ \t]*q=([01](?:\.[0-9]{0,3})?)[ \t]*(?:;|$)", re.IGNORECASE)
_CHARSET = re.compile(r'charset="?([^\s;"]+)', re.IGNORECASE)
_ANY_TYPE = ("*/*", "application/*")
# What a response has of a range.
_SENT = {
    **dict.fromkeys(_ANY_TYPE, "application/json"),
    "text/*": "text/plain; charset=utf-8",
    "image/*": "image/png",
    "audio/*": "audio/mpeg",
    "video/*": "video/mp4",
}
# They say how a body is written, not what it is; q is the weight of a range.
_IGNORED_PARAMETERS = ("boundary", "charset", "q")


def essence(media_type: str) -> str:
    """Type and subtype, in lower case, without parameters (RFC 9110 §8.3.1)."""
    return media_type.partition(";")[0].strip(" \t").lower()


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON, by its name or its suffix (RFC 6839 §3.1)."""
    return essence(media_type) == "application/json" or essence(media_type).endswith("+json")


def charset(media_type: str) -> str | None:
    """The charset that a media type names, in lower case."""
    match = _CHARSET.search(media_type)
    return match[1].lower() if match else None


def best_match(media_type: str, ranges: Iterable[str]) -> str | None:
    """The most specific of the ranges, such as ``*/*``, that has a media type (RFC 9110 §12.5.1), or ``None``."""
    matches = [(rank, key) for key in ranges if (rank := _specificity(media_type, key))]
    return max(matches, key=lambda match: match[0])[1] if matches else None


@lru_cache(maxsize=256)  # a client sends the same header again and again
def negotiate(accept: bytes | None, offered: tuple[str, ...]) -> int | None:
    """The index of the offered media type that ``Accept`` prefers, the first if equal; ``None`` if it accepts none."""
    elements = [element for element in (accept or b"").decode("latin-1").split(",") if _RANGE.match(element)]
    if not elements:
        return 0  # the header is missing or malformed
    weights = [(element, float(match[1]) if (match := _WEIGHT.search(element)) else 1.0) for element in elements]
    # A client may name parameters that the contract does not.
    best = _best_offer(weights, offered)
    return _best_offer([(essence(range_), weight) for range_, weight in weights], offered) if best is None else best


def _best_offer(ranges: Sequence[tuple[str, float]], offered: Sequence[str]) -> int | None:
    """The index of the offered media type whose range has the greatest weight."""
    weights: dict[str, float] = {}
    for range_, weight in ranges:
        weights[range_] = max(weight, weights.get(range_, 0.0))
    qualities = [weights[key] if (key := best_match(media_type, weights)) else 0.0 for media_type in offered]
    best = max(qualities)
    return qualities.index(best) if best else None


def _specificity(media_type: str, range_: str) -> int:
    """How specific a range is that has the media type; 0 if it has not."""
    (name, parameters), (wanted, required) = _split(media_type), _split(range_)
    if not required <= parameters:
        return 0
    if wanted == "*/*":
        return 1 if name else 0
    if wanted.endswith("/*"):
        return 2 if name.startswith(wanted[:-1]) else 0
    return 3 + len(required) if wanted == name else 0


def _split(media_type: str) -> tuple[str, set[str]]:
    """Type and subtype, and the parameters that tell media types apart."""
    name, *parameters = media_type.lower().split(";")
    named = {"".join(parameter.replace('"', "").split()) for parameter in parameters}
    return name.strip(" \t"), {text for text in named if text and text.partition("=")[0] not in _IGNORED_PARAMETERS}


def read_content(content: Node, problems: Problems) -> Iterator[Node]:
    """The Media Type Objects of a ``content``, those of ranges too; keys that are no media types are reported."""
    for key in content.object():
        node = content.child(key)
        type_, slash, subtype = key.partition(";")[0].strip(" \t").partition("/")
        if slash and key.isascii() and is_token(type_) and is_token(subtype):
            yield node.require_known_fields("schema", "example", "examples", "encoding")
        else:
            problems.report(node.error(f"{key!r} is not a media type: it is left out"))


def sent_media_type(media: Node) -> str | None:
    """The media type of a response that a Media Type Object describes, by its key.

    It is ``None`` if the mock cannot send it: an unknown range, or another charset than UTF-8.
    """
    range_, encoding = essence(media.key), charset(media.key)
    if encoding and encoding not in ("utf-8", "us-ascii"):
        return None
    if "*" not in range_:
        return f"{media.key}; charset=utf-8" if range_.startswith("text/") and not encoding else media.key
    schema = media.get("schema")
    is_binary = isinstance(schema.value, dict) and schema.value.get("format") == "binary" if schema else False
    return "application/octet-stream" if is_binary and range_ in _ANY_TYPE else _SENT.get(range_)
