"""``make lint`` finds what would mislead a user of the client, and suggests overlay actions against it."""

from pathlib import Path
from typing import Any

import pytest

from contract import yaml_io
from contract.__main__ import main
from contract.lint import Report, lint, suggest
from contract.pointers import pointer
from contract.sources import Sources
from support.small_contract import contract, operation, overlay, write


def linted(folder: Path, document: Any, actions: Any = None) -> Report:
    """Lint a contract, with an overlay if there is one."""
    return lint(write(folder / "small.yaml", document), actions and write(folder / "over.yaml", actions))


def found(report: Report) -> list[str]:
    """The JSON pointers of the problems."""
    return [pointer(problem.finding.location) for problem in report.problems]


def things(**fields: Any) -> dict[str, Any]:
    """A contract with these fields in its only operation, ``GET /things``."""
    declared = {key: value for key, value in operation("list_things", **fields).items() if value is not None}
    return contract({"/things": {"get": declared}})


def header(name: str) -> dict[str, Any]:
    """A header parameter."""
    return {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}


def content(schema: Any, **fields: Any) -> dict[str, Any]:
    """The content of a JSON body."""
    return {"application/json": {"schema": schema, **fields}}


def answer(schema: Any, *statuses: str, **fields: Any) -> dict[str, Any]:
    """Responses with a JSON body; 200 by default."""
    return {status: {"description": "Any.", "content": content(schema, **fields)} for status in statuses or ("200",)}


def parameter(schema: Any) -> dict[str, Any]:
    """A contract whose operation has a header parameter with this schema."""
    return things(parameters=[header("X-Page") | {"schema": schema}], responses=DOCUMENTED, security=[{}])


def sample(source: str, language: str = "cURL") -> dict[str, Any]:
    """A contract with a code sample for an operation that needs a key."""
    return things(responses=DOCUMENTED, **{"x-codeSamples": [{"lang": language, "source": source}]}) | SECURED


LIST_THINGS = "#/paths/~1things/get"
PARAMETER = f"{LIST_THINGS}/parameters/0"
RESPONSES = f"{LIST_THINGS}/responses"
SCHEMA, SCHEMA_404, SCHEMA_500 = (
    f"{RESPONSES}/{status}/content/application~1json/schema" for status in ("200", "404", "500")
)
BODY = f"{LIST_THINGS}/requestBody/content/application~1json/schema"
PARAMETER_EXAMPLE = f"{PARAMETER}/schema/example"
SAMPLE = f"{LIST_THINGS}/x-codeSamples/0"
OBJECT = {"type": "object", "properties": {"name": {"type": "string"}}}
TITLED = {"title": "Thing", **OBJECT}
MORE = {"type": "object", "properties": {"more": {"type": "string"}}}
DOCUMENTED = {status: {"description": "Any."} for status in ("204", "400", "401")}
CUSTOM_KEY = {"components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-custom"}}}}
SECURED = {**CUSTOM_KEY, "security": [{"key": []}]}

