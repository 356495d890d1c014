"""The engine: judges a request by the contract, and picks the reply. It is pure: no clock, no I/O, no state.

The order is: route (404, 405), credentials (401), parameters and body (400, else 422; 415), and only then
what the client prefers: `Prefer: code=404` forces a documented status of a request that is valid otherwise.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._loading import load
from ._parameters import Parameter, parameters
from ._payloads import MediaTypeError, Payload, payload
from ._prefer import preferred_code
from ._replies import Replies, Reply, complete
from ._routes import Routes, parameter_names
from ._schemas import Schemas
from ._security import Credentials, Security, schemes, security

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from ._contract import Node
    from ._replies import Headers
    from ._request import Request
    from ._security import Scheme

_METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
_OPERATION = (
    "tags", "summary", "description", "externalDocs", "operationId", "parameters",
    "requestBody", "responses", "callbacks", "deprecated", "security", "servers",
)  # fmt: skip
_STATUS = re.compile("[2-5][0-9]{2}")


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """An operation of the contract: its name, "POST /path", and what its requests and replies must be."""

    name: str
    method: str
    path: str
    security: Security
    parameters: tuple[Parameter, ...]
    payload: Payload | None
    replies: Replies

    @property
    def bad_request(self) -> int:
        """The status for bad input: 400, or 422 where only that is documented."""
        documented = self.replies.documented
        return 422 if "422" in documented and not {"400", "4XX"} & documented.keys() else 400

    def __repr__(self) -> str:
        return f"<Operation {self.name}>"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the contract says of a request.

    `operation` is the operation that answers, None where the path names none; `problem` says what is wrong with
    the request, None where nothing is; `parameter` names the part that is wrong ("path team_id", "body");
    `allow` are the methods of the path, of a 405; `preferred` says that the client asked for the status.
    """

    operation: Operation | None
    status: int
    problem: str | None = None
    parameter: str | None = None
    allow: tuple[str, ...] = ()
    preferred: bool = False

    @property
    def text(self) -> str | None:
        """The problem in words, with what is wrong named first."""
        return f"{self.parameter}: {self.problem}" if self.parameter else self.problem


class Engine:
    """The contract, ready to answer. Raises ContractError where the contract cannot be served."""

    def __init__(
        self, contract: str | PathLike[str] | Mapping[str, Any] | None = None, *, api_key: str, token: str
    ) -> None:
        root = load(contract)
        schemas = Schemas(root)
        known = schemes(root, Credentials(api_key, token))
        self.operations: tuple[Operation, ...] = ()
        self._routes: Routes[dict[str, Operation]] = Routes()
        self._routes.add_servers(root)
        paths = root.get("paths")
        for path in paths.object() if paths else ():
            if paths and path.startswith("/"):
                item = _path_item(paths.child(path))
                for owner in (item, *(item.child(key) for key in item.object() if key.upper() in _METHODS)):
                    self._routes.add_servers(owner)
                found = _operations(path, item, root, schemas, known)
                if found:
                    self._routes.add(path, item, {operation.method: operation for operation in found})
                self.operations += found
            elif paths and not path.startswith("x-"):
                raise paths.child(path).error("is not a path: it must start with '/'")
        if not self.operations:
            raise (paths or root).error("declares no operation, so there is nothing to serve")

    def __repr__(self) -> str:
        return f"<Engine of {len(self.operations)} operations>"

    def handle(self, request: Request) -> Reply:
        """The reply to a request."""
        return self.reply(request, self.judge(request))

    def judge(self, request: Request) -> Verdict:
        """What the contract says of a request."""
        match = self._routes.match(request.raw_path.decode("latin-1"))
        if match is None:
            return Verdict(None, 404, "no path of the contract matches")
        operations, in_path = match
        operation = operations.get(request.method)
        if operation is None and request.method == "HEAD":
            # RFC 9110 §9.3.2: what GET answers, without the content.
            operation = operations.get("GET")
        if operation is None:
            allow = tuple(sorted({*operations, "HEAD"} if "GET" in operations else operations))
            # The declared shape of a 405 is that of the first operation here which documents one.
            speaker = next((one for one in operations.values() if one.replies.documents(405)), None)
            return Verdict(speaker, 405, f"this path answers {', '.join(allow)} only", allow=allow)
        if problem := operation.security.problem(request):
            return Verdict(operation, 401, problem)
        return _judge_input(operation, request, in_path)

    def reply(self, request: Request, verdict: Verdict) -> Reply:
        """The reply that a verdict calls for."""
        operation, status = verdict.operation, verdict.status
        reply = operation.replies.reply(status, verdict.text) if operation else None
        if reply is None:
            body = json.dumps({"message": verdict.text}).encode("ascii")
            reply = complete(status, (), "application/json", body)
        if extra := _fields(verdict):
            # What HTTP asks for replaces an example of the contract's.
            kept = (field for field in reply.headers if field[0] not in dict(extra))
            reply = Reply(status, (*kept, *extra), reply.body)
        # The header fields of a reply to HEAD are those of the reply to GET (RFC 9110 §9.3.2).
        return Reply(status, reply.headers) if request.method == "HEAD" else reply


