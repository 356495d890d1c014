"""Reads the security of a contract for ``_operations.py``."""

from collections.abc import Mapping
from typing import Any

from contract.errors import UnsupportedError
from contract.operations import Contract, Operation
from contract.pointers import dereference
from contract.python_source import Source

Scheme = dict[str, str]

_SUPPORTED = "HTTP bearer and basic, API keys, OAuth 2 and OpenID Connect are"


def read_schemes(contract: Contract) -> dict[str, Scheme]:
    """The security schemes that the client supports, by name: the arguments of ``Scheme``."""
    declared = contract.get("components", {}).get("securitySchemes", {})
    schemes = {name: _read_scheme(dereference(contract, scheme)) for name, scheme in declared.items()}
    return {name: {"name": name, **scheme} for name, scheme in schemes.items() if scheme}


def _read_scheme(scheme: Mapping[str, Any]) -> Scheme | None:
    match scheme.get("type"), str(scheme.get("scheme")).lower():
        case "apiKey", _:
            return {"kind": "api_key", "location": scheme["in"], "parameter": scheme["name"]}
        case ("http", "bearer") | ("oauth2" | "openIdConnect", _):
            return {"kind": "token", "location": "header", "parameter": "Authorization"}
        case "http", "basic":
            return {"kind": "basic", "location": "header", "parameter": "Authorization"}
        case _:
            return None


def reject_credential_parameters(schemes: Mapping[str, Scheme], operation: Operation) -> None:
    """Raise ``UnsupportedError`` for a credential that is still a parameter."""
    credentials = {("header", "authorization")} | {_place(scheme) for scheme in schemes.values()}
    for location, _, parameter in operation.parameters:
        if _place({"location": parameter["in"], "parameter": parameter["name"]}) in credentials:
            raise UnsupportedError(
                location,
                f"{parameter['name']} is a credential, but still a parameter: replace it with a security requirement "
                "in the overlay",
            )


def read_security(schemes: Mapping[str, Scheme], operation: Operation) -> tuple[tuple[str, ...], ...]:
    """The security requirements of an operation that the client can meet: names of schemes, best first.

    An optional credential is sent if it is present, so the empty requirement is the last. Raises ``UnsupportedError``
    if the client can meet none of them.
    """
    problems: list[UnsupportedError] = []
    alternatives: list[tuple[str, ...]] = []
    for index, alternative in enumerate(operation.security):
        if problem := _problem(schemes, operation.contract, alternative):
            own = ("security", index) if "security" in operation.fields else ()
            problems.append(UnsupportedError((*operation.location, *own), problem))
        else:
            alternatives.append(tuple(alternative))
    if problems and not alternatives:
        raise problems[0]
    return tuple(sorted(dict.fromkeys(alternatives), key=lambda names: not names))


def _problem(schemes: Mapping[str, Scheme], contract: Contract, alternative: Contract) -> str | None:
    """Why the client cannot meet a security requirement, and what to do."""
    declared = contract.get("components", {}).get("securitySchemes", {})
    for name in alternative:
        if name not in declared:
            return f"its security scheme {name} is not declared: add it in the overlay"
        if name not in schemes:
            scheme = dereference(contract, declared[name])
            scheme_type = " ".join(filter(None, (scheme.get("type"), scheme.get("scheme"))))
            return f"{_SUPPORTED} supported, not its security scheme {name} ({scheme_type}): replace it in the overlay"
    if len({_place(schemes[name]) for name in alternative}) < len(alternative):
        return (
            f"its security schemes {' and '.join(alternative)} use the same header: require one of them in the overlay"
        )
    return None


def _place(scheme: Mapping[str, str]) -> tuple[str, str]:
    """Where a request carries it; the names of headers have no case."""
    location, name = scheme["location"], scheme["parameter"]
    return location, name.lower() if location == "header" else name


def scheme_source(name: str) -> Source:
    """A reference to a scheme in ``_operations.py``."""
    return Source(f"SCHEMES[{name!r}]")
