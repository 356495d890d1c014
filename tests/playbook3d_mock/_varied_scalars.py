"""Random strings and numbers within the bounds of a schema, such as an API has."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from playbook3d_mock._patterns import find_match
from playbook3d_mock._scalars import length_bounds, plain_string

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from playbook3d_mock._document import Json
    from playbook3d_mock._scalars import Bounds

_WORDS = (
    "amber", "anchor", "apple", "april", "basin", "birch", "blue", "brook", "cedar", "chalk", "cloud", "copper",
    "coral", "dawn", "delta", "dune", "east", "echo", "ember", "fern", "field", "flint", "forest", "frost",
    "garden", "glass", "grove", "harbor", "hazel", "hill", "iris", "ivory", "jade", "juniper", "lake", "lemon",
    "linen", "maple", "marble", "meadow", "mist", "north", "oak", "ocean", "olive", "opal", "orchard", "pearl",
    "pine", "plain", "quartz", "rain", "reef", "ridge", "river", "rose", "sage", "shore", "silver", "slate",
    "south", "spruce", "stone", "summit", "valley", "velvet", "violet", "west", "willow", "winter",
)  # fmt: skip
# The format that a property without one has by its name.
_FORMATS_OF_NAMES = (
    (re.compile(r"e_?mail$"), "email"),
    (re.compile(r"(?:ur[il]|link|href)$"), "uri"),
    (re.compile(r"(?:_at|date|time|timestamp)$"), "date-time"),
    (re.compile(r"(?:^|_)id$"), "hex"),
    (re.compile(r"(?:description|detail|details|message|summary|text|reason|comment)$"), "sentence"),
    (re.compile(r"(?:name|title|label)$"), "title"),
)
_START = datetime(2020, 1, 1)  # UTC
_SECONDS = 6 * 365 * 24 * 60 * 60
_TRIES = 5
# How far numbers lie apart, in steps.
_SPAN = 1_000


def varied_string(schemas: list[dict[str, Json]], random: Random, name: str = "") -> str:
    """A string, by ``pattern``, ``format``, the name of the property, and the bounds of its length."""
    least, greatest = length_bounds(schemas)
    patterns = [pattern for schema in schemas if isinstance(pattern := schema.get("pattern"), str)]
    formats = [_FORMATS[key] for schema in schemas if (key := str(schema.get("format"))) in _FORMATS]
    for _ in range(_TRIES):
        if patterns:
            text = find_match(patterns[0], least, random=random)
        elif formats:
            text = formats[0](random)
        else:
            text = _fit(_text(name, random), least, greatest, random)
        if text is not None and least <= len(text) <= greatest:
            return text
    return plain_string(schemas)


def varied_number(bounds: Bounds, is_integer: bool, random: Random) -> int | float:
    """A number within the bounds: from 0 to 1,000 steps if they are wider."""
    low, high = bounds.limits(is_integer)
    if not is_integer and bounds.multiple_of is None:
        if low is not None and high is not None and low > high:
            low, high = bounds.outermost()  # less than one fits between them
        start, end = _window(low, high, 1)
        value = random.uniform(start, end)
        rounded = round(value, 2)
        return rounded if start < rounded < end else value
    step = bounds.step(is_integer)
    start, end = _window(low, high, step)
    count = random.randint(0, max(round((end - start) / step), 0))
    # A multiple of 0.1 is not a sum of floats.
    value = float(Decimal(str(step)) * (round(start / step) + count))
    return int(start) + count * int(step) if is_integer else value


def _window(low: float | None, high: float | None, step: float) -> tuple[float, float]:
    """A part of the bounds of at most a thousand steps: from 0 up if they allow it."""
    span = _SPAN * step
    if low is None or (low < 0 and (high is None or high > 0)):
        least = 0 if high is None or high > 0 else high - span
        low = least if low is None else max(low, least)
    return low, low + span if high is None else min(high, low + span)


def varied_name(schemas: list[dict[str, Json]], random: Random) -> str:
    """The name of a property."""
    return varied_string(schemas, random) if any(schema.keys() - {"type"} for schema in schemas) else _word(random)


def _text(name: str, random: Random) -> str:
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    key = next((key for pattern, key in _FORMATS_OF_NAMES if pattern.search(name)), "words")
    return _FORMATS[key](random)


def _fit(text: str, least: int, greatest: int, random: Random) -> str:
    while len(text) < least:
        text = f"{text} {_words(random)}" if least < _SPAN else text + "x" * (least - len(text))
    cut = text[:greatest].rstrip()
    return cut if len(cut) >= least else text[:greatest].replace(" ", "-")


def _word(random: Random) -> str:
    return random.choice(_WORDS)


def _words(random: Random) -> str:
    return " ".join(random.sample(_WORDS, random.randint(1, 3)))


def _sentence(random: Random) -> str:
    return f"{' '.join(random.sample(_WORDS, random.randint(3, 7))).capitalize()}."


def _moment(random: Random) -> datetime:
    return _START + timedelta(seconds=random.randrange(_SECONDS))


def _email(random: Random) -> str:
    return f"{_word(random)}.{_word(random)}@example.com"


def _host(random: Random) -> str:
    return f"{_word(random)}.example.com"


def _path(random: Random) -> str:
    return "".join(f"/{word}" for word in random.sample(_WORDS, random.randint(1, 2)))


def _url(random: Random) -> str:
    return f"https://{_host(random)}{_path(random)}"


def _base64(random: Random) -> str:
    return b64encode(_words(random).encode("ascii")).decode("ascii")


_FORMATS: dict[str, Callable[[Random], str]] = {
    "byte": _base64,
    "date": lambda random: _moment(random).date().isoformat(),
    "date-time": lambda random: f"{_moment(random).isoformat()}Z",
    "duration": lambda random: f"PT{random.randint(1, 59)}{random.choice('HMS')}",
    "email": _email,
    "hex": lambda random: f"{random.getrandbits(64):016x}",
    "hostname": _host,
    "idn-email": _email,
    "idn-hostname": _host,
    "ipv4": lambda random: f"192.0.2.{random.randint(1, 254)}",
    "ipv6": lambda random: f"2001:db8::{random.randint(1, 0xFFFF):x}",
    "iri": _url,
    "iri-reference": _path,
    "json-pointer": _path,
    "regex": lambda random: f"^{_word(random)}$",
    "relative-json-pointer": lambda random: f"{random.randint(0, 3)}{_path(random)}",
    "sentence": _sentence,
    "time": lambda random: f"{_moment(random).time().isoformat()}Z",
    "title": lambda random: _words(random).title(),
    "uri": _url,
    "uri-reference": _path,
    "uri-template": lambda random: f"{_url(random)}/{{id}}",
    "uuid": lambda random: str(UUID(int=random.getrandbits(128), version=4)),
    "words": _words,
}
