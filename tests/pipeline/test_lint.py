"""``make lint`` finds what would mislead a user of the client, and suggests overlay actions against it."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract import yaml_io
from contract.__main__ import main
from contract.lint import Report, lint, suggest
from contract.output import read_effective_contract
from contract.overlay_actions import render
from contract.pointers import pointer
from contract.refresh import refresh
from contract.sources import Sources, Targets
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


def sample(source: str, language: str) -> dict[str, Any]:
    """A contract with a code sample for an operation that takes a key or a token."""
    samples = {"x-codeSamples": [{"lang": language, "source": source}]}
    schemes = {"key": KEY, "token": {"type": "http", "scheme": "bearer"}}
    posted = operation("add_thing", responses=DOCUMENTED, security=[{"key": []}, {"token": []}], **samples)
    item = {"parameters": [PATH_ID], "post": posted}
    servers = [{"url": "https://{region}.api.example/v1", "variables": {"region": {"default": "eu"}}}]
    return contract({"/things/{id}": item}, servers=servers, components={"securitySchemes": schemes})


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
MAP = {"title": "Things", "type": "object", "additionalProperties": TITLED}
FREE = {"title": "Free", "type": "object"}
ID = {"id": {"type": "string", "readOnly": True}}
MORE_OF_THEM = {**TITLED, "title": "Others", "additionalProperties": True}
ANY = {"type": "object", "properties": {"a": True}}
LIST = {"type": "array", "items": OBJECT}
SAME = {"title": "ListThingsResult", "type": "object"}
REFERENCE, NAMED = {"$ref": "#/components/schemas/A"}, {"components": {"schemas": {"A": TITLED}}}
MORE = {"type": "object", "properties": {"more": {"type": "string"}}}
DOCUMENTED = {status: {"description": "Any."} for status in ("204", "400", "401")}
PATH_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
KEY = {"type": "apiKey", "in": "header", "name": "x-custom"}
CUSTOM_KEY = {"components": {"securitySchemes": {"key": KEY}}}
SECURED = {**CUSTOM_KEY, "security": [{"key": []}]}

SAMPLES = [
    {"lang": "Shell", "source": "curl https://api.example/things"},
    {"lang": "Shell", "source": 'curl -H "x-custom: $KEY" https://api.example/things'},
]

# Name, contract, and the pointers of what is wrong in it.
CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("small contract", contract(), []),
    ("empty servers", contract(servers=[]), ["#/servers"]),
    ("server in capitals", contract(servers=[{"url": "HTTPS://API.EXAMPLE"}]), []),
    ("server with a variable", contract(servers=[{"url": "https://api.example/{version}"}]), ["#/servers/0"]),
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
    (
        "token as parameter of the path, key of the operation",
        contract(
            {
                "/a": {
                    "parameters": [header("Authorization")],
                    "get": operation("a", responses=DOCUMENTED, parameters=[header("x-api-key")]),
                    "put": operation("b", responses=DOCUMENTED, security=[{"key": []}]),
                }
            }
        )
        | CUSTOM_KEY,
        ["#/paths/~1a/parameters/0", "#/paths/~1a/get/parameters/0", "#/paths/~1a/get"],
    ),
    (
        "key as parameter and as an alternative",
        things(parameters=[header("x-custom")], responses=DOCUMENTED, security=[{"key": []}, {}]) | CUSTOM_KEY,
        [PARAMETER],
    ),
    (
        "key as parameter instead of the inherited security",
        things(parameters=[header("x-custom")], responses=DOCUMENTED, security=[]) | SECURED,
        [PARAMETER, f"{LIST_THINGS}/security"],
    ),
    ("another header", things(parameters=[header("X-Page")], responses=DOCUMENTED, security=[{}]), []),
    ("401 without security", things(responses=DOCUMENTED), [LIST_THINGS]),
    ("401 with empty security", things(responses=DOCUMENTED, security=[]) | SECURED, [f"{LIST_THINGS}/security"]),
    ("401 with inherited security", things(responses=DOCUMENTED) | SECURED, []),
    ("401 of a public operation", things(responses=DOCUMENTED, security=[{}]), []),
    ("credentials in words only", things(description="Requires a JWT."), [LIST_THINGS]),
    ("schemes that nothing requires", things() | CUSTOM_KEY, [LIST_THINGS]),
    ("schemes of public operations", things(security=[]) | CUSTOM_KEY, []),
    ("no operationId", things(operationId=None), [LIST_THINGS]),
    (
        "duplicate operationId",
        contract({"/a": {"get": operation("list_things")}}),
        ["#/paths/~1a/get/operationId"],
    ),
    (
        "operationId with another case",
        contract({"/a": {"get": operation("list-Things")}}),
        ["#/paths/~1a/get/operationId"],
    ),
    ("operationId of another tag", contract({"/a": {"get": operation("listThings", tags=["others"])}}), []),
    ("operationIds in another script", contract({"/a": {"get": operation("ф")}, "/b": {"get": operation("ы")}}), []),
    ("credentials without responses", things(responses=None) | SECURED, [RESPONSES]),
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
    ("inline item of an item", things(responses=answer(LIST | {"items": LIST})), [f"{SCHEMA}/items/items"]),
    ("inline alternative", things(responses=answer({"anyOf": [OBJECT, {"type": "null"}]})), [f"{SCHEMA}/anyOf/0"]),
    ("inline nullable result", things(responses=answer(OBJECT | {"type": ["object", "null"]})), [SCHEMA]),
    ("inline enumeration", things(responses=answer({"type": "string", "enum": ["a"]})), [SCHEMA]),
    ("referenced result, with a description", things(responses=answer({"allOf": [REFERENCE]})) | NAMED, []),
    ("inline result, with a titled one", things(responses=answer({"oneOf": [OBJECT, SAME]})), [f"{SCHEMA}/oneOf/0"]),
    (
        "inline errors with a property of any type",
        things(responses=answer(ANY, "404", "500")),
        [SCHEMA_404, SCHEMA_500],
    ),
    ("inline result of any type", things(responses=answer({"allOf": [True]})), [SCHEMA]),
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
    (
        "example of a map with another",
        things(responses=answer(MAP, example={"a": {"id": 1}})),
        [f"{SCHEMA.removesuffix('schema')}example"],
    ),
    ("example of a free object", things(responses=answer({"anyOf": [TITLED, FREE]}, example={"id": 1})), []),
    (
        "text as example of XML",
        things(responses={"200": {"description": "", "content": {"text/xml": {"schema": TITLED, "example": "<a/>"}}}}),
        [],
    ),
    (
        "example without a property that is read only",
        things(responses=answer(TITLED | {"required": ["id"], "properties": ID, "example": {}})),
        [],
    ),
    (
        "example of a schema of a webhook",
        things(
            responses=answer({"$ref": "#/webhooks/a/post/responses/200/content/application~1json/schema"}, example={})
        )
        | {"webhooks": {"a": {"post": {"responses": answer(TITLED)}}}},
        [],
    ),
    (
        "example of a parameter called example",
        things() | {"components": {"parameters": {"example": header("a") | {"example": 1}}}},
        ["#/components/parameters/example/example"],
    ),
    (
        "examples, of which one is a map's",
        things(
            responses=answer(TITLED | {"example": {"id": 1}}) | answer(MORE_OF_THEM | {"example": {"id": 1}}, "201")
        ),
        [f"{SCHEMA}/example"],
    ),
    ("example of a map", things(responses=answer(TITLED | {"additionalProperties": {}, "example": {"id": 1}})), []),
    ("example of a format", parameter({"type": "string", "format": "uuid", "example": "a"}), [PARAMETER_EXAMPLE]),
    ("property called example", things(responses=answer(TITLED | {"properties": {"example": OBJECT}})), []),
    ("samples of one language", things(responses=DOCUMENTED, **{"x-codeSamples": SAMPLES}) | SECURED, [SAMPLE]),
    (
        "sample of a server of example.com",
        contract(servers=[{"url": "https://api.example.com"}])
        | {
            "paths": {
                "/a": {"get": operation("a", **{"x-codeSamples": [{"source": "curl https://api.example.com/a"}]})}
            }
        },
        [],
    ),
    (
        "sample without a header that OpenAPI ignores",
        things(
            parameters=[header("Accept")],
            responses=DOCUMENTED,
            security=[{}],
            **{"x-codeSamples": [{"source": "curl https://api.example/things"}]},
        ),
        [],
    ),
    ("servers of the operation", contract(servers=[]) | things(servers=[{"url": "https://a.example"}]), []),
]


@pytest.mark.parametrize(("document", "pointers"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_lint_finds(document: dict[str, Any], pointers: list[str], tmp_path: Path) -> None:
    assert found(linted(tmp_path, document)) == pointers


WRONG = pytest.mark.parametrize(
    "document", [case[1] for case in CASES if case[2]], ids=[case[0] for case in CASES if case[2]]
)


@WRONG
def test_suggested_actions_leave_no_problem(document: dict[str, Any], tmp_path: Path) -> None:
    suggested = render(suggest(linted(tmp_path, document)))
    assert found(linted(tmp_path, document, suggested)) == []


URL = "https://eu.api.example/v1/things"
CURL = f'curl -X POST -H "X-Custom: $KEY" {URL}/$ID'
PYTHON = f'requests.post(f"{URL}/{{ID}}", headers={{"x-custom": KEY}})'
# Language, a sample that works, and what breaks it: a text, what replaces it, and the reason.
SAMPLE_CASES: list[tuple[str, str, list[tuple[str, str, str]]]] = [
    (
        "cURL",
        CURL,
        [
            ('"X-Custom: $KEY"', "'Accept: a'", "it sends no x-custom"),
            ('"X-Custom: $KEY"', "'X-Custom: $KEY'", "in single quotes, the shell does not fill in $KEY"),
            ("POST", "GET", "it sends GET instead of POST"),
            ("-X POST ", "", "it sends GET instead of POST"),
            ("/things/", "/thing/", "it does not call /things/{id}"),
            ("/$ID", "", "it does not call /things/{id}"),
            ("/$ID", "/$ID/more", "it does not call /things/{id}"),
            ("eu.api.example/v1", "api.other", "it calls https://api.other, which is no"),
            (
                "eu.api.example/v1",
                "eu.api.example",
                "it calls https://eu.api.example, which is no",
            ),
            ("eu.api.example/v1", "api.example.com", "it calls https://api.example.com"),
        ],
    ),
    ("shell", f"# First, set $KEY.\n{CURL}", [('"X-Custom: $KEY"', "'X-Custom: $KEY'", "in single quotes")]),
    ("cURL", CURL.replace("-X POST", "-d a=1"), []),
    ("cURL", CURL.replace("X-Custom: $KEY", "Authorization: Bearer $TOKEN"), []),
    ("cURL", CURL.replace("https://eu.api.example/v1", "$BASE_URL"), []),
    ("cURL", CURL.replace("https://eu.api.example", "${BASE:-https://us.api.example}"), []),
    ("cURL", CURL.replace("$ID", "{id}?a=1"), []),
    ("cURL", CURL + " -d \"don't $A, don't\"", []),
    (
        "Python",
        PYTHON,
        [
            ("/{ID}", "/{{ID}}", "the doubled braces of its f-string send {ID} as it is"),
            (")", "", "it is not Python"),
            (".post", ".get", "it sends GET instead of POST"),
            ("x-custom", "accept", "it sends no x-custom"),
            ("eu.api.example", "localhost", "it calls https://localhost/v1, which"),
        ],
    ),
    ("python", f"  {PYTHON}", []),
    ("Python", PYTHON.replace('headers={"x-custom": KEY}', "auth=token"), []),
    ("cURL", f"# Don't forget $KEY.\n{CURL} -d 'a'", []),
    ("Python", 'f"query {{ viewer {{login}} }}"', []),
    ("Python", "with Client() as client:\n    client.add_thing(id)", []),
    (
        "JavaScript",
        f"fetch(`{URL}/${{id}}`, {{method: 'POST', headers: {{'X-Custom': key}}}})",
        [
            ("`", "'", "outside backticks, JavaScript does not fill in ${id}"),
            ("'POST'", "'PUT'", "it sends PUT instead of POST"),
        ],
    ),
    ("Java", f'add("{URL}/${{id}}", "x-custom")', [("x-custom", "a", "it sends no x-custom")]),
]


@pytest.mark.parametrize(("language", "source"), [case[:2] for case in SAMPLE_CASES])
def test_sample_that_works_is_no_problem(language: str, source: str, tmp_path: Path) -> None:
    assert [str(problem) for problem in linted(tmp_path, sample(source, language)).problems] == []


@pytest.mark.parametrize(
    ("language", "source", "reason"),
    [
        (language, source.replace(old, new), reason)
        for language, source, breaks in SAMPLE_CASES
        for old, new, reason in breaks
    ],
)
def test_sample_that_cannot_work_is_found(language: str, source: str, reason: str, tmp_path: Path) -> None:
    document = sample(source, language)
    (problem,) = linted(tmp_path, document).problems
    assert problem.finding.location == ("paths", "/things/{id}", "post", "x-codeSamples", 0)
    assert f"sample fails: {reason}" in problem.finding.why
    assert found(linted(tmp_path, document, suggest(linted(tmp_path, document)))) == []


def test_suggestion_keeps_the_sample_that_works(tmp_path: Path) -> None:
    document = things(responses=DOCUMENTED, **{"x-codeSamples": SAMPLES}) | SECURED
    corrected = linted(tmp_path, document, suggest(linted(tmp_path, document))).effective
    assert corrected["paths"]["/things"]["get"]["x-codeSamples"][1] == SAMPLES[1]


@pytest.mark.parametrize(
    "name", ["TOKEN", "X-Auth-Token", "x-application-key", "Private-Token", "X-Client-Secret", "apiKey"]
)
def test_header_with_a_credential_is_found(name: str, tmp_path: Path) -> None:
    document = things(parameters=[header(name)], responses=DOCUMENTED, security=[{}])
    assert found(linted(tmp_path, document)) == [PARAMETER]


@pytest.mark.parametrize(
    "name", ["X-CSRF-Token", "Next-Page-Token", "Idempotency-Key", "X-Api-Version", "X-Token-Type"]
)
def test_another_header_is_no_credential(name: str, tmp_path: Path) -> None:
    document = things(parameters=[header(name)], responses=DOCUMENTED, security=[{}])
    assert found(linted(tmp_path, document)) == []


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ("Lists things. Requires a JWT.", [LIST_THINGS]),
        ("Authentication: send your API key.", [LIST_THINGS]),
        ("A bearer token must be sent.", [LIST_THINGS]),
        ("No API key is required.", []),
        ("Authenticates a user, and returns a JWT.", []),
        ("Rotates the API key.", []),
        ("Must be called daily. Bearer bonds only.", []),
    ],
)
def test_description_that_demands_credentials_is_found(text: str, pointers: list[str], tmp_path: Path) -> None:
    assert found(linted(tmp_path, things(description=text))) == pointers


@pytest.mark.parametrize(
    ("scheme", "name", "suggested"),
    [
        ({"type": "http", "scheme": "basic"}, "Authorization", {"bearerAuth2": []}),
        ({"type": "http", "scheme": "Bearer"}, "Authorization", {"bearerAuth": []}),
        ({"type": "apiKey", "in": "header", "name": "x-other"}, "x-api-key", {"apiKeyAuth": []}),
    ],
)
def test_suggestion_requires_the_scheme_of_the_header(
    scheme: dict[str, str], name: str, suggested: dict[str, Any], tmp_path: Path
) -> None:
    declared = {"components": {"securitySchemes": {"bearerAuth": scheme}}}
    public = contract({"/public": {"get": operation("get_public", security=[{}])}})["paths"]
    document = things(parameters=[header(name)], responses=DOCUMENTED) | declared
    document["paths"] = public | document["paths"]
    corrected = linted(tmp_path, document, suggest(linted(tmp_path, document)))
    assert corrected.problems == []
    assert corrected.effective["paths"]["/things"]["get"]["security"] == [suggested]


def test_suggestion_keeps_the_alternatives_of_a_scheme(tmp_path: Path) -> None:
    security: list[dict[str, list[str]]] = [{"key": []}, {}]
    document = things(parameters=[header("x-custom")], responses=DOCUMENTED, security=security) | CUSTOM_KEY
    corrected = linted(tmp_path, document, suggest(linted(tmp_path, document)))
    assert corrected.effective["paths"]["/things"]["get"]["security"] == security


def test_suggestion_is_never_the_requirement_of_a_public_operation(tmp_path: Path) -> None:
    paths = {"/a": operation("a", security=[{}]), "/b": operation("b", responses=DOCUMENTED)}
    document = contract({path: {"get": fields} for path, fields in paths.items()}) | CUSTOM_KEY
    del document["paths"]["/things"]
    corrected = linted(tmp_path, document, suggest(linted(tmp_path, document)))
    assert corrected.effective["paths"]["/b"]["get"]["security"] == [{"key": []}]


@WRONG
def test_actions_of_a_problem_correct_it_alone(document: Any, tmp_path: Path) -> None:
    problems = linted(tmp_path, document).problems
    for problem in problems:
        rest = [each.finding for each in linted(tmp_path, document, overlay(*problem.finding.actions)).problems]
        assert not [finding for finding in rest if finding.location[0] == "actions"]
        assert len(rest) < len(problems) or problem.finding[:2] not in [finding[:2] for finding in rest]


def test_overlay_of_the_project_leaves_no_problem() -> None:
    assert lint(Sources().contract, Sources().overlay).problems == []


@pytest.mark.parametrize(
    "reason",
    [
        "No server is declared",
        "x-api-key is a credential",
        "Authorization is a credential",
        "It takes credentials, but requires none",
        "The example shows description",
        "The same inline model stands in several error responses",
        "so its Python name is made from the status",
        "the cURL sample fails: it sends no x-api-key; in single quotes, the shell does not fill in $JWT_TOKEN",
        "the doubled braces of its f-string send {TEAM_ID} as it is",
        "the JavaScript sample fails: it calls https://example.com",
    ],
)
def test_quirk_of_the_published_contract_is_found(reason: str) -> None:
    assert any(reason in problem.finding.why for problem in lint(Sources().contract, None).problems)


def test_suggestions_for_the_published_contract_leave_no_problem(tmp_path: Path) -> None:
    suggested = write(tmp_path / "over.yaml", suggest(lint(Sources().contract, None)))
    assert lint(Sources().contract, suggested).problems == []


def unnecessary(folder: Path, document: Any, *actions: dict[str, Any], **fields: Any) -> list[str]:
    """The pointers of what lint finds in an overlay with these actions, after one that is needed."""
    needed = {"target": "$.info", "update": {"description": "Corrected."}}
    report = linted(folder, document, overlay(needed, *actions, **fields))
    assert {problem.path.name for problem in report.problems} <= {"over.yaml"}
    return found(report)


@pytest.mark.parametrize(
    "actions",
    [
        [{"target": "$.info.contact", "remove": True}],
        [{"target": "$.info", "update": {"title": "Small"}}],
        [{"target": "$", "update": {"servers": [{"url": "https://api.example"}]}}],
    ],
    ids=["matches nothing", "updates to the same value", "appends what is there"],
)
def test_unnecessary_overlay_action_is_found(actions: list[dict[str, Any]], tmp_path: Path) -> None:
    assert unnecessary(tmp_path, contract(), *actions) == ["#/actions/1"]


def test_action_that_another_one_needs_is_not_unnecessary(tmp_path: Path) -> None:
    actions = {"target": "$.info", "update": {"x-a": {}}}, {"target": "$.info['x-a']", "update": {"b": 1}}
    assert unnecessary(tmp_path, contract(), *actions) == []


def test_reference_to_a_reusable_action_can_be_unnecessary(tmp_path: Path) -> None:
    components = {"actions": {"a": {"fields": {"update": {"title": "Small"}}}}}
    references = [{"$ref": "#/components/actions/a", "target": f"$.{name}"} for name in ("none", "info")]
    actions = references[:1], references
    assert [
        unnecessary(tmp_path, contract(), *chosen, overlay="1.2.0", components=components) for chosen in actions
    ] == [["#/actions/1"], ["#/actions/1", "#/actions/2"]]


def test_invalid_contract_that_the_overlay_corrects_is_linted(tmp_path: Path) -> None:
    invalid = contract(servers=[{"url": 1}])
    assert unnecessary(tmp_path, invalid, {"target": "$.servers[0]", "update": {"url": "https://api.example"}}) == []


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["lint", *arguments])
    out, error = capsys.readouterr()
    return status, out, error


def test_problem_is_printed_with_its_line_and_action(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "small.yaml", yaml_io.render(contract(servers=[])))
    line = path.read_text().splitlines().index("servers: []") + 1
    status, out, _ = run(capsys, "--contract", str(path), "--without-overlay")
    assert (status, out.splitlines()[0].split(": ")[:2]) == (1, [f"{path}:{line}", "#/servers"])
    assert "\n  - target: $\n" in out


def test_line_is_that_of_the_page(tmp_path: Path) -> None:
    """If the contract is a page's document, word for word."""
    text = yaml_io.render(contract(servers=[]))
    (tmp_path / "pages").mkdir()
    page = write(tmp_path / "pages" / "things.md", f"# Things\n\n````yaml get /things\n{text}````\n")
    (problem,) = linted(tmp_path, f"# Source: pages/things.md\n{text}").problems
    assert (problem.path, problem.line) == (page, page.read_text().splitlines().index("servers: []") + 1)
    (problem,) = linted(tmp_path, f"# Source: pages/things.md\n{text}x-changed: true\n").problems
    assert problem.path == tmp_path / "small.yaml"


