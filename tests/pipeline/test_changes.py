"""``make changes``: what each changed schema or operation means for callers, and silence on all that means nothing."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from contract.changes import compare
from contract.schema_changes import Impact
from support.compared_contracts import describe, report_on, write_client
from support.small_contract import contract, operation


def read_yaml(name: str) -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name(name))
    return document


SCHEMAS = read_yaml("schema_changes.yaml")
OPERATIONS = read_yaml("operation_changes.yaml")
TEXT, NUMBER, NULL = {"type": "string"}, {"type": "integer"}, {"type": "null"}


def model(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def ref(name: str, kind: str = "schemas") -> dict[str, Any]:
    return {"$ref": f"#/components/{kind}/{name}"}


CAT, DOG = model("meow", meow=TEXT), model("bark", bark=TEXT)
TREE = model(children={"type": "array", "items": ref("Tree")})
COMPONENTS: dict[str, Any] = {
    "schemas": {
        "Cat": CAT,
        "Dog": DOG,
        "Pet": {"oneOf": [ref("Cat"), ref("Dog")]},
        "Tree": TREE,
        "Tall": {**model(**TREE["properties"], height=NUMBER), "title": "Tree"},
    },
    "parameters": {
        "Loose": {"name": "a", "in": "query", "schema": NUMBER},
        "Tight": {"name": "a", "in": "query", "schema": {**NUMBER, "maximum": 9}},
    },
    "responses": {
        name: {"description": "Done.", "content": {"application/json": {"schema": model(*required, a=TEXT)}}}
        for name, required in (("Loose", ()), ("Tight", ("a",)))
    },
    "securitySchemes": {
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        "login": {"type": "http", "scheme": "basic"},
    },
}


def document(*, path: str = "/a", method: str = "get", **fields: Any) -> dict[str, Any]:
    """A contract with one operation, ``list_things``."""
    return contract(components=COMPONENTS) | {"paths": {path: {method: operation("list_things") | fields}}}


def receiving(schema: Any, **fields: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return document(responses={"200": {"description": "Done.", "content": content}}, **fields)


def sending(schema: Any) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return document(method="put", requestBody=body)


@pytest.mark.parametrize("change", SCHEMAS)
@pytest.mark.parametrize("side", ["sent", "sent back", "received", "received back"])
def test_schema_change(side: str, change: str, tmp_path: Path) -> None:
    before, after = (SCHEMAS[change][name] for name in ("before", "after")[:: -1 if "back" in side else 1])
    place = sending if "sent" in side else receiving
    assert describe(report_on(tmp_path, place(before), place(after))) == SCHEMAS[change].get(side, [])


@pytest.mark.parametrize("change", OPERATIONS)
@pytest.mark.parametrize("direction", ["there", "back"])
def test_operation_change(direction: str, change: str, tmp_path: Path) -> None:
    before, after = (OPERATIONS[change][name] for name in ("before", "after")[:: -1 if direction == "back" else 1])
    assert describe(report_on(tmp_path, document(**before), document(**after))) == OPERATIONS[change].get(direction, [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (model("a", "b", a=TEXT, b=TEXT), model("b", "a", b=TEXT, a=TEXT)),
        ({**TEXT, "enum": ["a", "b"]}, {**TEXT, "enum": ["b", "a"]}),
        ({"type": ["string", "null"]}, {"type": ["null", "string"]}),
        ({"type": ["string", "null"]}, {"anyOf": [NULL, TEXT]}),
        ({"type": ["string", "integer"], "minLength": 2}, {"oneOf": [NUMBER, {**TEXT, "minLength": 2}]}),
        ({"type": ["string", "null"], "enum": ["a", None]}, {"anyOf": [{**TEXT, "enum": ["a"]}, NULL]}),
        ({"enum": ["a", "b"]}, {"type": "string", "enum": ["a", "b"]}),
        ({"type": "number"}, {"type": ["number", "integer"]}),
        (ref("Cat"), {**CAT, "title": "Cat"}),
        (ref("Cat"), {"allOf": [ref("Cat")], "description": "A cat."}),
        (ref("Pet"), {"anyOf": [ref("Dog"), ref("Cat")], "discriminator": {"propertyName": "kind"}}),
        ({"anyOf": [ref("Pet"), NULL]}, {"oneOf": [ref("Cat"), NULL, ref("Dog")]}),
        (
            {"allOf": [ref("Cat"), model(a={**NUMBER, "minimum": 1}), model(a={"minimum": 5})]},
            {"allOf": [model(a={"minimum": 5}), model(a={**NUMBER, "minimum": 1}), ref("Cat")]},
        ),
        (model("a", a=TEXT), {"allOf": [model(a=TEXT), {"required": ["a"]}]}),
        ({"allOf": [{**NUMBER, "minimum": 1}, {"minimum": 5}]}, {"allOf": [{"minimum": 5}, {**NUMBER, "minimum": 1}]}),
        (
            {"allOf": [{**TEXT, "pattern": "a"}, {"pattern": "b"}]},
            {"allOf": [{"pattern": "b"}, {**TEXT, "pattern": "a"}]},
        ),
        (model(createdAt=TEXT, updatedAt=TEXT), model(created_at=TEXT, updated_at=TEXT)),
        (model(a=TEXT), model(a={**TEXT, "title": "A", "description": "a", "examples": ["a"], "x-order": 1})),
        (model(title=TEXT), {**model(title={**TEXT, "example": "a"}), "example": {"title": "b"}}),
        (TEXT, {**TEXT, "minLength": 0, "deprecated": False, "format": "password"}),
        (NUMBER, {**NUMBER, "format": "int64"}),
        ({"type": "array"}, {"type": "array", "items": True, "minItems": 0, "uniqueItems": False}),
        ({"type": "object"}, {"type": "object", "additionalProperties": True}),
        (
            {"type": "object", "additionalProperties": False},
            {"allOf": [{"type": "object", "additionalProperties": False}, {"additionalProperties": True}]},
        ),
        ({"title": "A"}, {"title": "B"}),
        ({"title": "two words", **model(a=TEXT)}, {"title": "TwoWords", **model(a=TEXT)}),
        ({"prefixItems": [TEXT, NUMBER], "type": "array"}, {"prefixItems": [NUMBER, TEXT], "type": "array"}),
        (ref("Tree"), {**TREE, "title": "Tree"}),
    ],
)
@pytest.mark.parametrize("place", [sending, receiving])
def test_equivalent_schemas_are_no_change(place: Any, before: Any, after: Any, tmp_path: Path) -> None:
    report = report_on(tmp_path, place(before), place(after))
    assert (report.felt, report.deprecations, report.operations) == ({}, [], [])
    assert report.entry == {"Changed": ["- The contract changed in nothing that callers feel."]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (document(), document(summary="Things", description="All.", externalDocs={"url": "https://x.example"})),
        (document(), document(callbacks={}, servers=[{"url": "https://api.example/"}])),
        (document(), document() | {"x-badge": 1}),
        (document(), document() | {"info": {"title": "Other", "version": "2"}, "tags": [{"name": "things"}]}),
        (document(), document(tags=["things", "others"], security=[])),
        (document(security=[{"key": []}, {}]), document(security=[{}, {"key": []}])),
        (document(parameters=[ref("Loose", "parameters")]), document(parameters=[COMPONENTS["parameters"]["Loose"]])),
        (receiving(TEXT), receiving({**TEXT, "pattern": "a", "maxLength": 5, "default": "a"})),
    ],
)
def test_descriptions_are_no_change(before: Any, after: Any, tmp_path: Path) -> None:
    assert describe(report_on(tmp_path, before, after)) == []


def test_order_is_no_change(tmp_path: Path) -> None:
    parameters = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in ("a", "b")]
    responses = {status: {"description": status} for status in ("204", "404", "409")}
    items = {
        "/things/{a}/{b}": {"get": operation("get_thing", parameters=parameters, responses=responses)},
        "/runs": {"put": operation("put_run"), "get": operation("get_run")},
    }
    turned = {
        "/runs": dict(reversed(items["/runs"].items())),
        "/things/{a}/{b}": {
            "parameters": parameters[::-1],
            "get": operation("get_thing", responses=dict(reversed(responses.items()))),
        },
    }
    assert describe(report_on(tmp_path, contract(items), contract(turned))) == []


def test_same_contract_has_no_entry(tmp_path: Path) -> None:
    report = report_on(tmp_path, document(), document())
    assert (report.is_same, report.entry, report.impact) == (True, {}, Impact.NEITHER)


def test_operations_are_matched_by_name_then_by_path(tmp_path: Path) -> None:
    before = contract({"/a": {"get": operation("get_a")}, "/b": {"get": operation("get_b")}})
    after = contract(
        {"/a": {"get": operation("get_b")}, "/b": {"get": operation("other")}, "/c": {"get": operation("new")}}
    )
    report = report_on(tmp_path, before, after)
    assert describe(report) == [
        "breaking: `get_b` moved from `GET /b` to `GET /a`",
        "breaking: `get_a` is gone",
        "addition: Each of `other` and `new` is new",
    ]
    assert report.operations == [
        "added: `client.things.other`, `GET /b`",
        "added: `client.things.new`, `GET /c`",
        "removed: `client.things.get_a`, `GET /a`",
        "changed: `client.things.get_b`, `GET /a`",
    ]


def test_operations_of_one_name_are_told_apart_by_their_tags(tmp_path: Path) -> None:
    ids = {"runs": "get-it", "teams": "get_it"}
    paths = {f"/{tag}": {"get": operation(name) | {"tags": [tag]}} for tag, name in ids.items()}
    report = report_on(tmp_path, contract(paths), contract({"/teams": paths["/teams"]}))
    assert describe(report) == ["breaking: `runs.get_it` is gone"]


@pytest.mark.parametrize(
    ("count", "subject"),
    [
        (2, "Each of `op0` and `op1`"),
        (4, "Each of `op0`, `op1`, `op2` and `op3`"),
        (9, "Each of `op0`, `op1`, `op2` and 6 other operations"),
    ],
)
def test_common_change_is_reported_once(count: int, subject: str, tmp_path: Path) -> None:
    paths = {f"/{number}": {"get": operation(f"op{number}")} for number in range(count)}
    conflict = {"409": {"description": "Conflict."}}
    grown = {
        path: {"get": {**item["get"], "responses": item["get"]["responses"] | conflict}} for path, item in paths.items()
    }
    report = report_on(tmp_path, contract(paths), contract(grown))
    assert describe(report) == [f"addition: {subject} may raise ConflictError (409)"]


def test_each_new_operation_is_named(tmp_path: Path) -> None:
    paths = {f"/{number}": {"get": operation(f"op{number}")} for number in range(6)}
    report = report_on(tmp_path, contract(), contract(paths))
    assert describe(report) == ["addition: Each of `op0`, `op1`, `op2`, `op3`, `op4` and `op5` is new"]


def test_surface_is_read_from_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not from the current folder, which can have a package of the same name."""
    clients = [write_client(tmp_path / name, document()) for name in ("before", "after")]
    (clients[0] / "client" / "models" / "__init__.py").write_text("class Car:\n    name: str\n", encoding="utf-8")
    for folder in clients:
        monkeypatch.chdir(folder)
        report = compare(*clients)
        assert report.surface == ["`Car`: *Public object was removed*"]
        assert (report.impact, report.entry) == (
            Impact.BREAKING,
            {"Changed": ["- **Breaking:** `Car`: *Public object was removed*."]},
        )


