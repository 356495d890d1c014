"""The engine: judges a request by the contract, and responds. Judging is pure: no clock, no I/O, no state.

The order is: route (404, 405), credentials (401), parameters and body (400, else 422; 415), the preferred status, and
last the media type of the response (406). By ``Prefer: code=404``, a valid request can ask for any status that its
operation documents.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from playbook3d_mock._credentials import Credentials
from playbook3d_mock._document import ContractError, Problems, load
from playbook3d_mock._media_types import is_json, negotiate
from playbook3d_mock._operations import read_operations
from playbook3d_mock._request_bodies import MediaTypeError
from playbook3d_mock._responses import response_with_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from os import PathLike

    from playbook3d_mock._operations import Operation
    from playbook3d_mock._request import Request
    from playbook3d_mock._response_bodies import ResponseBody
    from playbook3d_mock._responses import Headers, Response

_ANYTHING = (None, b"", b"*/*")
_FINAL_STATUS = re.compile("[2-5][0-9]{2}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A request judged by the contract.

    Attributes:
        operation: The operation that responds, ``None`` if no path matches.
        status: The status of the response.
        problem: What is wrong with the request, ``None`` if it is valid.
        parameter: The part that is wrong: "path team_id", "header Prefer", "body".
        allow: Of a 405, the methods of the path.
        preferred: Whether the client asked for the status.
        note: What the mock ignored, for the header ``X-Mock-Note``.
    """

    operation: Operation | None
    status: int
    problem: str | None = None
    parameter: str | None = None
    allow: tuple[str, ...] = ()
    preferred: bool = False
    note: str | None = None

    @property
    def text(self) -> str | None:
        """The problem, after the part that is wrong."""
        return f"{self.parameter}: {self.problem}" if self.parameter else self.problem


class Engine:
    """A contract, ready to judge requests.

    Args:
        contract: A file (YAML, or JSON if it is named .json) or a mapping; by default the contract that comes with the
            mock.
        credentials: The credentials to accept, by the name of the security scheme; a random one where none is given.
        api_key: That of the only scheme with an API key.
        token: That of the only scheme with a bearer token.
        strict: Whether a problem that the mock could work around makes the contract invalid.

    Attributes:
        operations: The operations of the contract, in its order.
        credentials: The credentials that it accepts.
        problems: What is wrong with the contract: examples that were replaced, responses that cannot be sent.

    Raises:
        ContractError: The contract cannot be served.
        ValueError: A credential is invalid, or not that of a scheme.
    """

    def __init__(
        self,
        contract: str | PathLike[str] | Mapping[str, Any] | None = None,
        *,
        credentials: Mapping[str, str | tuple[str, str]] | None = None,
        api_key: str | None = None,
        token: str | None = None,
        strict: bool = False,
    ) -> None:
        problems = Problems(strict=strict)
        try:
            self.operations, self._routes = read_operations(load(contract), problems)
        except RecursionError as error:
            raise ContractError("refers to itself, or has a chain of references that is too long", "#") from error
        alternatives = [schemes for operation in self.operations for schemes in operation.security.alternatives]
        schemes = dict.fromkeys(scheme for schemes in alternatives for scheme in schemes)
        self.credentials = Credentials(schemes, credentials or {}, api_key=api_key, token=token)
        self.problems = tuple(map(str, problems.errors))
        self._error = _error_shape(self.operations)

    def __repr__(self) -> str:
        return f"<Engine of {len(self.operations)} operations>"

    def handle(self, request: Request) -> Response:
        """The response to a request."""
        return self.respond(request, self.judge(request))

    def judge(self, request: Request) -> Verdict:
        """A request judged by the contract."""
        match = self._routes.match(request.raw_path.decode("latin-1"))
        if match is None:
            return Verdict(None, 404, "no path of the contract matches")
        operations, path_values = match
        operation = operations.get(request.method)
        if operation is None and request.method == "HEAD":
            operation = operations.get("GET")  # RFC 9110 §9.3.2
        if operation is None:
            allow = tuple(sorted({*operations, "HEAD"} if "GET" in operations else operations))
            documenting_405 = (other for other in operations.values() if other.responses.documents(405))
            return Verdict(next(documenting_405, None), 405, f"this path allows {', '.join(allow)} only", allow=allow)
        if problem := operation.security.problem(request, self.credentials.by_scheme):
            return Verdict(operation, 401, problem)
        return _judge_input(operation, request, path_values) or _judge_output(operation, request)

    def respond(self, request: Request, verdict: Verdict) -> Response:
        """The response to a request after its verdict."""
        operation, status = verdict.operation, verdict.status
        response = operation.responses.response(status, verdict.text, request) if operation else None
        if response is None:
            media_type, content = "application/json", json.dumps({"message": verdict.text}).encode("ascii")
            if self._error:
                media_type, content = self._error.media_type, self._error.encode(verdict.text)
            response = response_with_content(status, (), media_type, content)
        if extra := _extra_headers(verdict):
            # They replace examples of the contract.
            documented = [header for header in response.headers if header[0] not in dict(extra)]
            response = replace(response, headers=(*documented, *extra))
        # RFC 9110 §9.3.2: the headers are those of the response to GET.
        return replace(response, body=b"") if request.method == "HEAD" else response


