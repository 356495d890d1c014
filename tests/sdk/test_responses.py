"""Successes: which 2xx responses match the contract, and what a call returns for them."""

import copy
import datetime
import itertools
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import playbook3d_client
from fixture_api.models import Branch, Error, Owner, State, StopResult, Tag, Thing, ThingPriority, Version
from fixture_api.types import UNSET
from playbook3d_api._runtime import SuccessResponse
from playbook3d_client import APIResponseValidationError, APIStatusError, PlaybookError
from playbook3d_client._responses import check_json_type
from support.client_styles import OWNER, Action, answering, blocking, error_of, stop, things

ID = str(OWNER)
UNKNOWN = {
    "id": ID,
    "at": "2024-01-02T03:04:05+00:00",
    "owner": {"name": "a", "since": "2024-01-02", "email": "a@b"},
    "note": None,
    "labels": ["b"],
    "state": "paused",
    "priority": 7,
    "self": [1, {"a": None}],
}
DUPLICATES = pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))],  # noqa: S301
    ids=["copy", "deepcopy", "pickle"],
)
newest_thing, list_things, delete_thing = things("newest_thing"), things("list_things"), things("delete_thing", "a")
create_thing, check_thing = things("create_thing", body=Thing(id=OWNER)), things("check_thing", "a")


def get_image(client: Any) -> Any:
    """The bytes of an image."""
    return client.things.get_image("a").payload.read()


def status(client: Any) -> Any:
    """A text."""
    return client.system_status.status()


def version(client: Any) -> Any:
    """A model, with any 2xx."""
    with pytest.warns(DeprecationWarning, match="^version is deprecated"):
        return client.system_status.version()


def validation_error(status_code: int, action: Action = stop, **content: Any) -> APIResponseValidationError:
    """The error of a call whose response does not match the contract."""
    return error_of(APIResponseValidationError, blocking, answering(status_code, **content), action)


# Responses that match


def test_model_has_the_declared_types() -> None:
    owner = Owner("a", datetime.date(2024, 1, 2))
    owner["email"] = "a@b"
    at = datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    thing = Thing(OWNER, at, owner, note=None, labels=["b"], state=State("paused"), priority=ThingPriority(7))
    thing["self"] = [1, {"a": None}]
    newest = blocking(answering(200, json=UNKNOWN), newest_thing)
    assert (newest, "self" in newest, newest["self"]) == (thing, True, [1, {"a": None}])
    assert blocking(answering(201, json=UNKNOWN), create_thing) == thing
    assert blocking(answering(200, json=[UNKNOWN, UNKNOWN]), list_things) == [thing, thing]


@pytest.mark.parametrize(
    ("action", "status_code", "content", "expected"),
    [
        (list_things, 200, b"[]", []),
        (delete_thing, 204, b"", None),
        (get_image, 200, b"\xff\0", b"\xff\0"),
        (status, 200, "läuft".encode(), "läuft"),
        (version, 299, b'{"number": 1}', Version(number=1)),
        (check_thing, 200, f'{{"id": "{ID}"}}'.encode(), Thing(OWNER)),
        (check_thing, 202, b'{"result": "later"}', Error("later")),  # its default response
    ],
)
def test_content_is_returned_as_declared(action: Action, status_code: int, content: bytes, expected: object) -> None:
    assert blocking(answering(status_code, content=content), action) == expected


def test_content_type_is_ignored() -> None:
    server = answering(200, content=b'{"message": "m"}', headers={"content-type": "text/html"})
    assert blocking(server) == StopResult(message="m")


@pytest.mark.parametrize(
    ("action", "content"),
    [
        (stop, b'{"message": null}'),
        (stop, b'{"message": "\xed\xa0\x80", "message": "\\ud800"}'),
        (stop, b"\xef\xbb\xbf{}"),
        (stop, '{"message": "a"}'.encode("utf-16")),
        (stop, b'{"message": "m", "state": "paused", "self": [1, {"a": null}], "message_": 1.5}'),
        (newest_thing, json.dumps(UNKNOWN).encode()),
    ],
)
def test_drift_and_unknown_values_are_kept(action: Action, content: bytes) -> None:
    assert blocking(answering(200, content=content), action).to_dict() == json.loads(content)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-02t03:04:05z", "2024-01-02T03:04:05+00:00"),
        ("2024-01-02 03:04:05.5Z", "2024-01-02T03:04:05.500000+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("2016-12-31t18:59:60.25-05:00", "2016-12-31T19:00:00.250000-05:00"),
        ("2024-01-02T03:04:05.123456789-00:00", "2024-01-02T03:04:05.123456+00:00"),
        ("2024-01-02T03:04:05", "2024-01-02T03:04:05"),
    ],
)
def test_date_time_of_rfc_3339_is_read(text: str, expected: str) -> None:
    thing = blocking(answering(200, json={"id": ID, "at": text}), newest_thing)
    assert thing.at.isoformat() == expected


