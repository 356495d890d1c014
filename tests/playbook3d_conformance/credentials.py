"""The credentials that a contract requires: its security schemes, and the variables that hold their credentials."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, NamedTuple

from playbook3d_conformance.openapi import METHODS
from playbook3d_conformance.references import dereference
from playbook3d_mock import credential_variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playbook3d_conformance.openapi import AnyOperation

_PREFIXES = {"api_key": "", "token": "Bearer ", "basic": "Basic "}


class Scheme(NamedTuple):
    """A security scheme: which kind of credential it takes, and where a request carries it."""

    name: str
    kind: str
    location: str
    parameter: str

    def encode(self, credential: str) -> str:
        """What a request carries; user and password are joined by a colon."""
        text = b64encode(credential.encode()).decode() if self.kind == "basic" else credential
        return _PREFIXES[self.kind] + text


def security_alternatives(operation: AnyOperation) -> list[list[Scheme]]:
    """The security requirements of an operation that can be tested, those that require nothing last."""
    contract = operation.schema.raw_schema
    return _alternatives(contract, operation.definition.raw)


def _alternatives(contract: Mapping[str, Any], operation: Mapping[str, Any]) -> list[list[Scheme]]:
    declared = contract.get("components", {}).get("securitySchemes", {})
    alternatives: list[list[Scheme]] = []
    for requirement in operation.get("security", contract.get("security", [])):
        schemes = [_read_scheme(name, dereference(contract, declared.get(name, {}))) for name in requirement]
        if None not in schemes:
            alternatives.append([scheme for scheme in schemes if scheme])
    return sorted(alternatives, key=lambda schemes: not schemes)


def _read_scheme(name: str, scheme: Mapping[str, Any]) -> Scheme | None:
    match scheme.get("type"), str(scheme.get("scheme")).lower():
        case "apiKey", _:
            return Scheme(name, "api_key", scheme["in"], scheme["name"])
        case ("http", "bearer") | ("oauth2" | "openIdConnect", _):
            return Scheme(name, "token", "header", "Authorization")
        case "http", "basic":
            return Scheme(name, "basic", "header", "Authorization")
        case _:
            return None


def required_schemes(contract: Mapping[str, Any]) -> dict[str, Scheme]:
    """The security schemes that operations of a contract require, by name."""
    items = (dereference(contract, item) for item in contract.get("paths", {}).values())
    operations = (item[method] for item in items for method in METHODS if method in item)
    alternatives = (schemes for operation in operations for schemes in _alternatives(contract, operation))
    return {scheme.name: scheme for schemes in alternatives for scheme in schemes}


def read_variables(contract: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The variable and the credential of each security scheme that the environment has, by the name of the scheme."""
    schemes = required_schemes(contract)
    variables = credential_variables({name: scheme.kind for name, scheme in schemes.items()})
    values: dict[str, tuple[str, str]] = {}
    for name, candidates in variables.items():
        if variable := next(filter(environment.get, candidates), None):
            values[name] = variable, environment[variable]
    return values


def missing_variables(operations: list[AnyOperation], environment: Mapping[str, str]) -> list[str]:
    """The variables without which no security requirement of some operation can be met."""
    missing: set[str] = set()
    for operation in operations:
        contract, alternatives = operation.schema.raw_schema, security_alternatives(operation)
        values = read_variables(contract, environment)
        if not alternatives or any(all(scheme.name in values for scheme in schemes) for schemes in alternatives):
            continue
        kinds = {name: scheme.kind for name, scheme in required_schemes(contract).items()}
        variables = credential_variables(kinds)
        missing |= {variables[scheme.name][-1] for scheme in alternatives[0] if scheme.name not in values}
    return sorted(missing)


def request_credentials(operation: AnyOperation, credentials: Mapping[str, str]) -> Iterator[tuple[Scheme, str]]:
    """The schemes and credentials of the first security requirement that can be met; none if there is no such."""
    for schemes in security_alternatives(operation):
        if all(scheme.name in credentials for scheme in schemes):
            yield from ((scheme, credentials[scheme.name]) for scheme in schemes)
            return
