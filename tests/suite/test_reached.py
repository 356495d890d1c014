"""The suite fails if something was not reached, or cannot be mapped to the typed client: it never passes vacuously."""

import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from schemathesis.schemas import BaseSchema

from contract.generator import parse
from playbook3d_conformance.openapi import (
    AnyOperation,
    InvalidContractError,
    declared_parameters,
    read_operations,
    read_schema,
)
from playbook3d_conformance.properties.arguments import Arguments, UnmappedError, convert
from playbook3d_conformance.properties.operations import OPERATIONS, documented_statuses
from playbook3d_conformance.properties.request_properties import check_requests
from playbook3d_conformance.properties.response_properties import (
    check_documented_statuses,
    check_invalid_responses,
    check_valid_responses,
)
from playbook3d_conformance.server import schemathesis_cli
from playbook3d_conformance.server.schemathesis_cli import STRICT, read_configuration
from support.breaching_server import (
    CONTRACT,
    CREDENTIALS,
    TEAM,
    Breach,
    always,
    breaching_server,
    instead_of,
    json_response,
)
from support.small_contract import write

IS_VALID = re.compile(rb"/cancel(/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}){2}")
OPERATION = OPERATIONS[0]
CLIENT = Arguments(read_schema(CONTRACT).raw_schema)


@pytest.fixture(autouse=True)
def _few_examples() -> Generator[None]:
    name = settings.get_current_profile_name()
    settings.load_profile("quick")
    yield
    settings.load_profile(name)


def grown(**members: Any) -> tuple[Arguments, AnyOperation]:
    """An operation with more members than CLIENT knows, and the arguments of a client that was generated with it."""
    contract = read_schema(CONTRACT).raw_schema
    (operation,) = contract["paths"]["/cancel/{team_id}/{run_id}"].values()
    for name, member in members.items():
        operation[name] = [*operation.get(name, []), *member] if isinstance(member, list) else member
    (operation,) = read_operations(read_schema(contract))
    return Arguments(contract), operation


def contract_with(path: str, operation: dict[str, Any]) -> BaseSchema:
    """A contract with a single operation, a GET."""
    info = {"title": "t", "version": "1"}
    return read_schema({"openapi": "3.1.0", "info": info, "paths": {path: {"get": operation}}})


# Of the client


def test_unreached_parameter_fails() -> None:
    with pytest.raises(AssertionError, match="never"):
        check_requests(OPERATION, {*declared_parameters(OPERATION), ("query", "never")})


@pytest.mark.parametrize("check", [check_valid_responses, check_invalid_responses, check_documented_statuses])
def test_unreached_status_fails(check: Any) -> None:
    check(OPERATION)
    with pytest.raises(AssertionError, match="never"):
        check(OPERATION, {*documented_statuses(OPERATION), "never"})


def test_unknown_parameter_fails() -> None:
    _, operation = grown(parameters=[{"name": "why", "in": "query", "required": True, "schema": {"type": "string"}}])
    with pytest.raises(UnmappedError, match="the client has no parameter why"):
        CLIENT.valid(operation)