# Name, contract, and the pointers of what is wrong in it.
CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("small contract", contract(), []),
    ("empty servers", contract(servers=[]), ["#/servers"]),
    ("relative server", contract(servers=[{"url": "/v1"}]), ["#/servers/0"]),
    (
        "token as parameter",
        things(parameters=[header("Authorization")], responses=DOCUMENTED),
        [PARAMETER, LIST_THINGS],
    ),
    ("key as parameter", things(parameters=[header("X-API-Key")], responses=DOCUMENTED), [PARAMETER, LIST_THINGS]),
    (
        "header of a scheme as parameter",
        things(parameters=[header("x-custom")], responses=DOCUMENTED, security=[{"key": []}]) | CUSTOM_KEY,
        [PARAMETER],
    ),
    (
        "token as parameter, key as security",
        things(parameters=[header("Authorization")], responses=DOCUMENTED, security=[{"key": []}]) | CUSTOM_KEY,
        [PARAMETER],
    ),
    (
        "token as parameter of the path",
        contract({"/things": {"parameters": [header("Authorization")], "get": operation("a", responses=DOCUMENTED)}}),
        ["#/paths/~1things/parameters/0", LIST_THINGS],
    ),
    (
        "token as referenced parameter",
        things(parameters=[{"$ref": "#/components/parameters/Token"}], responses=DOCUMENTED)
        | {"components": {"parameters": {"Token": header("Authorization")}}},
        [PARAMETER, LIST_THINGS],
    ),
    ("another header", things(parameters=[header("X-Page")], responses=DOCUMENTED, security=[{}]), []),
    ("401 without security", things(responses=DOCUMENTED), [LIST_THINGS]),
    ("401 with empty security", things(responses=DOCUMENTED, security=[]) | SECURED, [f"{LIST_THINGS}/security"]),
    ("401 with inherited security", things(responses=DOCUMENTED) | SECURED, []),
    ("401 of a public operation", things(responses=DOCUMENTED, security=[{}]), []),
    ("credentials in words only", things(description="Requires a JWT."), [LIST_THINGS]),
    ("no operationId", things(operationId=None), [LIST_THINGS]),
    (
        "duplicate operationId",
        contract({"/a": {"get": operation("list_things")}}),
        ["#/paths/~1a/get/operationId"],
    ),
    ("credentials without 401", things(security=[{"key": []}]) | CUSTOM_KEY, [RESPONSES]),
    ("inherited credentials without 401", things() | SECURED, [RESPONSES]),
    ("credentials with default", things(responses={"default": {"description": "Any."}}) | SECURED, []),
    ("parameters without 400", things(parameters=[header("X-Page")]), [RESPONSES]),
    (
        "parameters of the path without 400",
        contract({"/things": {"parameters": [header("X-Page")], "get": operation("list_things")}}),
        [RESPONSES],
    ),
    ("body without 400", things(requestBody={"content": {"text/plain": {}}}), [RESPONSES]),
    ("parameters with 4XX", things(parameters=[header("X-Page")], responses={"4XX": {"description": "Any."}}), []),
    ("inline result", things(responses=answer(OBJECT)), [SCHEMA]),
    ("inline item", things(responses=answer({"type": "array", "items": OBJECT})), [f"{SCHEMA}/items"]),
    ("inline body", things(requestBody={"content": content(OBJECT)}, responses=DOCUMENTED, security=[{}]), [BODY]),
    ("inline errors of one shape", things(responses=answer(OBJECT, "404", "500")), [SCHEMA_404, SCHEMA_500]),
    ("inline error", things(responses=answer(OBJECT, "404")), [SCHEMA_404]),
    (
        "inline result of a referenced response",
        things(responses={"200": {"$ref": "#/components/responses/A"}})
        | {"components": {"responses": {"A": answer(OBJECT)["200"]}}},
        ["#/components/responses/A/content/application~1json/schema"],
    ),
    ("titled result", things(responses=answer(TITLED)), []),
    ("text as result", things(responses=answer({"type": "string"})), []),
    ("example with its properties", things(responses=answer(TITLED | {"example": {"name": "a"}})), []),
    ("example with another", things(responses=answer(TITLED | {"example": {"id": "a"}})), [f"{SCHEMA}/example"]),
    (
        "examples with another, in items",
        things(responses=answer({"type": "array", "items": TITLED, "examples": [[], [{"id": "a"}], [{"id": 1}]]})),
        [f"{SCHEMA}/examples/2", f"{SCHEMA}/examples/1"],
    ),
    (
        "example of the media type",
        things(responses=answer(TITLED, example={"name": 1})),
        ["#/paths/~1things/get/responses/200/content/application~1json/example"],
    ),
    (
        "named example of a referenced schema",
        things(responses=answer({"$ref": "#/components/schemas/A"}, examples={"a": {"value": {"id": ""}}}))
        | {"components": {"schemas": {"A": TITLED}}},
        ["#/paths/~1things/get/responses/200/content/application~1json/examples/a"],
    ),
    (
        "example with properties of allOf",
        things(responses=answer({"title": "A", "allOf": [TITLED, MORE], "example": {"name": "a", "more": "b"}})),
        [],
    ),
    ("example of a map", things(responses=answer(TITLED | {"additionalProperties": {}, "example": {"id": 1}})), []),
    ("example of a format", parameter({"type": "string", "format": "uuid", "example": "a"}), [PARAMETER_EXAMPLE]),
    ("property called example", things(responses=answer(TITLED | {"properties": {"example": OBJECT}})), []),
    ("cURL without a header", sample("curl https://api.example"), [SAMPLE]),
    ("cURL with all headers", sample('curl -H "X-Custom: $KEY" "https://api.example"'), []),
    ("cURL with single quotes", sample("curl -H 'X-Custom: $KEY'"), [SAMPLE]),
    ("cURL with a quote in a text", sample('curl -H "X-Custom: $KEY" -d "don\'t $A, don\'t"'), []),
    ("Python with doubled braces", sample('get(f"https://api.example/{{ID}}")', "Python"), [SAMPLE]),
    ("Python with braces", sample('get(f"https://api.example/{ID}")', "Python"), []),
    ("Python with an error", sample("get(", "Python"), [SAMPLE]),
    ("a sample of a placeholder", sample("fetch('https://api.example.com/a')", "JavaScript"), [SAMPLE]),
    ("servers of the operation", contract(servers=[]) | things(servers=[{"url": "https://a.example"}]), []),
]


