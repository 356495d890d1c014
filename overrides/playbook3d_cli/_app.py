"""The application: a command for each operation, and how its calls are made."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console

from playbook3d_cli._batch import Batch, Outcome
from playbook3d_cli._command import ARGUMENTS, Calls, Command
from playbook3d_cli._failures import INTERRUPTED, SIGNALLED, UNWRITABLE, USAGE, exit_status, hint, worst
from playbook3d_cli._operations import Api, command_names
from playbook3d_cli._output import JsonOutput, Output, TextOutput
from playbook3d_cli._pace import Pace
from playbook3d_cli._settings import UsageError, make_client
from playbook3d_cli._usage import usage_error
from playbook3d_client import ConfigurationError, DefaultAsyncHttpxClient, __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import httpx

    from playbook3d_api._runtime import Operation

_TOOLS = {
    "conformance": "Test a server against the contract. Its own options: playbook3d conformance --help",
    "mock": "Serve a mock of the API. Its own options: playbook3d mock --help",
}
_EPILOGUE = "Exit status: 0 done, 1 refused, 2 usage, 3 not reached, 130 interrupted."
_IDS_HINT = "Ids from a file: - < FILE in place of the last argument."
_SHOWN_PROBLEMS = 10


def run(api: Api, words: Sequence[str], connect: Callable[..., httpx.AsyncClient] = DefaultAsyncHttpxClient) -> int:
    """Run the command of an API.

    Args:
        api: The API.
        words: The arguments.
        connect: Makes the httpx client, which the caller's hooks are given to.

    Returns:
        The exit status.
    """
    output: Output = JsonOutput() if "--json" in words else TextOutput()

    def make_calls(calls: Calls) -> int:
        return _Runner(api, calls, output, connect).run()

    def make_command(operation: Operation) -> Command:
        return Command(api, operation, make_calls, output.note, "--" in words)

    app = _make_app(api, make_command)
    try:
        return app([*words], exit_on_error=False, print_error=False, result_action="return_value") or 0
    except (CycloptsError, UsageError, ConfigurationError) as error:
        shown = usage_error(error, words, api.contract)
        output.error(shown, shown.hint)
        return USAGE
    except KeyboardInterrupt:
        output.error(KeyboardInterrupt("Interrupted: nothing was sent."), None)
        return INTERRUPTED
    except OSError as error:  # the client has errors of its own
        if error.filename is not None:
            output.error(UsageError(f"{error.filename}: {error.strerror}."), None)
            return USAGE
        if not isinstance(error, BrokenPipeError):
            output.error(OSError(f"Standard output cannot be written: {error.strerror}."), None)
        _discard_output()
        return UNWRITABLE


class _HelpConsole(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # rich would exit


def _make_app(api: Api, make_command: Callable[[Operation], Command]) -> App:
    app = App(
        name="playbook3d",
        help="Call the Playbook API. Credentials come from PLAYBOOK_API_KEY and PLAYBOOK_TOKEN.",
        version=__version__,
        help_format="markdown",
        help_epilogue=_EPILOGUE,
        group_arguments=ARGUMENTS,
        console=_HelpConsole(),
        suppress_keyboard_interrupt=False,
        default_parameter=Parameter(negative_iterable=()),
    )
    for name, operation in command_names(api.contract.operations, _TOOLS).items():
        app.command(make_command(operation), name=name)
    for name, text in _TOOLS.items():
        app.command(_run_elsewhere, name=name, help=text)
    app.register_install_completion_command()  # pyright: ignore[reportUnknownMemberType]
    return app


def _run_elsewhere() -> None:
    """Listed only: ``main`` has run the tools before."""


class _Runner:
    """Makes the calls of a command line, and prints what comes of them."""

    def __init__(self, api: Api, calls: Calls, output: Output, connect: Callable[..., httpx.AsyncClient]) -> None:
        self._api = api
        self._calls = calls
        self._output = output
        self._connect = connect
        self._statuses: list[int] = []

    def run(self) -> int:
        """Returns the exit status; raises ``UsageError`` or ``ConfigurationError`` before anything is sent."""
        self._validate()
        batch = Batch(
            self._report,
            self._announce_interrupt if self._calls.is_batch else None,
            concurrency=self._calls.batch.concurrency,
            keep_going=self._calls.batch.keep_going,
        )
        with batch.handle_signals():
            asyncio.run(self._make_calls(batch))
            if self._calls.is_batch:
                self._output.summary(batch.states)
        if batch.report_error is not None:
            raise batch.report_error
        return worst(self._statuses) if batch.signal is None else SIGNALLED + batch.signal

    def _validate(self) -> None:
        """Nothing is sent unless all of it is valid."""
        method, problems = self._api.method(self._calls.operation), list[str]()
        has_file = False
        for origin, each in zip(self._calls.origins, self._calls.ids, strict=True):
            try:
                args, kwargs = self._calls.arguments(each)
                method(*args, **kwargs)
            except RecursionError:
                problems.append("--body is nested too deeply.")
            except (UsageError, ValueError, TypeError) as error:
                problems.append(f"{origin}{error}")
                has_file = has_file or Path(each).is_file()
        if problems:
            shown = problems[:_SHOWN_PROBLEMS]
            if self._calls.is_batch:
                shown.append(f"{len(problems)} of {len(self._calls.ids)} calls are invalid: nothing was sent.")
            raise UsageError("\n".join(shown), _IDS_HINT if has_file else None)

    async def _make_calls(self, batch: Batch) -> None:
        calls = self._calls
        pace = Pace(lambda seconds: self._output.note(f"Too many requests (429): all calls wait {seconds:g} s."))
        hooks = {"request": [pace.before_request], "response": [pace.after_response]}
        async with self._connect(event_hooks=hooks) as http:
            client = make_client(self._api.client, self._api.contract, calls.operation, calls.settings, http)
            method = self._api.method_of(client, calls.operation)

            async def call(each: str) -> Any:
                args, kwargs = calls.arguments(each)
                return await method(*args, **kwargs)

            with self._output.progress(len(calls.ids)):
                await batch.run(calls.ids, call, lambda: pace.seconds_left)

    def _announce_interrupt(self, count: int) -> None:
        self._output.note(f"Interrupted: waiting for the calls in flight ({count}). Ctrl-C again abandons them.")

    def _report(self, outcome: Outcome) -> None:
        error, advice = outcome.error, None
        if error is not None:
            self._statuses.append(exit_status(error))
            advice = hint(error, self._calls.operation, self._api.contract)
        if self._calls.is_batch:
            self._output.outcome(outcome, advice)
        elif outcome.state == "done":
            self._output.result(outcome.result)
        else:
            sent = "the server may have acted on the request" if outcome.state == "unknown" else "nothing was sent"
            self._output.error(error or KeyboardInterrupt(f"Interrupted: {sent}."), advice)


def _discard_output() -> None:
    """Have Python write nowhere what is left in its buffer: it would fail at the end of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
