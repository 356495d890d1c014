"""What a call sends: method, URL, parameters, headers and body."""

import datetime
import json
import re
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

import pytest

from fixture_api.models import Owner, State, StopResult, Thing, Upload
from fixture_api.types import File
from support.client_styles import DRIVERS, OWNER, STOP_URL, STYLES, Call, blocking, in_turn, sent_request, things


@pytest.mark.parametrize("call", STYLES)
def test_call_sends_one_request_and_returns_the_model(call: Call) -> None:
    server = in_turn(200)
    assert call(server) == StopResult(message="Stopped.")
    request = server.call_args.args[0]
    assert (request.method, str(request.url), request.content) == ("POST", STOP_URL, b"")


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ({}, [("limit", "3")]),
        (
            {"limit": 5, "state": State.QUEUED, "owner": OWNER},
            [("limit", "5"), ("state", "queued"), ("owner", str(OWNER))],
        ),
        ({"since": datetime.datetime(2024, 1, 2)}, [("limit", "3"), ("since", "2024-01-02T00:00:00")]),
        ({"label": ["a b", "&"]}, [("limit", "3"), ("label", "a b"), ("label", "&")]),
    ],
)
def test_query_parameters_are_sent(arguments: dict[str, Any], query: list[tuple[str, str]]) -> None:
    request = sent_request(blocking, things("list_things", **arguments))
    assert (request.method, str(request.url.copy_with(query=None))) == ("GET", "https://api.fixture.invalid/things")
    assert parse_qsl(request.url.query.decode()) == query


def test_header_and_cookie_parameters_are_sent() -> None:
    list_things = things("list_things", x_trace="t-1", session="a b=c, X~")
    request = sent_request(blocking, list_things, http={"cookies": {"mine": "1"}})
    assert request.headers["x-trace"] == "t-1"
    assert sorted(request.headers["cookie"].split("; ")) == ["mine=1", "session=a b=c, X~"]


def test_json_body_is_sent() -> None:
    request = sent_request(blocking, things("create_thing", body=Thing(id=OWNER, note=None)))
    assert (request.method, request.headers["content-type"]) == ("POST", "application/json")
    assert json.loads(request.content) == {"id": str(OWNER), "note": None}


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(
    ("body", "media_type", "content"),
    [
        (Thing(id=OWNER), "application/json", f'{{"id":"{OWNER}"}}'),
        (Owner(name="a b"), "application/x-www-form-urlencoded", "name=a+b"),
    ],
)
def test_media_type_follows_the_model_of_the_body(call: Call, body: object, media_type: str, content: str) -> None:
    request = sent_request(call, things("add_note", body=body))
    sent = request.content.decode().replace(": ", ":")  # older versions of httpx send a space
    assert (request.headers["content-type"], sent) == (media_type, content)


@pytest.mark.parametrize("call", DRIVERS)
def test_file_body_is_sent(call: Call) -> None:
    request = sent_request(call, things("set_image", "a", body=File(BytesIO(b"\0file"))))
    assert (request.method, request.headers["content-type"]) == ("PUT", "application/octet-stream")
    assert (request.headers["content-length"], request.content) == ("5", b"\0file")


@pytest.mark.parametrize("call", DRIVERS)
def test_form_is_sent_with_file_name_and_type(call: Call) -> None:
    file = File(BytesIO(b"\0file"), file_name="a.png", mime_type="image/png")
    request = sent_request(call, things("upload", body=Upload(file=file)))
    media_type, _, boundary = request.headers["content-type"].partition("; boundary=")
    disposition = 'Content-Disposition: form-data; name="file"; filename="a.png"'
    part = f"--{boundary}\r\n{disposition}\r\nContent-Type: image/png\r\n\r\n\0file\r\n--{boundary}--\r\n"
    assert (media_type, request.content) == ("multipart/form-data", part.encode())


def test_values_of_a_form_are_written_as_in_json() -> None:
    body = Upload(file=File(BytesIO(b"")), public=True)
    body.additional_properties = {"note": "a", "meta": {"a": [1]}, "retry": False, "tags": ["b", 1]}
    content = sent_request(blocking, things("upload", body=body)).content.decode()
    fields = re.findall(r'name="(\w+)".*?\r\n\r\n(.*?)\r\n--', content, re.DOTALL)
    texts = [("note", "a"), ("meta", '{"a": [1]}'), ("retry", "false"), ("tags", "b"), ("tags", "1")]
    assert fields == [("file", ""), ("public", "true"), *texts]


def test_objects_in_an_urlencoded_form_are_json() -> None:
    body = Owner(name="a")
    body.additional_properties = {"meta": {"a": [1]}, "tags": ["b", {"c": None}, [2]], "retry": False}
    content = sent_request(blocking, things("add_note", body=body)).content.decode()
    tags = [("tags", "b"), ("tags", '{"c": null}'), ("tags", "[2]")]
    assert parse_qsl(content) == [("meta", '{"a": [1]}'), *tags, ("retry", "false"), ("name", "a")]


@pytest.mark.parametrize(
    ("options", "url"),
    [({}, "https://status.fixture.invalid/v2/status"), ({"base_url": "http://host/v1"}, "http://host/v1/status")],
)
def test_base_url_takes_precedence_over_the_servers(options: dict[str, Any], url: str) -> None:
    assert str(sent_request(blocking, lambda client: client.system_status.status(), **options).url) == url