def test_line_is_that_of_the_page_in_a_merged_contract(tmp_path: Path) -> None:
    targets = Targets(tmp_path / "pages", tmp_path / "small.yaml")
    (tmp_path / "from").mkdir()
    components = {"schemas": {"Shared": TITLED | {"example": {"id": 1}}}}
    for name, fields in {"a": {}, "b": {"parameters": [header("X-Page"), header("Authorization")]}}.items():
        one = {**contract(servers=[]), "paths": {f"/{name}": {"get": operation(name, responses=DOCUMENTED, **fields)}}}
        one |= {"components": components, "security": [{}] if name == "b" else []}
        write(tmp_path / f"from/{name}.md", f"# {name}\n\n````json get /{name}\n{json.dumps(one, indent=2)}\n````\n")
    refresh([str(tmp_path / "from")], targets)
    removal = write(tmp_path / "over.yaml", overlay({"target": "$..parameters[0]", "remove": True}))
    report = lint(targets.contract, removal)
    assert [(problem.path.name, pointer(problem.finding.location)) for problem in report.problems] == [
        ("small.yaml", "#/servers"),
        ("b.md", "#/paths/~1b/get/parameters/0"),
        ("a.md", "#/paths/~1a/get"),
        ("a.md", "#/components/schemas/Shared/example"),
    ]
    lines = [problem.path.read_text().splitlines()[problem.line - 1].strip() for problem in report.problems[1:]]
    assert lines == ["{", '"get": {', '"example": {']
    assert "Authorization" in (tmp_path / "pages" / "b.md").read_text().splitlines()[report.problems[1].line]


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