def test_null_of_an_optional_property_is_unset() -> None:
    nulls = dict.fromkeys(["at", "owner", "labels", "state", "priority"])
    thing = blocking(answering(200, json={"id": ID, **nulls, "note": None, "other": None}), newest_thing)
    assert thing == blocking(answering(200, json={"id": ID, "note": None, "other": None}), newest_thing)
    assert (thing.at, thing.note, thing["other"]) == (UNSET, None, None)
    owner = blocking(answering(200, json={"id": ID, "owner": {"since": None}}), newest_thing).owner
    assert owner == Owner()


def test_missing_property_is_unset() -> None:
    message = blocking(answering(200, json={})).message
    assert (message, f"{message}", repr(message), bool(message)) == (UNSET, "UNSET", "UNSET", False)
    assert repr(StopResult()) == "StopResult(message=UNSET, additional_properties={})"


@pytest.mark.parametrize(
    ("body", "source"),
    [
        (b'{"name": "a"}', Branch(name="a")),
        (b'{"name": "a", "signed": true}', Tag(name="a", signed=True)),
        (b'{"name": "a", "by": "b"}', Tag(name="a")),
        (b'["a", 1]', ["a", 1]),
        (b'"a"', "a"),
    ],
)
def test_first_model_of_a_union_that_declares_all_properties_is_taken(body: bytes, source: Any) -> None:
    respond = answering(200, content=b'{"source": %s}' % body, headers={"content-type": "application/json"})
    assert blocking(respond, version).source == source


@pytest.mark.parametrize("labels", [{"a": 1}, "ab"])
def test_value_that_is_no_array_does_not_match_one(labels: Any) -> None:
    body = {"number": 1, "branches": labels}
    error = error_of(APIResponseValidationError, blocking, answering(200, json=body), version)
    assert error.status_code == 200


@DUPLICATES
@pytest.mark.parametrize("value", [UNSET, playbook3d_client.UNSET], ids=["fixture", "public"])
def test_copy_of_unset_is_unset(value: object, duplicate: Callable[[Any], Any]) -> None:
    """The models test ``is UNSET``."""
    assert duplicate(value) is value


@DUPLICATES
def test_copy_of_a_model_keeps_unknown_values(duplicate: Callable[[Any], Any]) -> None:
    thing = blocking(answering(200, json=UNKNOWN), newest_thing)
    twin = duplicate(thing)
    assert twin == thing
    assert (type(twin.state), type(twin.priority), twin.state.value) == (State, ThingPriority, "paused")


def test_unknown_enum_value_is_named_by_its_text() -> None:
    assert (State("paused").name, str(State("paused"))) == ("paused", "paused")
    assert (ThingPriority(7).name, str(ThingPriority(7))) == ("7", "7")
    assert list(State) == [State.EXECUTED, State.QUEUED]


# Responses that do not match


@pytest.mark.parametrize(
    ("action", "content", "reason"),
    [
        (stop, b'[["message", "x"]]', "TypeError: a body of type array"),
        (stop, b"", "JSONDecodeError: Expecting value"),
        (stop, b"\xff", "UnicodeDecodeError: "),
        (stop, b"[" * 60_000, "RecursionError: "),
        (list_things, f'[{{"id": "{ID}"}}, []]'.encode(), "TypeError: an item of type array"),
        (list_things, f'[{{"id": "{ID}"}}, {{}}]'.encode(), "KeyError: 'id'"),
        (newest_thing, b'{"id": 7}', "AttributeError: "),
        (newest_thing, f'{{"id": "{ID}", "at": "today"}}'.encode(), "ValueError: Invalid isoformat string: 'today'"),
        (
            newest_thing,
            f'{{"id": "{ID}", "at": "2024-01-02T03:04:61Z"}}'.encode(),
            "ValueError: second must be in 0..59",
        ),
        (newest_thing, b'{"id": null}', "TypeError: "),
        (newest_thing, f'{{"id": "{ID}", "state": 5}}'.encode(), "ValueError: 5 is not a valid State"),
        (newest_thing, f'{{"id": "{ID}", "priority": "1"}}'.encode(), "ValueError: '1' is not a valid ThingPriority"),
    ],
)
def test_mismatched_body_is_rejected(action: Action, content: bytes, reason: str) -> None:
    error = validation_error(200, action, content=content)
    assert f" answered 200 with a body that is not what the contract declares ({reason}" in error.message
    assert type(error.__cause__).__name__ == reason.partition(":")[0]


