"""The generate step: the effective contract, what is made of it, and what is refused without a trace."""

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import openapi_python_client
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemBytecodeCache
from markdown_it import MarkdownIt
from openapi_spec_validator import OpenAPIV31SpecValidator
from ruamel.yaml import YAML

from contract import output as step
from contract import overlay, yaml_io
from contract.__main__ import main
from contract.errors import ContractProblem
from contract.operations import METHODS, normal_path, render_operations
from contract.output import ROOT, Sources, check, differences, generate
from contract.validation import validate

# What the pipeline does is tested on the document of a page, which stays what it is when the contract grows.
PAGE = ROOT / "openapi" / "pages" / "cancel-team_id-run_id.md"


def fences(text: str) -> list[str]:
    """The contracts that a documentation page carries: YAML in fences of four backticks."""
    tokens = MarkdownIt().parse(text)
    return [
        token.content
        for token in tokens
        if token.type == "fence" and token.markup == "````" and token.info.split()[:1] == ["yaml"]
    ]


PUBLISHED: Any = yaml_io.to_plain(YAML(typ="safe").load(fences(PAGE.read_text(encoding="utf-8"))[0]))
PATH = "/cancel/{team_id}/{run_id}"
ERROR = {"$ref": "#/components/schemas/Error"}


@pytest.fixture(scope="module", autouse=True)
def _the_page_for_the_contract(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have the sources read as the page, and as the overlay's actions that it matches.

    They are read once, and each template is compiled once: half of the time.
    """
    cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    published = tmp_path_factory.mktemp("page") / "playbook.yaml"
    published.write_text(f"# Source: it\n{fences(PAGE.read_text(encoding='utf-8'))[0]}", encoding="utf-8")
    ours = {path: yaml_io.read(path) for path in (Sources().overlay, Sources().settings)}
    ours[Sources().contract] = yaml_io.read(published)
    tried = deepcopy(ours[Sources().contract])
    actions = ours[Sources().overlay]["actions"]
    actions[:] = [action for action in actions if matches(action, tried)]
    from_file = yaml_io.read

    def read(path: Path) -> Any:
        """Only the contract is changed by what reads it."""
        if path == Sources().contract:
            return deepcopy(ours[path])
        return ours[path] if path in ours else from_file(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openapi_python_client, "Environment", functools.partial(Environment, bytecode_cache=cache))
        patch.setattr(yaml_io, "read", read)
        yield


def matches(action: Any, document: Any) -> bool:
    """Whether an action of the overlay finds something in the document; it is then applied."""
    try:
        overlay.apply({"overlay": "1.1.0", "info": {"title": "", "version": ""}, "actions": [action]}, document)
    except ContractProblem:
        return False
    return True


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the repository's own sources give; read only."""
    output = tmp_path_factory.mktemp("made") / "generated"
    assert generate(Sources(), output) is True
    return output


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def changed(document: Any, *edits: tuple[tuple[Any, ...], Any]) -> Any:
    """A copy of a document with a value set at each path."""
    copy = deepcopy(document)
    for path, value in edits:
        holder = copy
        for part in path[:-1]:
            holder = holder[part]
        holder[path[-1]] = value
    return copy


def write(path: Path, document: Any) -> Path:
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


# Of the overlay's actions few match a small contract.
LENIENT = functools.partial(overlay.apply, strict=False)


@pytest.fixture
def _lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlay, "apply", LENIENT)


# The effective contract.


def effective(document: Any) -> Any:
    """What the real overlay makes of a contract in which not all of its actions need match."""
    validate("published", document)
    contract = deepcopy(document)
    LENIENT(yaml_io.read(Sources().overlay), contract)
    contract = yaml_io.to_plain(contract)
    validate("effective", contract)
    return contract


EFFECTIVE = effective(PUBLISHED)


def small(parameters: list[dict[str, Any]], responses: dict[str, Any] | None = None) -> Any:
    """A published contract with one operation, GET /things."""
    operation = {
        "operationId": "list_things",
        "parameters": parameters,
        "responses": responses or {"204": {"description": "Nothing."}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Small", "version": "1"},
        "servers": [],
        "security": [],
        "paths": {"/things": {"get": operation}},
    }


def header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}


QUERY = {"name": "x-api-key", "in": "query", "schema": {"type": "string"}}


@pytest.mark.parametrize(
    ("names", "security"),
    [
        (["Authorization"], [{"bearerAuth": []}]),
        (["x-api-key"], [{"apiKeyAuth": []}]),
        (["Authorization", "x-api-key"], [{"bearerAuth": [], "apiKeyAuth": []}]),
        (["x-api-key", "Authorization"], [{"bearerAuth": [], "apiKeyAuth": []}]),
    ],
)
def test_the_credentials_of_a_future_operation_become_its_security(names: list[str], security: Any) -> None:
    parameters = [header("X-Before"), *map(header, names), QUERY, header("X-After")]
    document = small(parameters)
    document["paths"][PATH] = PUBLISHED["paths"][PATH]
    contract = effective(document)
    assert contract["paths"]["/things"]["get"]["security"] == security
    assert contract["paths"]["/things"]["get"]["parameters"] == [header("X-Before"), QUERY, header("X-After")]
    assert contract["paths"][PATH]["post"]["security"] == [{"bearerAuth": [], "apiKeyAuth": []}]


def test_an_operation_without_credentials_asks_for_none() -> None:
    contract = effective(small([QUERY]))
    assert "security" not in contract["paths"]["/things"]["get"]
    assert contract["paths"]["/things"]["get"]["parameters"] == [QUERY]
    assert "security=()" in tabled(contract)


def tabled(contract: Any) -> str:
    """The table of a contract's operations; tags and names are of no interest here."""
    names = {
        (method, normal_path(path)): ("tag", "name")
        for path, item in contract.get("paths", {}).items()
        for method in METHODS
        if method in item
    }
    source = render_operations(contract, names)
    return source[source.index("\nSCHEMES") :]


