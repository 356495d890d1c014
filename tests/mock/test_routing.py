"""Routing: which operation a path leads to, before and after percent-decoding."""

from typing import Any

import pytest

from playbook3d_mock import Request
from support.mock_requests import GET, RUN, RUNS, SECRETS, STOP, TEAM, ask, content, get, header, minimal, read_contract


@pytest.mark.parametrize(
    "path",
    [
        f"/teams/{TEAM}%2F{RUN}",
        f"{STOP}/",
        f"/teams//runs/{RUN}",
        f"/Teams/{TEAM}/runs/{RUN}",
        f"/teams/../teams/{TEAM}/runs/{RUN}",
        f"/%ff/{TEAM}/runs/{RUN}",
        "",
        "*",
    ],
)
def test_unknown_path_is_404(path: str) -> None:
    response = ask(path)
    assert (response.status, content(response)) == (404, {"result": "no path of the contract matches"})


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("POST", STOP.replace("teams", "te%61ms"), 200),
        ("POST", STOP.replace("-", "%2d"), 200),
        ("POST", f"/teams/{TEAM}%2F/runs/{RUN}", 400),
        ("GET", "/runs/latest", 200),
        ("DELETE", "/runs/latest", 405),
        ("DELETE", "/runs/latest%2F", 204),
        ("DELETE", "/runs/%2e%2E", 204),
        ("GET", "/pages/7/result.png", 200),
        ("GET", "/pages/7/result.gif", 400),
        ("GET", "/pages/7/result.", 405),
        ("DELETE", "/pages/7/result", 204),
        ("DELETE", "/pages/7/%C3%A9", 204),
        ("DELETE", "/pages/7/%E9", 400),
    ],
)
def test_concrete_path_wins_and_parameters_keep_their_places(method: str, target: str, status: int) -> None:
    assert ask(target, method).status == status


def test_raw_bytes_in_a_path_must_be_utf_8() -> None:
    assert RUNS.handle(Request("DELETE", b"/pages/7/\xe9")).status == 400


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/items/1", 200),
        ("/v1/items/1", 200),
        ("/api/v2/items/1", 200),
        ("/v%33/items/1", 200),
        ("/v5/items/1", 200),
        ("/v4/items/1", 404),
        ("/v1/v3/items/1", 404),
        ("/api/items/1", 404),
    ],
)
def test_path_is_served_below_the_path_of_each_server(target: str, status: int) -> None:
    variables = {"region": {"default": "eu"}, "tier": {"default": "v2"}}
    servers = {
        "#/servers": [{"url": "https://host/v1/"}, {"url": "https://host"}, {"url": "v5"}],
        "#/paths/~1items~1{id}/servers": [{"url": "https://{region}.host/api/{tier}", "variables": variables}],
        f"{GET}/servers": [{"url": "/v3"}],
    }
    assert get(target, mock=minimal(servers)).status == status


def test_path_item_may_be_a_reference() -> None:
    mock = minimal({"#/paths/~1b~1{id}": {"$ref": "#/paths/~1items~1{id}"}})
    assert get("/b/1", mock=mock).body == b'{"result":"good"}'
    assert [operation.path for operation in mock.engine.operations] == ["/items/{id}", "/b/{id}"]


@pytest.mark.parametrize(
    "field", [{"summary": "s"}, {"description": "d"}, {"servers": []}, {"parameters": []}, {"x-internal": 1}]
)
def test_path_without_operations_is_not_served(field: Any) -> None:
    mock = minimal({"#/paths/~1later": field, "#/paths/x-internal": {"get": 1}})
    assert get("/later", mock=mock).status == 404
    assert len(mock.engine.operations) == 1


def test_concrete_paths_come_first_in_any_order() -> None:
    contract = read_contract("runs")
    mock = minimal(
        {"#/paths": dict(reversed(contract["paths"].items())), "#/components": contract["components"]},
        credentials=SECRETS,
    )
    assert get("/runs/latest", mock=mock).status == get("/pages/7/result.png", mock=mock).status == 200


@pytest.mark.parametrize(
    ("path", "target", "status"),
    [
        ("/100%", "/100%25", 200),
        ("/a%b", "/a%25b", 200),
        ("/50%25", "/50%25", 200),
        ("/caf%C3%A9", "/caf%c3%a9", 200),
        ("/100%", "/100", 404),
    ],
)
def test_literal_percent_is_sent_encoded(path: str, target: str, status: int) -> None:
    item = {"get": {"responses": {"200": {"description": "Good."}}}}
    assert get(target, mock=minimal({f"#/paths/{path.replace('/', '~1')}": item})).status == status


ERROR = {"type": "object", "properties": {"error": {"type": "string"}}}


@pytest.mark.parametrize(
    ("documented", "content_type", "key"),
    [
        ({}, "application/json", "message"),
        ({"400": "application/json"}, "application/json", "error"),
        ({"400": "application/json", "404": "application/problem+json"}, "application/problem+json", "error"),
        ({"4XX": "application/problem+json", "400": "application/json"}, "application/problem+json", "error"),
        ({"500": "application/json"}, "application/json", "message"),
        ({"404": "application/xml"}, "application/json", "message"),
    ],
)
@pytest.mark.parametrize(("target", "method", "status"), [("/nowhere", "GET", 404), ("/items/1", "PATCH", 405)])
def test_undocumented_404_and_405_have_the_shape_of_errors(
    target: str, method: str, status: int, documented: dict[str, str], content_type: str, key: str
) -> None:
    responses = {
        f"{GET}/responses/{code}": {"description": "Bad.", "content": {media_type: {"schema": ERROR}}}
        for code, media_type in documented.items()
    }
    response = ask(target, method, mock=minimal(responses))
    assert (response.status, header(response, "content-type")) == (status, content_type)
    assert content(response)[key].endswith(("no path of the contract matches", "this path allows GET, HEAD only"))
