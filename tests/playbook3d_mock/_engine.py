"""The engine: judges a request by the contract, and responds. Judging is pure: no clock, no I/O, no state.

The order is: route (404, 405), credentials (401), parameters and body (400, else 422; 415), what the request prefers,
and last the media type of the response (406).
"""

from __future__ import annotations

import json
from dataclasses import replace
from http.client import responses as phrases
from typing import TYPE_CHECKING, Any, NamedTuple

from playbook3d_mock._contract_files import load, read_source
from playbook3d_mock._credentials import Credentials
from playbook3d_mock._document import ContractError, Problems
from playbook3d_mock._faults import FaultError, with_fault
from playbook3d_mock._media_types import negotiate
from playbook3d_mock._operation_names import OperationNames
from playbook3d_mock._operations import read_operations
from playbook3d_mock._preferences import read_preferences
from playbook3d_mock._replies import Reply
from playbook3d_mock._request import percent_decode
from playbook3d_mock._request_bodies import MediaTypeError
from playbook3d_mock._responses import UNDOCUMENTED, error_shape, response_with_content, with_headers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike
    from random import Random

    from playbook3d_mock._operations import Operation
    from playbook3d_mock._request import Request
    from playbook3d_mock._responses import Response
    from playbook3d_mock._schemas import Validator

_ANYTHING = (None, b"", b"*/*")
_CONTRACT = Reply()


