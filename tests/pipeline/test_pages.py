"""A page's contract is found by the header of its fence; what is not understood is rejected with its line."""

import pytest

from contract.errors import PipelineError
from contract.pages import find_fence, is_page, read_page
from support.documentation_pages import document, page

THINGS = document("/things", "post")


@pytest.mark.parametrize(
    ("header", "format_"),
    [
        ("yaml post /things", "yaml"),
        ("yaml POST /things", "yaml"),
        ("YAML Post /things", "yaml"),
        ("yml post /things", "yaml"),
        ("yaml openapi.json post /things", "yaml"),
        ("yaml /dir/spec.openapi.json post /things", "yaml"),
        ("json POST /things", "json"),
        ("json openapi.yaml post /things", "json"),
    ],
)
@pytest.mark.parametrize("fence", ["````", "`````", "```", "~~~~"])
def test_fence_header_names_the_operation(header: str, format_: str, fence: str) -> None:
    found = find_fence("a.md", page(header, THINGS, fence))
    assert found is not None
    assert (found.format, found.method, found.path, found.line) == (format_, "post", "/things", 5)
    assert read_page(found).operation["operationId"] == "post_things"


@pytest.mark.parametrize(
    ("start", "indent"),
    [("\ufeff", ""), ("\u2028\x0c\x85\n\n", ""), ("- item\n\n  ", "  "), ("1.  a\n\n    ", "    "), ("> ", "> ")],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_fence_is_found_in_any_text(start: str, indent: str, end: str) -> None:
    text = page("yaml post /things", THINGS | {"x-text": "\u2028"}).removeprefix("# A page\n\nSome text.\n\n")
    found = find_fence("a.md", start.replace("\n", end) + text.replace("\n", end + indent))
    assert found is not None
    assert read_page(found).document == THINGS | {"x-text": "\u2028"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# A guide\n\nopenapi: 3.1.0\n",
        page("yaml", "a: 1\n"),
        page("bash", "curl\n"),
        page("mdx get started", "text\n"),
        page("json Example response", "{}\n", "```"),
        page("yaml", "openapi: 3.1.0\n", "```"),
        page("yaml title=post /things.md", "a: 1\n", "```"),
        page("json POST /things", '{"title": "An example."}\n', "```"),
        page("bash POST /things", "curl\n", "```"),
    ],
)
def test_page_without_a_contract_has_no_fence(text: str) -> None:
    assert find_fence("a.md", text) is None


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("yaml https://host.example/openapi post /things", "names a remote contract file: download https://host.exam"),
        ("yaml http://host.example/openapi.yaml", "names a remote contract file"),
        ("yaml openapi.json webhook thingCreated", "names a webhook"),
        ("yaml WEBHOOK thingCreated", "names a webhook"),
        ("toml post /things", "names the format toml"),
        ("yaml", "is not understood"),
        ("yaml post", "is not understood"),
        ("yaml post things", "is not understood"),
        ("yaml query /things", "is not understood"),
        ("yaml a.yaml b.yaml post /things", "is not understood"),
        ("yaml post /things theme={null}", "is not understood"),
        ("yaml post /a thing", "is not understood"),
        ("yaml //host.example/openapi.yaml post /things", "names a remote contract file"),
        ("yaml webhook thing created", "names a webhook"),
        ("yaml:post /things", "is not understood"),
        ("post /things", "is not understood"),
        ("", "is not understood"),
    ],
)
@pytest.mark.parametrize("body", ["openapi: 3.1.0\n", "# A comment\n---\n'info': {}\n", '{"paths": {}}\n'])
def test_unknown_fence_header_is_rejected(header: str, message: str, body: str) -> None:
    with pytest.raises(PipelineError, match=rf"^a\.md, line 5: the fence header '{header[:4]}.*{message}"):
        find_fence("a.md", page(header, body))


@pytest.mark.parametrize("header", ["yaml post /things theme={null}", "yaml https://host.example/openapi post /things"])
def test_unknown_header_of_a_short_fence_is_rejected(header: str) -> None:
    with pytest.raises(PipelineError, match=rf"^a\.md, line 5: the fence header '{header[:10]}"):
        find_fence("a.md", page(header, THINGS, "```"))


