"""The mock's engine on the effective contract: what each request is answered, whatever its bytes are."""

import json
import re
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbook3d_mock import Engine, Mock, Operation, Reply, Request, Verdict
from playbook3d_mock._loading import default_path, load

API_KEY = "key-4711"
TOKEN = "tok.en-42"
TEAM = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
RUN = "0b8f7a0e-8d4f-4a53-9a0d-3c4f5a6b7c8d"
PATH = f"/cancel/{TEAM}/{RUN}"
HEADERS = {"x-api-key": API_KEY, "authorization": f"Bearer {TOKEN}"}

engine = Engine(api_key=API_KEY, token=TOKEN)


def ask(
    path: str = PATH, *, method: str = "POST", body: bytes = b"", query: str = "", **headers: Any
) -> tuple[int, Any, dict[str, str]]:
    """Status, decoded body and header fields of the reply to a request that is good but for what is given."""
    fields = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    reply = engine.handle(
        Request(
            method,
            path.encode("utf-8"),
            query.encode("utf-8"),
            tuple((k.encode(), v.encode("latin-1")) for k, v in fields.items() if v is not None),
            body,
        )
    )
    return reply.status, json.loads(reply.body or b"null"), fields_of(reply)


def fields_of(reply: Reply) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in reply.headers}


def test_a_good_request_is_answered_with_the_contract_example() -> None:
    status, body, headers = ask()
    assert (status, body) == (200, {"message": "Run successfully canceled."})
    assert headers == {"content-type": "application/json", "content-length": "40"}


@pytest.mark.parametrize(
    "team",
    [
        pytest.param("00000000-0000-0000-0000-000000000000", id="nil"),
        pytest.param(TEAM.upper(), id="upper case"),
        pytest.param("ffffffff-ffff-ffff-ffff-ffffffffffff", id="max"),
        pytest.param(TEAM.replace("-", "%2D"), id="encoded hyphens"),
    ],
)
def test_every_form_of_uuid_is_accepted(team: str) -> None:
    assert ask(f"/cancel/{team}/{RUN}")[0] == 200


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/cancel/nope/" + RUN, 400, 'path team_id: the value is not a "uuid"'),
        (f"/cancel/{TEAM}/{RUN}x", 400, 'path run_id: the value is not a "uuid"'),
        (f"/cancel/{TEAM.replace('-', '')}/{RUN}", 400, "path team_id"),
        (f"/cancel/%7B{TEAM}%7D/{RUN}", 400, "path team_id"),
        (f"/cancel/%zz/{RUN}", 400, "path team_id: has a '%' that begins no percent-encoding"),
        (f"/cancel/%ff/{RUN}", 400, "path team_id: is not UTF-8 once percent-decoded"),
        (f"/cancel/{TEAM}%2F/{RUN}", 400, "path team_id"),
        (f"/cancel/{TEAM}%2F{RUN}", 404, "no path"),
        (f"/cancel/{TEAM}/{RUN}/", 404, "no path"),
        (f"/cancel//{RUN}", 404, "no path"),
        (f"//cancel/{TEAM}/{RUN}", 404, "no path"),
        (f"/Cancel/{TEAM}/{RUN}", 404, "no path"),
        (f"/cancel/../cancel/{TEAM}/{RUN}", 404, "no path"),
        (f"/%ff/{TEAM}/{RUN}", 404, "no path"),
        ("", 404, "no path"),
        ("*", 404, "no path"),
        ("/", 404, "no path"),
        (f"/cancel/é/{RUN}", 400, "path team_id"),
    ],
)
def test_a_wrong_path_is_told_apart_from_a_wrong_parameter(path: str, status: int, said: str) -> None:
    got, body, headers = ask(path)
    assert got == status
    assert said in (body["result"] if status == 400 else body["message"])
    assert headers["content-type"] == "application/json"


