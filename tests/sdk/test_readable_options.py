"""What a client shows: its public names, its options, and no credential."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from playbook3d_api.api import AsyncOperations, Operations
from playbook3d_client import DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT, AsyncPlaybookClient, PlaybookClient
from support.fixture_client import FixtureClient


def public_names(class_: type) -> set[str]:
    return {name for name in dir(class_) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("client_type", "operations", "more"),
    [(PlaybookClient, Operations, set[str]()), (AsyncPlaybookClient, AsyncOperations, {"aclose"})],
)
def test_public_names_are_tags_options_and_lifecycle(client_type: type, operations: type, more: set[str]) -> None:
    own = {"with_options", "generated", "close", "base_url", "timeout", "max_retries"} | more
    assert public_names(client_type) - public_names(operations) == own


def test_defaults_are_readable_and_exported() -> None:
    client = FixtureClient()
    assert client.timeout == DEFAULT_TIMEOUT == httpx.Timeout(30, connect=5)
    assert client.max_retries == DEFAULT_MAX_RETRIES == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("base_url", "http://localhost:8000"), ("timeout", httpx.Timeout(3)), ("max_retries", 0)],
)
def test_options_are_readable_and_not_writable(name: str, value: Any) -> None:
    client = FixtureClient(**{name: value})
    assert getattr(client, name) == value
    with pytest.raises(AttributeError):
        setattr(client, name, value)


def test_repr_works_after_a_failed_init() -> None:
    assert repr(FixtureClient.__new__(FixtureClient)) == "FixtureClient(base_url=None)"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"api_key": "the-key", "token": "the-token"}, "Credentials(bearer=***, key=***)"),
        ({"token": lambda: "the-token"}, "Credentials(bearer=***)"),
    ],
)
def test_credentials_are_redacted_from_reprs(options: dict[str, Any], expected: str) -> None:
    client = FixtureClient(base_url="https://host", **options)
    assert repr(client) == "FixtureClient(base_url='https://host')"
    shown = f"{vars(client)!r} {client.generated!r}"
    assert expected in shown
    assert "the-" not in shown


def test_clients_are_equal_by_identity() -> None:
    client, other = FixtureClient(), FixtureClient()
    assert client != other
    assert len({client, other, client}) == 2


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_client_cannot_be_pickled_or_copied(duplicate: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match=r"^FixtureClient holds connections and credentials"):
        duplicate(FixtureClient())