def test_shared_model_is_reported_where_it_first_stands(tmp_path: Path) -> None:
    schema = model(first=ref("Cat"), second=ref("Cat"), rest={"type": "array", "items": ref("Cat")})
    before, after = receiving(schema), receiving(schema)
    after["components"] = {**COMPONENTS, "schemas": {**COMPONENTS["schemas"], "Cat": model(meow=TEXT)}}
    assert describe(report_on(tmp_path, before, after)) == ["breaking: `result.first.meow` can be missing"]


def test_mutually_recursive_schemas_end(tmp_path: Path) -> None:
    schemas = {
        "Value": {"anyOf": [TEXT, ref("List"), ref("Map")]},
        "List": {"type": "array", "items": ref("Value")},
        "Map": {"type": "object", "additionalProperties": ref("Value")},
        "Node": {"allOf": [{"properties": {"next": ref("Node")}}, {"properties": {"next": {"allOf": [ref("Node")]}}}]},
        "Both": model(value=ref("Value"), node=ref("Node")),
    }
    before, after = receiving(ref("Both")), receiving(ref("Both"))
    before["components"] = {"schemas": schemas}
    after["components"] = {"schemas": {**schemas, "Value": {"anyOf": [NUMBER, ref("Map"), ref("List")]}}}
    assert describe(report_on(tmp_path, before, after))[0] == (
        "breaking: `result.value` is int or list or object, not list or object or str"
    )


def test_large_contract_is_compared_within_seconds(tmp_path: Path) -> None:
    def large(**fields: Any) -> dict[str, Any]:
        schemas = {
            f"Model{number}": model(**{f"m{other}": ref(f"Model{other}") for other in range(40)}, **fields)
            for number in range(40)
        }
        return receiving(ref("Model0")) | {"components": {"schemas": schemas}}

    started = time.process_time()
    report = report_on(tmp_path, large(), large(new=TEXT))
    assert len(report.felt) == 40
    assert time.process_time() - started < 20


def test_report_is_the_same_at_every_run() -> None:
    """Whatever the order of sets, which changes with each process."""
    program = (
        "from contract.schema_changes import compare_schemas\n"
        "names = [f'name{number}' for number in range(30)]\n"
        "old, new = ({'type': 'object', 'properties': {name: {'type': each} for name in names}}\n"
        "            for each in ('string', ['integer', 'boolean', 'array', 'null', 'number']))\n"
        "print(compare_schemas(({}, {}), 'result', (old, new), sent=False))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
