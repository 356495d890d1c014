"""Control paths: programs in any language read the journal and write scripts over HTTP.

| path | methods |
| --- | --- |
| ``/__mock__/journal`` | ``GET``, ``DELETE`` |
| ``/__mock__/replies`` | ``GET``, ``POST``, ``DELETE`` |
| ``/__mock__/openapi.yaml`` | ``GET`` |
| ``/__mock__/health`` | ``GET`` |

``?operation=`` selects requests or replies. Control paths take no credentials, and show none. A web page must not
program the mock: requests with ``Origin`` are rejected. So are those with a ``Host`` that is not this machine, unless
control paths were asked for: a page can give a name of its own the address 127.0.0.1.
"""

from __future__ import annotations

import ipaddress
import json
import re
from dataclasses import asdict, fields, replace
from io import StringIO
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from playbook3d_mock._contract_files import load
from playbook3d_mock._redaction import mask
from playbook3d_mock._replies import Reply, Script
from playbook3d_mock._request import percent_decode
from playbook3d_mock._responses import Response, response_with_content, with_headers
from playbook3d_mock._serialization import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from playbook3d_mock._operations import Operation
    from playbook3d_mock._replies import Responder
    from playbook3d_mock._request import Request
    from playbook3d_mock._service import Service

    Respond = Callable[[Request, Service], Response]

CONTROL_PREFIX = b"/__mock__/"
# What a reply may have. The types that Script.reply() does not check itself.
_OPTIONS = (*(field.name for field in fields(Reply) if field.init), "times")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"')
_TYPES = {"headers": (dict, "an object"), "example": (str, "a string"), "dynamic": (bool, "true or false")}


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host: "localhost", or an address of this machine's own network."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # another name, whatever it resolves to


def control_response(request: Request, service: Service, *, any_host: bool) -> Response:
    """The response to a request whose path starts with ``CONTROL_PREFIX``.

    Args:
        request: The request.
        service: The service to control.
        any_host: Whether ``Host`` may be another than this machine.
    """
    try:
        response = _respond(request, service, any_host=any_host)
    except (TypeError, ValueError) as error:
        response = _error(400, mask(str(error), service.journal.redaction.secrets(request)))
    return replace(response, body=b"") if request.method == "HEAD" else response


def _respond(request: Request, service: Service, *, any_host: bool) -> Response:
    methods = _METHODS.get(request.raw_path.removeprefix(CONTROL_PREFIX).decode("latin-1"))
    if methods is None:
        return _error(404, f"this is not a control path: use {', '.join(map(_path, _METHODS))}")
    if request.header(b"origin") is not None:
        return _error(403, "a web page must not use the control paths")
    if not (any_host or _is_for_this_machine(request)):
        return _error(403, "use the control paths at 127.0.0.1 or localhost, or serve them for all: --control")
    respond = methods.get("GET" if request.method == "HEAD" else request.method)
    if respond is None:
        allow = ", ".join(sorted({*methods, "HEAD"}))
        return with_headers(_error(405, f"this path allows {allow} only"), {b"allow": allow.encode("ascii")})
    known = ("operation",) if respond in _SELECTING else ()
    if unknown := [repr(key) for key, _ in request.pairs("query") if key not in known]:
        raise ValueError(f"the query has unknown parameters: {', '.join(unknown)}")
    return respond(request, service)


def _is_for_this_machine(request: Request) -> bool:
    host = request.header(b"host")
    return host is None or is_loopback(urlsplit(f"//{host.decode('latin-1')}").hostname or "")


def _path(name: str) -> str:
    return f"{CONTROL_PREFIX.decode('ascii')}{name}"


def _get_journal(request: Request, service: Service) -> Response:
    operation = _selected(request, service)
    entries = service.journal if operation is None else service.journal.calls(operation.label)
    return _json(200, json.dumps([asdict(entry) for entry in entries]))


def _delete_journal(request: Request, service: Service) -> Response:
    operation = _selected(request, service)
    service.journal.clear(operation.label if operation else None)
    return Response(204)


def _get_replies(request: Request, service: Service) -> Response:
    return _queued(request, service, _selected(request, service))


def _delete_replies(request: Request, service: Service) -> Response:
    operation = _selected(request, service)
    for name, script in service.scripts.items():
        if operation is None or name == operation.name:
            script.clear()
    return Response(204)


