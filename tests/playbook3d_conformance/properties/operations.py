"""The operations that the properties are about, with what the contract says of each."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from hypothesis import given, settings
from schemathesis import GenerationMode
from schemathesis.schemas import BaseSchema

from playbook3d_conformance.openapi import (
    CONTRACT,
    AnyCase,
    AnyOperation,
    declared_parameters,
    read_operations,
    read_schema,
)


class Operation(NamedTuple):
    """One operation of the contract.

    Attributes:
        label: Its name, such as ``POST /path``.
        api_operation: The operation as Schemathesis reads it.
        server: The first server that the contract names for it.
        parameters: Locations and names, without credentials; a body is ``("body", "")``.
        statuses: The keys of the documented responses.
        headers: The declared header fields, in lower case, with those of the credentials.
        defaults: Query parameters that have a default, each with it as it is sent.
    """

    label: str
    api_operation: AnyOperation
    server: str
    parameters: set[tuple[str, str]]
    statuses: set[str]
    headers: set[str]
    defaults: set[tuple[str, str]]


def all_operations(schema: BaseSchema) -> list[Operation]:
    """Every operation of a contract."""
    return [_operation(schema.raw_schema, operation) for operation in read_operations(schema)]


def _operation(contract: Mapping[str, Any], operation: AnyOperation) -> Operation:
    raw = operation.definition.raw
    schemes = contract.get("components", {}).get("securitySchemes", {})
    requirements = raw.get("security", contract.get("security", []))
    credentials = {_header(schemes[name]).lower() for alternative in requirements for name in alternative}
    servers = raw.get("servers") or contract["paths"][operation.path].get("servers") or contract.get("servers")
    return Operation(
        label=operation.label,
        api_operation=operation,
        server=_server_url(servers[0]) if servers else "",
        parameters=declared_parameters(operation),
        statuses=set(map(str, raw["responses"])),
        headers=credentials | {parameter.name.lower() for parameter in operation.headers},
        defaults=_defaults(operation),
    )


def _header(scheme: Mapping[str, Any]) -> str:
    """The header field of a security scheme."""
    return str(scheme.get("name", "Authorization"))


def _server_url(server: Mapping[str, Any]) -> str:
    url: str = server["url"]
    for name, variable in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", variable["default"])
    return url.rstrip("/")


def _defaults(operation: AnyOperation) -> set[tuple[str, str]]:
    schemas = {parameter.name: parameter.definition.get("schema", {}) for parameter in operation.query}
    return {
        (name, default if isinstance(default, str) else json.dumps(default))
        for name, schema in schemas.items()
        if isinstance(schema, dict) and (default := schema.get("default")) is not None
    }


def credential_headers(contract: Mapping[str, Any], api_key: str, token: str) -> dict[str, str]:
    """The header fields of all security schemes, with valid credentials."""
    schemes = contract.get("components", {}).get("securitySchemes", {}).values()
    return {_header(scheme): api_key if scheme["type"] == "apiKey" else f"Bearer {token}" for scheme in schemes}


def any_case(operation: AnyOperation) -> AnyCase:
    """A valid case of an operation."""
    cases: list[AnyCase] = []

    @settings(max_examples=1)
    @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def draw(case: AnyCase) -> None:
        cases.append(case)

    draw()
    return cases[0]


SCHEMA = read_schema(CONTRACT)
EFFECTIVE: dict[str, Any] = SCHEMA.raw_schema
OPERATIONS = all_operations(SCHEMA)
