"""``python -m playbook3d_mock``: serve the mock until SIGINT or SIGTERM.

It prints its URL and the credentials that it accepts as assignments for a shell, everything else on standard error.
Exit status: 0 after a signal, 2 if it cannot serve, with one line that says why.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playbook3d_mock._mock import Mock


def main(arguments: Sequence[str] | None = None, *, prog: str = "python -m playbook3d_mock") -> int:
    """Serve as the command line asks; returns the exit status.

    Args:
        arguments: Those after the name of the command; by default those of the process.
        prog: The name of the command in its messages.
    """
    options = _parser(prog).parse_args(arguments)
    report = partial(_report, prog)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    try:
        from playbook3d_mock import ContractError, Mock

        try:
            mock = Mock(
                options.spec,
                credentials=dict(options.credential),
                api_key=options.api_key,
                token=options.token,
                strict=options.strict,
                seed=options.seed,
            )
        except ContractError as error:
            return _fail(prog, f"{options.spec or 'the contract that comes with the mock'}: {error}")
        _warn(mock, report)
        _serve(mock, options, stop, report)
    except ModuleNotFoundError as error:
        return _fail(prog, f"the mock needs {error.name}: pip install 'playbook3d-client[mock]'")
    except (OSError, ValueError) as error:
        return _fail(prog, getattr(error, "strerror", None) or str(error))
    return 0


def _serve(mock: Mock, options: argparse.Namespace, stop: threading.Event, report: Callable[[str], None]) -> None:
    from playbook3d_mock._contract_files import contract_path
    from playbook3d_mock._reload import reload_on_change
    from playbook3d_mock._request_log import request_log

    if options.log:
        mock.journal.listener = request_log(sys.stderr)
    printed: dict[str, str] = {}

    def print_assignments(assignments: dict[str, str]) -> None:
        for name, value in assignments.items():
            if printed.get(name) != value:
                print(f"{name}={shlex.quote(value)}", flush=True)
        printed.update(assignments)

    def reload() -> tuple[str, ...]:
        dropped = mock.reload()
        _warn(mock, report)
        print_assignments(dict(sorted(mock.environment.items())))
        return dropped

    with ExitStack() as stack:
        url = stack.enter_context(mock.serve(options.host, options.port, cors=options.cors, control=options.control))
        print_assignments({"PLAYBOOK_BASE_URL": url, **dict(sorted(mock.environment.items()))})
        if options.reload:
            stack.enter_context(reload_on_change(Path(options.spec or contract_path()), reload, report))
        stop.wait()


def _warn(mock: Mock, report: Callable[[str], None]) -> None:
    for problem in mock.engine.problems:
        report(f"warning: {problem}")


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Serve a mock of the Playbook API, made from its OpenAPI contract. "
        "Prints PLAYBOOK_BASE_URL and the credentials that it accepts as lines for a shell, "
        "and stops on SIGINT or SIGTERM.",
        allow_abbrev=False,
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address or name to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=0, help="the port; 0, the default, takes a free one")
    parser.add_argument("--api-key", metavar="KEY", help="the API key to accept, if there is one (default: random)")
    parser.add_argument("--token", help="the bearer token to accept, if there is one (default: random)")
    parser.add_argument(
        "--credential",
        metavar="SCHEME=VALUE",
        type=_credential,
        action="append",
        default=[],
        help="the credential to accept for a security scheme: an API key, a bearer token, or user:password",
    )
    parser.add_argument("--spec", metavar="FILE", help="another contract: OpenAPI 3.1, YAML or JSON")
    parser.add_argument("--strict", action="store_true", help="reject a contract with invalid or missing examples")
    parser.add_argument("--seed", metavar="N", type=int, help="draw the bodies of successes at random, by this seed")
    parser.add_argument("--reload", action="store_true", help="read the contract again when its file changes")
    parser.add_argument("--log", action="store_true", help="print a line for each request on standard error")
    parser.add_argument(
        "--cors",
        action=argparse.BooleanOptionalAction,
        help="let web pages of other origins call the mock (default: on a loopback address)",
    )
    parser.add_argument(
        "--control",
        action=argparse.BooleanOptionalAction,
        help="serve the control paths below /__mock__/ (default: on a loopback address)",
    )
    return parser


def _credential(text: str) -> tuple[str, str]:
    scheme, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError("use SCHEME=VALUE")
    return scheme, value


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: 0 to 65535")
    return int(text)


def _report(prog: str, message: str) -> None:
    print(f"{prog}: {message}", file=sys.stderr, flush=True)


def _fail(prog: str, message: str) -> int:
    _report(prog, f"error: {message}")
    return 2


if __name__ == "__main__":
    sys.exit(main())
