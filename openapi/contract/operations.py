"""Reads the operations of an effective contract into the data that the client carries, ``_operations.py``.

What the client could not honour is rejected with its JSON pointer: security schemes other than HTTP bearer and an
API key in a header, credentials that are still header parameters, servers without an absolute URL.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from contract.errors import PipelineError
from contract.json_types import allowed_json_types, is_json
from contract.pointers import dereference, pointer

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
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


def normalize_path(path: str) -> str:
    """A path template without the names of its parameters: two operations differ in more than these names."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def render_operations(contract: Mapping[str, Any], names: Mapping[tuple[str, str], tuple[str, str]]) -> str:
    """The source of ``_operations.py`` for a plain, valid ``contract``; its types are those of ``runtime.py``.

    ``names`` gives tag and name of each operation as the generator chose them, by method and normal path.
    Raises ``PipelineError`` for what the client could not honour.
    """
    schemes = _read_schemes(contract)
    tags: dict[str, list[str]] = {}
    operations: list[str] = []
    servers: list[str] = []
    seen: dict[tuple[str, str], str] = {}
    for location, path, method, item, operation in _iterate_operations(contract):
        if (other := seen.setdefault((method, normalize_path(path)), path)) != path:
            raise PipelineError(
                f"{pointer(location)}: differs from {other} only in the names of its parameters: remove one of the "
                "two in the overlay."
            )
        _reject_credential_parameters(contract, schemes, location, item, operation)
        tag, name = names[method, normalize_path(path)]
        servers += (urls := _read_servers(contract, location, item, operation))
        source = _source(
            "Operation",
            name=name,
            tag=tag,
            method=method.upper(),
            path=path,
            security=_read_security(contract, schemes, location, operation),
            servers=urls,
            success=_read_success_responses(contract, operation),
            idempotent=method in _IDEMPOTENT or operation.get("x-idempotent") is True,
            deprecated=operation.get("deprecated") is True,
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


Scheme = dict[str, str]
Location = tuple[object, ...]


def _iterate_operations(
    contract: Mapping[str, Any],
) -> Iterator[tuple[Location, str, str, Mapping[str, Any], Mapping[str, Any]]]:
    paths: dict[str, dict[str, Any]] = contract.get("paths", {})
    for path, item in paths.items():
        if "$ref" in item:
            raise PipelineError(
                f"{pointer(('paths', path, '$ref'))}: the generator does not follow a reference to a path item: "
                "move the operations here in the overlay."
            )
        for method in METHODS:
            if method in item:
                yield ("paths", path, method), path, method, item, item[method]


def _read_schemes(contract: Mapping[str, Any]) -> dict[str, Scheme]:
    schemes: dict[str, Scheme] = {}
    for name, scheme in contract.get("components", {}).get("securitySchemes", {}).items():
        scheme_type, location = scheme.get("type"), scheme.get("in")
        if scheme_type == "http" and str(scheme.get("scheme")).lower() == "bearer":
            schemes[name] = {"credential": "token", "header": "Authorization", "prefix": "Bearer "}
        elif scheme_type == "apiKey" and location == "header":
            schemes[name] = {"credential": "api_key", "header": scheme["name"], "prefix": ""}
        else:
            where = pointer(("components", "securitySchemes", name))
            raise PipelineError(
                f"{where}: HTTP bearer tokens and API keys in a header are supported, not {scheme_type} "
                f"({scheme.get('scheme') or location}): replace the scheme in the overlay."
            )
    return schemes


def _reject_credential_parameters(
    contract: Mapping[str, Any],
    schemes: Mapping[str, Scheme],
    location: Location,
    item: Mapping[str, Any],
    operation: Mapping[str, Any],
) -> None:
    credentials = {scheme["header"].lower() for scheme in schemes.values()} | {"authorization"}
    for where, owner in ((location[:-1], item), (location, operation)):
        for index, declared in enumerate(owner.get("parameters", ())):
            parameter = dereference(contract, declared)
            if parameter.get("in") == "header" and parameter["name"].lower() in credentials:
                raise PipelineError(
                    f"{pointer((*where, 'parameters', index))}: {parameter['name']} is a credential, but still a "
                    "parameter: replace it with a security requirement in the overlay."
                )


def _read_security(
    contract: Mapping[str, Any],
    schemes: Mapping[str, Scheme],
    location: Location,
    operation: Mapping[str, Any],
) -> tuple[tuple[_Source, ...], ...]:
    alternatives = operation.get("security", contract.get("security", []))
    for index, alternative in enumerate(alternatives):
        for name in alternative:
            if name not in schemes:
                where = pointer((*location, "security", index, name))
                raise PipelineError(f"{where}: this security scheme is not declared: add it in the overlay.")
    return tuple(tuple(_Source(f"SCHEMES[{name!r}]") for name in alternative) for alternative in alternatives)


def _read_servers(
    contract: Mapping[str, Any], location: Location, item: Mapping[str, Any], operation: Mapping[str, Any]
) -> tuple[str, ...]:
    servers = operation.get("servers") or item.get("servers") or contract.get("servers") or ()
    urls: list[str] = []
    for server in servers:
        url = server_url(server)
        if not _is_absolute(url):
            raise PipelineError(
                f"{pointer(location)}: its server {url!r} is not an absolute http or https URL: replace it in the "
                "overlay."
            )
        urls.append(url.rstrip("/"))
    if not urls:
        raise PipelineError(f"{pointer(location)}: no server is declared: add a server in the overlay.")
    return tuple(urls)


def server_url(server: Mapping[str, Any]) -> str:
    """The URL of a Server Object, each variable at its default."""
    url: str = server["url"]
    for name, variable in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", variable["default"])
    return url


def _is_absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not set("{}") & set(url)
    except ValueError:
        return False


def _read_success_responses(contract: Mapping[str, Any], operation: Mapping[str, Any]) -> tuple[_Source, ...]:
    responses: list[_Source] = []
    for status, declared in sorted(operation.get("responses", {}).items()):  # digits, then letters
        if re.fullmatch(r"2\d\d", status):
            low = high = int(status)
        elif status.upper() in ("2XX", "DEFAULT"):
            low, high = 200, 299
        else:
            continue
        types, items = _read_body_types(contract, dereference(contract, declared))
        responses.append(_source("SuccessResponse", low=low, high=high, json_types=types, item_types=items))
    return tuple(responses)


def _read_body_types(
    contract: Mapping[str, Any], response: Mapping[str, Any]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The JSON types of a response's body, and those of its items if it is an array."""
    content = response.get("content", {})
    # The generator parses one of several media types; only its parser knows which.
    if len(content) != 1 or not is_json(next(iter(content))):
        return (), ()
    schema = dereference(contract, next(iter(content.values())).get("schema", {}))
    types = allowed_json_types(contract, schema)
    items = allowed_json_types(contract, schema.get("items", {})) if types == ("array",) else ()
    return types, items
