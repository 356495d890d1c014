"""Arguments of a call: UUIDs, path parameters, and other values that cannot be sent."""

from typing import Any

import pytest

from playbook3d_client import ConfigurationError
from support.client_styles import DRIVERS, OWNER, THING, Call, blocking, error_of, never, sent_request, things


@pytest.mark.parametrize("spelling", [str(THING).upper(), THING.hex, f"{{{THING}}}", THING.urn, THING], ids=str)
def test_uuid_is_sent_in_canonical_form(spelling: object) -> None:
    in_path = sent_request(blocking, things("stop_thing", str(OWNER), spelling))
    assert in_path.url.path == f"/owners/{OWNER}/things/{THING}/stop"
    in_query = sent_request(blocking, things("list_things", owner=spelling))
    assert in_query.url.params["owner"] == str(THING)


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(
    ("value", "error_class", "reason"),
    [
        ("", ValueError, "must be a UUID, not ''"),
        ("../../admin", ValueError, "must be a UUID, not '../../admin'"),
        (None, TypeError, "must be a UUID, or a string that holds one, not NoneType"),
        (THING.bytes, TypeError, "must be a UUID, or a string that holds one, not bytes"),
    ],
)
def test_invalid_uuid_is_rejected_by_name(call: Call, value: object, error_class: type[Exception], reason: str) -> None:
    in_path = error_of(error_class, call, never, things("stop_thing", OWNER, value))
    in_query = error_of(error_class, call, never, things("list_things", owner=value))
    assert (str(in_path), str(in_query)) == (f"thing_id {reason}", f"owner {reason}")


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
        ("%2e%2e", "%252e%252e"),
        (".a", ".a"),
        ("ü\0 ", "%C3%BC%00%20"),
        ("a?b#c", "a%3Fb%23c"),
    ],
)
def test_path_parameter_is_sent_as_one_segment(value: str, segment: str) -> None:
    request = sent_request(blocking, things("get_thing", value))
    assert request.url.raw_path == f"/things/{segment}".encode()


@pytest.mark.parametrize("value", ["a;b", "a\0b", "\x1f", "a\x7f"])
def test_cookie_with_a_separator_is_rejected(value: str) -> None:
    with pytest.raises(ValueError, match=r"^session must not have a semicolon or a control character in it$"):
        blocking(never, things("list_things", session=value))


@pytest.mark.parametrize(
    ("argument", "codec"), [({"label": ["\ud800"]}, "utf-8"), ({"session": "é"}, "ascii"), ({"x_trace": "é"}, "ascii")]
)
def test_value_that_cannot_be_encoded_is_rejected(argument: dict[str, Any], codec: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^list_things cannot be sent: '{codec}' codec can't encode"):
        blocking(never, things("list_things", **argument))