def test_suggestion_spares_public_operations(tmp_path: Path) -> None:
    document = contract({"/public": {"get": operation("get_public", security=[{}])}}) | SECURED
    corrected = linted(tmp_path, document, suggest(linted(tmp_path, document)))
    assert corrected.problems == []
    assert "401" not in corrected.effective["paths"]["/public"]["get"]["responses"]


def test_suggestion_shares_errors_of_one_shape_only(tmp_path: Path) -> None:
    other = {"type": "object", "properties": {"name": {"type": "integer"}}}
    responses = {"list_errors": answer(OBJECT, "404", "500"), "list_others": answer(other, "404")}
    document = contract({f"/{name}": {"get": operation(name, responses=own)} for name, own in responses.items()})
    paths = linted(tmp_path, document, suggest(linted(tmp_path, document))).effective["paths"]
    shared = {"$ref": "#/components/schemas/Error"}
    assert {name: paths[f"/{name}"]["get"]["responses"] for name in responses} == {
        "list_others": answer(other | {"title": "ListOthersError404"}, "404"),
        "list_errors": answer(shared, "404", "500"),
    }


def test_generate_accepts_the_suggestion_for_a_duplicate_operation_id(tmp_path: Path) -> None:
    document = contract({"/a": {"get": operation("list_things")}})
    report = linted(tmp_path, document)
    sources = Sources(contract=tmp_path / "small.yaml", overlay=write(tmp_path / "over.yaml", suggest(report)))
    effective = read_effective_contract(sources)[1].contract
    assert effective["paths"]["/a"]["get"]["operationId"] == "get_a"


