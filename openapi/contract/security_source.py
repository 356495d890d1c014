"""Reads the security of a contract for ``_operations.py``."""

from collections.abc import Mapping

from contract.errors import UnsupportedError
from contract.operations import Contract, Operation
from contract.python_source import Source

Scheme = dict[str, str]


def read_schemes(contract: Contract) -> dict[str, Scheme]:
    """The arguments of each security scheme, by its name in the contract."""
    schemes: dict[str, Scheme] = {}
    for name, scheme in contract.get("components", {}).get("securitySchemes", {}).items():
        scheme_type, location = scheme.get("type"), scheme.get("in")
        if scheme_type == "http" and str(scheme.get("scheme")).lower() == "bearer":
            schemes[name] = {"credential": "token", "header": "Authorization", "prefix": "Bearer "}
        elif scheme_type == "apiKey" and location == "header":
            schemes[name] = {"credential": "api_key", "header": scheme["name"], "prefix": ""}
        else:
            raise UnsupportedError(
                ("components", "securitySchemes", name),
                f"HTTP bearer tokens and API keys in a header are supported, not {scheme_type} "
                f"({scheme.get('scheme') or location}): replace the scheme in the overlay",
            )
    return schemes


def reject_credential_parameters(schemes: Mapping[str, Scheme], operation: Operation) -> None:
    """Raise ``UnsupportedError`` for a credential that is still a header parameter."""
    credentials = {scheme["header"].lower() for scheme in schemes.values()} | {"authorization"}
    for location, _, parameter in operation.parameters:
        if parameter.get("in") == "header" and parameter["name"].lower() in credentials:
            raise UnsupportedError(
                location,
                f"{parameter['name']} is a credential, but still a parameter: replace it with a security requirement "
                "in the overlay",
            )


def read_security(schemes: Mapping[str, Scheme], operation: Operation) -> tuple[tuple[Source, ...], ...]:
    """The security requirements of an operation, as source."""
    for index, alternative in enumerate(operation.security):
        for name in alternative:
            if name not in schemes:
                location = (*operation.location, "security", index, name)
                raise UnsupportedError(location, "this security scheme is not declared: add it in the overlay")
    return tuple(tuple(Source(f"SCHEMES[{name!r}]") for name in alternative) for alternative in operation.security)