class Verdict(NamedTuple):
    """A request judged by the contract.

    Attributes:
        operation: The operation that responds, ``None`` if no path matches.
        status: The status of the response.
        problem: What is wrong with the request, ``None`` if it is valid.
        parameter: The part that is wrong: "path team_id", "header Prefer", "body".
        allow: Of a 405, the methods of the path.
        reply: What the request gets instead of the response that the contract gives it.
        applied: The preferences in ``reply``, for the header ``Preference-Applied`` (RFC 7240 §3).
        ignored: What the mock ignored, for the header ``X-Mock-Note``.
        path_values: The raw values of the path parameters, in their order.
    """

    operation: Operation | None
    status: int
    problem: str | None = None
    parameter: str | None = None
    allow: tuple[str, ...] = ()
    reply: Reply = _CONTRACT
    applied: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    path_values: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether the request is valid, even if the response that the contract gives it is not acceptable to it."""
        return self.problem is None or self.status == 406

    @property
    def path_parameters(self) -> dict[str, str]:
        """The decoded values of the path parameters of a valid request, by name."""
        names = [each.name for each in self.operation.parameters if each.location == "path"] if self.operation else []
        return dict(zip(names, map(percent_decode, self.path_values), strict=False))

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
        earlier: The credentials of an engine that this one replaces, which it accepts, too.

    Attributes:
        operations: The operations of the contract, in its order.
        credentials: The credentials that it accepts.
        source: The contract as it was given: the bytes of its file, or the mapping.
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
        earlier: Credentials | None = None,
    ) -> None:
        problems = Problems(strict=strict)
        try:
            self.operations, self._routes = read_operations(load(contract), problems)
            self.source = read_source(contract)
        except RecursionError as error:
            raise ContractError("refers to itself, or has a chain of references that is too long", "#") from error
        alternatives = [schemes for operation in self.operations for schemes in operation.security.alternatives]
        schemes = dict.fromkeys(scheme for schemes in alternatives for scheme in schemes)
        self.credentials = Credentials(schemes, credentials or {}, api_key=api_key, token=token, earlier=earlier)
        self.problems = tuple(map(str, problems.errors))
        self._error = error_shape(each.responses for each in self.operations)
        self._names = OperationNames(self.operations)

    def __repr__(self) -> str:
        return f"<Engine of {len(self.operations)} operations>"

    def operation(self, name: str) -> Operation:
        """The operation with this ``operationId``, or method and path ("POST /path"); ``ValueError`` if none has it.

        ``cancelRun`` and ``cancel_run`` are one ``operationId``, unless the contract has both.
        """
        return self._names.find(name)

    def handle(self, request: Request) -> Response:
        """The response to a request."""
        return self.respond(request, self.judge(request))

    def accept(self, request: Request, verdict: Verdict, reply: Reply) -> Verdict:
        """The verdict on a valid request that is to get a reply."""
        operation = verdict.operation
        if operation is None:
            return verdict
        status = operation.responses.success if reply.status is None else reply.status
        documented = operation.responses.find(status)
        ignored = [*_ignored_body(operation, request)]
        if request.header(b"prefer"):
            ignored.append("Prefer: was ignored, since a script replies")
        if reply.example is not None and reply.example not in documented.examples:
            ignored.append(f"the example {reply.example!a} was ignored: there is no valid one of this name")
        if reply.dynamic and not documented.can_vary:
            ignored.append("dynamic was ignored: there is no schema to draw a body from")
        return Verdict(operation, status, reply=reply, ignored=tuple(ignored), path_values=verdict.path_values)

    def judge(self, request: Request) -> Verdict:
        """A request judged by the contract."""
        match = self._match(request)
        if match is None:
            return Verdict(None, 404, "no path of the contract matches")
        operation, operations, path_values = match
        if operation is None:
            allow = tuple(sorted({*operations, "HEAD"} if "GET" in operations else operations))
            documenting_405 = (other for other in operations.values() if other.responses.find(405) is not UNDOCUMENTED)
            return Verdict(next(documenting_405, None), 405, f"this path allows {', '.join(allow)} only", allow=allow)
        if problem := operation.security.problem(request, self.credentials.by_scheme):
            return Verdict(operation, 401, problem)
        return _judge_input(operation, request, path_values) or _judge_output(operation, request, path_values)

    def operation_of(self, request: Request) -> Operation | None:
        """The operation of a request, valid or not."""
        match = self._match(request)
        return match[0] if match else None

    def _match(self, request: Request) -> tuple[Operation | None, dict[str, Operation], tuple[str, ...]] | None:
        """The operation of a request, all those of its path, and the raw values of the path parameters."""
        match = self._routes.match(request.raw_path.decode("latin-1"))
        if match is None:
            return None
        operations, path_values = match
        operation = operations.get(request.method)
        if operation is None and request.method == "HEAD":
            operation = operations.get("GET")  # RFC 9110 §9.3.2
        return operation, operations, path_values

    def respond(self, request: Request, verdict: Verdict, random: Random | None = None) -> Response:
        """The response to a request after its verdict; its body is drawn by ``random``, if that is given."""
        reply = verdict.reply
        if reply.content is None:
            response = self._contract_response(request, verdict, random)
        else:
            response = response_with_content(verdict.status, (), *reply.content)
        # RFC 9110 §9.3.2: the headers are those of the response to GET.
        response = replace(response, body=b"") if request.method == "HEAD" else response
        if verdict.problem or reply is not _CONTRACT:
            response = with_headers(response, _required_headers(verdict) | _encoded(reply.headers))
        applied, ignored = verdict.applied, verdict.ignored
        if reply.fault is not None:
            try:
                response = with_fault(response, reply.fault, request.target, self._validator(verdict, response))
            except FaultError as error:
                applied = tuple(preference for preference in applied if not preference.startswith("fault="))
                ignored = (*ignored, f"the fault {reply.fault} was ignored: {error}")
        if applied or ignored:
            notes = {"preference-applied": ", ".join(applied), "x-mock-note": "; ".join(ignored)}
            response = with_headers(response, _encoded({name: text for name, text in notes.items() if text}))
        return replace(response, delay=reply.delay, drip=reply.drip) if reply.delay or reply.drip else response

    def _contract_response(self, request: Request, verdict: Verdict, random: Random | None) -> Response:
        """What the contract documents for the status of a verdict, else an error in its shape."""
        operation, reply, status, message = verdict.operation, verdict.reply, verdict.status, verdict.text
        documented = operation.responses.find(status) if operation else UNDOCUMENTED
        if documented is not UNDOCUMENTED:
            return documented.response(status, message, request, example=reply.example, random=random)
        message = message or phrases.get(status, f"Status {status}")
        if self._error:
            return response_with_content(status, (), self._error.media_type, self._error.encode(message))
        return response_with_content(status, (), "application/json", json.dumps({"message": message}).encode("ascii"))

    def _validator(self, verdict: Verdict, response: Response) -> Validator | None:
        """What judges the body of a response, if the contract describes it."""
        documented = verdict.operation.responses.find(verdict.status) if verdict.operation else UNDOCUMENTED
        if documented is UNDOCUMENTED:
            return self._error.validator if self._error and verdict.reply.content is None else None
        return documented.validator(dict(response.headers).get(b"content-type", b"").decode("latin-1"))


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


def _judge_output(operation: Operation, request: Request, path_values: tuple[str, ...]) -> Verdict:
    """The verdict on a valid request: a success, or what it prefers."""
    responses = operation.responses
    preferences = read_preferences(request, responses)
    reply = preferences.reply or _CONTRACT
    status = responses.success if reply.status is None else reply.status
    accept = request.header(b"accept")
    offered = responses.find(status).media_types if accept not in _ANYTHING else ()
    if offered and negotiate(accept, offered) is None:
        problem = f"the response is {' or '.join(offered)}"
        return Verdict(operation, 406, problem, "header Accept", path_values=path_values)
    ignored = (*preferences.ignored, *_ignored_body(operation, request))
    return Verdict(
        operation, status, reply=reply, applied=preferences.applied, ignored=ignored, path_values=path_values
    )


def _ignored_body(operation: Operation, request: Request) -> tuple[str, ...]:
    is_ignored = request.body and not operation.request_body
    return ("body: is not declared, and was ignored",) if is_ignored else ()


def _required_headers(verdict: Verdict) -> dict[bytes, bytes]:
    """The headers that HTTP requires, whatever the contract documents."""
    headers: dict[str, str] = {}
    if verdict.status == 401 and verdict.operation and (challenges := verdict.operation.security.challenges()):
        headers["www-authenticate"] = challenges
    if verdict.allow:
        headers["allow"] = ", ".join(verdict.allow)
    return _encoded(headers)


def _encoded(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    return {name.lower().encode("ascii"): text.encode("ascii") for name, text in headers.items()}