def _post_replies(request: Request, service: Service) -> Response:
    members = _object(_parse(request.body), "the content", ("operation", "replies"))
    name, replies = members.get("operation"), members.get("replies")
    if not isinstance(name, str) or not isinstance(replies, list):
        raise ValueError('the content must have "operation", a string, and "replies", an array')
    operation = service.engine.operation(name)
    values = cast("list[object]", replies)
    options = [_read_options(value, f"replies[{index}]") for index, value in enumerate(values)]
    # First a draft: an invalid reply leaves the script as it was.
    for script in (Script(operation.name), service.script(name)):
        for index, each in enumerate(options):
            try:
                script.reply(**each)
            except (TypeError, ValueError) as error:
                raise ValueError(f"replies[{index}]: {error}") from error
    return _queued(request, service, operation)


def _get_contract(_request: Request, service: Service) -> Response:
    source = service.engine.source
    if not isinstance(source, bytes):
        text = StringIO()
        yaml: Any = YAML(typ="safe", pure=True)
        yaml.default_flow_style = yaml.sort_base_mapping_type_on_output = False
        yaml.dump(load(source).value, text)
        source = text.getvalue().encode("utf-8")
    return response_with_content(200, (), "application/yaml", source)  # RFC 9512


def _get_health(_request: Request, service: Service) -> Response:
    return _json(200, json.dumps({"status": "ok", "operations": len(service.engine.operations)}))


_METHODS: dict[str, dict[str, Respond]] = {
    "journal": {"GET": _get_journal, "DELETE": _delete_journal},
    "replies": {"GET": _get_replies, "POST": _post_replies, "DELETE": _delete_replies},
    "openapi.yaml": {"GET": _get_contract},
    "health": {"GET": _get_health},
}
_SELECTING = (_get_journal, _delete_journal, _get_replies, _delete_replies)


def _selected(request: Request, service: Service) -> Operation | None:
    """The operation in the query; raises ``ValueError`` if there is no such operation."""
    names = request.values("query", "operation")
    return service.engine.operation(percent_decode(names[0])) if names else None


def _parse(content: bytes) -> Any:
    try:
        return parse_json(content, max_values=None)
    except ValueError as error:
        raise ValueError(f"the content {error}") from error


def _object(value: Any, name: str, known: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{name} must be a JSON object")
    members = cast("dict[str, Any]", value)
    if unknown := [repr(key) for key in members if key not in known]:
        raise ValueError(f"{name} has the unknown members {', '.join(unknown)}; known are {', '.join(known)}")
    return members


def _read_options(value: Any, name: str) -> dict[str, Any]:
    """The arguments of ``Script.reply`` that a JSON object has."""
    options = _object(value, name, _OPTIONS)
    for option, (expected, label) in _TYPES.items():
        if option in options and not isinstance(options[option], expected):
            raise ValueError(f"{name}: {option} must be {label}")
    return options


def _queued(request: Request, service: Service, operation: Operation | None) -> Response:
    """The replies that are left, of one operation or of all."""
    labels = {each.name: each.label for each in service.engine.operations}
    queued = [
        {"operation": labels.get(name, name), "replies": [_describe(*reply) for reply in script.replies]}
        for name, script in service.scripts.items()
        if script.replies and (operation is None or name == operation.name)
    ]
    secrets = service.journal.redaction.secrets(request)
    # Each string by itself: what is masked must stay JSON.
    return _json(200, _STRING.sub(lambda text: json.dumps(mask(json.loads(text[0]), secrets)), json.dumps(queued)))


def _describe(reply: Reply | Responder, times: int | None) -> dict[str, Any]:
    """A reply as JSON, without the options that it leaves to their default."""
    if not isinstance(reply, Reply):
        return {"function": getattr(reply, "__qualname__", type(reply).__qualname__), "times": times}
    options = {field.name: getattr(reply, field.name) for field in fields(reply) if field.init}
    default = Reply()
    options = {name: value for name, value in options.items() if value != getattr(default, name)}
    if isinstance(body := options.get("body"), bytes):
        options["body"] = f"{len(body)} bytes"
    return {**options, "times": times}


def _json(status: int, text: str) -> Response:
    return response_with_content(status, (), "application/json", text.encode("ascii"))


def _error(status: int, message: str) -> Response:
    return _json(status, json.dumps({"message": message}))
