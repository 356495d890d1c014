"""Arguments of a call: UUIDs, path parameters, and other values that cannot be sent."""

from typing import Any

import httpx
import pytest

from playbook3d_client import ConfigurationError
from support.client_styles import DRIVERS, OWNER, THING, Action, Call, blocking, never

SPELLINGS = pytest.mark.parametrize(
    "spelling", [str(THING).upper(), THING.hex, f"{{{THING}}}", THING.urn, THING], ids=str
)


def things(operation: str, *arguments: Any, **named: Any) -> Action:
    """Calls an operation."""
    return lambda client: getattr(client.things, operation)(*arguments, **named)


@pytest.mark.parametrize("call", DRIVERS)
@SPELLINGS
def test_uuid_in_the_path_is_sent_in_canonical_form(call: Call, spelling: object) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"message": request.url.path})

    result = call(handler, things("stop_thing", str(OWNER), spelling))
    assert result.message == f"/owners/{OWNER}/things/{THING}/stop"


@SPELLINGS
def test_uuid_in_the_query_is_sent_in_canonical_form(spelling: object) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.url.params["owner"] == str(THING)
        return httpx.Response(200, json=[])

    assert blocking(handler, things("list_things", owner=spelling)) == []


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(
    ("value", "error", "reason"),
    [
        ("nonsense", ValueError, "must be a UUID, not 'nonsense'"),
        ("", ValueError, "must be a UUID, not ''"),
        ("../../admin", ValueError, "must be a UUID, not '../../admin'"),
        (7, TypeError, "must be a UUID, or a string that holds one, not int"),
        (None, TypeError, "must be a UUID, or a string that holds one, not NoneType"),
        (THING.bytes, TypeError, "must be a UUID, or a string that holds one, not bytes"),
    ],
)
def test_invalid_uuid_is_rejected_by_name(call: Call, value: object, error: type[Exception], reason: str) -> None:
    with pytest.raises(error) as in_path:
        call(never, things("stop_thing", OWNER, value))
    with pytest.raises(error) as in_query:
        call(never, things("list_things", owner=value))
    assert (str(in_path.value), str(in_query.value)) == (f"thing_id {reason}", f"owner {reason}")


@pytest.mark.parametrize("value", ["", ".", ".."])
@pytest.mark.parametrize("operation", ["get_thing", "get_image"])
def test_value_that_changes_the_path_is_rejected(operation: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"^name must not be '{value}': the request would go to another path$"):
        blocking(never, things(operation, value))


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("a/../b", "a%2F..%2Fb"),
        ("../../admin", "..%2F..%2Fadmin"),
        ("..%2F", "..%252F"),
        ("%2e%2e", "%252e%252e"),
        ("...", "..."),
        (".a", ".a"),
        ("ü\0 ", "%C3%BC%00%20"),
        ("a?b#c", "a%3Fb%23c"),
    ],
)
def test_path_parameter_is_sent_as_one_segment(value: str, segment: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.url.raw_path == f"/things/{segment}".encode()
        return httpx.Response(200, json={"id": str(THING)})

    assert blocking(handler, things("get_thing", value)).id == THING


@pytest.mark.parametrize("value", ["a;b", "a\0b", "\n", "\x1f", "a\x7f"])
def test_cookie_with_a_separator_is_rejected(value: str) -> None:
    with pytest.raises(ValueError, match=r"^session must not have a semicolon or a control character in it$"):
        blocking(never, things("list_things", session=value))


@pytest.mark.parametrize(
    ("argument", "codec"), [({"label": ["\ud800"]}, "utf-8"), ({"session": "é"}, "ascii"), ({"x_trace": "é"}, "ascii")]
)
def test_value_that_cannot_be_encoded_is_rejected(argument: dict[str, Any], codec: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^list_things cannot be sent: '{codec}' codec can't encode"):
        blocking(never, things("list_things", **argument))
