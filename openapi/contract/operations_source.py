"""Renders ``_operations.py``: the operations of an effective contract, as the data that the client carries.

What the client could not honour is rejected with its JSON pointer: security requirements that it cannot meet,
credentials that are still parameters, servers that are not reached by HTTP.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from contract.errors import UnsupportedError
from contract.json_types import allowed_json_types, is_json
from contract.operations import Contract, Operation, iterate_operations, server_url
from contract.pointers import dereference
from contract.python_source import Source, call
from contract.security_source import (
    Scheme,
    read_schemes,
    read_security,
    reject_credential_parameters,
    scheme_source,
)

#: Tag and name of each operation, by method and normal path.
Names = Mapping[tuple[str, str], tuple[str, str]]

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


class _Source(NamedTuple):
    """An operation as source, with its servers, and the names of its security schemes."""

    tag: str
    name: str
    source: Source
    servers: tuple[str, ...]
    schemes: frozenset[str]


def render_operations(contract: Contract, names: Names) -> str:
    """The source of ``_operations.py`` for a plain, valid ``contract``; its types are those of ``runtime.py``.

    ``names`` gives tag and name of each operation as the generator chose them, by method and normal path.
    Raises ``PipelineError`` for what the client could not honour.
    """
    tags: dict[str, list[str]] = {}
    operations: list[str] = []
    servers: list[str] = []
    required: set[str] = set()
    for operation in _read_operations(contract, names):
        if isinstance(operation, UnsupportedError):
            raise operation
        servers += operation.servers
        required |= operation.schemes
        tags.setdefault(operation.tag, []).append(f"{operation.name} = {operation.source}")
        operations.append(f"{operation.tag}.{operation.name}")
    schemes = {name: scheme for name, scheme in read_schemes(contract).items() if name in required}
    named_schemes = [f"{name!r}: {call('Scheme', **scheme)}" for name, scheme in schemes.items()]
    default = [url for server in contract.get("servers", ())[:1] if _is_absolute(url := server_url(server))]
    whole = call(
        "Contract",
        operations=Source("(" + "".join(f"{operation}, " for operation in operations) + ")"),
        schemes=Source("tuple(SCHEMES.values())"),
        server=[*default, *servers, ""][0].rstrip("/"),
        package=Source('f"{__package__}.api"'),
    )
    classes = "".join(_TAG % (tag, tag, "\n    ".join(members)) for tag, members in tags.items())
    return _MODULE % (", ".join(named_schemes), classes, whole)


def source_errors(contract: Contract, names: Names) -> Iterator[UnsupportedError]:
    """What ``render_operations`` would reject; an operation without a name is one that the generator rejects."""
    return (each for each in _read_operations(contract, names) if isinstance(each, UnsupportedError))


def _read_operations(contract: Contract, names: Names) -> Iterator[_Source | UnsupportedError]:
    schemes = read_schemes(contract)
    seen: dict[tuple[str, str], Operation] = {}
    yield from _path_references(contract)
    for operation in iterate_operations(contract):
        try:
            yield _read_operation(operation, schemes, seen, *names.get(operation.route, ("", "")))
        except UnsupportedError as error:
            yield error


def _read_operation(
    operation: Operation, schemes: Mapping[str, Scheme], seen: dict[tuple[str, str], Operation], tag: str, name: str
) -> _Source:
    if (other := seen.setdefault(operation.route, operation)) is not operation:
        raise UnsupportedError(
            operation.location,
            f"differs from {other.path} only in the names of its parameters: remove one of the two in the overlay",
        )
    reject_credential_parameters(schemes, operation)
    servers, security = _read_servers(operation), read_security(schemes, operation)
    source = call(
        "Operation",
        name=name,
        tag=tag,
        method=operation.method.upper(),
        path=operation.path,
        security=tuple(tuple(map(scheme_source, names)) for names in security),
        servers=servers,
        success=_read_success_responses(operation),
        idempotent=operation.is_idempotent,
        deprecated=operation.is_deprecated,
    )
    return _Source(tag, name, source, servers, frozenset().union(*security))


def _path_references(contract: Contract) -> Iterator[UnsupportedError]:
    for path, item in contract.get("paths", {}).items():
        if "$ref" in item:
            yield UnsupportedError(
                ("paths", path, "$ref"),
                "the generator does not follow a reference to a path item: move the operations here in the overlay",
            )


def _read_servers(operation: Operation) -> tuple[str, ...]:
    """The base URLs of an operation; none if only the user can know the default one."""
    owner, servers = operation.servers
    urls = [server_url(server) for server in servers]
    if not urls or not re.match("[A-Za-z][A-Za-z0-9+.-]*:", urls[0]) or set("{}") & set(urls[0]):
        return ()  # missing, relative (RFC 3986 §3.1), or with a variable that the contract does not declare
    if not _is_absolute(urls[0]):
        text = f"the server {urls[0]!r} is not an http or https URL: replace it in the overlay"
        raise UnsupportedError((*owner, "servers", 0, "url"), text, operation.location)
    return tuple(url.rstrip("/") for url in urls if _is_absolute(url))


def _is_absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not set("{}") & set(url)
    except ValueError:
        return False


def _read_success_responses(operation: Operation) -> tuple[Source, ...]:
    responses: list[Source] = []
    for status, declared in sorted(operation.responses.items()):  # digits, then letters
        if re.fullmatch(r"2\d\d", status):
            low = high = int(status)
        elif status.upper() in ("2XX", "DEFAULT"):
            low, high = 200, 299
        else:
            continue
        types, items = _read_body_types(operation.contract, dereference(operation.contract, declared))
        responses.append(call("SuccessResponse", low=low, high=high, json_types=types, item_types=items))
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
