"""Reads the operations of an effective contract into the data that the client carries, ``_operations.py``.

What the client could not honour is refused here, with its JSON pointer: a security scheme that is neither
an HTTP bearer token nor an API key in a header, a credential that is still a header parameter, a server
without an absolute URL.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from contract.documents import is_array, is_object, resolve
from contract.errors import ContractProblem, pointer

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


# Methods that RFC 9110 §9.2.2 calls idempotent; for the others the contract has to say it.
_IDEMPOTENT = {"get", "head", "options", "trace", "put", "delete"}

_MODULE = '''\
"""The operations of the effective contract, as data: what a client has to know of a call to make it well."""

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


def normal_path(path: str) -> str:
    """A path template without the names of its parameters: what tells one operation's path from another's."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def render_operations(contract: Mapping[str, Any], names: Mapping[tuple[str, str], tuple[str, str]]) -> str:
    """The source of ``_operations.py`` for a plain, valid ``contract``; its types are those of ``runtime.py``.

    ``names`` gives tag and name of each operation as the generator chose them, by method and normal path.
    Raises ``ContractProblem`` for what the client could not honour.
    """
    schemes = _schemes(contract)
    tags: dict[str, list[str]] = {}
    operations: list[str] = []
    servers: list[str] = []
    seen: dict[tuple[str, str], str] = {}
    for location, path, method, item, operation in _operations(contract):
        if (other := seen.setdefault((method, normal_path(path)), path)) != path:
            raise ContractProblem(f"{pointer(location)}: differs from {other} in the names of its parameters only.")
        _refuse_credential_parameters(contract, schemes, location, item, operation)
        tag, name = names[method, normal_path(path)]
        servers += (urls := _servers(contract, location, item, operation))
        source = _source(
            "Operation",
            name=name,
            tag=tag,
            method=method.upper(),
            path=path,
            security=_security(contract, schemes, location, operation),
            servers=urls,
            success=_success(contract, operation),
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


def _source(kind: str, **values: object) -> _Source:
    return _Source(f"{kind}({', '.join(f'{name}={value!r}' for name, value in values.items())})")


Scheme = dict[str, str]
Location = tuple[object, ...]


def _operations(
    contract: Mapping[str, Any],
) -> Iterator[tuple[Location, str, str, Mapping[str, Any], Mapping[str, Any]]]:
    paths: dict[str, dict[str, Any]] = contract.get("paths", {})
    for path, item in paths.items():
        if "$ref" in item:
            raise ContractProblem(
                f"{pointer(('paths', path, '$ref'))}: the generator does not follow a reference to a path item: "
                "write the operations here."
            )
        for method in METHODS:
            if method in item:
                yield ("paths", path, method), path, method, item, item[method]


def _schemes(contract: Mapping[str, Any]) -> dict[str, Scheme]:
    schemes: dict[str, Scheme] = {}
    for name, scheme in contract.get("components", {}).get("securitySchemes", {}).items():
        kind, place = scheme.get("type"), scheme.get("in")
        if kind == "http" and str(scheme.get("scheme")).lower() == "bearer":
            schemes[name] = {"credential": "token", "header": "Authorization", "prefix": "Bearer "}
        elif kind == "apiKey" and place == "header":
            schemes[name] = {"credential": "api_key", "header": scheme["name"], "prefix": ""}
        else:
            where = pointer(("components", "securitySchemes", name))
            raise ContractProblem(
                f"{where}: the client knows HTTP bearer tokens and API keys in a header, not {kind} "
                f"({scheme.get('scheme') or place}): overlay it, or teach the client."
            )
    return schemes


def _refuse_credential_parameters(
    contract: Mapping[str, Any],
    schemes: Mapping[str, Scheme],
    location: Location,
    item: Mapping[str, Any],
    operation: Mapping[str, Any],
) -> None:
    credentials = {scheme["header"].lower() for scheme in schemes.values()} | {"authorization"}
    for where, holder in ((location[:-1], item), (location, operation)):
        for index, declared in enumerate(holder.get("parameters", ())):
            parameter = resolve(contract, declared)
            if parameter.get("in") == "header" and parameter["name"].lower() in credentials:
                raise ContractProblem(
                    f"{pointer((*where, 'parameters', index))}: {parameter['name']} is a credential, yet still a "
                    "parameter: let an overlay action turn it into a security requirement."
                )


def _security(
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
                raise ContractProblem(f"{where}: no security scheme of that name is declared.")
    return tuple(tuple(_Source(f"SCHEMES[{name!r}]") for name in alternative) for alternative in alternatives)


def _servers(
    contract: Mapping[str, Any], location: Location, item: Mapping[str, Any], operation: Mapping[str, Any]
) -> tuple[str, ...]:
    servers = operation.get("servers") or item.get("servers") or contract.get("servers") or ()
    urls: list[str] = []
    for server in servers:
        url = server_url(server)
        if not _is_absolute(url):
            raise ContractProblem(
                f"{pointer(location)}: its server {url!r} is not an absolute http or https URL: overlay it with one."
            )
        urls.append(url.rstrip("/"))
    if not urls:
        raise ContractProblem(f"{pointer(location)}: no server is declared: add one with an overlay action.")
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


def _success(contract: Mapping[str, Any], operation: Mapping[str, Any]) -> tuple[_Source, ...]:
    found: list[_Source] = []
    for status, declared in sorted(operation.get("responses", {}).items()):  # digits, then letters
        if re.fullmatch(r"2\d\d", status):
            low = high = int(status)
        elif status.upper() in ("2XX", "DEFAULT"):
            low, high = 200, 299
        else:
            continue
        types, items = _body(contract, resolve(contract, declared))
        found.append(_source("SuccessResponse", low=low, high=high, json_types=types, item_types=items))
    return tuple(found)


def _body(contract: Mapping[str, Any], response: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The kinds of JSON that a response's body can be, and those of its items where it is an array."""
    content = response.get("content", {})
    # Of several media types the generator takes one; its parser alone then says what the body is.
    if len(content) != 1 or not _is_json(next(iter(content))):
        return (), ()
    schema = resolve(contract, next(iter(content.values())).get("schema", {}))
    kinds = _kinds(contract, schema)
    items = _kinds(contract, resolve(contract, schema.get("items", {}))) if kinds == ("array",) else ()
    return kinds, items


def _is_json(media_type: str) -> bool:
    name = media_type.partition(";")[0].strip().lower()
    return name == "application/json" or name.endswith("+json")


_KINDS = {"object", "array", "string", "number", "boolean", "null"}


def _kinds(contract: Mapping[str, Any], schema: Any) -> tuple[str, ...]:
    """The kinds of JSON that a schema lets through, sorted; empty where it lets all of them through."""
    kinds = _kinds_of(contract, schema)
    return () if kinds == _KINDS else tuple(sorted(kinds))


def _kinds_of(contract: Mapping[str, Any], schema: Any, above: tuple[int, ...] = ()) -> set[str]:
    schema = resolve(contract, schema)
    kinds = set(_KINDS)
    if not is_object(schema) or id(schema) in above:
        return kinds  # true or false, or a schema inside of itself, which says nothing more
    above = (*above, id(schema))
    if "type" in schema:
        types = schema["type"] if is_array(schema["type"]) else [schema["type"]]
        kinds &= {"number" if kind == "integer" else kind for kind in types}
    elif "properties" in schema:
        kinds = {"object"}  # not so in JSON Schema, but the generator makes a model of it
    if "enum" in schema or "const" in schema:
        kinds &= {_kind(value) for value in schema.get("enum", [schema.get("const")])}
    for part in schema.get("allOf", ()):
        kinds &= _kinds_of(contract, part, above)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            kinds &= set().union(*(_kinds_of(contract, part, above) for part in schema[keyword]))
    return kinds


def _kind(value: object) -> str:
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    return next((name for name, kind in kinds.items() if isinstance(value, kind)), "number")
