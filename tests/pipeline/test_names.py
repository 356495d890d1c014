"""Operations, models, values, arguments and properties that would get one Python name get distinct names."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.errors import PipelineError
from contract.output import generate
from support.generated_package import generated_package
from support.small_contract import contract, operation, sources

TEXT = {"type": "string"}
REFERENCE = "#/components/schemas/"


def with_runs(operation_id: str, tag: str) -> dict[str, Any]:
    return contract({"/runs": {"get": operation(operation_id, tags=[tag])}})


def with_schemas(**schemas: Any) -> dict[str, Any]:
    """A contract whose operations return these schemas."""
    paths = {
        f"/{name}": {
            "get": operation(
                f"get_{number}",
                responses={
                    "200": {
                        "description": "One.",
                        "content": {"application/json": {"schema": {"$ref": REFERENCE + name}}},
                    }
                },
            )
        }
        for number, name in enumerate(schemas)
    }
    return contract(paths, components={"schemas": schemas})


def model(*names: str, **fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": dict.fromkeys(names, TEXT), **fields}


def test_operations_of_one_tag_with_one_name_are_numbered(tmp_path: Path) -> None:
    with generated_package(tmp_path, with_runs("listThings", "things")) as package:
        client = package.client(lambda request: httpx.Response(204, headers={"x-path": request.url.path}))
        for name, path in {"list_things": "/things", "list_things2": "/runs"}.items():
            method = getattr(client.things.with_raw_response, name)
            assert method().headers["x-path"] == path


def test_tags_with_one_class_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(PipelineError) as error:
        generate(sources(tmp_path, with_runs("list_runs", "async things")), tmp_path / "generated")
    assert "#/paths/~1runs/get: its tag async_things and the tag things get one class" in str(error.value)


def test_model_with_a_taken_class_name_gets_another(tmp_path: Path) -> None:
    names = ["Any", "AsyncOperations", "Client", "Operations", "Response", "ThingsApi", "T", "UNSET", "Unset", "UUID"]
    with generated_package(tmp_path, with_schemas(**dict.fromkeys(names, model("a")))) as package:
        assert set(package.module("models").__all__) == {f"{name}Model" for name in names}
        client = package.client(lambda _: httpx.Response(200, json={"a": "b"}))
        assert [getattr(client.things, f"get_{number}")().a for number in range(len(names))] == ["b"] * len(names)


def test_models_with_one_module_name_get_two_modules(tmp_path: Path) -> None:
    with generated_package(tmp_path, with_schemas(APIKey=model("x"), ApiKey=model("y"))) as package:
        models = package.module("models")
        assert models.APIKey(x="1").to_dict() == {"x": "1"}
        assert models.ApiKey(y="2").to_dict() == {"y": "2"}


def test_inline_titles_that_clash_are_replaced_by_paths(tmp_path: Path) -> None:
    schemas = {name: {"type": "object", "properties": {"meta": model(title="Meta")}} for name in "AB"}
    schemas["C"] = {"type": "object", "properties": {"other": model(title="Other")}}
    with generated_package(tmp_path, with_schemas(**schemas)) as package:
        assert set(package.module("models").__all__) == {"A", "AMeta", "B", "BMeta", "C", "Other"}


def test_component_keeps_its_title(tmp_path: Path) -> None:
    schemas = {"Meta": model("a", title="Meta"), "A": {"type": "object", "properties": {"b": model(title="Meta")}}}
    with generated_package(tmp_path, with_schemas(**schemas)) as package:
        assert package.module("models").Meta(a="x").to_dict() == {"a": "x"}
        assert "AB" in package.module("models").__all__


def test_models_with_one_name_made_of_a_path_are_separated(tmp_path: Path) -> None:
    schemas = {"AMeta": model("a"), "A": {"type": "object", "properties": {"meta": model("b")}}}
    with generated_package(tmp_path, with_schemas(**schemas)) as package:
        assert set(package.module("models").__all__) == {"A", "AMeta", "ComponentsSchemasAPropertiesMeta"}


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["asc", "ASC"], ["ASC", "ASC2"]),
        (["a-b", "a_b"], ["A_B", "A_B2"]),
        (["", "-", "1"], ["VALUE_0", "VALUE_1", "VALUE_2"]),
        (["on", "off"], ["OFF", "ON"]),
    ],
)
def test_enumerated_values_have_distinct_names(values: list[str], names: list[str], tmp_path: Path) -> None:
    with generated_package(tmp_path, with_schemas(Order={"type": "string", "enum": values})) as package:
        order = package.module("models").Order
        assert sorted(order.__members__) == names
        assert {member.value for member in order} == {*values}


ARGUMENTS = ["body", "client", "cookies", "headers", "kwargs", "params", "response", "self", "url"]


@pytest.mark.parametrize("place", ["query", "path", "header"])
def test_parameter_with_a_local_name_is_sent(place: str, tmp_path: Path) -> None:
    parameters = [{"name": name, "in": place, "required": True, "schema": TEXT} for name in ARGUMENTS]
    path = "/runs" + "".join(f"/{{{name}}}" for name in ARGUMENTS if place == "path")
    body = {"required": True, "content": {"application/json": {"schema": model("x", title="Run")}}}
    document = contract({path: {"post": operation("start", parameters=parameters, requestBody=body)}})
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(204)

    with generated_package(tmp_path, document) as package:
        arguments = {f"{name}_" if name == "self" else f"{name}_{place}": f"v-{name}" for name in ARGUMENTS}
        package.client(handle).things.start(body=package.module("models").Run(x="1"), **arguments)
    request = requests[0]
    sent: Any = {"query": request.url.params, "header": request.headers}.get(place)
    values = request.url.path.split("/")[2:] if place == "path" else [sent[name] for name in ARGUMENTS]
    assert values == [f"v-{name}" for name in ARGUMENTS]
    assert request.read() == b'{"x":"1"}'


def test_property_with_a_local_name_is_kept(tmp_path: Path) -> None:
    names = ["additional_properties", "cls", "d", "field_dict", "from_dict", "prop", "prop_name", "src_dict", "to_dict"]
    names += ["thing", "self", "type", "class", "None", "datetime", "cast", "unset"]
    with generated_package(tmp_path, with_schemas(Thing=model(*names))) as package:
        thing = package.module("models").Thing
        value = {name: f"v-{name}" for name in names}
        assert thing.from_dict(value).to_dict() == value
        assert thing.from_dict({**value, "more": 1}).to_dict() == {**value, "more": 1}
