"""The service: an engine with memory. It knows the scripts that a program has written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from playbook3d_mock._replies import Script

if TYPE_CHECKING:
    from playbook3d_mock._engine import Engine, Verdict
    from playbook3d_mock._request import Request
    from playbook3d_mock._responses import Response


class Service:
    """An engine with memory, safe to share between threads.

    Args:
        engine: The contract, ready to judge requests.

    Attributes:
        engine: The engine; it may be replaced by that of a changed contract.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._scripts: dict[str, Script] = {}

    def script(self, operation: str) -> Script:
        """The script of an operation; raises ``ValueError`` if there is no such operation."""
        name = self.engine.operation(operation).name
        return self._scripts.setdefault(name, Script(name))

    def reset(self) -> None:
        """Forget the scripts."""
        for script in self._scripts.values():
            script.clear()

    def handle(self, request: Request) -> Response:
        """The response to a request; raises what a function in a script raises."""
        verdict = self.engine.judge(request)
        operation = verdict.operation
        if operation and verdict.problem is None and (script := self._scripts.get(operation.name)):
            reply = script.next(replace(request, path_parameters=verdict.path_parameters))
            verdict = self.engine.accept(request, verdict, reply) if reply else verdict
        return self.respond(request, verdict)

    def respond(self, request: Request, verdict: Verdict) -> Response:
        """The response to a request after its verdict."""
        return self.engine.respond(request, verdict)
