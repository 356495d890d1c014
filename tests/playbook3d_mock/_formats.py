"""Integer formats: schemas whose ``format`` bounds a number (OpenAPI Format Registry)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playbook3d_mock._document import Json

_BITS = (8, 16, 32, 64)
_BOUNDS = {
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in _BITS},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in _BITS},
}


def integer_bounds(name: Json) -> dict[str, int]:
    """``minimum`` and ``maximum`` of a format, none if it bounds no number."""
    if not isinstance(name, str) or name not in _BOUNDS:
        return {}
    return dict(zip(("minimum", "maximum"), _BOUNDS[name], strict=True))


def with_integer_bounds(value: Json) -> Json:
    """A copy of a document, in which integer formats are also ``minimum`` and ``maximum``, which are validated."""
    if isinstance(value, list):
        return [with_integer_bounds(element) for element in value]
    if not isinstance(value, dict):
        return value
    members = {key: with_integer_bounds(member) for key, member in value.items()}
    for (key, bound), stricter in zip(integer_bounds(value.get("format")).items(), (max, min), strict=False):
        own = value.get(key, bound)
        members[key] = stricter(own, bound) if isinstance(own, int | float) else own
    return members