@pytest.mark.parametrize(("document", "pointers"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_lint_finds(document: dict[str, Any], pointers: list[str], tmp_path: Path) -> None:
    assert found(linted(tmp_path, document)) == pointers


@pytest.mark.parametrize("document", [case[1] for case in CASES if case[2]], ids=[case[0] for case in CASES if case[2]])
def test_suggested_actions_leave_no_problem(document: dict[str, Any], tmp_path: Path) -> None:
    suggested = yaml_io.render(suggest(linted(tmp_path, document)))
    assert found(linted(tmp_path, document, suggested)) == []


def test_overlay_of_the_project_leaves_no_problem() -> None:
    assert lint(Sources().contract, Sources().overlay).problems == []


def test_suggestions_for_the_published_contract_leave_no_problem(tmp_path: Path) -> None:
    suggested = write(tmp_path / "over.yaml", suggest(lint(Sources().contract, None)))
    assert lint(Sources().contract, suggested).problems == []


@pytest.mark.parametrize(
    "action",
    [
        {"target": "$.info.contact", "remove": True},
        {"target": "$.info", "update": {"title": "Small"}},
    ],
    ids=["matches nothing", "updates to the same value"],
)
def test_unnecessary_overlay_action_is_found(action: dict[str, Any], tmp_path: Path) -> None:
    needed = {"target": "$.info", "update": {"description": "Corrected."}}
    report = linted(tmp_path, contract(), overlay(needed, action))
    assert found(report) == ["#/actions/1"]
    assert report.problems[0].path == tmp_path / "over.yaml"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["lint", *arguments])
    out, error = capsys.readouterr()
    return status, out, error


def test_problem_is_printed_with_its_line_and_action(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "small.yaml", yaml_io.render(contract(servers=[])))
    line = path.read_text().splitlines().index("servers: []") + 1
    status, out, _ = run(capsys, "--contract", str(path), "--without-overlay")
    assert (status, out.splitlines()[0].split(": ")[:2]) == (1, [f"{path}:{line}", "#/servers"])
    assert "    - target: $\n" in out


def test_line_is_that_of_the_page(tmp_path: Path) -> None:
    """If the contract is a page's document, word for word."""
    text = yaml_io.render(contract(servers=[]))
    (tmp_path / "pages").mkdir()
    page = write(tmp_path / "pages" / "things.md", f"# Things\n\n````yaml get /things\n{text}````\n")
    (problem,) = linted(tmp_path, f"# Source: pages/things.md\n{text}").problems
    assert (problem.path, problem.line) == (page, page.read_text().splitlines().index("servers: []") + 1)
    (problem,) = linted(tmp_path, f"# Source: pages/things.md\n{text}# Changed.\n").problems
    assert problem.path == tmp_path / "small.yaml"


def test_line_is_right_after_an_item_was_removed(tmp_path: Path) -> None:
    parameters = [header("X-Page"), header("X-Size") | {"schema": {"type": "integer", "example": "ten"}}]
    text = yaml_io.render(things(parameters=parameters, responses=DOCUMENTED, security=[{}]))
    removal = {"target": "$..parameters[0]", "remove": True}
    (problem,) = linted(tmp_path, text, overlay(removal)).problems
    assert text.splitlines()[problem.line - 1].strip() == "example: ten"


@pytest.mark.parametrize(
    "fields",
    [
        {"parameters": [header("Authorization"), header("x-api-key")], "responses": DOCUMENTED},
        {"responses": DOCUMENTED},
        {"parameters": [header("X-Page")]},
        {"responses": answer(OBJECT, "404", "500") | {"204": {"description": "Nothing."}}},
        {"responses": answer(TITLED | {"example": {"id": "a"}})},
    ],
    ids=["credential parameters", "401 without security", "parameters without 400", "errors", "examples"],
)
def test_suggestion_serves_operations_to_come(fields: dict[str, Any], tmp_path: Path) -> None:
    suggested = suggest(linted(tmp_path, things(**fields)))
    grown = contract({path: {"get": operation(path.strip("/"), **fields)} for path in ("/things", "/runs")})
    assert found(linted(tmp_path, grown)) != []
    assert found(linted(tmp_path, grown, suggested)) == []


def test_suggest_prints_an_overlay_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "small.yaml", contract(servers=[]))
    status, out, _ = run(capsys, "--contract", str(path), "--without-overlay", "--suggest")
    assert status == 1
    assert found(linted(tmp_path, contract(servers=[]), out)) == []


def test_nothing_found_is_status_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [write(tmp_path / "small.yaml", contract()), write(tmp_path / "over.yaml", overlay())]
    assert run(capsys, "--contract", str(paths[0]), "--overlay", str(paths[1]))[:2] == (0, "Problems: 0\n")


@pytest.mark.parametrize(
    ("document", "actions", "message"),
    [
        ("- a list", overlay(), "small.yaml: not an object"),
        (contract(openapi="3.0.3"), overlay(), "not an OpenAPI 3.1 document"),
        (contract(), {"overlay": "1.1.0"}, "the overlay's info needs"),
        (contract(), overlay({"target": "$.info"}, {"target": "$.["}), "over.yaml: overlay action 1"),
        (contract(), overlay({"target": "$.info", "update": {"title": 1}}), "with over.yaml applied"),
    ],
)
def test_invalid_input_is_status_2(
    document: Any, actions: Any, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [write(tmp_path / "small.yaml", document), write(tmp_path / "over.yaml", actions)]
    status, out, error = run(capsys, "--contract", str(paths[0]), "--overlay", str(paths[1]))
    assert (status, out, message in error) == (2, "", True), error
