"""The service: an engine with memory. It knows the scripts that a program has written, and the last requests."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from playbook3d_mock._engine import Verdict
from playbook3d_mock._journal import Journal
from playbook3d_mock._redaction import Redaction
from playbook3d_mock._replies import Script

if TYPE_CHECKING:
    from playbook3d_mock._engine import Engine
    from playbook3d_mock._request import Request
    from playbook3d_mock._responses import Response


class Service:
    """An engine with memory, safe to share between threads.

    Args:
        engine: The contract, ready to judge requests.
        seed: Where it is given, the bodies of successes are drawn at random from their schemas, by it.

    Attributes:
        engine: The engine; it may be replaced by that of a changed contract.
        journal: The last requests.
    """

    def __init__(self, engine: Engine, seed: int | None = None) -> None:
        self.engine = engine
        self.journal = Journal(Redaction(engine.credentials.schemes, engine.credentials.by_scheme))
        self._scripts: dict[str, Script] = {}
        self._seed = seed
        self._draws: Counter[str] = Counter()  # how many bodies were drawn, by operation

    def script(self, operation: str) -> Script:
        """The script of an operation; raises ``ValueError`` if there is no such operation."""
        name = self.engine.operation(operation).name
        return self._scripts.setdefault(name, Script(name))

    def replace_engine(self, engine: Engine) -> tuple[str, ...]:
        """Use another engine; the journal stays, and so do the scripts of operations that it has.

        Returns:
            The other operations that had replies left.
        """
        self.journal.redaction.add(engine.credentials.schemes, engine.credentials.by_scheme)
        self.engine = engine
        gone = self._scripts.keys() - {operation.name for operation in engine.operations}
        scripts = [(name, self._scripts.pop(name)) for name in sorted(gone)]
        return tuple(name for name, script in scripts if script.replies)

    @property
    def scripts(self) -> dict[str, Script]:
        """The scripts, by method and path of their operation."""
        return {**self._scripts}

    def reset(self) -> None:
        """Forget the scripts, the requests, and how many bodies were drawn."""
        self._draws.clear()
        self.journal.clear()
        for script in self._scripts.values():
            script.clear()

    def handle(self, request: Request) -> Response:
        """The response to a request."""
        verdict = self.engine.judge(request)
        operation, source = verdict.operation, "preference" if verdict.applied else "contract"
        if self._scripts and operation and verdict.is_valid and (script := self._scripts.get(operation.name)):
            try:
                reply = script.next(replace(request, path_parameters=verdict.path_parameters))
            except Exception as error:
                failed = Verdict(operation, 500, f"the function that replies to it raised {type(error).__name__}")
                return replace(self.respond(request, failed, "script"), error=error)
            if reply:
                verdict, source = self.engine.accept(request, verdict, reply), "script"
        return self.respond(request, verdict, source)

    def respond(self, request: Request, verdict: Verdict, source: str = "contract") -> Response:
        """The response to a request after its verdict, by what ``source`` decided."""
        response = self.engine.respond(request, verdict, self._random(verdict))
        note, fault = None, response.fault
        if verdict.ignored or verdict.reply.fault:  # or it was the fault that was ignored
            note = dict(response.headers).get(b"x-mock-note", b"").decode("ascii") or None
        self.journal.record(request, verdict.operation, response.status, source, verdict.text, note, fault)
        return response

    def _random(self, verdict: Verdict) -> Random | None:
        """What draws the body of a response, if it is drawn: by the seed, the operation, and how many it has had."""
        operation, is_drawn = verdict.operation, verdict.reply.dynamic
        if is_drawn is None:
            is_drawn = self._seed is not None and verdict.status // 100 == 2 and verdict.reply.example is None
        if not is_drawn or operation is None or verdict.problem is not None:
            return None
        self._draws[operation.name] += 1
        return Random(f"{self._seed} {operation.name} {self._draws[operation.name]}")  # noqa: S311 - it is repeatable
