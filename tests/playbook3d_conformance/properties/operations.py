"""The operations that the properties are about, and what the contract says of each."""

import json
from typing import Any

from hypothesis import given, settings
from schemathesis import GenerationMode

from playbook3d_conformance.credentials import security_alternatives
from playbook3d_conformance.openapi import CONTRACT, AnyCase, AnyOperation, read_operations, read_schema

SCHEMA = read_schema(CONTRACT)
EFFECTIVE: dict[str, Any] = SCHEMA.raw_schema
OPERATIONS = read_operations(SCHEMA)


def valid_cases(operation: AnyOperation) -> Any:
    """A strategy for valid cases of an operation."""
    return operation.as_strategy(generation_mode=GenerationMode.POSITIVE)


def any_case(operation: AnyOperation) -> AnyCase:
    """A valid case of an operation."""
    cases: list[AnyCase] = []

    @settings(max_examples=1)
    @given(valid_cases(operation))
    def collect(case: AnyCase) -> None:
        cases.append(case)

    collect()
    return cases[0]


def server_url(operation: AnyOperation) -> str:
    """Where the clients under test send an operation, without its last slash."""
    return BASE_URL or _declared_server(operation)


def _declared_server(operation: AnyOperation) -> str:
    """The first server that the contract names for an operation; empty if it names none."""
    contract = operation.schema.raw_schema
    servers = [*operation.definition.raw.get("servers", ()), *contract["paths"][operation.path].get("servers", ())]
    server: dict[str, Any] = [*servers, *contract.get("servers", ()), {"url": ""}][0]
    url: str = server["url"]
    for name, variable in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", variable["default"])
    return url.rstrip("/")


def declared_headers(operation: AnyOperation) -> set[str]:
    """The header fields of an operation in lower case, with those of its credentials."""
    schemes = (scheme for schemes in security_alternatives(operation) for scheme in schemes)
    credentials = {scheme.parameter.lower() for scheme in schemes if scheme.location == "header"}
    return credentials | {parameter.name.lower() for parameter in operation.headers}


def declared_defaults(operation: AnyOperation) -> set[tuple[str, str]]:
    """The query parameters that have a default, each with it as it is sent."""
    schemas = {parameter.name: parameter.definition.get("schema", {}) for parameter in operation.query}
    defaults = {name: schema.get("default") for name, schema in schemas.items() if isinstance(schema, dict)}
    return {
        (name, default if isinstance(default, str) else json.dumps(default))
        for name, default in defaults.items()
        if default is not None
    }


def documented_statuses(operation: AnyOperation) -> set[str]:
    """The keys of the documented responses."""
    return set(map(str, operation.definition.raw["responses"]))


#: The clients' ``base_url``: needed if an operation has no server, or a relative one.
BASE_URL = None if all("://" in _declared_server(each) for each in OPERATIONS) else "https://server.invalid"