LEFT = "is a credential, yet still a parameter: let an overlay action turn it into a security requirement."


@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION", "X-API-Key", "X-Api-Key"])
def test_a_credential_in_other_letters_is_refused_where_it_stands(name: str) -> None:
    contract = effective(small([QUERY, header(name)]))
    with pytest.raises(ContractProblem) as refusal:
        tabled(contract)
    assert str(refusal.value) == f"#/paths/~1things/get/parameters/1: {name} {LEFT}"


@pytest.mark.parametrize("name", ["Authorization", "x-api-key"])
def test_a_credential_behind_a_reference_is_refused_where_it_is_referred_to(name: str) -> None:
    document = small([{"$ref": "#/components/parameters/One"}])
    document["components"] = {"parameters": {"One": {"$ref": "#/components/parameters/T%2Dwo"}, "T-wo": header(name)}}
    contract = effective(document)
    with pytest.raises(ContractProblem) as refusal:
        tabled(contract)
    assert str(refusal.value) == f"#/paths/~1things/get/parameters/0: {name} {LEFT}"


@pytest.mark.parametrize("referred", [False, True])
def test_a_credential_of_a_whole_path_is_refused_where_it_stands(referred: bool) -> None:
    document = small([])
    document["components"] = {"parameters": {"Key": header("x-api-key")}}
    parameter = {"$ref": "#/components/parameters/Key"} if referred else header("x-api-key")
    document["paths"]["/things"]["parameters"] = [QUERY, parameter]
    contract = effective(document)
    with pytest.raises(ContractProblem) as refusal:
        tabled(contract)
    assert str(refusal.value) == f"#/paths/~1things/parameters/1: x-api-key {LEFT}"


def inline_error(words: str) -> dict[str, Any]:
    """An error as the page writes it: one property declared, another shown."""
    return {
        "type": "object",
        "properties": {"result": {"type": "string", "description": words}},
        "example": {"description": words},
    }


def answer(schema: Any) -> dict[str, Any]:
    return {"description": "An error.", "content": {"application/json": {"schema": schema}}}


@pytest.mark.parametrize("status", ["400", "401", "402", "403", "404", "409", "429", "500", "5XX", "default"])
def test_an_inline_error_of_any_operation_becomes_the_shared_one(status: str) -> None:
    document = small([], {"204": {"description": "Nothing."}, status: answer(inline_error("Words."))})
    media = effective(document)["paths"]["/things"]["get"]["responses"][status]["content"]["application/json"]
    assert media["schema"] == ERROR
    assert set(media) <= {"schema", "example"}
    assert set(media.get("example", {"result": ""})) == {"result"}


def test_a_success_is_not_taken_for_an_error() -> None:
    schema = {
        "type": "object",
        "properties": {"result": {"type": "string"}, "description": {"type": "string"}},
        "example": {"result": "a.png", "description": "A picture."},
    }
    document = small([], {"200": answer(schema)})
    assert effective(document)["paths"]["/things"]["get"]["responses"]["200"] == answer(schema)


def test_inline_errors_among_the_components_become_the_shared_one() -> None:
    document = small([], {"204": {"description": "Nothing."}, "409": {"$ref": "#/components/responses/Busy"}})
    document["components"] = {
        "responses": {"Busy": answer(inline_error("Busy."))},
        "schemas": {"Problem": inline_error("Words."), "Other": {"type": "object", "properties": {"result": {}}}},
    }
    components = effective(document)["components"]
    assert components["responses"]["Busy"] == answer(ERROR)
    assert components["schemas"]["Problem"] == ERROR
    assert components["schemas"]["Other"] == {"type": "object", "properties": {"result": {}}}
    assert components["schemas"]["Error"]["properties"]["result"]["type"] == "string"


def test_the_effective_contract_says_what_the_published_one_leaves_unsaid() -> None:
    operation = EFFECTIVE["paths"][PATH]["post"]
    schemes = EFFECTIVE["components"]["securitySchemes"]
    assert EFFECTIVE["servers"] == [{"url": "https://api.playbook3d.com"}]
    assert {key: schemes["bearerAuth"][key] for key in ("type", "scheme", "bearerFormat")} == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
    }
    assert {key: schemes["apiKeyAuth"][key] for key in ("type", "in", "name")} == {
        "type": "apiKey",
        "in": "header",
        "name": "x-api-key",
    }
    assert operation["security"] == [{"bearerAuth": [], "apiKeyAuth": []}]
    assert [parameter["name"] for parameter in operation["parameters"]] == ["team_id", "run_id"]
    assert operation["x-idempotent"] is True
    assert operation["responses"]["200"]["content"]["application/json"]["schema"]["title"] == "CancelRunResult"
    assert [sample["lang"] for sample in operation["x-codeSamples"]] == ["cURL", "Python"]
    errors = {status: answer for status, answer in operation["responses"].items() if status != "200"}
    assert list(errors) == ["400", "401", "402", "403", "404", "500"]
    for error in errors.values():
        media = error["content"]["application/json"]
        assert media["schema"] == ERROR
        assert list(media["example"]) == ["result"]
        assert media["example"]["result"].startswith(error["description"].split(".")[0])


def test_the_effective_contract_is_valid_and_has_the_order_of_the_published_one() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(EFFECTIVE).iter_errors()] == []
    assert list(EFFECTIVE) == [*PUBLISHED, "components"]
    operation = EFFECTIVE["paths"][PATH]["post"]
    assert list(operation) == [*PUBLISHED["paths"][PATH]["post"], "security", "x-idempotent"]


def test_the_overlay_is_short_and_gives_its_reasons() -> None:
    text = Sources().overlay.read_text(encoding="utf-8")
    actions = yaml_io.to_plain(yaml_io.read(Sources().overlay))["actions"]
    assert len(text.splitlines()) < 100
    assert [action["target"] for action in actions if len(action.get("description", "")) < 10] == []