def _judge_input(operation: Operation, request: Request, in_path: Sequence[str]) -> Verdict:
    """What the contract says of the parameters, the body and the preference of an authorised request."""
    for index, parameter in enumerate(operation.parameters):
        raw = in_path[index] if index < len(in_path) else ""
        if problem := parameter.problem(request, raw):
            return Verdict(operation, operation.bad_request, problem, parameter.label)
    if operation.payload:
        try:
            if problem := operation.payload.problem(request):
                return Verdict(operation, operation.bad_request, problem, "body")
        except MediaTypeError as error:
            status = 415 if "415" in operation.replies.documented else operation.bad_request
            return Verdict(operation, status, str(error), "header Content-Type")
    prefer = request.header(b"prefer")
    code = preferred_code(prefer) if prefer else None
    if code is None:
        return Verdict(operation, operation.replies.success)
    if not _STATUS.fullmatch(code) or not operation.replies.documents(int(code)):
        documented = ", ".join(operation.replies.documented)
        problem = f"code is no documented status; documented are {documented}"
        return Verdict(operation, operation.bad_request, problem, "header Prefer")
    return Verdict(operation, int(code), preferred=True)


def _fields(verdict: Verdict) -> Headers:
    """The header fields that HTTP asks for beside what the contract says."""
    found: list[tuple[bytes, bytes]] = []
    operation = verdict.operation
    if verdict.status == 401 and operation and (challenges := operation.security.challenges()):
        found.append((b"www-authenticate", challenges.encode("ascii")))
    if verdict.allow:
        found.append((b"allow", ", ".join(verdict.allow).encode("ascii")))
    if verdict.preferred:
        # RFC 7240 §3.
        found.append((b"preference-applied", f"code={verdict.status}".encode("ascii")))
    return tuple(found)


def _path_item(node: Node) -> Node:
    if "$ref" in node.object() and len(node.object()) > 1:
        raise node.error("a path item with a reference must have nothing beside it")
    item = node.follow()
    return item.only("summary", "description", "servers", "parameters", *map(str.lower, _METHODS))


def _operations(path: str, item: Node, root: Node, schemas: Schemas, known: dict[str, Scheme]) -> tuple[Operation, ...]:
    in_path = parameter_names(path, item)
    nodes = [item.child(key).only(*_OPERATION) for key in item.object() if key.upper() in _METHODS]
    return tuple(
        Operation(
            name=f"{node.key.upper()} {path}",
            method=node.key.upper(),
            path=path,
            security=security(node, root, known),
            parameters=parameters(node, item, in_path, schemas),
            payload=payload(node, schemas),
            replies=Replies(node, schemas),
        )
        for node in nodes
    )