def test_an_encoded_literal_is_the_literal() -> None:
    assert ask(f"/c%61ncel/{TEAM}/{RUN}")[0] == 200


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"authorization": None}, "header Authorization: is missing"),
        ({"x_api_key": None}, "header x-api-key: is missing"),
        ({"authorization": None, "x_api_key": None}, "Authorization: is missing; header x-api-key: is missing"),
        ({"authorization": "Bearer wrong"}, "header Authorization: is not the token"),
        ({"authorization": "Bearer"}, "header Authorization: is not the token"),
        ({"authorization": ""}, "header Authorization: must be 'Bearer'"),
        ({"authorization": TOKEN}, "header Authorization: must be 'Bearer'"),
        ({"authorization": f"Basic {TOKEN}"}, "header Authorization: must be 'Bearer'"),
        ({"authorization": f"Bearer {TOKEN}, Bearer {TOKEN}"}, "header Authorization: is not the token"),
        ({"authorization": "Bearer \xff"}, "header Authorization: is not the token"),
        ({"x_api_key": API_KEY.upper()}, "header x-api-key: is not the API key"),
        ({"x_api_key": ""}, "header x-api-key: is not the API key"),
    ],
)
def test_both_credentials_must_be_right(headers: dict[str, Any], said: str) -> None:
    status, body, fields = ask(**headers)
    assert status == 401
    assert said in body["result"]
    assert fields["www-authenticate"] == "Bearer"
    assert API_KEY not in str(body)
    assert TOKEN not in str(body)


@pytest.mark.parametrize("value", [f"bearer {TOKEN}", f"BEARER   {TOKEN}", f" Bearer {TOKEN} "])
def test_the_name_of_the_scheme_may_be_in_any_case(value: str) -> None:
    assert ask(authorization=value)[0] == 200


def test_repeated_credentials_are_refused() -> None:
    headers = ((b"x-api-key", API_KEY.encode()), *((b"authorization", f"Bearer {TOKEN}".encode()),) * 2)
    assert engine.handle(Request("POST", PATH.encode(), b"", headers)).status == 401


def test_credentials_are_judged_before_parameters() -> None:
    assert ask("/cancel/nope/nope", authorization=None)[0] == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "QUERY", "post", "\x00"])
def test_another_method_is_answered_405_with_allow(method: str) -> None:
    status, body, headers = ask(method=method, authorization=None)
    assert (status, headers["allow"]) == (405, "POST")
    assert body == {"message": "this path answers POST only"}


def test_a_reply_to_head_has_no_body_but_its_length() -> None:
    reply = engine.handle(Request("HEAD", PATH.encode()))
    assert (reply.status, reply.body) == (405, b"")
    assert fields_of(reply)["content-length"] == "42"


@pytest.mark.parametrize(
    ("prefer", "status"),
    [
        ("code=404", 404),
        ("code=500", 500),
        ('CODE = "402"', 402),
        ("respond-async, code=403", 403),
        ('foo="code=500, \\" code=402"; x=y, code=404; x="1,2"', 404),
        ("code=404, code=500", 404),
        ("foo; code=500", 200),
        ("code", 200),
        ('code=""', 200),
        ("xcode=404", 200),
        (';;;===,,,"', 200),
    ],
)
def test_a_documented_status_can_be_preferred(prefer: str, status: int) -> None:
    got, body, headers = ask(prefer=prefer)
    assert got == status
    assert headers.get("preference-applied") == (None if status == 200 else f"code={status}")
    if status == 404:
        assert body == {"result": "Not Found."}


@pytest.mark.parametrize("code", ["418", "0", "99", "600", "4xx", "abc", "2000", "-1", "²00"])
def test_a_status_that_is_not_documented_cannot_be_preferred(code: str) -> None:
    status, body, _ = ask(prefer=f"code={code}")
    assert status == 400
    assert "header Prefer: code is no documented status; documented are 200, 400, 401," in body["result"]


def test_a_preference_does_not_excuse_a_bad_request() -> None:
    assert ask("/cancel/x/y", prefer="code=404")[0] == 400
    assert ask(prefer="code=404", authorization=None)[0] == 401


def test_a_preferred_401_carries_its_challenge() -> None:
    assert ask(prefer="code=401")[2]["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "request_",
    [
        {"body": b"{not json", "content_type": "application/json"},
        {"body": b"\xff\x00" * 1000},
        {"accept": ";;;"},
        {"accept": "text/html;q=\xff"},
        {"query": "%zz=%ff&&=&a"},
        {"content_type": "\xff/\x00"},
    ],
)
def test_what_the_contract_does_not_speak_of_changes_nothing(request_: Any) -> None:
    assert ask(**request_)[:2] == (200, {"message": "Run successfully canceled."})