def test_code_sample_beside_the_contract_is_skipped() -> None:
    text = page("yaml post /things", THINGS) + page("json POST /things", "{}\n", "```")
    assert find_fence("a.md", text) == find_fence("a.md", page("yaml post /things", THINGS))


def test_long_fence_header_is_shortened() -> None:
    with pytest.raises(PipelineError) as error:
        find_fence("a.md", page("yaml " + "x" * 10_000, THINGS))
    assert len(str(error.value)) < 300


def test_fence_in_a_fence_is_text() -> None:
    inner = page("yaml post /things", THINGS)
    assert find_fence("a.md", page("md", inner, "``````")) is None


def test_incomplete_page_is_rejected() -> None:
    text = page("yaml post /things", "openapi: 3.1.0\ninfo: {}\n")
    for end in (text.rindex("````"), text.rindex("\n````")):
        with pytest.raises(PipelineError, match=r"^a\.md, line 5: the fence is not closed"):
            find_fence("a.md", text[:end])


def test_second_contract_on_a_page_is_rejected() -> None:
    text = page("yaml get /a", "openapi: 3.1.0\n")
    with pytest.raises(PipelineError, match=r"^a\.md: two contracts, in lines 5 and 12"):
        find_fence("a.md", text + text)


@pytest.mark.parametrize(
    ("header", "body", "message"),
    [
        (
            "yaml post /things",
            "paths:\n  path: /things\n  method: post\n  request: {}\n",
            r"a\.md, line 5: the document is in the old normalised dialect",
        ),
        ("yaml post /things", "info: {}\n", r"a\.md, line 5: not an OpenAPI document"),
        ("yaml post /other", THINGS, r"a\.md, line 5: the header names POST /other, but .* #/paths/~1other/post"),
        ("yaml get /things", THINGS, r"a\.md, line 5: the header names GET /things"),
        ("yaml get /a", "openapi: 3.1.0\npaths: []\n", r"a\.md, line 5: the header names GET /a"),
        ("yaml get /a", "openapi: 3.1.0\npaths: {/a: {get: 1}}\n", r"a\.md, line 5: the header names GET /a"),
        (
            "yaml get /a",
            "openapi: 3.1.0\npaths: {/a: {get: {}}, /b: {put: {}}}\n",
            r"a\.md, line 5: the document has PUT /b, too",
        ),
        ("yaml get /a", "openapi: 3.1.0\npaths: {\n", r"a\.md, line 8, column 1: not YAML"),
        ("yaml get /a", "- 1\n", r"a\.md: not an object"),
        ("yaml get /a", f"openapi: 3.1.0\nx-a: 0x{'f' * 5000}\n", r"a\.md, line 5: a value that JSON cannot hold"),
        ("json get /a", "openapi: 3.1.0\n", r"a\.md, line 6, column 1: not JSON"),
        ("json get /a", '{\n"a": NaN}\n', r"a\.md, line 7, column 6: NaN is not a number"),
        ("json get /a", "[" * 100_000, r"a\.md: nested too deeply"),
    ],
)
def test_invalid_document_is_rejected_with_its_line(header: str, body: object, message: str) -> None:
    fence = find_fence("a.md", page(header, body if not isinstance(body, str) else body.rstrip("\n") + "\n"))
    assert fence is not None
    with pytest.raises(PipelineError, match="^" + message):
        read_page(fence)


def test_expansion_of_aliases_on_a_page_is_limited() -> None:
    bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    fence = find_fence("a.md", page("yaml get /a", bomb))
    assert fence is not None
    with pytest.raises(PipelineError, match=r"^a\.md, line 6.*: aliases repeat more than .* values"):
        read_page(fence)


@pytest.mark.parametrize("fence", ["````", "```", "~~~~", "- ```", "   > ````"])
def test_page_is_told_from_a_contract(fence: str) -> None:
    assert is_page(page("yaml post /things", THINGS, fence))
    for field in ("openapi: 3.1.0", "# Text\n\n---\nx-a: 1", '{"info": {"title": 1}, "x": \n'):
        assert not is_page(f"{field}\ndescription: |\n  {fence}yaml post /things\n  {fence}\n")