def test_an_action_that_no_longer_matches_stops_the_step() -> None:
    with pytest.raises(ContractProblem, match="matches nothing: the contract has no"):
        overlay.apply(yaml_io.read(Sources().overlay), small([]))


# What is made of it.


def test_an_output_that_has_just_been_made_passes_the_check(made: Path) -> None:
    assert check(Sources(), made) == []


def test_the_output_has_the_parts_that_the_client_needs(made: Path) -> None:
    names = files(made)
    package = {name.removeprefix("playbook3d_api/") for name in names if name.startswith("playbook3d_api/")}
    assert {"_operations.py", "py.typed", "client.py", "models/cancel_run_result.py", "models/error.py"} <= package
    assert len([name for name in package if name.startswith("models/") and "__init__" not in name]) == 2
    assert set(names) - {f"playbook3d_api/{name}" for name in package} == {"README.md", "openapi.yaml"}
    namespace: dict[str, Any] = {"__package__": "playbook3d_api"}
    exec(names["playbook3d_api/_operations.py"], namespace)  # noqa: S102 (what the step has just written)
    token, key = ("token", "Authorization", "Bearer "), ("api_key", "x-api-key", "")
    assert {name: tuple(scheme) for name, scheme in namespace["SCHEMES"].items()} == {
        "bearerAuth": token,
        "apiKeyAuth": key,
    }
    operation = (
        "cancel_run", "workflows", "POST", PATH, ((token, key),), ("https://api.playbook3d.com",),
        ((200, 200, ("object",), ()),), True, False,
    )  # fmt: skip
    assert namespace["CONTRACT"] == ((operation,), (token, key), "https://api.playbook3d.com", "playbook3d_api.api")


def test_each_file_begins_by_saying_that_it_is_generated(made: Path) -> None:
    first = {name: text.split(b"\n", 1)[0].decode() for name, text in files(made).items() if text}
    assert {name for name, line in first.items() if not any(word in line for word in ("enerated", "edit"))} == set()
    assert {line for name, line in first.items() if name.endswith(".py")} == {
        "# Generated by openapi-python-client from the effective contract, openapi.yaml: not to be edited.",
        "# A copy that `make generate` made of runtime.py: edit it there.",
    }


NUMBERS = {"type": "integer"}
SCHEMAS: list[tuple[Any, tuple[str, ...], tuple[str, ...]]] = [
    ({"type": "object"}, ("object",), ()),
    ({"type": ["object", "null"]}, ("null", "object"), ()),
    ({"type": ["object", "null"], "properties": {"a": {}}}, ("null", "object"), ()),
    ({"properties": {"a": {}}}, ("object",), ()),
    ({"type": "array", "items": NUMBERS}, ("array",), ("number",)),
    ({"type": "array", "items": {}}, ("array",), ()),
    ({"type": "array"}, ("array",), ()),
    ({"type": ["array", "null"], "items": NUMBERS}, ("array", "null"), ()),
    ({"anyOf": [NUMBERS, {"type": "string"}]}, ("number", "string"), ()),
    ({"allOf": [{"type": ["object", "null"]}, {"type": "object"}]}, ("object",), ()),
    ({"oneOf": [{"$ref": "#/components/schemas/Other"}, {"type": "null"}]}, ("boolean", "null"), ()),
    ({"enum": ["a", 1, None]}, ("null", "number", "string"), ()),
    ({"const": True}, ("boolean",), ()),
    ({"$ref": "#/components/schemas/Other"}, ("boolean",), ()),
    ({"anyOf": [{"$ref": "#/components/schemas/Self"}, {"type": "null"}]}, (), ()),
    ({}, (), ()),
    (True, (), ()),
]


@pytest.mark.parametrize(("schema", "kinds", "items"), SCHEMAS)
def test_the_table_says_what_kind_of_value_a_success_holds(schema: Any, kinds: Any, items: Any) -> None:
    document = small([], {"200": {"description": "", "content": {"application/json": {"schema": schema}}}})
    itself = {"anyOf": [{"$ref": "#/components/schemas/Self"}]}
    document["components"] = {"schemas": {"Other": {"type": "boolean"}, "Self": itself}}
    success = f"SuccessResponse(low=200, high=200, json_types={kinds!r}, item_types={items!r})"
    assert f"success=({success},)" in tabled(effective(document))


@pytest.mark.parametrize(
    ("responses", "ranges"),
    [
        ({"204": {}}, [(204, 204)]),
        ({"2XX": {}, "201": {}}, [(201, 201), (200, 299)]),
        ({"default": {}, "404": {}}, [(200, 299)]),
        ({"404": {}}, []),
    ],
)
def test_the_table_lists_single_statuses_before_ranges(responses: Any, ranges: list[tuple[int, int]]) -> None:
    document = small([], {status: {"description": ""} for status in responses})
    rows = "".join(f"SuccessResponse(low={low}, high={high}, json_types=(), item_types=()), " for low, high in ranges)
    success = f"({rows.removesuffix(' ') if len(ranges) == 1 else rows.removesuffix(', ')})"
    assert f"success={success}" in tabled(effective(document))


def test_a_body_that_is_not_json_is_of_no_kind() -> None:
    schema = {"schema": {"type": "string", "format": "binary"}}
    for content in ({"image/png": schema}, {"application/json": schema, "text/plain": schema}, {}):
        document = small([], {"200": {"description": "", "content": content}})
        assert "json_types=(), item_types=()" in tabled(effective(document))


def test_one_file_records_what_changes_with_the_contract(made: Path) -> None:
    digest = subprocess.run(["sha256sum", Sources().contract], capture_output=True, text=True, check=True).stdout[:64]
    version = openapi_python_client.__version__
    record = ["openapi-python-client " + version, f"version {PUBLISHED['info']['version']}, SHA-256 {digest}"]
    names = {text: [name for name, content in files(made).items() if text in content.decode()] for text in record}
    assert names == {text: ["openapi.yaml"] for text in record}


