"""Renders ``_operations.py``: the operations of an effective contract, as the data that the client carries.

What the client could not honour is rejected with its JSON pointer: security schemes other than HTTP bearer and an
API key in a header, credentials that are still header parameters, servers without an absolute URL.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from contract.errors import PipelineError
from contract.json_types import allowed_json_types, is_json
from contract.operations import Contract, Operation, iterate_operations, server_url
from contract.pointers import Location, dereference, pointer

# RFC 9110 §9.2.2; operations with another method can carry the mark x-idempotent.
_IDEMPOTENT = {"get", "head", "options", "trace", "put", "delete"}

_MODULE = '''\
"""The operations of the effective contract, as data."""

from ._runtime import Contract, Operation, Scheme, SuccessResponse

SCHEMES: dict[str, Scheme] = {%s}
%s

CONTRACT = %s
'''

_TAG = '''

class %s:
    """The operations tagged ``%s``."""

    %s
'''


def render_operations(contract: Contract, names: Mapping[tuple[str, str], tuple[str, str]]) -> str:
    """The source of ``_operations.py`` for a plain, valid ``contract``; its types are those of ``runtime.py``.

    ``names`` gives tag and name of each operation as the generator chose them, by method and normal path.
    Raises ``PipelineError`` for what the client could not honour.
    """
    schemes = _read_schemes(contract)
    tags: dict[str, list[str]] = {}
    operations: list[str] = []
    servers: list[str] = []
    seen: dict[tuple[str, str], Operation] = {}
    _reject_path_references(contract)
    for operation in iterate_operations(contract):
        if (other := seen.setdefault(operation.route, operation)) is not operation:
            raise _problem(
                operation.location,
                f"differs from {other.path} only in the names of its parameters: remove one of the two in the overlay",
            )
        _reject_credential_parameters(schemes, operation)
        tag, name = names[operation.route]
        servers += (urls := _read_servers(operation))
        source = _source(
            "Operation",
            name=name,
            tag=tag,
            method=operation.method.upper(),
            path=operation.path,
            security=_read_security(schemes, operation),
            servers=urls,
            success=_read_success_responses(operation),
            idempotent=operation.method in _IDEMPOTENT or operation.fields.get("x-idempotent") is True,
            deprecated=operation.fields.get("deprecated") is True,
        )
        tags.setdefault(tag, []).append(f"{name} = {source}")
        operations.append(f"{tag}.{name}")
    named_schemes = [f"{name!r}: {_source('Scheme', **scheme)}" for name, scheme in schemes.items()]
    default = [url for server in contract.get("servers", ()) if _is_absolute(url := server_url(server))]
    whole = _source(
        "Contract",
        operations=_Source("(" + "".join(f"{operation}, " for operation in operations) + ")"),
        schemes=_Source("tuple(SCHEMES.values())"),
        server=[*default, *servers, ""][0].rstrip("/"),
        package=_Source('f"{__package__}.api"'),
    )
    classes = "".join(_TAG % (tag, tag, "\n    ".join(members)) for tag, members in tags.items())
    return _MODULE % (", ".join(named_schemes), classes, whole)


class _Source(str):
    """Python that stands for itself."""

    __slots__ = ()
    __repr__ = str.__str__


def _source(type_name: str, **values: object) -> _Source:
    return _Source(f"{type_name}({', '.join(f'{field}={value!r}' for field, value in values.items())})")


def _problem(location: Location, text: str) -> PipelineError:
    return PipelineError(f"{pointer(location)}: {text}.")


def _reject_path_references(contract: Contract) -> None:
    for path, item in contract.get("paths", {}).items():
        if "$ref" in item:
            raise _problem(
                ("paths", path, "$ref"),
                "the generator does not follow a reference to a path item: move the operations here in the overlay",
            )


Scheme = dict[str, str]


def _read_schemes(contract: Contract) -> dict[str, Scheme]:
    schemes: dict[str, Scheme] = {}
    for name, scheme in contract.get("components", {}).get("securitySchemes", {}).items():
        scheme_type, location = scheme.get("type"), scheme.get("in")
        if scheme_type == "http" and str(scheme.get("scheme")).lower() == "bearer":
            schemes[name] = {"credential": "token", "header": "Authorization", "prefix": "Bearer "}
        elif scheme_type == "apiKey" and location == "header":
            schemes[name] = {"credential": "api_key", "header": scheme["name"], "prefix": ""}
        else:
            raise _problem(
                ("components", "securitySchemes", name),
                f"HTTP bearer tokens and API keys in a header are supported, not {scheme_type} "
                f"({scheme.get('scheme') or location}): replace the scheme in the overlay",
            )
    return schemes


def _reject_credential_parameters(schemes: Mapping[str, Scheme], operation: Operation) -> None:
    credentials = {scheme["header"].lower() for scheme in schemes.values()} | {"authorization"}
    for location, _, parameter in operation.parameters:
        if parameter.get("in") == "header" and parameter["name"].lower() in credentials:
            raise _problem(
                location,
                f"{parameter['name']} is a credential, but still a parameter: replace it with a security requirement "
                "in the overlay",
            )


def _read_security(schemes: Mapping[str, Scheme], operation: Operation) -> tuple[tuple[_Source, ...], ...]:
    for index, alternative in enumerate(operation.security):
        for name in alternative:
            if name not in schemes:
                location = (*operation.location, "security", index, name)
                raise _problem(location, "this security scheme is not declared: add it in the overlay")
    return tuple(tuple(_Source(f"SCHEMES[{name!r}]") for name in alternative) for alternative in operation.security)


def _read_servers(operation: Operation) -> tuple[str, ...]:
    urls = [server_url(server) for server in operation.servers[1]]
    for url in urls:
        if not _is_absolute(url):
            text = f"its server {url!r} is not an absolute http or https URL: replace it in the overlay"
            raise _problem(operation.location, text)
    if not urls:
        raise _problem(operation.location, "no server is declared: add a server in the overlay")
    return tuple(url.rstrip("/") for url in urls)


def _is_absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not set("{}") & set(url)
    except ValueError:
        return False


def _read_success_responses(operation: Operation) -> tuple[_Source, ...]:
    responses: list[_Source] = []
    for status, declared in sorted(operation.responses.items()):  # digits, then letters
        if re.fullmatch(r"2\d\d", status):
            low = high = int(status)
        elif status.upper() in ("2XX", "DEFAULT"):
            low, high = 200, 299
        else:
            continue
        types, items = _read_body_types(operation.contract, dereference(operation.contract, declared))
        responses.append(_source("SuccessResponse", low=low, high=high, json_types=types, item_types=items))
    return tuple(responses)


def _read_body_types(contract: Contract, response: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The JSON types of a response's body, and those of its items if it is an array."""
    content = response.get("content", {})
    # The generator parses one of several media types; only its parser knows which.
    if len(content) != 1 or not is_json(next(iter(content))):
        return (), ()
    schema = dereference(contract, next(iter(content.values())).get("schema", {}))
    types = allowed_json_types(contract, schema)
    items = allowed_json_types(contract, schema.get("items", {})) if types == ("array",) else ()
    return types, items