def _error_shape(operations: Iterable[Operation]) -> ResponseBody | None:
    """The body for errors that no operation documents: that of the first 404 with a message, else of another error."""
    bodies = [
        (("404", "4XX").index(key) if key in ("404", "4XX") else 2, body)
        for operation in operations
        for key, response in operation.responses.documented.items()
        if key.startswith("4")
        for body in response.bodies[:1]
        if body.message_place is not None and is_json(body.media_type)
    ]
    return min(bodies, key=lambda ranked: ranked[0])[1] if bodies else None


def _judge_input(operation: Operation, request: Request, path_values: Sequence[str]) -> Verdict | None:
    """The verdict on invalid parameters or an invalid body, or ``None``."""
    in_path = iter(path_values)  # the first parameters
    for parameter in operation.parameters:
        if problem := parameter.problem(request, next(in_path, "")):
            return Verdict(operation, operation.invalid_input_status, problem, parameter.label)
    if request.body and not operation.request_body and "415" in operation.responses.documented:
        return Verdict(operation, 415, "is not declared", "body")
    try:
        if operation.request_body and (problem := operation.request_body.problem(request)):
            return Verdict(operation, operation.invalid_input_status, problem, "body")
    except MediaTypeError as error:
        status = 415 if "415" in operation.responses.documented else operation.invalid_input_status
        return Verdict(operation, status, str(error), f"header {error.header}")
    return None


def _judge_output(operation: Operation, request: Request) -> Verdict:
    """The verdict on a valid request: a success, or the status that the client prefers."""
    responses, code = operation.responses, request.preference("code")
    if code is not None and (not _FINAL_STATUS.fullmatch(code) or not operation.responses.documents(int(code))):
        documented = ", ".join(responses.documented)
        problem = f"code is not a documented status; documented are {documented}"
        return Verdict(operation, operation.invalid_input_status, problem, "header Prefer")
    status = responses.success if code is None else int(code)
    accept = request.header(b"accept")
    if accept not in _ANYTHING and (offered := responses.media_types(status)) and negotiate(accept, offered) is None:
        return Verdict(operation, 406, f"the response is {' or '.join(offered)}", "header Accept")
    note = "body: is not declared, and was ignored" if request.body and not operation.request_body else None
    return Verdict(operation, status, preferred=code is not None, note=note)


def _extra_headers(verdict: Verdict) -> Headers:
    """The headers that HTTP requires, whatever the contract documents."""
    headers: dict[bytes, str] = {}
    if verdict.status == 401 and verdict.operation and (challenges := verdict.operation.security.challenges()):
        headers[b"www-authenticate"] = challenges
    if verdict.allow:
        headers[b"allow"] = ", ".join(verdict.allow)
    if verdict.preferred:
        headers[b"preference-applied"] = f"code={verdict.status}"  # RFC 7240 §3
    if verdict.note:
        headers[b"x-mock-note"] = verdict.note
    return tuple((name, value.encode("ascii")) for name, value in headers.items())
