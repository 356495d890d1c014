"""A mock of the Playbook API, made from its OpenAPI contract: in process, or over HTTP.

    mock = Mock()
    with httpx.Client(transport=mock.transport, base_url="https://api.playbook3d.com") as client: ...
    with mock.serve() as url: ...
    mock.on("cancel_run").reply(402).reply(503, headers={"retry-after": "1"}, times=2)
    mock.assert_called("cancel_run", times=3)

The README beside this file shows all that it can do. ``python -m playbook3d_mock`` serves it from a shell. It needs the
extra: ``pip install 'playbook3d-client[mock]'``.

Unless it is told otherwise, the mock responds from the contract alone, and does not guess. A contract that it does not
understand is a ``ContractError`` with the JSON pointer of the place:

- another version than OpenAPI 3.1, fields that OpenAPI 3.1 does not have, more than 200 levels of nesting;
- external, unresolvable and circular references; path items with a reference and other fields;
- schemas that are not valid JSON Schema 2020-12, that have ``$id``, anchors, dynamic references or another dialect;
- operations that require only security schemes other than HTTP bearer and basic, apiKey, OAuth 2 and OpenID Connect;
  unknown schemes;
- parameters in the styles ``label`` and ``matrix``, or described by ``content`` other than JSON and text;
- path templates that do not match their parameters, ambiguous path templates, paths and servers below ``/__mock__``;
- operations without a response, 1xx responses, content in 204, 205 and 304 responses.

Where its meaning is clear, what is wrong is only reported, in ``mock.engine.problems`` and at the start of the command;
with ``strict=True`` it is a ``ContractError``, too:

- examples that are malformed, do not match their schema, or drift from it: a generated value replaces them;
- responses and required headers for which no valid value can be generated: they are answered 501. Where there is no
  plain value, Schemathesis draws one if it is installed;
- media types and optional headers without a valid value: they are left out. A range such as ``*/*`` is sent as JSON,
  text, PNG, MPEG or MP4; objects that are not JSON, such as XML, need an example of their text;
- schemas as in OpenAPI 3.0 (``nullable``, boolean ``exclusiveMinimum``, a map of ``examples``), a name twice in
  ``required``: they are read as their authors mean;
- path parameters that are not declared, parameters without a schema, responses without a description.

Requests need no ``readOnly`` property; responses have no ``writeOnly`` property.

Each security scheme has its own credential. OAuth 2 and OpenID Connect take bearer tokens. Scopes are not checked.

Header parameters named Accept, Content-Type or Authorization are ignored, as OpenAPI says. Request bodies other than
JSON, forms and text are bytes, and are not parsed; the media types of multipart parts are not checked. Webhooks,
callbacks and links are not read. Every path is served at the root, and below the path of each server that the contract
names: a client sends there, also when it is given the mock's URL. The control paths below ``/__mock__/`` come before a
path template that matches them, such as ``/{team}/health``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playbook3d_mock._contract_files import contract_path
    from playbook3d_mock._credentials import credential_variables
    from playbook3d_mock._document import ContractError
    from playbook3d_mock._engine import Engine, Verdict
    from playbook3d_mock._journal import Journal, JournalEntry
    from playbook3d_mock._mock import Mock
    from playbook3d_mock._operations import Operation
    from playbook3d_mock._replies import Reply, Script
    from playbook3d_mock._request import Request
    from playbook3d_mock._response_hooks import ResponseError, ResponseWarning
    from playbook3d_mock._responses import Response
    from playbook3d_mock._transports import MockTransport

__all__ = [
    "ContractError",
    "Engine",
    "Journal",
    "JournalEntry",
    "Mock",
    "MockTransport",
    "Operation",
    "Reply",
    "Request",
    "Response",
    "ResponseError",
    "ResponseWarning",
    "Script",
    "Verdict",
    "contract_path",
    "credential_variables",
]

_MODULES = {
    "ContractError": "_document",
    "Engine": "_engine",
    "Journal": "_journal",
    "JournalEntry": "_journal",
    "Mock": "_mock",
    "MockTransport": "_transports",
    "Operation": "_operations",
    "Reply": "_replies",
    "Request": "_request",
    "Response": "_responses",
    "ResponseError": "_response_hooks",
    "ResponseWarning": "_response_hooks",
    "Script": "_replies",
    "Verdict": "_engine",
    "contract_path": "_contract_files",
    "credential_variables": "_credentials",
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
