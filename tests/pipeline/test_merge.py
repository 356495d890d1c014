"""Several pages become one contract in which each operation means what it means on its page."""

import itertools
from typing import Any

import pytest

from contract import yaml_io
from contract.errors import PipelineError
from contract.merge import Contract, to_contract
from contract.pages import find_fence, read_page
from contract.validation import validate
from support.documentation_pages import document, operation_page, page
from support.small_contract import INFO, operation


def merge(*texts: str) -> Contract:
    pages: dict[str, Any] = {}
    for name, text in zip("abcdef", texts, strict=False):
        fence = find_fence(f"{name}.md", text)
        assert fence is not None
        pages[f"{name}.md"] = read_page(fence)
    return to_contract(pages, "pages")


def merged(*texts: str) -> Any:
    contract = merge(*texts)
    assert contract.warnings == []
    document = yaml_io.to_plain(yaml_io.parse(contract.text, "merged"))
    validate("merged", document)
    return document


def test_single_page_is_copied_word_for_word() -> None:
    body = "openapi:   3.1.0 # as published\npaths: {\"/a\": {'get': {}}}\n"
    contract = merge(page("yaml get /a", body))
    assert contract == ("# Source: pages/a.md (the document in its fence, word for word).\n" + body, [])


def test_operations_are_merged() -> None:
    document = merged(operation_page("/b"), operation_page("/a", "post"), operation_page("/a"))
    assert [(path, [*item]) for path, item in document["paths"].items()] == [("/a", ["get", "post"]), ("/b", ["get"])]
    assert document["servers"] == [{"url": "https://api.example"}]
    assert document["info"] == INFO


def test_merged_contract_does_not_depend_on_the_order_of_pages() -> None:
    schemas = {"components": {"schemas": {"Z": {"type": "string"}, "A": {"type": "null"}}}}
    texts = [
        operation_page("/b", tags=[{"name": "one"}], **schemas),
        operation_page("/a", tags=[{"name": "two"}], components={"schemas": {"M": True}}),
        operation_page("/c", "put", servers=[{"url": "https://other.example"}]),
    ]
    results = {merge(*order).text for order in itertools.permutations(texts)}
    assert len(results) == 1
    [text] = results
    assert text.startswith("# Merged from the 3 pages in pages/ by `make refresh`: do not edit.\nopenapi: 3.1.0\n")


def test_json_is_merged_as_yaml() -> None:
    text = merge(operation_page("/a"), page("json get /b", document("/b", tags=[{"name": "x"}]))).text
    assert "{" not in text.replace("/a", "")
    assert "\n- name: x\n" in text


# A field of a document or an operation: absent, null, empty, or one of two values.
ABSENT = object()
VALUES: dict[str, list[Any]] = {
    "servers": [[{"url": "https://a.example"}], [{"url": "https://b.example"}]],
    "security": [[{"key": []}], [{}, {"token": []}]],
}


def with_field(node: dict[str, Any], field: str, value: object) -> dict[str, Any]:
    return {name: child for name, child in {**node, field: value}.items() if child is not ABSENT}


def inherited(field: str, *nodes: Any) -> Any:
    """What an operation inherits: the value of the innermost node that has the field."""
    return next((node[field] for node in nodes if field in node), None) or []


@pytest.mark.parametrize("field", ["servers", "security"])
def test_operation_keeps_what_it_inherits(field: str) -> None:
    values = [ABSENT, [], *VALUES[field]]
    pages: list[Any] = [
        with_field(document(f"/{n}", operation=with_field(operation(f"o{n}"), field, own)), field, of_page)
        for n, (of_page, own) in enumerate(itertools.product([*values, None], values))
    ]
    for first, second in itertools.combinations(pages, 2):
        paths = first["paths"] | second["paths"]
        text = merge(*(page(f"yaml get {next(iter(each['paths']))}", each) for each in (first, second))).text
        result = yaml_io.to_plain(yaml_io.parse(text, "merged"))
        for source in (first, second):
            [path] = source["paths"]
            assert inherited(field, result["paths"][path]["get"], result["paths"][path], result) == inherited(
                field, paths[path]["get"], source
            )


def test_operation_keeps_the_servers_of_its_path() -> None:
    own, other = VALUES["servers"]
    first, second = document("/a", servers=[]), document("/a", "put", servers=other)
    first["paths"]["/a"]["servers"] = own
    item = merged(page("yaml get /a", first), page("yaml put /a", second))["paths"]["/a"]
    assert item == {"get": item["get"], "put": item["put"]}
    assert (item["get"]["servers"], item["put"]["servers"]) == (own, other)


