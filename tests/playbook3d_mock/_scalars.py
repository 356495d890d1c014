"""Plain strings and numbers within the bounds of a schema."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from playbook3d_mock._formats import integer_bounds
from playbook3d_mock._patterns import find_match

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playbook3d_mock._document import Json

_STRINGS = {
    "byte": "eA==",
    "date": "2025-01-01",
    "date-time": "2025-01-01T00:00:00Z",
    "duration": "PT1S",
    "email": "user@example.com",
    "hostname": "example.com",
    "idn-email": "user@example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "iri": "https://example.com/",
    "iri-reference": "/",
    "json-pointer": "/x",
    "regex": "x",
    "relative-json-pointer": "0",
    "time": "00:00:00Z",
    "uri": "https://example.com/",
    "uri-reference": "/",
    "uri-template": "https://example.com/{id}",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf")
_MAX_LENGTH = 1_000_000
_OPEN_ENDED = ("uri", "uri-reference", "uri-template", "iri", "iri-reference", "json-pointer")


def plain_string(schemas: list[dict[str, Json]], variant: int = 0) -> str:
    """A string, by ``pattern``, ``format`` and the bounds of its length; another one for each variant."""
    # An empty text: stateful tests take any other for an identifier.
    least, _ = length_bounds(schemas)
    number = str(variant) if variant else ""
    for schema in schemas:
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and (text := find_match(pattern, least, variant)) is not None:
            return text
    for schema in schemas:
        name = str(schema.get("format"))
        if name in _STRINGS:
            text = _STRINGS[name]
            padding = "x" * (least - len(text))
            match name:
                case "uuid":
                    return text[: -len(number)] + number if number else text
                case "date" | "date-time":
                    return text.replace("2025-01-01", (date(2025, 1, 1) + timedelta(days=variant)).isoformat())
                case "email" | "idn-email" | "hostname" | "idn-hostname":
                    return padding + ("x" + number if number else "") + text
                case "ipv4" | "ipv6":
                    return text[:-1] + str(variant + 1)
                case _:
                    return text + number + padding if name in _OPEN_ENDED else text
    return number + "x" * (least - len(number))


def length_bounds(schemas: list[dict[str, Json]]) -> tuple[int, int]:
    """The least and the greatest length of a string."""
    least = max((_number(schema.get("minLength")) or 0 for schema in schemas), default=0)
    lengths = (_number(schema.get("maxLength")) for schema in schemas)
    greatest = min((length for length in lengths if length is not None), default=_MAX_LENGTH)
    return int(min(least, _MAX_LENGTH)), int(min(greatest, _MAX_LENGTH))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a number, ``None`` without one."""

    minimum: float | None
    exclusive_minimum: float | None
    maximum: float | None
    exclusive_maximum: float | None
    multiple_of: float | None

    @classmethod
    def of(cls, schemas: Iterable[dict[str, Json]]) -> Bounds:
        """The narrowest bounds of some schemas, those of integer formats too."""
        values: dict[str, list[float]] = {}
        for schema in schemas:
            bounds = {key: schema[key] for key in _BOUNDS if key in schema}
            for key, value in [*bounds.items(), *integer_bounds(schema.get("format")).items()]:
                if (number := _number(value)) is not None:
                    values.setdefault(key, []).append(number)
        return cls(
            max(values.get("minimum", ()), default=None),
            max(values.get("exclusiveMinimum", ()), default=None),
            min(values.get("maximum", ()), default=None),
            min(values.get("exclusiveMaximum", ()), default=None),
            max(values.get("multipleOf", ()), default=None),
        )

    def step(self, is_integer: bool) -> float:
        """The distance between two values, 1 if nothing is said of it."""
        step = self.multiple_of if self.multiple_of and self.multiple_of > 0 else 1
        if is_integer and step != int(step):
            step *= 10 ** next((digits for digits in range(1, 20) if round(step * 10**digits, 9).is_integer()), 0)
        return step

    def limits(self, is_integer: bool) -> tuple[float | None, float | None]:
        """The least and the greatest value that are whole steps, or one from an exclusive bound."""
        step, is_stepped = self.step(is_integer), bool(is_integer or self.multiple_of)
        low: list[float] = []
        high: list[float] = []
        if self.minimum is not None:
            low.append(math.ceil(self.minimum / step) * step if is_stepped else self.minimum)
        if (bound := self.exclusive_minimum) is not None:
            low.append((math.floor(bound / step) + 1) * step if is_stepped else bound + 1)
        if self.maximum is not None:
            high.append(math.floor(self.maximum / step) * step if is_stepped else self.maximum)
        if (bound := self.exclusive_maximum) is not None:
            high.append((math.ceil(bound / step) - 1) * step if is_stepped else bound - 1)
        return max(low, default=None), min(high, default=None)

    def outermost(self) -> tuple[float | None, float | None]:
        """The bounds themselves, which may be exclusive."""
        low = [bound for bound in (self.minimum, self.exclusive_minimum) if bound is not None]
        high = [bound for bound in (self.maximum, self.exclusive_maximum) if bound is not None]
        return max(low, default=None), min(high, default=None)


def plain_number(bounds: Bounds, is_integer: bool, variant: int = 0) -> int | float:
    """Zero, or the number nearest to it within the bounds; another one for each variant."""
    step, (low, high) = bounds.step(is_integer), bounds.limits(is_integer)
    value: float = 0
    if low is not None and low > 0:
        value = low
    elif high is not None and high < 0:
        value = high
    if not is_integer and bounds.multiple_of is None and low is not None and high is not None and low > high:
        # Less than a whole step fits between exclusive bounds.
        limits = [bound for bound in bounds.outermost() if bound is not None]
        value = sum(limits) / 2
    value += variant * step if high is None or value + variant * step <= high else -variant * step
    return int(value) if is_integer else value


def _number(value: Json) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
