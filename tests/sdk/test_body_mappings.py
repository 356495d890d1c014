"""A JSON body as a mapping: keys are names of the wire, values JSON."""

import json
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest

from fixture_api.api.things import create_thing
from fixture_api.models import Label, Owner, Thing
from support.client_styles import DRIVERS, THING, Action, Call, blocking, error_of, never, sent_request, things
from support.http_family import httpx

FULL: dict[str, Any] = {
    "id": str(THING),
    "at": "2024-01-02T03:04:05+00:00",
    "owner": {"name": "a", "since": "2024-01-02"},
    "note": None,
    "labels": ["x"],
    "state": "queued",
    "priority": 1,
    "more": {"kept": [1, None]},
}


def sent_json(action: Action, call: Call = blocking) -> Any:
    """The JSON that a call sends."""
    return json.loads(sent_request(call, action).content)


@pytest.mark.parametrize("call", DRIVERS)
def test_mapping_is_sent_as_it_is(call: Call) -> None:
    assert sent_json(things("create_thing", body=FULL), call) == FULL
    assert sent_json(things("create_thing", body=MappingProxyType(FULL)), call) == FULL


def test_generated_function_takes_a_mapping() -> None:
    assert sent_json(lambda client: create_thing.sync(client=client.generated, body=FULL)) == FULL


def test_mapping_goes_through_the_model() -> None:
    body = {"id": str(THING).upper(), "at": "2024-01-02t03:04:05Z"}
    assert sent_json(things("create_thing", body=body)) == {"id": str(THING), "at": "2024-01-02T03:04:05+00:00"}


def test_mapping_may_have_models_and_python_values() -> None:
    body = {"id": THING, "owner": Owner("a", since=date(2024, 1, 2))}
    assert sent_json(things("create_thing", body=body)) == {"id": str(THING), "owner": FULL["owner"]}
    assert sent_json(things("set_labels", body=[{"label-text": "a"}, Label("b")])) == [
        {"label-text": "a"},
        {"label-text": "b"},
    ]


def test_list_of_mappings_is_a_list_of_models() -> None:
    labels = [{"label-text": "a", "next": {"label-text": "b"}}, {"label-text": "c", "color": "red"}]
    assert sent_json(things("set_labels", body=labels)) == labels
    assert sent_json(things("set_labels", body=tuple(labels))) == labels
    assert sent_request(blocking, things("set_labels")).content == b""


def test_model_with_the_most_keys_is_taken_of_several() -> None:
    assert (
        sent_request(blocking, things("add_note", body={"id": str(THING)})).headers["content-type"]
        == "application/json"
    )
    form = sent_request(blocking, things("add_note", body={"name": "a"}))
    assert (form.headers["content-type"], form.content) == ("application/x-www-form-urlencoded", b"name=a")


def test_file_of_a_form_is_bytes() -> None:
    assert b"some bytes" in sent_request(blocking, things("upload", body={"file": b"some bytes"})).content


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (things("create_thing", body={}), "Thing lacks the required key 'id'"),
        (things("add_label", body={"label_text": "a"}), "Label lacks the required key 'label-text'"),
        (things("add_label", body={"label-text": "a", "colour": "b"}), "Label has no key 'colour'"),
        (things("add_label", body={"label-text": "a", "next": {"label-text": "b", "x": 1}}), "Label has no key 'x'"),
        (things("set_labels", body=[{"label-text": "a"}, {}]), "Label lacks the required key 'label-text'"),
        (things("create_thing", body={"id": str(THING), "owner": "a"}), "Owner must be a mapping, not str"),
        (things("create_thing", body={"id": str(THING), "owner": None}), "Owner must be a mapping, not NoneType"),
        (things("add_label", body={"label-text": None}), "Label.label_text must not be None"),
        (
            things("create_thing", body={"id": 7}),
            "body has a property of the wrong type: 'int' object has no attribute 'replace'",
        ),
    ],
)
def test_invalid_mapping_is_a_type_error(action: Action, message: str) -> None:
    assert str(error_of(TypeError, blocking, never, action)) == message


def test_invalid_value_is_a_value_error() -> None:
    error = error_of(ValueError, blocking, never, things("create_thing", body={"id": "a"}))
    assert str(error) == "body has an invalid value: badly formed hexadecimal UUID string"


def test_keys_of_responses_are_not_checked() -> None:
    """A new property of the API breaks no client, also while an argument is read."""
    assert Label.from_dict({"label-text": "a", "new": 1}) == Label("a")
    with pytest.raises(TypeError):
        blocking(never, things("add_label", body={}))
    assert Label.from_dict({"label-text": "a", "new": 1}) == Label("a")
    assert blocking(lambda _: httpx.Response(201, json=FULL), things("create_thing", body=FULL)) == Thing.from_dict(
        FULL
    )