def test_components_and_tags_are_merged() -> None:
    shared = {"Shared": {"type": "object", "required": ["a"]}}
    first = operation_page("/a", components={"schemas": shared | {"A": True}}, tags=[{"name": "x"}])
    second = operation_page("/b", components={"schemas": {"B": False} | shared}, tags=[{"name": "y"}, {"name": "x"}])
    document = merged(first, second)
    assert [*document["components"]["schemas"]] == ["A", "B", "Shared"]
    assert document["tags"] == [{"name": "x"}, {"name": "y"}]


def test_other_fields_are_merged() -> None:
    first = document("/a", **{"x-a": 1})
    first["paths"]["/empty"] = {"summary": "x"}
    result = merged(page("yaml get /a", first), operation_page("/b", **{"x-a": 1, "x-b": {}}))
    assert (result["x-a"], result["x-b"]) == (1, {})
    assert ([*result["paths"]], result["paths"]["/empty"]) == (["/a", "/b", "/empty"], {"summary": "x"})


def test_same_operation_on_two_pages_is_merged() -> None:
    assert [*merged(operation_page("/a"), operation_page("/a"))["paths"]["/a"]] == ["get"]


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        (operation_page("/a", openapi="3.1.0"), operation_page("/b", openapi="3.1.1"), "differ in #/openapi"),
        (operation_page("/a", jsonSchemaDialect="x:y"), operation_page("/b"), "differ in #/jsonSchemaDialect"),
        (
            operation_page("/a", operation=operation("one")),
            operation_page("/a", operation=operation("two")),
            "differ in #/paths/~1a/get",
        ),
        (
            operation_page("/a", servers=[{"url": "https://a.example"}]),
            operation_page("/a", servers=[{"url": "https://b.example"}]),
            "differ in #/paths/~1a/get",
        ),
        (
            operation_page("/a", operation=operation("same")),
            operation_page("/b", operation=operation("same")),
            "have two operations with the operationId same",
        ),
        (
            operation_page("/a/{id}", operation=operation("one")),
            operation_page("/a/{name}", operation=operation("two")),
            "name the path parameters of GET /a/{id} differently",
        ),
        (
            page("yaml get /a", document("/a")).replace('"/a": {', '"/a": {"summary": "x",'),
            operation_page("/a", "put"),
            "differ in #/paths/~1a:",
        ),
        (
            operation_page("/a", components={"schemas": {"A": {"const": 1}}}),
            operation_page("/b", components={"schemas": {"A": {"const": True}}}),
            "differ in #/components/schemas/A",
        ),
        (
            operation_page("/a", tags=[{"name": "x"}]),
            operation_page("/b", tags=[{"name": "x", "description": "y"}]),
            "differ in #/tags/x",
        ),
        (operation_page("/a", **{"x-a": 1}), operation_page("/b", **{"x-a": 2}), "differ in #/x-a"),
    ],
)
def test_conflict_names_both_pages(first: str, second: str, problem: str) -> None:
    with pytest.raises(PipelineError) as error:
        merge(first, second)
    assert str(error.value).startswith(f"a.md and b.md {problem}")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"tags": {}}, "a.md: #/tags is not an array."),
        ({"components": [1]}, "a.md: #/components is not an object."),
        ({"components": {"schemas": []}}, "a.md: #/components/schemas is not an object."),
    ],
)
def test_malformed_page_is_rejected(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(PipelineError) as error:
        merge(operation_page("/a", **fields), operation_page("/b"))
    assert str(error.value) == message


def test_differing_info_is_a_warning() -> None:
    contract = merge(operation_page("/a"), operation_page("/b", info=INFO | {"version": "2"}))
    assert contract.warnings == [
        "a.md and b.md differ in #/info (1 of 2 pages do): the contract has that of the former."
    ]
    assert yaml_io.to_plain(yaml_io.parse(contract.text, "merged"))["info"] == INFO


BREAKS = ["a\u2028b", "tab\tand\x85", "a\rb\r\n", "  \n leading\n\n\ntrailing \n", "\xa0", "\ufeff", "\x7f"]
SYNTAX = ["é 😀 : # '\"", "", "<<", "=", "~", "null", "yes", "- a", "? a", "%a", "--- a", "word " * 100, "k" * 200]
NUMBERS = ["1", "1e3", "-.5", "+.1", "0o14", "0x1f", "1_0", "._", "3.1.0", ".inf", "12:30", "2001-01-01"]


@pytest.mark.parametrize("text", BREAKS + SYNTAX + NUMBERS)
def test_any_text_survives_the_merge(text: str) -> None:
    own = operation("a", description=text, **{"x-keys": {text: text}})
    result = merged(operation_page("/a", operation=own), operation_page("/b"))
    assert result["paths"]["/a"]["get"] == own


@pytest.mark.parametrize("number", [0, -1, 1.5, 1e20, 1e-7, 10**30, True, None])
def test_any_number_survives_the_merge(number: object) -> None:
    value = merged(operation_page("/a", **{"x-a": number}), operation_page("/b"))["x-a"]
    assert (value, type(value)) == (number, type(number))
