"""The shipped overlay corrects operations to come as it corrects those of today.

They are added to the published contract of the day, because every action of the overlay matches it. If a new contract
made an action unnecessary, and it was removed, its test is skipped.
"""

from http import HTTPStatus
from typing import Any

import pytest

from contract import yaml_io
from contract.operations import METHODS
from contract.output import read_effective_contract
from contract.sources import Sources
from support.small_contract import operation, write

OVERLAY = Sources().overlay.read_text(encoding="utf-8")


def corrects(action: str) -> pytest.MarkDecorator:
    """Skip a test if the overlay no longer has a certain action."""
    return pytest.mark.skipif(action not in OVERLAY, reason=f"no action of the overlay contains {action!r}")


def header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}


def inline_error(text: str) -> dict[str, Any]:
    """An error as the documentation writes it: it declares one property, and its example has another."""
    properties = {"result": {"type": "string", "description": text}}
    return {"type": "object", "properties": properties, "example": {"description": text}}


def response(schema: Any) -> dict[str, Any]:
    return {"description": "A response.", "content": {"application/json": {"schema": schema}}}


BEFORE, AFTER = header("X-Before"), header("X-After")
QUERY = {"name": "x-api-key", "in": "query", "schema": {"type": "string"}}
CREDENTIALS: dict[str, Any] = {
    "": None,
    "Authorization": [{"bearerAuth": []}],
    "x-api-key": [{"apiKeyAuth": []}],
    "Authorization x-api-key": [{"bearerAuth": [], "apiKeyAuth": []}],
    "x-api-key Authorization": [{"bearerAuth": [], "apiKeyAuth": []}],
}
STATUSES = ["400", "401", "402", "403", "404", "409", "429", "500", "5XX", "default"]
SUCCESS = {
    "type": "object",
    "properties": {"result": {"type": "string"}, "description": {"type": "string"}},
    "example": {"result": "a.png", "description": "A picture."},
}
FINAL = {"200": {"description": "The job was stopped, or is already in a final state."}}
PATHS: dict[str, Any] = {
    f"/future/{index}": {
        "get": operation(f"future_{index}", parameters=[BEFORE, *map(header, names.split()), QUERY, AFTER])
    }
    for index, names in enumerate(CREDENTIALS)
}
PATHS["/future/final"] = {"post": operation("future_final", responses=FINAL), "put": operation("future_other")}
PATHS["/future/errors"] = {
    "get": operation(
        "future_errors",
        responses={"200": response(SUCCESS), **{status: response(inline_error("Words.")) for status in STATUSES}},
    )
}
SCHEMAS = {"FutureError": inline_error("Words."), "FutureOther": {"type": "object", "properties": {"result": {}}}}
SHARED = {"$ref": "#/components/schemas/Error"}


@pytest.fixture(scope="module")
def effective(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the pipeline makes of the published contract and the operations to come."""
    document = yaml_io.to_plain(yaml_io.read(Sources().contract))
    document.setdefault("paths", {}).update(PATHS)
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(SCHEMAS)
    components.setdefault("responses", {})["FutureBusy"] = response(inline_error("Busy."))
    folder = tmp_path_factory.mktemp("future")
    sources = Sources(contract=write(folder / "playbook.yaml", document))
    return read_effective_contract(sources)[1].contract


@corrects("'x-api-key'")
@corrects("'Authorization'")
@pytest.mark.parametrize(("index", "security"), [*enumerate(CREDENTIALS.values())])
def test_credential_parameters_become_security(index: int, security: Any, effective: Any) -> None:
    future = effective["paths"][f"/future/{index}"]["get"]
    assert future.get("security") == security
    assert future["parameters"] == [BEFORE, QUERY, AFTER]


@corrects("securitySchemes")
def test_security_schemes_are_declared(effective: Any) -> None:
    schemes = effective["components"]["securitySchemes"]
    assert schemes["bearerAuth"].items() >= {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}.items()
    assert schemes["apiKeyAuth"].items() >= {"type": "apiKey", "in": "header", "name": "x-api-key"}.items()


@corrects("{servers:")
def test_server_of_the_vendor_is_declared(effective: Any) -> None:
    assert {"url": "https://api.playbook3d.com"} in effective["servers"]


@corrects("@.properties.result")
@pytest.mark.parametrize("status", STATUSES)
def test_inline_error_becomes_the_shared_schema(status: str, effective: Any) -> None:
    media = effective["paths"]["/future/errors"]["get"]["responses"][status]["content"]["application/json"]
    assert media["schema"] == SHARED
    if "example" in media:
        assert list(media["example"]) == ["result"]
        assert media["example"]["result"].startswith(HTTPStatus(int(status)).phrase)


def test_success_is_not_an_error(effective: Any) -> None:
    assert effective["paths"]["/future/errors"]["get"]["responses"]["200"] == response(SUCCESS)


@corrects("@.properties.result")
def test_component_errors_become_the_shared_schema(effective: Any) -> None:
    components = effective["components"]
    assert components["responses"]["FutureBusy"] == response(SHARED)
    assert components["schemas"]["FutureError"] == SHARED
    assert components["schemas"]["FutureOther"] == SCHEMAS["FutureOther"]
    assert components["schemas"]["Error"]["properties"]["result"]["type"] == "string"


@corrects("already in a final state")
def test_operation_that_can_be_repeated_is_idempotent(effective: Any) -> None:
    future = effective["paths"]["/future/final"]
    assert future["post"]["x-idempotent"] is True
    assert "x-idempotent" not in future["put"]


def test_overlay_is_short_and_gives_its_reasons() -> None:
    actions = yaml_io.to_plain(yaml_io.read(Sources().overlay))["actions"]
    paths = yaml_io.to_plain(yaml_io.read(Sources().contract))["paths"]
    operations = sum(method in METHODS for item in paths.values() for method in item)
    assert len(OVERLAY.splitlines()) < 80 + 20 * operations
    assert [action["target"] for action in actions if len(action.get("description", "")) < 10] == []