@pytest.mark.parametrize(("action", "status_code"), [(stop, 201), (stop, 204), (create_thing, 200)])
def test_undeclared_2xx_is_rejected(action: Action, status_code: int) -> None:
    error = validation_error(status_code, action, json={"id": ID})
    assert error.message.endswith(f" answered {status_code}, a success that the contract does not declare")


def test_2xx_must_match_the_default_response() -> None:
    assert validation_error(202, check_thing, json=[]).status_code == 202


def test_error_status_is_raised_in_spite_of_a_default_response() -> None:
    error = error_of(APIStatusError, blocking, answering(404, json={"result": "No such thing."}), check_thing)
    assert error.message == "check_thing answered 404: No such thing."


def test_validation_error_has_response_attributes() -> None:
    error = validation_error(200, json=["a"], headers={"x-request-id": "r-1"})
    assert (error.status_code, error.body, error.request_id, error.retries_taken) == (200, ["a"], "r-1", 0)
    assert error.message.endswith(" (request id r-1)")
    assert (error.response.json(), error.request.method) == (["a"], "POST")


@pytest.mark.parametrize(
    ("json_types", "item_types", "valid", "invalid"),
    [
        (("object", "null"), (), [{}, None], [[], "", 0, False]),
        (("number",), (), [1, 1.5], [True, None, "1"]),
        (("boolean", "string"), (), [True, ""], [0, None]),
        (("array",), ("object", "null"), [[], [{}, None]], [[{}, "a"], [[]]]),
    ],
)
def test_json_type_is_checked(json_types: Any, item_types: Any, valid: list[Any], invalid: list[Any]) -> None:
    success = SuccessResponse(200, 200, json_types, item_types)
    for value in valid:
        check_json_type(success, value)
    for value in invalid:
        with pytest.raises(TypeError, match=r"^(a body|an item) of type "):
            check_json_type(success, value)


# Hostile responses

BODIES = [
    *b'null true 7 NaN "" "ab" [] [[]] [{}] ["ab"] [["message","x"]] {} {"message":null} {"message":"x"}{}'.split(),
    *b'{"message":5,"more":[1]} {"message":1e400,"result":NaN} {"message":["x"],"result":{"a":1}}'.split(),
    *b'{"message":"cut {"":1,"self":2,"additional_properties":3} {"id":[],"number":{}} {"message":"\xff"}'.split(),
    *b'{"id":"a","at":1e400,"owner":[[1]],"state":{}} {"result":"\\ud800\\u001b[31m\\u2028"} <html> \xff\xfe'.split(),
    *[f'{{"id": "{ID}"}}'.encode(), f'[{{"id": "{ID}"}}]'.encode(), '{"message": "x"}'.encode("utf-16")],
    *[b"", b"9" * 5000, b'{"message": ' + b"9" * 5000 + b"}", b"[" * 100_000, b"\0" * 100],
]
HEADERS = [
    {b"content-type": b"text/html; charset=nonsense", b"location": b"/elsewhere", b"set-cookie": b"=;=;"},
    {b"content-type": b"\0;;", b"x-request-id": b"\xff\x1b[31m", b"retry-after": b"-1"},
]


def result_or_error(action: Action, status_code: int, **content: Any) -> Any:
    """What a call returns, or the ``PlaybookError`` that it raises."""
    try:
        return blocking(answering(status_code, **content), action)
    except PlaybookError as error:
        return error


@pytest.mark.parametrize(
    ("action", "result_type"), [(newest_thing, Thing), (list_things, list), (get_image, bytes), (status, str)]
)
def test_hostile_response_is_a_result_or_an_error(action: Action, result_type: type) -> None:
    for status_code, content, headers in itertools.product((200, 299, 302, 400, 999), BODIES, HEADERS):
        result = result_or_error(action, status_code, content=content, headers=headers)
        if isinstance(result, PlaybookError):
            assert isinstance(result, APIResponseValidationError if status_code // 100 == 2 else APIStatusError)
            assert result.status_code == status_code
            assert str(result).isprintable()
        else:
            assert (type(result), status_code) == (result_type, 200)


@pytest.mark.parametrize("end", [b'"', b"\xff"])
def test_chained_error_does_not_keep_a_long_body(end: bytes) -> None:
    error = validation_error(200, content=b'{"message": "' + b"a" * 64 * 1024 + end)
    cause: Any = error.__cause__
    assert (type(cause), vars(cause), cause.__cause__, cause.__context__) == (ValueError, {}, None, None)
    assert f"({cause})" in error.message