def test_unknown_media_type_fails() -> None:
    _, operation = grown(requestBody={"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}})
    with pytest.raises(UnmappedError, match="a body of the type text/csv"):
        CLIENT.valid(operation)


def test_unknown_status_fails() -> None:
    _, operation = grown()
    with pytest.raises(UnmappedError, match="the client does not know the status 599"):
        CLIENT.response(operation, 599)


def test_unknown_type_fails(tmp_path: Path) -> None:
    """Other settings of the generator make other types."""
    settings_file = tmp_path / "generator.yaml"
    settings_file.write_text("package_name_override: playbook3d_api\nliteral_enums: true\n", encoding="utf-8")
    parameter = {"name": "why", "in": "query", "schema": {"type": "string", "enum": ["because"]}}
    schema = contract_with("/", {"parameters": [parameter], "responses": {"204": {"description": "Gone."}}})
    data = parse(schema.raw_schema, settings_file, tmp_path).data
    ((endpoint,),) = (collection.endpoints for collection in data.endpoint_collections_by_tag.values())
    with pytest.raises(UnmappedError, match=r"^why: the type GetWhy$"):
        convert(endpoint.query_parameters[0], "because")


def test_unknown_operation_fails() -> None:
    (operation,) = read_operations(contract_with("/unknown", {"responses": {}}))
    with pytest.raises(UnmappedError, match=r"^GET /unknown: not in the client$"):
        CLIENT.endpoint(operation)


def test_unreadable_operation_fails() -> None:
    broken = {"parameters": [{"$ref": "#/components/parameters/none"}], "responses": {}}
    with pytest.raises(InvalidContractError):
        read_operations(contract_with("/broken", broken))


# Of a server


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "every valid request was answered 401: the credentials are wrong, or have expired."),
        (402, "no valid request succeeded."),
    ],
)
def test_server_without_success_fails(status: int, message: str, tmp_path: Path) -> None:
    """Even if the configuration expects such a status."""
    configuration = read_configuration(STRICT)
    configuration["generation"]["max-examples"] = 10
    configuration["checks"]["positive_data_acceptance"]["expected-statuses"] = ["2XX", "401", "402"]
    assert message in failed_output(configuration, tmp_path, instead_of(200, json_response(status)))


@pytest.mark.parametrize("option", ["--include-name=GET /nothing", "--phases=stateful"])
def test_run_without_a_request_fails(option: str, tmp_path: Path) -> None:
    assert "Nothing was reached" in failed_output(read_configuration(STRICT), tmp_path, always(200), options=[option])


def test_requests_that_do_not_differ_fail(tmp_path: Path) -> None:
    """As when Schemathesis draws from earlier responses: of a hundred valid requests, a handful would differ."""
    configuration = read_configuration(STRICT)
    for phase in ("coverage", "fuzzing"):
        configuration["phases"][phase]["extra-data-sources"]["responses"] = True
    assert "valid requests were different" in failed_output(configuration, tmp_path, lambda _, response: response)


def test_valid_requests_differ(tmp_path: Path) -> None:
    with breaching_server(lambda _, response: response) as (url, requests):
        outcome = schemathesis_cli.run(CONTRACT, url, read_configuration(STRICT), CREDENTIALS, tmp_path)
    assert outcome.status == 0, outcome.output
    (count,) = re.findall(r"(\d+) different valid requests", outcome.output)
    assert int(count) >= 50
    assert len({request.raw_path.lower() for request in requests if IS_VALID.fullmatch(request.raw_path)}) >= 50


def test_requests_with_the_example_of_a_uuid_may_repeat(tmp_path: Path) -> None:
    schema = {"type": "string", "format": "uuid", "example": TEAM}
    parameter = {"name": "a", "in": "path", "required": True, "schema": schema}
    operation = {
        "parameters": [parameter],
        "responses": {"204": {"description": "Gone."}, "400": {"description": "No."}},
    }
    contract = write(tmp_path / "contract.json", contract_with("/{a}", operation).raw_schema)
    with breaching_server(lambda _, response: response, contract) as (url, _):
        outcome = schemathesis_cli.run(contract, url, read_configuration(STRICT), {}, tmp_path)
    assert outcome.status == 0, outcome.output
    (count,) = re.findall(r"(\d+) different valid requests", outcome.output)
    assert int(count) < 50


def test_nothing_is_missed_after_a_failure(tmp_path: Path) -> None:
    """The first failure ends the tests of an operation; what was not reached then is not its fault."""
    output = failed_output(read_configuration(STRICT), tmp_path, instead_of(200, json_response(500)))
    assert "Server error" in output
    assert not re.search("no valid request|different$|no response", output)


def failed_output(configuration: dict[str, Any], folder: Path, breach: Breach, **options: Any) -> str:
    """The output of a run that must fail."""
    with breaching_server(breach) as (url, _):
        outcome = schemathesis_cli.run(CONTRACT, url, configuration, CREDENTIALS, folder, **options)
    assert outcome.status != 0, outcome.output
    return outcome.output
