"""Requests that mean the same are compared as equal."""

import pytest

from playbook3d_conformance.properties.normalized_request import normalize

LOWER = "c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22"


def query(text: str) -> list[tuple[str, str]]:
    """The normalized query of a request."""
    return normalize("GET", f"https://api.example/?{text}", {}, b"", set()).query


@pytest.mark.parametrize("delimiter", [",", "|", "%20"])
def test_uuids_of_an_array_are_compared_by_value(delimiter: str) -> None:
    assert query(f"ids={LOWER}{delimiter}{LOWER}") == query(f"ids={LOWER.upper()}{delimiter}{LOWER.upper()}")


def test_other_texts_of_an_array_are_compared_as_they_are() -> None:
    assert query("ids=a,b") != query("ids=A,b")
    assert query("ids=a,b") != query("ids=a|b")