GUARDED = """\
import runpy, sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto"):
        raise RuntimeError(f"{event}: the generate step uses the network")
sys.addaudithook(refuse)
if sys.argv[1:] == ["connect"]:
    import socket
    socket.create_connection(("127.0.0.1", 9))
sys.argv[0] = "contract"
runpy.run_module("contract", run_name="__main__", alter_sys=True)
"""


def test_the_output_is_the_same_wherever_and_however_it_is_made(tmp_path: Path, made: Path) -> None:
    output = tmp_path / "elsewhere" / "generated"
    environment = {"PATH": "", "PYTHONHASHSEED": "4711", "HOME": str(tmp_path), "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, "generate", "--output", str(output)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert differences(ROOT / "generated", output) == []


def test_the_guard_against_the_network_holds() -> None:
    command = [sys.executable, "-c", GUARDED, "connect"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "the generate step uses the network" in done.stderr


def test_an_output_that_is_up_to_date_is_not_touched(tmp_path: Path, made: Path, capsys: Any) -> None:
    output = tmp_path / "generated"
    shutil.copytree(made, output)
    before = {path: path.stat().st_mtime_ns for path in (output, *output.rglob("*"))} | {output: output.stat().st_ino}
    assert main(["generate", "--output", str(output)]) == 0
    assert capsys.readouterr().out == f"{output}: up to date\n"
    assert {path: path.stat().st_mtime_ns for path in (output, *output.rglob("*"))} | {
        output: output.stat().st_ino
    } == before


def test_a_file_left_over_and_a_file_edited_are_put_right(tmp_path: Path, made: Path) -> None:
    output = tmp_path / "generated"
    shutil.copytree(made, output)
    (output / "playbook3d_api" / "old.py").touch()
    (output / "openapi.yaml").unlink()
    assert generate(Sources(), output) is True
    assert files(output) == files(made)
    assert list(tmp_path.iterdir()) == [output]


def texts(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each text for people in the published contract that the overlay leaves in place."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        if key in ("description", "summary", "title") and isinstance(child, str):
            yield (*path, key)
        yield from texts(child, (*path, key))


# The error responses are of one shape, and so are the parameters: one of each stands for all.
ALIKE = {"401", "402", "403", "404", "500"}
TEXTS = [path for path in texts(PUBLISHED) if not (ALIKE | {1, 2}) & set(path)]


def unformatted(folder: Path, published: Any) -> dict[str, bytes]:
    """What a contract gives without the last step, which takes a fifth of the time."""
    responses = published["paths"][PATH]["post"]["responses"]
    fewer = {status: answer for status, answer in responses.items() if status not in ALIKE}
    document = changed(published, (("paths", PATH, "post", "responses"), fewer))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step, "_format", lambda _: None)
        patch.setattr(overlay, "apply", LENIENT)
        generate(Sources(contract=write(folder / "playbook.yaml", document)), folder / "generated")
    return files(folder / "generated")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the contract as it is."""
    return unformatted(tmp_path_factory.mktemp("before"), PUBLISHED)


@pytest.mark.parametrize("path", [pytest.param(path, id="/".join(map(str, path))) for path in TEXTS])
def test_a_corrected_typo_touches_at_most_three_files(
    path: tuple[Any, ...], tmp_path: Path, before: dict[str, bytes]
) -> None:
    old = functools.reduce(lambda node, part: node[part], path, PUBLISHED)
    after = unformatted(tmp_path, changed(PUBLISHED, (path, old.replace("e", "ee", 1))))
    touched = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert "openapi.yaml" in touched
    assert len(touched) <= 3, touched


def test_check_names_each_file_that_is_not_right(tmp_path: Path, made: Path, capsys: Any) -> None:
    output = tmp_path / "generated"
    shutil.copytree(made, output)
    edited, missing, extra = (output / "playbook3d_api" / name for name in ("models/error.py", "py.typed", "mine.py"))
    edited.write_bytes(edited.read_bytes()[:-1] + b" ")
    missing.unlink()
    extra.touch()
    before = files(output)
    assert main(["generate", "--check", "--output", str(output)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        f"{path}: not what the contract and the overrides give: run `make generate`."
        for path in sorted((edited, missing, extra))
    ]
    assert files(output) == before


def test_check_of_a_missing_folder_names_every_file(tmp_path: Path, made: Path) -> None:
    assert check(Sources(), tmp_path / "nothing") == sorted(files(made))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("failing", [1, 2])
@pytest.mark.parametrize("failure", [PermissionError(13, "Permission denied", "x"), KeyboardInterrupt()])
def test_a_swap_that_fails_half_way_leaves_the_old_output(
    failure: BaseException, failing: int, early: bool, tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What comes before the swap is the same each time.
    monkeypatch.setattr(step, "_effective", lambda *_: None)
    monkeypatch.setattr(step, "_client", lambda _, __, target: shutil.copytree(made / "playbook3d_api", target))
    output = tmp_path / "generated"
    output.mkdir()
    (output / "README.md").write_text("old")
    rename, calls = os.rename, list[int]()

    def flawed(source: Any, target: Any) -> None:
        calls.append(1)
        if len(calls) == failing and early:
            raise failure
        rename(source, target)
        if len(calls) == failing:  # an interrupt comes when it likes
            raise failure

    monkeypatch.setattr(os, "rename", flawed)
    with pytest.raises(type(failure)):
        generate(Sources(), output)
    whole = files(output)
    assert whole == {"README.md": b"old"} if early or failing == 1 else len(whole) > 10
    assert [path.name for path in tmp_path.iterdir()] == ["generated"]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("folder", "holds thesis.txt, which `make generate` did not write, and which would be lost"),
        ("file", "not a folder"),
        ("link", "not a folder"),
    ],
)
def test_nothing_but_an_earlier_output_is_ever_replaced(place: str, said: str, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder" / "thesis.txt", "x")
    write(tmp_path / "file", "x")
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    assert main(["generate", "--output", str(tmp_path / place)]) == 2
    assert capsys.readouterr().err.startswith(f"python -m contract: {tmp_path / place}: {said}")
    assert files(tmp_path) == {"file": b"x", "folder/thesis.txt": b"x"}


@pytest.mark.parametrize("how", ["executable", "link", "dangling link"])
def test_check_sees_more_than_bytes(how: str, tmp_path: Path, made: Path) -> None:
    output = tmp_path / "generated"
    shutil.copytree(made, output)
    changed_file = output / "README.md"
    if how == "executable":
        changed_file.chmod(0o755)
    elif how == "link":
        changed_file.rename(tmp_path / "README.md")
        changed_file.symlink_to(tmp_path / "README.md")
    else:
        changed_file = output / "nowhere"
        changed_file.symlink_to(tmp_path / "nothing")
    assert differences(made, output) == [changed_file.name]


def test_an_interrupt_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def interrupted(_: Path) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(yaml_io, "read", interrupted)
    assert main(["generate", "--output", str(tmp_path / "generated")]) == 130
    assert capsys.readouterr().err == "python -m contract: interrupted: the output is whole, the old or the new one.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_with_the_name_of_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def full(_: Path) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(yaml_io, "read", full)
    output = tmp_path / "generated"
    assert main(["generate", "--output", str(output)]) == 2
    told = capsys.readouterr().err
    assert told == f"python -m contract: {output}: No space left on device. Nothing was changed.\n"


# What is refused.


SMALL = changed(small([]), (("paths", "/things", "get", "tags"), ["workflows"]))


def second(**changes: Any) -> Any:
    """The small contract with an operation of the same tag, without a body, at another path."""
    operation = {
        "operationId": "list_runs",
        "tags": ["workflows"],
        "responses": {"204": {"description": "Nothing."}},
        **changes,
    }
    return changed(SMALL, (("paths", "/runs"), {"get": operation}))


def run_by(name: str) -> Any:
    """A path item with one operation, and a path parameter of that name."""
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}]
    return {"get": {"operationId": name, "parameters": parameters, "responses": {"204": {"description": ""}}}}


UNRESOLVED = {
    "200": {"description": "x", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/No"}}}}
}
# What is wrong is wrong in the smallest of contracts too, which is read in no time.
BAD_CONTRACTS: dict[str, tuple[Any, str]] = {
    "broken YAML": ("openapi: 3.1.0\ninfo: [\n", "line 3, column 1: not YAML: "),
    "tab": ("openapi: 3.1.0\n\tinfo: x\n", "line 2, column 1: not YAML: "),
    "empty": ("", "not an object, but NoneType"),
    "a list": ("- 1\n", "not an object, but CommentedSeq"),
    "not OpenAPI": ({"hello": 1}, "not an OpenAPI 3.1 document (openapi: None)"),
    "Swagger 2": ({"swagger": "2.0", "info": {}}, "not an OpenAPI 3.1 document (swagger 2.0)"),
    "OpenAPI 3.0": ({**SMALL, "openapi": "3.0.3"}, "not an OpenAPI 3.1 document (openapi: '3.0.3')"),
    "a version that is a number": ({**SMALL, "openapi": 3.1}, "not an OpenAPI 3.1 document (openapi: 3.1)"),
    "no info": ({"openapi": "3.1.0", "paths": {}}, "#: "),
    "a path without a slash": (changed(SMALL, (("paths", "x"), {})), "#/paths: "),
    "two errors": (changed(SMALL, (("info", "title"), 5), (("tags",), 5)), "#/info/title: "),
    "a path parameter that is not in the path": (changed(SMALL, (("paths", "/x"), run_by("team_id"))), "team_id"),
    "an external reference": (
        second(responses={"200": {"$ref": "https://example.com/r.yaml#/A"}}),
        "#/paths/~1runs/get/responses/200/$ref refers to https://example.com/r.yaml#/A, outside the document",
    ),
    "a relative reference": (
        second(responses={"200": {"$ref": "other.yaml"}}),
        "refers to other.yaml, outside the document",
    ),
    "an unresolvable reference": (
        second(responses=UNRESOLVED),
        "application~1json/schema/$ref refers to #/components/schemas/No, where there is nothing",
    ),
    "references in a circle": (
        changed(
            SMALL,
            (
                ("components",),
                {"schemas": {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}},
            ),
        ),
        "#/components/schemas/A/$ref refers to #/components/schemas/B, where there is nothing",
    ),
    "a reference that is no string": (
        changed(SMALL, (("components",), {"schemas": {"A": {"$ref": 5}}})),
        "#/components/schemas/A/$ref: a reference is a string, not 5",
    ),
    "a reference to another kind of thing": (
        second(parameters=[{"$ref": "#/info"}]),
        "what a reference leads to, is malformed",
    ),
    "a schema of an unknown type": (
        changed(SMALL, (("components",), {"schemas": {"A": {"type": "text"}}})),
        "not a valid OpenAPI 3.1 document",
    ),
    "a schema inside of itself": (
        changed(SMALL, (("components",), {"schemas": {"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}}})),
        "not a valid OpenAPI 3.1 document",
    ),
    "a duplicate operationId": (second(operationId="list_things"), "list_things"),
    "a reference to a path item": (
        changed(
            SMALL,
            (("paths", "/x"), {"$ref": "#/components/pathItems/X"}),
            (("components",), {"pathItems": {"X": {}}}),
        ),
        "#/paths/~1x/$ref: the generator does not follow",
    ),
    "a name that is taken": (
        second(operationId="listThings"),
        "GET /runs: another operation with the tag workflows is called list_things too",
    ),
    "tags whose classes are of one name": (
        second(tags=["async workflows"]),
        "the tag workflows and the tag async_workflows would both have a class AsyncWorkflowsApi: rename one",
    ),
    "a model of the name of a class beside the operations": (
        changed(SMALL, (("components",), {"schemas": {"Operations": {"type": "object"}}})),
        "a model cannot be called Operations: give its schema another title",
    ),
    "a model of the name of a tag's class": (
        changed(SMALL, (("components",), {"schemas": {"WorkflowsApi": {"type": "object"}}})),
        "a model WorkflowsApi and the tag workflows would both have a class WorkflowsApi: rename one",
    ),
    "a path that is taken": (
        changed(SMALL, (("paths", "/runs/{a}"), run_by("a")), (("paths", "/runs/{b}"), run_by("b"))),
        "#/paths/~1runs~1{b}/get: differs from /runs/{a} in the names of its parameters only",
    ),
    "an unsupported security scheme": (
        changed(SMALL, (("components",), {"securitySchemes": {"basic": {"type": "http", "scheme": "basic"}}})),
        "#/components/securitySchemes/basic: the client knows HTTP bearer tokens and API keys in a header, not http",
    ),
    "an API key in the query": (
        changed(SMALL, (("components",), {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "k"}}})),
        "#/components/securitySchemes/key: the client knows",
    ),
    "a requirement of an unknown scheme": (
        second(security=[{"oauth": []}]),
        "#/paths/~1runs/get/security/0/oauth: no security scheme of that name",
    ),
    "a credential left over": (
        second(parameters=[header("authorization")]),
        "#/paths/~1runs/get/parameters/0: authorization is a credential",
    ),
    "a server without a host": (
        second(servers=[{"url": "/v1"}]),
        "#/paths/~1runs/get: its server '/v1' is not an absolute http or https URL",
    ),
    "a server that is no URL": (
        second(servers=[{"url": "http://[::1"}]),
        "its server 'http://[::1' is not an absolute",
    ),
    "a server variable without a value": (
        second(servers=[{"url": "https://{host}/"}]),
        "its server 'https://{host}/' is not an absolute",
    ),
    "a type that the generator cannot read": (
        second(
            requestBody={
                "content": {
                    "a/b/c": {"schema": {"type": "string"}},
                    "application/json": {"schema": {"type": "object", "properties": {"a": {"enum": [1, "a"]}}}},
                }
            }
        ),
        "openapi-python-client cannot make all of the client",
    ),
    "a text that YAML cannot carry": (changed(SMALL, (("info", "title"), "a\u0085b")), "cannot be written as YAML"),
    "an alias of what it stands in": (
        "openapi: 3.1.0\ninfo: &i\n  x: *i\n",
        "line 2, column 7: an alias stands inside of what it stands for",
    ),
}


@pytest.mark.usefixtures("_lenient")
@pytest.mark.parametrize("name", BAD_CONTRACTS)
def test_a_contract_that_is_wrong_is_refused_and_nothing_is_written(name: str, tmp_path: Path, capsys: Any) -> None:
    document, said = BAD_CONTRACTS[name]
    contract = write(tmp_path / "dropped.yaml", document)
    told = refused(tmp_path, capsys, "--contract", str(contract))
    assert told.startswith(f"python -m contract: {contract}")
    assert said in told


def refused(tmp_path: Path, capsys: Any, *options: str) -> str:
    """What a failing generate says on standard error; it leaves every byte of the folder as it was."""
    output = tmp_path / "generated"
    output.mkdir()
    (output / "openapi.yaml").write_text("old")
    before = files(tmp_path)
    assert main(["generate", "--output", str(output), *options]) == 2
    told = capsys.readouterr()
    assert files(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({name.split("/")[0] for name in before})
    assert told.out == ""
    assert "Traceback" not in told.err
    assert " object at 0x" not in told.err
    return str(told.err)


def test_every_error_of_a_contract_is_told_at_once(tmp_path: Path, capsys: Any) -> None:
    contract = write(tmp_path / "dropped.yaml", BAD_CONTRACTS["two errors"][0])
    assert refused(tmp_path, capsys, "--contract", str(contract)).splitlines()[1:] == [
        '  #/info/title: 5 is not of type "string"',
        '  #/tags: 5 is not of type "array"',
    ]


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--overlay", "overlay: 1.1.0\n", "the overlay's info needs a title and a version"),
        (
            "--overlay",
            "overlay: 1.1.0\ninfo: {title: T, version: '1'}\nactions: [{target: $.gone, description: Old.}]\n",
            "overlay action 0 (Old.) matches nothing: the contract has no $.gone.",
        ),
        (
            "--overlay",
            "overlay: 1.1.0\ninfo: {title: T, version: '1'}\nactions: [{target: $.info, update: 5}]\n",
            "overlay action 0: $['info'] is one of objects",
        ),
        ("--overlay", "a: b: c\n", "line 1, column 5: not YAML: mapping values are not allowed here."),
        ("--settings", "project_name: x\n", "unknown: project_name."),
        ("--settings", "http_timeout: soon\n", "http_timeout: Input should be a valid integer"),
        ("--settings", "content_type_overrides: [a]\n", "content_type_overrides: Input should be a valid dictionary"),
        ("--settings", "- x\n", "not an object, but CommentedSeq."),
    ],
)
def test_an_override_that_is_wrong_is_refused_with_its_file(
    option: str, text: str, said: str, tmp_path: Path, capsys: Any
) -> None:
    path = write(tmp_path / "override.yaml", text)
    told = refused(tmp_path, capsys, option, str(path))
    assert told.startswith(f"python -m contract: {path}")
    assert said in told


def test_an_overlay_that_breaks_the_contract_is_refused_with_both_files(tmp_path: Path, capsys: Any) -> None:
    action = {"target": "$.info.title", "remove": True}
    broken = {"overlay": "1.1.0", "info": {"title": "T", "version": "1"}, "actions": [action]}
    told = refused(tmp_path, capsys, "--overlay", str(write(tmp_path / "over.yaml", broken)))
    assert told.startswith(f"python -m contract: {Sources().contract} with over.yaml applied: not a valid OpenAPI 3.1")
    assert "#/info: 'title' is a required property" in told or '#/info: "title" is a required property' in told


@pytest.mark.parametrize("option", ["--contract", "--overlay", "--settings", "--templates"])
def test_a_missing_input_is_named(option: str, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "missing"
    reason = "not a folder of templates" if option == "--templates" else "No such file or directory"
    assert refused(tmp_path, capsys, option, str(path)) == f"python -m contract: {path}: {reason}.\n"


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path, capsys: Any) -> None:
    (folder := tmp_path / "folder").mkdir()
    (folder / "keep").touch()
    assert refused(tmp_path, capsys, "--contract", str(folder)) == f"python -m contract: {folder}: Is a directory.\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [("{% if %}", "api_init.py.jinja, line 1: "), ("\n{{ nothing.at.all }}", "'nothing' is undefined")],
)
def test_a_template_that_is_wrong_is_refused_with_its_folder(text: str, said: str, tmp_path: Path, capsys: Any) -> None:
    (templates := tmp_path / "templates").mkdir()
    (templates / "api_init.py.jinja").write_text(text)
    told = refused(tmp_path, capsys, "--templates", str(templates))
    assert told.startswith(f"python -m contract: {templates}: {said}")


@pytest.mark.parametrize("place", ["file/generated", "file/deeper/generated"])
def test_a_folder_that_cannot_be_written_is_named(place: str, tmp_path: Path, capsys: Any) -> None:
    write(tmp_path / "file", "x")
    assert main(["generate", "--output", str(tmp_path / place)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"python -m contract: {tmp_path / 'file'}")
    assert told.err.count("\n") == 1
    assert files(tmp_path) == {"file": b"x"}


@pytest.mark.parametrize("arguments", [["generate", "--fast"], ["generate", "extra"], ["make"], []])
def test_an_unknown_option_is_refused(arguments: list[str], capsys: Any) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    told = capsys.readouterr()
    assert end.value.code == 2
    assert told.out == ""
    assert told.err.startswith("usage: python -m contract")


# YAML, where it differs from JSON.


def loaded(tmp_path: Path, text: str | bytes) -> Any:
    path = tmp_path / "document.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return yaml_io.to_plain(yaml_io.read(path))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x {n: 1}\nb: *x\n", {"a": {"n": 1}, "b": {"n": 1}}),
        ("a: &x true\nb: *x\n", {"a": True, "b": True}),
        ("200: a\n2XX: b\n", {"200": "a", "2XX": "b"}),
        ("true: a\nnull: b\n1.0: c\n", {"true": "a", "null": "b", "1.0": "c"}),
        (
            "a: 2024-01-02\nb: 2024-01-02T03:04:05Z\n2024-01-02: c\n",
            {"a": "2024-01-02", "b": "2024-01-02T03:04:05Z", "2024-01-02": "c"},
        ),
        ("a: yes\nb: off\nc: =\n", {"a": "yes", "b": "off", "c": "="}),
        ("\ufeffa: 1\n", {"a": 1}),
        ('{\n\t"a": [1.5, "\\ud83d\\ude00", null]\n}', {"a": [1.5, "😀", None]}),
        ("'<<': {a: 1}\n", {"<<": {"a": 1}}),
    ],
)
def test_yaml_is_read_as_the_json_that_it_means(text: str, value: Any, tmp_path: Path) -> None:
    read = loaded(tmp_path, text)
    assert json.dumps(read) == json.dumps(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x {n: 1}\nb:\n  <<: *x\n", "line 3, column 3: a merge key (<<), which YAML 1.2 does not know."),
        ("a: 1\na: 2\n", "line 2, column 1: not YAML: found duplicate key"),
        ("200: 1\n'200': 2\n", "line 2, column 1: not YAML: found duplicate key"),
        ("a: *x\n", "line 1, column 4: not YAML: found undefined alias"),
        ("a: 1\n---\nb: 1\n", "line 2, column 1: not YAML: but found another document."),
        ("a: !!binary aGk=\n", "line 1, column 4: the tag tag:yaml.org,2002:binary says nothing that JSON could hold."),
        ("a: !mine 1\n", "line 1, column 4: the tag !mine says nothing that JSON could hold."),
        ("a: !!int x\n", "line 1, column 4: 'x' is not a value of tag:yaml.org,2002:int."),
        ("a: .nan\n", "line 1, column 4: .nan is a number that JSON does not have."),
        ("a: 1e999\n", "line 1, column 4: 1e999 is a number that JSON does not have."),
        ("? [a]\n: 1\n", "line 1, column 3: a key that is no text."),
        ("a: &x [*x]\n", "line 1, column 4: an alias stands inside of what it stands for."),
        ('{"a": "\\ud83d"}', "line 1, column 7: half a character (a lone surrogate)."),
        ("a: " + "[" * 70 + "]" * 70, "line 1, column 68: nested more than 64 levels deep."),
        ("[" * 700, ": nested too deeply to be read."),
        ("a: " + "9" * 5000, "is not a value of tag:yaml.org,2002:int."),
        (b"a: caf\xe9\n", ": not UTF-8 text, at byte 6."),
        ("a: 'x\x01'\n", ": not YAML: unacceptable character"),
    ],
)
def test_what_json_cannot_hold_is_refused_with_its_place(text: str | bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(ContractProblem) as refusal:
        loaded(tmp_path, text)
    assert str(refusal.value).startswith(str(tmp_path / "document.yaml"))
    assert said in str(refusal.value)


def test_aliases_of_aliases_are_not_expanded_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_io, "_MAX_NODES", 1_000)
    nested = "a: &a [" + "1," * 9 + "]\nb: &b [" + "*a," * 9 + "]\nc: {}[" + "*b," * 9 + "]\n"
    assert loaded(tmp_path, nested.format(""))["c"][8] == [[1] * 9] * 9
    with pytest.raises(ContractProblem, match=r"more than 1,000 values, aliases expanded\.$"):
        loaded(tmp_path, nested.format("&c ") + "d: *c\n")


# Hostile contracts.


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every value of a document, as the object or array that holds it, and its key there."""
    children: list[Any] = list(node) if isinstance(node, dict) else list(range(len(node)))
    for key in children:
        yield node, key
        if isinstance(node[key], (dict, list)):
            yield from places(node[key])


RICH = changed(
    EFFECTIVE,
    (
        ("components", "parameters"),
        {"Page": {"name": "page", "in": "query", "schema": {"type": "integer", "default": 1}}},
    ),
    (
        ("components", "schemas", "Thing"),
        {
            "type": "object",
            "required": ["at"],
            "properties": {
                "at": {"type": "string", "format": "date-time"},
                "kind": {"enum": ["a", "b"]},
                "inner": {"oneOf": [{"$ref": "#/components/schemas/Error"}, {"type": "null"}]},
            },
        },
    ),
    (("components", "schemas", "More"), {"allOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "object"}]}),
    (
        ("paths", "/things/{id}"),
        {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "put": {
                "operationId": "put_thing",
                "tags": ["things"],
                "parameters": [{"$ref": "#/components/parameters/Page"}],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/More"}}},
                },
                "responses": {
                    "200": {
                        "description": "",
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
                            }
                        },
                    }
                },
                "servers": [{"url": "https://{h}.example", "variables": {"h": {"default": "a"}}}],
            },
        },
    ),
)
PLACES = len(list(places(RICH)))
HOSTILE: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    "{",
    "}",
    "{x}",
    "#",
    "#/",
    "#/info",
    "'''\"\"\"\\",
    "class",
    "\n",
    "\x00",
    "é",
    "http://[::1",
    "object",
    "path",
    "header",
    "$ref",
    "integer",
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"$ref": "#/info"},
    {"$ref": "#/components/schemas/More"},
    {"$ref": 5},
    {"type": "text"},
    {"allOf": [{}]},
    {"enum": [1, "a", None]},
]