def test_suggest_prints_an_overlay_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "small.yaml", contract(servers=[]))
    status, out, _ = run(capsys, "--contract", str(path), "--without-overlay", "--suggest")
    assert status == 1
    assert found(linted(tmp_path, contract(servers=[]), out)) == []


def test_sample_is_suggested_with_the_corrections(tmp_path: Path) -> None:
    samples = {"x-codeSamples": [{"lang": "cURL", "source": "curl $URL"}]}
    document = things(parameters=[header("x-api-key")], responses=DOCUMENTED, **samples) | {"servers": []}
    (action,) = [each for each in suggest(linted(tmp_path, document))["actions"] if "x-codeSamples" in each["target"]]
    assert action["update"]["source"] == 'curl -X GET "https://api.invalid/things" \\\n  -H "x-api-key: $X_API_KEY"'


@pytest.mark.parametrize(
    "text", ["it's", '"a" \\ %s', "a\nb", "\x85\u2028\x07\t", "\U0001f600", "#: -", "~/[0]", "$..@"]
)
def test_suggestion_can_be_pasted_whatever_the_names(text: str, tmp_path: Path) -> None:
    wrong = {"x-codeSamples": [{"lang": text, "source": "curl /"}], "responses": answer({"enum": [text]}, "200", "404")}
    paths = {
        f"/{text}": {"get": operation(text, **wrong), "put": operation(text, parameters=[header("Token")], **wrong)}
    }
    report = linted(tmp_path, contract(paths))
    assert len(report.problems) >= 9
    suggested = render(suggest(report))
    assert yaml_io.to_plain(yaml_io.parse(suggested, "suggested")) == suggest(report)
    assert found(linted(tmp_path, contract(paths), suggested)) == []


