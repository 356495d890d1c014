"""``python -m playbook3d_mock``: serve the mock until SIGINT or SIGTERM.

It prints its URL and the credentials that it accepts as assignments for a shell. Exit status: 0 after a signal, 2 if it
cannot serve, with one line on standard error.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve as the command line asks; returns the exit status."""
    options = _parser().parse_args(arguments)
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
            )
        except ContractError as error:
            return _fail(f"{options.spec or 'the contract that comes with the mock'}: {error}")
        for problem in mock.engine.problems:
            print(f"python -m playbook3d_mock: warning: {problem}", file=sys.stderr)
        with mock.serve(options.host, options.port) as url:
            for name, value in {"PLAYBOOK_BASE_URL": url, **dict(sorted(mock.environment.items()))}.items():
                print(f"{name}={shlex.quote(value)}", flush=True)
            stop.wait()
    except ModuleNotFoundError as error:
        return _fail(f"the mock needs {error.name}: pip install 'playbook3d-client[mock]'")
    except (OSError, ValueError) as error:
        return _fail(getattr(error, "strerror", None) or str(error))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m playbook3d_mock",
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


def _fail(message: str) -> int:
    print(f"python -m playbook3d_mock: error: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
