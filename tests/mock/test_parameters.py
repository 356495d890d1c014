"""Parameters: how their texts are parsed in path, query, headers and cookies, and judged by their schemas."""

from typing import Any

import pytest

from support.mock_requests import GET, RUN, RUNS, TEAM, ask, content, get, header, minimal, read_contract, request
from support.oracle import validate


@pytest.mark.parametrize("team", ["00000000-0000-0000-0000-000000000000", TEAM.upper()])
def test_every_uuid_is_valid(team: str) -> None:
    assert ask(f"/teams/{team}/runs/{RUN}").status == 200


@pytest.mark.parametrize(
    ("team", "message"),
    [
        ("nope", 'the value is not a "uuid"'),
        (TEAM.replace("-", ""), 'the value is not a "uuid"'),
        (f"%7B{TEAM}%7D", 'the value is not a "uuid"'),
        ("é", 'the value is not a "uuid"'),
        ("%zz", "has an invalid percent-encoding"),
        ("%ff", "is not UTF-8 after percent-decoding"),
    ],
)
def test_invalid_path_parameter_is_named(team: str, message: str) -> None:
    response = ask(f"/teams/{team}/runs/{RUN}")
    assert (response.status, content(response)) == (400, {"result": f"An error: path team: {message}"})


@pytest.mark.parametrize(
    "query",
    [
        "state=queued",
        "state=executed&limit=9&deep=true&ratio=1e-3",
        "state=queued&n=1&n=-2&n=0&tag=a,b%2Cc",
        "state=queued&ratio=auto&unknown=%zz&&=",
        "%73tate=queued",
        "state=queued&n=",
        "state=queued&limit=1.0",
    ],
)
def test_valid_query_is_accepted(query: str) -> None:
    assert get(f"/runs?{query}").status == 200


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "query state: is required"),
        ("state=", 'query state: the value is not one of "queued" or "executed"'),
        ("state=queued&state=queued", "query state: is given more than once"),
        ("state=%ff", "query state: is not UTF-8 after percent-decoding"),
        ("state=queued&limit=0", "query limit: the value is less than the minimum of 1"),
        ("state=queued&limit=+1", 'query limit: the value is not of type "integer"'),
        ("state=queued&limit=01", "query limit"),
        ("state=queued&limit=%D9%A3", "query limit"),
        ("state=queued&limit=" + "9" * 5000, "query limit"),
        ("state=queued&n=1&n=x", "query n: /1: the value is not of type"),
        ("state=queued&tag=a,b,c", "query tag: the value has more than 2 items"),
        ("state=queued&tag=a,four", "query tag: /1: the value is longer than 3 characters"),
        ("state=queued&deep=True", "query deep"),
        ("state=queued&ratio=automatic", "query ratio"),
    ],
)
def test_invalid_query_parameter_is_named(query: str, message: str) -> None:
    response = get(f"/runs?{query}")
    assert (response.status, header(response, "content-type")) == (400, "application/problem+json")
    assert content(response)["detail"].startswith(f"Refused: {message}")
    validate(content(response), {"$ref": "#/components/schemas/Problem"}, read_contract("runs"))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x_trace": "\xe9" * 5}, 200),
        ({"x_trace": "sixsix"}, 400),
        ({"x_ids": "1, 2 ,3"}, 200),
        ({"x_ids": "1;2"}, 400),
        ({"x_ids": ["1", "b"]}, 400),
        ({"cookie": "a=b; session=7; c"}, 200),
        ({"cookie": "session=x"}, 400),
        ({"cookie": "session=1; session=2"}, 400),
    ],
)
def test_headers_and_cookies_are_judged_by_their_schemas(headers: Any, status: int) -> None:
    assert get("/runs?state=queued", **headers).status == status


@pytest.mark.parametrize(("cookie", "status"), [("a%62c", 200), ("%zz", 200), ("%ff", 200), ("%zzz", 400)])
def test_cookie_without_valid_percent_encoding_is_read_as_it_is(cookie: str, status: int) -> None:
    session = {"name": "session", "in": "cookie", "schema": {"type": "string", "maxLength": 3}}
    mock = minimal({f"{GET}/parameters/1": session})
    assert get("/items/1", mock=mock, cookie=f"session={cookie}").status == status


@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        ({"type": "integer", "format": "int32"}, [-(2**31), 2**31 - 1], [-(2**31) - 1, 2**31]),
        ({"type": "integer", "format": "int64"}, [-(2**63), 2**63 - 1], [-(2**63) - 1, 2**63]),
        ({"type": "integer", "format": "uint8", "maximum": 9}, [0, 9], [-1, 10]),
        ({"type": "integer", "format": "int8", "minimum": -999}, [-128, 127], [-129, 128]),
        ({"type": "integer", "format": "other"}, [2**80], []),
        ({"type": "string", "format": "int64"}, [2**80], []),
    ],
)
def test_integer_formats_are_checked(schema: Any, valid: list[int], invalid: list[int]) -> None:
    mock = minimal({f"{GET}/parameters/0/schema": schema})
    assert {value: get(f"/items/{value}", mock=mock).status for value in valid} == dict.fromkeys(valid, 200)
    assert {value: get(f"/items/{value}", mock=mock).status for value in invalid} == dict.fromkeys(invalid, 400)


def test_verdict_is_data() -> None:
    sent = request(f"/teams/x/runs/{RUN}")
    verdict = RUNS.engine.judge(sent)
    assert (verdict.operation, verdict.status) == (RUNS.engine.operations[0], 400)
    assert (verdict.parameter, verdict.problem) == ("path team", 'the value is not a "uuid"')
    assert verdict.text == 'path team: the value is not a "uuid"'
    assert RUNS.engine.respond(sent, verdict) == RUNS.handle(sent)


@pytest.mark.parametrize(
    "arguments",
    [
        {"body": b"{not json", "content_type": "application/json"},
        {"body": b"\xff\x00" * 1000},
        {"accept": "\xff;;"},
        {"target": f"/teams/{TEAM}/runs/{RUN}?%zz=%ff&&=&a"},
        {"content_type": "\xff/\x00"},
    ],
)
def test_undeclared_input_is_ignored(arguments: Any) -> None:
    assert ask(**arguments).status == 200


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({f"{GET}/parameters": None}, f"{GET}: the parameter '{{id}}' of the path is not declared"),
        ({f"{GET}/parameters/0/schema": None}, f"{GET}/parameters/0: must have a 'schema'"),
    ],
)
def test_parameter_without_schema_is_any_text_and_reported(changes: Any, problem: str) -> None:
    mock = minimal(changes)
    assert mock.engine.problems == (problem,)
    assert [get(target, mock=mock).status for target in ("/items/x", "/items/1", "/items/%ff")] == [200, 200, 400]
