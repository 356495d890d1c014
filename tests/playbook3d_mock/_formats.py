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


def with_integer_bounds(value: Json) -> Json:
    """A copy of a document, in which integer formats are also ``minimum`` and ``maximum``, which are validated."""
    if isinstance(value, list):
        return [with_integer_bounds(element) for element in value]
    if not isinstance(value, dict):
        return value
    members = {key: with_integer_bounds(member) for key, member in value.items()}
    if isinstance(name := value.get("format"), str) and name in _BOUNDS:
        for key, bound, stricter in zip(("minimum", "maximum"), _BOUNDS[name], (max, min), strict=True):
            own = value.get(key, bound)
            members[key] = stricter(own, bound) if isinstance(own, int | float) else own
    return members