@settings(derandomize=True, max_examples=120, deadline=None, database=None)
@given(
    st.lists(
        st.tuples(st.integers(0, PLACES - 1), st.none() | st.sampled_from(HOSTILE).map(lambda v: (v,))),
        min_size=1,
        max_size=3,
    )
)
def test_any_damage_to_a_contract_is_either_valid_or_told_as_a_problem(damage: list[tuple[int, Any]]) -> None:
    document = deepcopy(RICH)
    for number, value in damage:
        if not (spots := list(places(document))):
            break
        holder, key = spots[number % len(spots)]
        if value is None:
            del holder[key]
        else:
            holder[key] = deepcopy(value[0])
    try:
        validate("damaged", document)
        told = tabled(document)
    except ContractProblem as problem:
        told = str(problem)
    assert "#" in told or "CONTRACT" in told or "OpenAPI 3.1" in told


@pytest.mark.parametrize(
    "path",
    [
        ("info",),
        ("paths",),
        ("paths", PATH),
        ("paths", PATH, "post"),
        ("paths", PATH, "post", "responses"),
        ("paths", PATH, "post", "responses", "200", "content"),
        ("components", "schemas", "Error"),
        ("components", "schemas", "Thing", "properties"),
        ("paths", "/things/{id}", "parameters", 0),
    ],
)
@pytest.mark.parametrize("value", [None, 5, "x", [], [5]])
def test_a_value_of_the_wrong_kind_is_told_as_a_problem(path: tuple[Any, ...], value: Any) -> None:
    document = changed(RICH, (path, value))
    with pytest.raises(ContractProblem, match="not a valid OpenAPI"):
        validate("damaged", document)