def _cancel_run(engine: Engine) -> Operation:
    return next(one for one in engine.operations if one.path.startswith("/cancel/"))


def test_judging_and_replying_are_two_steps() -> None:
    request = Request("POST", b"/cancel/x/y", b"", tuple((k.encode(), v.encode()) for k, v in HEADERS.items()))
    verdict = engine.judge(request)
    assert verdict == Verdict(_cancel_run(engine), 400, 'the value is not a "uuid"', parameter="path team_id")
    assert engine.reply(request, verdict).status == 400


def test_no_repr_shows_a_secret() -> None:
    mock = Mock(api_key=API_KEY, token=TOKEN)
    request = Request("POST", PATH.encode(), b"key=" + API_KEY.encode(), ((b"x-api-key", API_KEY.encode()),), b"")
    operation = _cancel_run(mock.engine)
    shown = repr(
        [mock, mock.engine, mock.transport, request, operation, operation.security, mock.engine.judge(request)]
    )
    assert API_KEY not in shown
    assert TOKEN not in shown
    assert repr(operation) == "<Operation POST /cancel/{team_id}/{run_id}>"


def test_credentials_are_random_where_none_are_given() -> None:
    first, second = Mock(), Mock()
    assert len({first.api_key, second.api_key, first.token, second.token}) == 4


@pytest.mark.parametrize("value", ["", "with space", "line\nbreak", "ümlaut"])
def test_a_credential_that_no_header_can_carry_is_refused_without_repeating_it(value: str) -> None:
    with pytest.raises(ValueError, match="token must be visible ASCII") as caught:
        Mock(token=value)
    assert not value or value not in str(caught.value)


# Hostile requests, near enough to good ones to get past the first check.
ODD = st.binary(max_size=30) | st.sampled_from([b"%zz", b"%ff", b"%2F", b"..", b"//", b"\x00", b"%F0%9F%98%80"])
SEGMENT = ODD | st.sampled_from([TEAM.encode(), RUN.encode(), b"cancel"])
PATHS = st.lists(SEGMENT, max_size=4).map(lambda parts: b"/" + b"/".join(parts)) | st.just(PATH.encode()) | ODD
GOOD_HEADERS = st.sampled_from([(k.encode(), v.encode()) for k, v in HEADERS.items()])
NAMES = st.sampled_from([b"authorization", b"x-api-key", b"accept", b"content-type", b"cookie", b"prefer"])
PREFER = st.tuples(st.just(b"prefer"), st.sampled_from([b"code=400", b"code=418", b"code=\xb2", b'code="4', b'"']))
FIELDS = st.lists(GOOD_HEADERS | PREFER | st.tuples(NAMES | ODD, ODD), max_size=6).map(tuple)
METHODS = st.sampled_from(["POST", "GET", "HEAD", "OPTIONS", "post", ""]) | st.text(max_size=8)
REQUESTS = st.builds(Request, METHODS, PATHS, ODD, FIELDS, ODD)


def validators() -> dict[int, jsonschema_rs.Draft202012Validator]:
    """The declared schemas, found without the mock's own reading of the contract."""
    document: Any = load(default_path()).value
    responses = document["paths"]["/cancel/{team_id}/{run_id}"]["post"]["responses"]
    return {
        int(status): jsonschema_rs.Draft202012Validator(
            {**response["content"]["application/json"]["schema"], "components": document["components"]}
        )
        for status, response in responses.items()
    }


DECLARED = validators()


@settings(max_examples=150, deadline=None)
@given(REQUESTS)
def test_whatever_the_bytes_the_answer_is_one_that_the_contract_declares(request: Request) -> None:
    reply = engine.handle(request)
    assert reply.status in {200, 400, 401, 404, 405}
    fields = fields_of(reply)
    assert all(re.fullmatch(r"[\x20-\x7e]*", value) for value in fields.values())
    if request.method != "HEAD":
        assert int(fields["content-length"]) == len(reply.body)
        body = json.loads(reply.body)
        if reply.status != 405 and request.method == "POST" and "message" not in body:
            assert DECLARED[reply.status].is_valid(body)
            assert isinstance(body["result"], str)
