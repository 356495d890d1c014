"""Arguments of a call: UUIDs, path parameters, and other values that cannot be sent."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any, cast

import pytest

from fixture_api.api.things import create_thing, get_thing
from fixture_api.models import Owner, State, Thing
from fixture_api.types import UNSET, File, Unset
from playbook3d_api._runtime import checks_arguments
from support.client_styles import (
    DRIVERS,
    OWNER,
    THING,
    Action,
    Call,
    asynchronous,
    blocking,
    error_of,
    never,
    sent_request,
    things,
)


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


def get_thing_styles(value: Any) -> list[tuple[Call, Action]]:
    """Calls of ``get_thing``: as a method, and through the generator's own functions."""
    return [
        *((call, things("get_thing", value)) for call in DRIVERS),
        (blocking, lambda client: get_thing.sync(value, client=client.generated)),
        (asynchronous, lambda client: get_thing.asyncio(value, client=client.generated)),
    ]


@pytest.mark.parametrize("value", [b"a", ["a"], UNSET])
def test_path_parameter_of_another_type_is_rejected_by_name(value: object) -> None:
    for call, action in get_thing_styles(value):
        error = error_of(TypeError, call, never, action)
        assert str(error) == f"name must be a string, a number, a UUID or a date, not {type(value).__name__}"


@pytest.mark.parametrize(
    ("value", "segment"), [(7, "7"), (THING, str(THING)), (State.QUEUED, "queued"), (date(2024, 1, 2), "2024-01-02")]
)
def test_single_value_is_sent_in_the_path(value: object, segment: str) -> None:
    assert sent_request(blocking, things("get_thing", value)).url.path == f"/things/{segment}"


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(
    ("action", "message"),
    [
        (things("create_thing", body=[{"id": str(THING)}]), "body must be Thing, not list"),
        (things("create_thing", body=None), "body must be Thing, not NoneType"),
        (things("upload", body=b"a"), "body must be Upload, not bytes"),
        (things("set_image", "a", body=b"a"), "body must be File, not bytes"),
        (things("add_note", body="a"), "body must be Thing or Owner, not str"),
        (
            lambda client: create_thing.sync_detailed(client=client.generated, body=cast(Any, [])),
            "body must be Thing, not list",
        ),
    ],
)
def test_body_that_is_no_model_is_rejected_by_the_name_of_the_model(call: Call, action: Action, message: str) -> None:
    assert str(error_of(TypeError, call, never, action)) == message


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (things("list_things", state="queued"), "state must be State, not str"),
        (things("list_things", since="2024-01-02"), "since must be datetime, not str"),
        (
            things("create_thing", body=Thing(THING, owner=cast(Any, {}))),
            "an argument, or a property of the body, has the wrong type: 'dict' object has no attribute 'to_dict'",
        ),
        (
            things("create_thing", body=Thing(THING, owner=Owner("a", since=cast(Any, "2024-01-02")))),
            "an argument, or a property of the body, has the wrong type: 'str' object has no attribute 'isoformat'",
        ),
    ],
)
def test_value_of_another_type_is_rejected(action: Action, message: str) -> None:
    assert str(error_of(TypeError, blocking, never, action)) == message


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (things("get_thing", None), "name must be str, not NoneType"),
        (lambda client: get_thing.sync(cast(Any, None), client=client.generated), "name must be str, not NoneType"),
        (things("list_things", limit=None), "limit must be int, not NoneType"),
        (things("list_things", state=None), "state must be State, not NoneType"),
        (things("list_things", label=None), "label must be list[str], not NoneType"),
        (things("list_things", x_trace=None), "x_trace must be str, not NoneType"),
        (things("list_things", session=None), "session must be str, not NoneType"),
        (things("create_thing", body=Thing(cast(Any, None))), "Thing.id must not be None"),
        (things("create_thing", body=Thing(THING, labels=cast(Any, None))), "Thing.labels must not be None"),
        (things("create_thing", body=Thing(THING, owner=Owner(cast(Any, None)))), "Owner.name must not be None"),
        (things("set_image", "a", body=File(cast(Any, None))), "File.payload must not be None"),
    ],
)
def test_none_without_a_meaning_is_rejected(action: Action, message: str) -> None:
    assert str(error_of(TypeError, blocking, never, action)) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"body": "a"}, "body must be Thing or Owner or None, not str"),
        ({"states": 7}, "an argument, or a property of the body, has the wrong type: 'int' object is not iterable"),
    ],
)
def test_message_about_a_type_leaves_out_unset(arguments: dict[str, Any], message: str) -> None:
    @checks_arguments
    def get_kwargs(*, body: Thing | Owner | Unset | None = UNSET, states: Iterable[State] = ()) -> list[object]:
        return [body and body.to_dict(), *(state.value for state in states)]

    with pytest.raises(TypeError, match=f"^{message}$"):
        get_kwargs(**arguments)


def test_none_with_a_meaning_is_sent() -> None:
    request = sent_request(blocking, things("create_thing", body=Thing(THING, note=None)))
    assert json.loads(request.content) == {"id": str(THING), "note": None}


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


NOT_IN_HEADERS = ["a\nb", "a\0b", "\x1f", "a\x7f", " a", "a ", "é", "\ud800"]


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("value", NOT_IN_HEADERS)
def test_header_that_cannot_be_sent_is_rejected_by_name(call: Call, value: str) -> None:
    with pytest.raises(
        ValueError, match=r"^x-trace must consist of visible ASCII characters, with spaces only between"
    ):
        call(never, things("list_things", x_trace=value))


@pytest.mark.parametrize("value", ["", "a b", "a\tb", "a;b"])
def test_header_parameter_is_sent_unchanged(value: str) -> None:
    assert sent_request(blocking, things("list_things", x_trace=value)).headers["x-trace"] == value


@pytest.mark.parametrize("value", [b"a", 7, object()])
def test_header_of_another_type_is_rejected_by_name(value: object) -> None:
    error = error_of(TypeError, blocking, never, things("list_things", x_trace=value))
    assert str(error) == f"x-trace must be a string, not {type(value).__name__}"


@pytest.mark.parametrize("value", ["a;b", *NOT_IN_HEADERS])
def test_cookie_that_would_not_arrive_whole_is_rejected_by_name(value: str) -> None:
    with pytest.raises(ValueError, match=r"^session must consist of visible ASCII characters but semicolons, with"):
        blocking(never, things("list_things", session=value))


@pytest.mark.parametrize(
    ("action", "where"),
    [
        (things("list_things", label=["\ud800"]), "label"),
        (things("get_thing", "\ud800"), "name"),
        (things("create_thing", body=Thing(THING, note="\ud800")), "body"),
        (things("create_thing", body=Thing(THING, owner=Owner("\ud800"))), "body"),
    ],
)
def test_unpaired_surrogate_is_rejected_by_name(action: Action, where: str) -> None:
    with pytest.raises(ValueError, match=rf"^{where} has an unpaired surrogate in it, which cannot be sent$"):
        blocking(never, action)


@pytest.mark.parametrize(
    ("note", "error_class", "reason"),
    [
        (b"a", TypeError, "Object of type bytes is not JSON serializable"),
        (float("nan"), ValueError, "Out of range float values are not JSON compliant"),
    ],
)
def test_body_that_is_not_json_is_rejected(note: Any, error_class: type[Exception], reason: str) -> None:
    error = error_of(error_class, blocking, never, things("create_thing", body=Thing(THING, note=note)))
    assert str(error).startswith(f"body cannot be sent: {reason}")
