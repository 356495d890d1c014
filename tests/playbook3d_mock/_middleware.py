"""Middleware: what stands before the service, for requests from browsers and from other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playbook3d_mock._control import control_response
from playbook3d_mock._cors import preflight_response, with_cors
from playbook3d_mock._journal import Record

if TYPE_CHECKING:
    from playbook3d_mock._engine import Verdict
    from playbook3d_mock._request import Request
    from playbook3d_mock._responses import Response
    from playbook3d_mock._service import Service


class Middleware:
    """A service with control paths and CORS.

    Args:
        service: The service.
        cors: Whether pages of other origins may call it.
        control: Whether there are control paths.
    """

    def __init__(self, service: Service, *, cors: bool = True, control: bool = True) -> None:
        self._service = service
        self._cors = cors
        self._control = control

    def handle(self, request: Request) -> Response:
        """The response to a request."""
        if self._control and (response := control_response(request, self._service)):
            return response
        if self._cors and (response := preflight_response(request)):
            self._service.journal.record(Record(request, None, response.status, "CORS"))
            return response
        return self._finish(request, self._service.handle(request))

    def respond(self, request: Request, verdict: Verdict) -> Response:
        """The response to a request that an adapter has judged."""
        return self._finish(request, self._service.respond(request, verdict))

    def _finish(self, request: Request, response: Response) -> Response:
        return with_cors(request, response) if self._cors else response
