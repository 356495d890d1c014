"""The rules of ``make lint`` for credentials: header parameters that carry them, and operations without security."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from contract.lint_findings import (
    Action,
    Contract,
    Finding,
    Location,
    Operation,
    iterate_operations,
    operation_path,
    parameters_of,
    quote,
    remove,
    security_of,
    update,
)

_CREDENTIAL = re.compile(r"authorization|api[-_]?key|(access|auth)[-_]?token", re.IGNORECASE)


def credential_parameters(contract: Contract, operation: Operation) -> Iterator[tuple[Location, Any, str]]:
    """The header parameters that carry a credential: location, as declared, name."""
    schemes = contract.get("components", {}).get("securitySchemes", {}).values()
    names = {scheme.get("name", "").lower() for scheme in schemes if scheme.get("in") == "header"}
    for location, declared, parameter in parameters_of(contract, operation):
        name = parameter["name"]
        if parameter["in"] == "header" and (name.lower() in names or _CREDENTIAL.search(name)):
            yield location, declared, name


def credentials_as_parameters(contract: Contract) -> Iterator[Finding]:
    """Header parameters that carry a credential."""
    actions = tuple(_credential_actions(contract))
    names: dict[Location, str] = {}
    for operation in iterate_operations(contract):
        names |= {location: name for location, _, name in credential_parameters(contract, operation)}
    for location, name in names.items():
        why = (
            f"{name} is a credential, but declared as a parameter: users would pass it to each call, and see it logged."
        )
        yield Finding(location, why, actions)


def _credential_actions(contract: Contract) -> Iterator[Action]:
    """Wildcards that replace credential parameters with security requirements."""
    filters: dict[str, dict[str, None]] = {}  # by header, as ordered sets
    selectors: dict[str, str] = {}  # the operations, and their parameters, for the levels at which some are declared
    without_security = False
    for operation in iterate_operations(contract):
        for location, declared, name in credential_parameters(contract, operation):
            test = f"@['$ref'] == {quote(declared['$ref'])}" if "$ref" in declared else _is_header(name)
            filters.setdefault(name, {})[test] = None
            own = len(location) == len(operation.location) + 2
            target = "$.paths[*][?@.parameters[?%s]%s]" if own else "$.paths[?@.parameters[?%s]][?@.responses%s]"
            selectors[target] = "$.paths[*][*].parameters[?%s]" if own else "$.paths[*].parameters[?%s]"
            without_security |= not operation.fields.get("security")
    if not filters:
        return
    schemes = {name: _scheme(contract, name) for name in filters}
    yield from _declare_schemes(contract, dict(schemes.values()))
    every = " || ".join(test for tests in filters.values() for test in tests)
    for target in selectors if without_security else ():
        requirement: list[Contract] = contract.get("security") or [{}]
        description = "One requirement for each operation that takes a credential; the next actions fill it in."
        empty = " && !(length(@.security) > 0)"
        yield update(target % (every, empty), description, {"security": requirement})
    for target in selectors:
        for name, tests in filters.items():
            description = f"Operations that declare {name} require it."
            yield update(target % (" || ".join(tests), "") + ".security[*]", description, {schemes[name][0]: []})
    for target in selectors.values():
        yield remove(target % every, "The security requirement replaces the parameters.")


def _is_header(name: str) -> str:
    return f"(@.in == 'header' && @.name == {quote(name)})"


def _scheme(contract: Contract, header: str) -> tuple[str, Contract]:
    """The name and the definition of the security scheme for a header: the contract's own, or a new one."""
    bearer = header.lower() == "authorization"
    for name, scheme in contract.get("components", {}).get("securitySchemes", {}).items():
        if scheme.get("type") == "http" if bearer else str(scheme.get("name")).lower() == header.lower():
            return name, scheme
    if bearer:
        return "bearerAuth", {"type": "http", "scheme": "bearer"}
    name = "apiKeyAuth" if header.lower() == "x-api-key" else header
    return name, {"type": "apiKey", "in": "header", "name": header}


def _declare_schemes(contract: Contract, schemes: Mapping[str, Contract]) -> Iterator[Action]:
    declared = contract.get("components", {}).get("securitySchemes", {})
    if new := {name: scheme for name, scheme in schemes.items() if name not in declared}:
        value = {"components": {"securitySchemes": new}}
        yield update("$", "The security schemes that the requirements name.", value)


def lost_security(contract: Contract) -> Iterator[Finding]:
    """Operations that show signs of taking credentials, and declare no security."""
    schemes = contract.get("components", {}).get("securitySchemes", {}) or dict([_scheme(contract, "Authorization")])
    required: list[list[Contract]] = [
        operation.fields["security"]
        for operation in iterate_operations(contract)
        if security_of(contract, operation) and operation.fields.get("security")
    ]
    every: Contract = {name: list[str]() for name in schemes}
    requirement = required[0] if required else [every]
    replacing = tuple(_credential_actions(contract))
    for operation in iterate_operations(contract):
        location, _, fields = operation
        if security_of(contract, operation):
            continue
        text = f"{fields.get('summary', '')} {fields.get('description', '')}"
        if any(credential_parameters(contract, operation)):
            actions = replacing
        elif "401" in fields.get("responses", {}):
            empty = "length(@.security) == 0" if contract.get("security") else "!(length(@.security) > 0)"
            target = f"$.paths[*][?@.responses['401'] && {empty}]"
            description = "Operations that answer 401 take credentials."
            actions = (*_declare_schemes(contract, schemes), update(target, description, {"security": requirement}))
        elif re.search(r"\bbearer\b|\bJWT\b|\bapi[- ]key\b", text, re.IGNORECASE):
            description = "Its description says that it takes credentials."
            action = update(operation_path(operation), description, {"security": requirement})
            actions = (*_declare_schemes(contract, schemes), action)
        else:
            continue
        why = (
            "It takes credentials, but requires none, so the client sends none and the mock accepts any call. "
            "(If it is public, `security: [{}]` says so.)"
        )
        yield Finding((*location, "security") if "security" in fields else location, why, actions)
