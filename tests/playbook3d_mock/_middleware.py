"""Middleware: what stands before the service, for requests from browsers and from other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playbook3d_mock._control import CONTROL_PREFIX, control_response
from playbook3d_mock._cors import origin_of, preflight_response, with_cors
from playbook3d_mock._redaction import mask

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
        any_host: Whether their ``Host`` may be another than this machine.
    """

    def __init__(self, service: Service, *, cors: bool = True, control: bool = True, any_host: bool = True) -> None:
        self._service = service
        self._cors = cors
        self._control = control
        self._any_host = any_host

    def handle(self, request: Request) -> Response:
        """The response to a request."""
        if self._control and request.raw_path.startswith(CONTROL_PREFIX):
            return control_response(request, self._service, any_host=self._any_host)
        origin = origin_of(request) if self._cors else None
        if origin is None:
            return self._service.handle(request)
        if response := preflight_response(request, origin):
            self._service.journal.record(request, None, response.status, "CORS")
            return response
        return with_cors(self._service.handle(request), origin)

    def redact(self, request: Request, text: str) -> str:
        """A text about a request, with credentials masked."""
        return mask(text, self._service.journal.redaction.secrets(request))

    def respond(self, request: Request, verdict: Verdict) -> Response:
        """The response to a request that an adapter has judged."""
        response = self._service.respond(request, verdict)
        origin = origin_of(request) if self._cors else None
        return response if origin is None else with_cors(response, origin)