def test_suggestion_can_be_pasted_into_the_overlay(tmp_path: Path) -> None:
    report = linted(tmp_path, contract(servers=[]))
    ours = Sources().overlay.read_text(encoding="utf-8")
    _, _, pasted = render(suggest(report)).partition("actions:\n")
    former = yaml_io.to_plain(yaml_io.parse(ours, "overlay"))["actions"]
    both = yaml_io.to_plain(yaml_io.parse(ours + pasted, "overlay"))["actions"]
    assert both == [*former, *suggest(report)["actions"]]


def test_nothing_found_is_status_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [write(tmp_path / "small.yaml", contract()), write(tmp_path / "over.yaml", overlay())]
    assert run(capsys, "--contract", str(paths[0]), "--overlay", str(paths[1]))[:2] == (0, "Problems: 0\n")


@pytest.mark.parametrize(
    ("document", "actions", "message"),
    [
        ("- a list", overlay(), "small.yaml: not an object"),
        (contract(openapi="2.0"), overlay(), "not an OpenAPI 3.0, 3.1 or 3.2 document"),
        (contract(), {"overlay": "1.1.0"}, "the overlay's info needs"),
        (contract(), {"overlay": "1.1.0", "actions": []}, "the overlay's info needs"),
        (contract(), overlay({"target": "$.info"}, {"target": "$.["}), "over.yaml: overlay action 1"),
        (contract(), overlay({"target": "$", "update": {"tags": [1]}}), "with over.yaml applied"),
    ],
)
def test_invalid_input_is_status_2(
    document: Any, actions: Any, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [write(tmp_path / "small.yaml", document), write(tmp_path / "over.yaml", actions)]
    status, out, error = run(capsys, "--contract", str(paths[0]), "--overlay", str(paths[1]))
    assert (status, out, message in error) == (2, "", True), error
