"""A mock of the Playbook API, made from its OpenAPI contract: in process, or over HTTP.

    mock = Mock()
    with httpx.Client(transport=mock.transport, base_url="https://api.playbook3d.com") as client: ...
    with mock.serve() as url: ...

``python -m playbook3d_mock`` serves it from a shell. It needs the extra: ``pip install 'playbook3d-client[mock]'``.

The mock responds from the contract alone, so it does not guess. A contract that it does not understand is a
``ContractError`` with the JSON pointer of the place:

- another version than OpenAPI 3.1, fields that OpenAPI 3.1 does not have;
- external, unresolvable and circular references; path items with a reference and other fields;
- schemas that are not valid JSON Schema 2020-12, that have ``$id``, anchors, dynamic references or another dialect, or
  ``nullable``, which OpenAPI 3.1 no longer has;
- security schemes other than HTTP bearer and apiKey, unknown schemes, roles;
- parameters described by ``content``, with another style than ``form`` (query, cookie) and ``simple`` (path, header),
  of type object, arrays of anything but one simple type, schemas without a type, ``allowEmptyValue``, header parameters
  named Accept, Content-Type or Authorization, which OpenAPI ignores;
- path templates that do not match their parameters, ambiguous path templates;
- request bodies other than JSON and application/octet-stream, media types with parameters other than charset=utf-8;
- operations without a success, 1xx responses, content in 204, 205 and 304 responses;
- examples that do not match their schema or drift from it, schemas for which no valid example can be generated;
- required response headers for which there is no valid example.

Webhooks, callbacks and links are not read. Every path is served at the root, and below the path of each server that the
contract names: a client sends there, also when it is given the mock's URL.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playbook3d_mock._document import ContractError
    from playbook3d_mock._engine import Engine, Verdict
    from playbook3d_mock._mock import Mock
    from playbook3d_mock._operations import Operation
    from playbook3d_mock._request import Request
    from playbook3d_mock._responses import Response
    from playbook3d_mock._transports import MockTransport

__all__ = ["ContractError", "Engine", "Mock", "MockTransport", "Operation", "Request", "Response", "Verdict"]

_MODULES = {
    "ContractError": "_document",
    "Engine": "_engine",
    "Mock": "_mock",
    "MockTransport": "_transports",
    "Operation": "_operations",
    "Request": "_request",
    "Response": "_responses",
    "Verdict": "_engine",
}


def __getattr__(name: str) -> Any:
    # Imported on demand, so that without the extra the error names it.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    except ModuleNotFoundError as error:
        message = f"the mock needs {error.name}: pip install 'playbook3d-client[mock]'"
        raise ModuleNotFoundError(message, name=error.name) from error
