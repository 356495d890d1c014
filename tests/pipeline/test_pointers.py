"""JSON pointers and references (RFC 6901)."""

from typing import Any

import pytest

from contract.pointers import dereference, pointer

DOCUMENT: dict[str, Any] = {
    "a b": {"/x/{y}": [{"~": {"200": "end"}}]},
    "first": {"$ref": "#/second"},
    "second": {"$ref": "#/a%20b/~1x~1%7By%7D/0/~0/200"},
    "ring": {"$ref": "#/ring"},
}


def test_pointer_escapes_its_parts() -> None:
    assert [pointer(["a b", "/x/{y}", 0, "~"]), pointer([])] == ["#/a b/~1x~1{y}/0/~0", "#"]


@pytest.mark.parametrize(("reference", "target"), [("#", DOCUMENT), ("#/first", "end"), ("#/a b", DOCUMENT["a b"])])
def test_references_are_followed_to_their_end(reference: str, target: object) -> None:
    assert dereference(DOCUMENT, {"$ref": reference}) == target


@pytest.mark.parametrize("reference", ["#/ring", "#/none", "#/a%20b/none", "second", "#second", "other.yaml#/a"])
def test_unresolvable_reference_is_a_lookup_error(reference: str) -> None:
    with pytest.raises(LookupError):
        dereference(DOCUMENT, {"$ref": reference})