# Where the published contract came from.


def source_of(contract: str) -> tuple[str | None, str]:
    """The page that a contract says it came from, if it says so, and the contract without that line."""
    first, _, rest = contract.partition("\n")
    if not first.startswith("# Source: "):
        return None, contract
    return first.removeprefix("# Source: ").split()[0], rest


@pytest.mark.parametrize(
    ("text", "found"),
    [("# Source: pages/a.md (its fence).\nopenapi: 3.1.0\n", "pages/a.md"), ("openapi: 3.1.0\n", None)],
)
def test_a_contract_says_in_its_first_line_whether_it_came_from_a_page(text: str, found: str | None) -> None:
    assert source_of(text) == (found, "openapi: 3.1.0\n")


def test_only_yaml_in_four_backticks_is_taken_for_a_contract() -> None:
    page = (
        "# T\n\n```yaml\na: 1\n```\n\n````json\n{}\n````\n\n````yaml post /x\nb: ```\n````\n\n    ````yaml\n    c: 1\n"
    )
    assert fences(page) == ["b: ```\n"]


def test_the_published_contract_is_what_its_page_carries_as_long_as_it_says_so() -> None:
    page, contract = source_of(Sources().contract.read_text(encoding="utf-8"))
    carried = [contract] if page is None else fences((ROOT / "openapi" / page).read_text(encoding="utf-8"))
    assert carried == [contract]


def test_a_contract_dropped_in_by_hand_makes_the_same_client(tmp_path: Path, made: Path) -> None:
    contract = fences(PAGE.read_text(encoding="utf-8"))[0]
    sources = Sources(contract=write(tmp_path / "playbook.yaml", contract))
    assert generate(sources, tmp_path / "generated") is True
    before, after = files(made), files(tmp_path / "generated")
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {"openapi.yaml"}
    assert yaml_io.to_plain(yaml_io.read(tmp_path / "generated" / "openapi.yaml")) == EFFECTIVE


FORMS: list[Callable[[Any], str]] = [json.dumps, lambda document: json.dumps(document, indent="\t")]


@pytest.mark.parametrize("form", FORMS)
def test_a_contract_may_be_json(form: Callable[[Any], str], tmp_path: Path) -> None:
    assert loaded(tmp_path, form(PUBLISHED)) == PUBLISHED
