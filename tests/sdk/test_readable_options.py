"""What a client shows: its public names, its options, and no credential."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from playbook3d_api.api import AsyncOperations, Operations
from playbook3d_client import DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT, AsyncPlaybookClient, PlaybookClient
from support.fixture_client import AsyncFixtureClient, FixtureClient

CLIENT_TYPES = pytest.mark.parametrize("client_type", [FixtureClient, AsyncFixtureClient])


def public_names(class_: type) -> set[str]:
    return {name for name in dir(class_) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("client_type", "operations", "more"),
    [(PlaybookClient, Operations, set[str]()), (AsyncPlaybookClient, AsyncOperations, {"aclose"})],
)
def test_public_names_are_tags_options_and_lifecycle(client_type: type, operations: type, more: set[str]) -> None:
    own = {"with_options", "generated", "close", "base_url", "timeout", "max_retries"} | more
    assert public_names(client_type) - public_names(operations) == own


@pytest.mark.parametrize(
    ("options", "name", "expected"),
    [
        ({}, "base_url", "https://api.fixture.invalid"),
        ({"base_url": "http://localhost:8000/v1/"}, "base_url", "http://localhost:8000/v1"),
        ({}, "timeout", httpx.Timeout(30, connect=5)),
        ({"timeout": 3}, "timeout", httpx.Timeout(3)),
        ({"timeout": None}, "timeout", httpx.Timeout(None)),
        ({}, "max_retries", 2),
        ({"max_retries": 0}, "max_retries", 0),
    ],
)
def test_options_are_readable_and_not_writable(options: dict[str, Any], name: str, expected: object) -> None:
    client = FixtureClient(**options)
    assert getattr(client, name) == expected
    with pytest.raises(AttributeError):
        setattr(client, name, expected)


def test_defaults_are_exported() -> None:
    client = FixtureClient()
    assert (client.timeout, client.max_retries) == (DEFAULT_TIMEOUT, DEFAULT_MAX_RETRIES)


@CLIENT_TYPES
def test_repr_shows_the_base_url(client_type: type[Any]) -> None:
    shown = repr(client_type(api_key="k", token="t", base_url="https://host/base/"))
    assert shown == f"{client_type.__name__}(base_url='https://host/base')"


def test_repr_of_a_client_whose_init_failed() -> None:
    assert repr(FixtureClient.__new__(FixtureClient)) == "FixtureClient(base_url=None)"


@CLIENT_TYPES
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"api_key": "the-key", "token": "the-token"}, "Credentials(api_key=***, token=***)"),
        ({"token": lambda: "the-token"}, "Credentials(token=***)"),
        ({}, "Credentials()"),
    ],
)
def test_credentials_are_redacted_from_reprs(client_type: type[Any], options: dict[str, Any], expected: str) -> None:
    client = client_type(**options)
    shown = f"{client!r} {client!s} {vars(client)!r} {client.generated!r}"
    assert expected in shown
    assert "the-" not in shown


def test_clients_are_equal_by_identity() -> None:
    client, other = FixtureClient(), FixtureClient()
    assert client != other
    assert len({client, other, client}) == 2


@CLIENT_TYPES
@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_client_cannot_be_pickled_or_copied(client_type: type[Any], duplicate: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match=f"^{client_type.__name__} holds connections and credentials"):
        duplicate(client_type())
