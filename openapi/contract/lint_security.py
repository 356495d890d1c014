"""The rules of ``make lint`` for credentials: header parameters that carry them, and operations without security."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from contract.lint_findings import Finding, components, effective_actions, selector
from contract.naming import unique
from contract.operations import Contract, Operation, iterate_operations
from contract.overlay_actions import Action, quote, remove, update
from contract.pointers import Location

# Names of headers. Other tokens and keys (CSRF, pages, idempotency) are no credentials.
_CREDENTIAL = re.compile(
    r"(authorization|api[-_]?key|(^|[-_])(secret|password)|^(x[-_])?(auth|token)"
    r"|(^|[-_])(access|app|application|client|license|private|secret|subscription)[-_]?key"
    r"|(^|[-_])(access|api|app|application|auth|bearer|client|id|private|security|session|user)[-_]?token)$",
    re.IGNORECASE,
)
# Sentences that say that an operation takes credentials, unless they say that it takes none, or issues them.
_NOUN = r"\b(bearer|JWT|(api|access)[- ](key|token))\b"
_DEMAND = rf"(?i)(?=.*\b(requir|need|must\b|secured|protected|authenticat|send|pass\b|provide)).*{_NOUN}"
_EXEMPTION = (
    r"(?i)\b(no|not|without|never)\b"
    rf"|\b(return|issue|create|generate|obtain|exchange|refresh|revoke|rotate)\w*\s(\S+\s){{0,3}}{_NOUN}"
)


def credential_parameters(operation: Operation) -> Iterator[tuple[Location, Any, str]]:
    """The header parameters that carry a credential: location, as declared, name."""
    schemes = components(operation.contract, "securitySchemes").values()
    names = {scheme.get("name", "").lower() for scheme in schemes if scheme.get("in") == "header"}
    for location, declared, parameter in operation.parameters:
        name = parameter["name"]
        if parameter["in"] == "header" and (name.lower() in names or _CREDENTIAL.search(name)):
            yield location, declared, name


def credentials_as_parameters(contract: Contract) -> Iterator[Finding]:
    """Header parameters that carry a credential."""
    actions = tuple(_credential_actions(contract))
    names: dict[Location, str] = {}
    for operation in iterate_operations(contract):
        names |= {location: name for location, _, name in credential_parameters(operation)}
    for location, name in names.items():
        why = f"{name} is a credential, but a parameter here: users would pass it to each call, and see it logged."
        yield Finding(location, why, actions)


# JSONPaths of operations, and of the parameters that these declare, or that their path items declare.
_LEVELS = (
    ("$.paths[*][?@.parameters[?%s]%s]", "$.paths[*][*].parameters[?%s]"),
    ("$.paths[?@.parameters[?%s]][?@.responses%s]", "$.paths[*].parameters[?%s]"),
)


def _credential_actions(contract: Contract) -> Iterator[Action]:
    """Wildcards that replace credential parameters with security requirements."""
    tests: dict[str, dict[str, None]] = {}  # by header; as ordered sets
    for operation in iterate_operations(contract):
        for _, declared, name in credential_parameters(operation):
            test = f"(@.in == 'header' && @.name == {quote(name)})"
            test = f"@['$ref'] == {quote(declared['$ref'])}" if "$ref" in declared else test
            tests.setdefault(name, {})[test] = None
    schemes = {name: _scheme(contract, name) for name in tests}
    every = " || ".join(test for own in tests.values() for test in own)
    actions = [*_declare_schemes(contract, dict(schemes.values()))]
    for operations, parameters in _LEVELS:
        description = "One requirement for each operation that takes a credential; the next actions fill it in."
        target = operations % (every, " && !(length(@.security) > 0)")
        actions.append(update(target, description, {"security": contract.get("security") or [{}]}))
        for name, own in tests.items():
            lacking = f" && !@.security[?@[{quote(schemes[name][0])}]]"
            target = operations % (" || ".join(own), lacking) + ".security[*]"
            actions.append(update(target, f"Operations that declare {name} require it.", {schemes[name][0]: []}))
        actions.append(remove(parameters % every, "The security requirement replaces the parameters."))
    return effective_actions(contract, actions if tests else ())


def _scheme(contract: Contract, header: str) -> tuple[str, Contract]:
    """The name and the definition of the security scheme for a header: the contract's own, or a new one."""
    key, value = ("scheme", "bearer") if header.lower() == "authorization" else ("name", header.lower())
    declared = components(contract, "securitySchemes")
    for name, scheme in declared.items():
        if str(scheme.get(key)).lower() == value:
            return name, scheme
    if key == "scheme":
        return unique("bearerAuth", {*declared}), {"type": "http", "scheme": "bearer"}
    name = "apiKeyAuth" if value == "x-api-key" else header
    return unique(name, {*declared}), {"type": "apiKey", "in": "header", "name": header}


def _declare_schemes(contract: Contract, schemes: Mapping[str, Contract]) -> Iterator[Action]:
    declared = components(contract, "securitySchemes")
    if new := {name: scheme for name, scheme in schemes.items() if name not in declared}:
        value = {"components": {"securitySchemes": new}}
        yield update("$", "The security schemes that the requirements name.", value)


def lost_security(contract: Contract) -> Iterator[Finding]:
    """Operations that show signs of taking credentials, and declare no security."""
    declared = components(contract, "securitySchemes")
    schemes = declared or dict([_scheme(contract, "Authorization")])
    operations = list(iterate_operations(contract))
    required = [operation.security for operation in operations if any(operation.security)]
    # An operation's own requirement is more telling than what all inherit.
    required.sort(key=lambda requirement: requirement == contract.get("security"))
    requirement: list[Contract] = required[0] if required else [{name: list[str]() for name in schemes}]
    replacing = tuple(_credential_actions(contract))
    for operation in operations:
        location, fields = operation.location, operation.fields
        if operation.security:
            continue
        text = f"{fields.get('summary', '')}. {fields.get('description', '')}"
        demands = [part for part in re.split(r"[.;]\s", " ".join(text.split())) if re.match(_DEMAND, part)]
        if any(credential_parameters(operation)):
            actions = replacing
        elif "401" in operation.responses:
            empty = "length(@.security) == 0" if contract.get("security") else "!(length(@.security) > 0)"
            target = f"$.paths[*][?@.responses['401'] && {empty}]"
            description = "Operations that answer 401 take credentials."
            actions = (*_declare_schemes(contract, schemes), update(target, description, {"security": requirement}))
        elif any(not re.search(_EXEMPTION, part) for part in demands):
            description = "Its description says that it takes credentials."
            action = update(selector(operation), description, {"security": requirement})
            actions = (*_declare_schemes(contract, schemes), action)
        elif declared and not required and "security" not in fields:
            description = "No operation requires the schemes that are declared. Remove those that are alternatives."
            actions = (update("$", description, {"security": requirement}),)
        else:
            continue
        why = (
            "It takes credentials, but requires none, so the client sends none and the mock accepts any call. "
            "(If it is public, `security: [{}]` says so.)"
        )
        yield Finding((*location, "security") if "security" in fields else location, why, actions)
