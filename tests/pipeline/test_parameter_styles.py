"""Parameters are sent in the styles that they declare, or rejected by pointer."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from playbook3d_mock import Mock
from support.generated_package import GeneratedPackage, generated_package
from support.small_contract import RunGenerate, contract, operation, sources

TEXTS = {"type": "array", "items": {"type": "string"}}
FLAGS = {"type": "array", "items": {"type": "boolean"}}
OBJECT = {"title": "Filter", "type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}


def taking(schema: Any, place: str = "query", **fields: Any) -> dict[str, Any]:
    """A contract with an operation that takes one parameter."""
    parameter = {"name": "x-p", "in": place, "required": place == "path", "schema": schema, **fields}
    path = "/runs/{x-p}" if place == "path" else "/runs"
    return contract({path: {"get": operation("list_runs", parameters=[parameter])}})


def send(package: GeneratedPackage, **arguments: Any) -> httpx.URL:
    """The URL of a call."""
    urls: list[httpx.URL] = []

    def handle(request: httpx.Request) -> httpx.Response:
        urls.append(request.url)
        return httpx.Response(204)

    package.client(handle).things.list_runs(**arguments)
    return urls[0]


SENT = [
    (taking(TEXTS), ["a b", "c"], [("x-p", "a b"), ("x-p", "c")]),
    (taking(TEXTS, explode=False), ["a b", "c"], [("x-p", "a b,c")]),
    (taking(FLAGS, explode=False), [True, False], [("x-p", "true,false")]),
    (taking(TEXTS, style="pipeDelimited", explode=False), ["a", "c"], [("x-p", "a|c")]),
    (taking(TEXTS, style="spaceDelimited", explode=False), ["a", "c"], [("x-p", "a c")]),
    (taking(TEXTS, style="pipeDelimited", explode=True), ["a", "c"], [("x-p", "a"), ("x-p", "c")]),
    (taking(TEXTS, explode=False), [], []),
    (taking(OBJECT), {"a": "x", "b": 5}, [("a", "x"), ("b", "5")]),
    (taking(OBJECT, style="deepObject"), {"a": "x", "b": 5}, [("x-p[a]", "x"), ("x-p[b]", "5")]),
]


@pytest.mark.parametrize(("document", "value", "query"), SENT)
def test_query_parameter_is_sent_in_its_style(document: Any, value: Any, query: Any, tmp_path: Path) -> None:
    with generated_package(tmp_path, document) as package:
        argument = package.module("models").Filter.from_dict(value) if isinstance(value, dict) else value
        url = send(package, x_p=argument)
        assert url.params.multi_items() == query
        assert send(package).query == b""
        with httpx.Client(transport=Mock(tmp_path / "generated" / "openapi.yaml").transport) as client:
            assert client.get(url).status_code == 204


@pytest.mark.parametrize(("schema", "value", "path"), [(TEXTS, ["a,b", "c"], b"a%2Cb,c"), (FLAGS, [True], b"true")])
def test_list_in_a_path_is_separated_by_commas(schema: Any, value: Any, path: bytes, tmp_path: Path) -> None:
    with generated_package(tmp_path, taking(schema, "path")) as package:
        assert send(package, x_p=value).raw_path == b"/runs/" + path


def test_delimiter_in_an_item_is_rejected(tmp_path: Path) -> None:
    with (
        generated_package(tmp_path, taking(TEXTS, explode=False)) as package,
        pytest.raises(ValueError, match="x_p must not have ',' in its items"),
    ):
        send(package, x_p=["a,b"])


UNSUPPORTED = [
    (taking(OBJECT, explode=False), "an object in the style form that is not exploded"),
    (taking({"type": "array", "items": OBJECT}), "an array of arrays or objects"),
    (taking({"anyOf": [{"type": "string"}, OBJECT]}), "an object among other types"),
    (taking(TEXTS, "cookie"), "an array in a cookie"),
    (taking(OBJECT, "path"), "an object in a path"),
    (taking(TEXTS, "path", style="matrix"), "the style matrix"),
]


@pytest.mark.parametrize(("document", "reason"), UNSUPPORTED, ids=[reason for _, reason in UNSUPPORTED])
def test_unsupported_style_is_rejected(document: Any, reason: str, tmp_path: Path, run: RunGenerate) -> None:
    status, _, err = run(sources(tmp_path, document), tmp_path / "generated")
    assert status == 2
    assert f"/get/parameters/0: the client cannot serialize {reason}: change the parameter" in err


def test_unsupported_optional_parameters_do_not_cost_the_operation(tmp_path: Path, run: RunGenerate) -> None:
    json: Any = {"application/json": {"schema": OBJECT}}
    parameters: list[Any] = [{"name": name, "in": "query", "content": json} for name in "ab"]
    parameters.insert(1, {"name": "c", "in": "query", "schema": TEXTS})
    document = contract({"/runs": {"get": operation("list_runs", parameters=parameters)}})
    status, out, _ = run(sources(tmp_path, document), tmp_path / "generated", "--omit-unsupported")
    assert status == 0
    assert out.endswith("regenerated; 0 of 2 operations omitted, and 2 parts of others\n")
    effective = (tmp_path / "generated" / "openapi.yaml").read_text(encoding="utf-8")
    assert effective.count("in: query") == 1
