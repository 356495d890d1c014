"""The options of ``python -m playbook3d_conformance``. Credentials are none of them: other users see arguments."""

from __future__ import annotations

import argparse
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from playbook3d_conformance.server.errors import UsageError
from playbook3d_conformance.server.schemathesis_cli import LIVE, read_configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_MOCK_RATE = "1000/s"


class Options(NamedTuple):
    """What to test, and how.

    Attributes:
        prog: The name of the command in its messages.
        spec: The file of the contract; ``None`` for that of the Playbook API.
        ids: Path parameters of something that exists, by the names as they were given.
        seed: The requests follow from it.
    """

    prog: str
    base_url: str | None
    mock: bool
    print_config: bool
    print_contract: bool
    dry_run: bool
    spec: Path | None
    ids: dict[str, str]
    unsafe: bool
    wrong_methods: bool
    examples: int
    rate: str
    max_time: int
    seed: int
    reports: Path


def read_options(arguments: Sequence[str] | None = None, prog: str = "python -m playbook3d_conformance") -> Options:
    """The options of a command line; exits with status 2 if they are invalid."""
    try:
        live = read_configuration(LIVE)
    except UsageError as error:
        argparse.ArgumentParser(prog).error(str(error))
    parsed = vars(_parser(prog, live).parse_args(arguments))
    parsed["ids"] = dict(parsed["ids"])
    if parsed["rate"] is None:
        parsed["rate"] = _MOCK_RATE if parsed["mock"] else live["rate-limit"]
    if parsed["seed"] is None:
        parsed["seed"] = secrets.randbits(48)
    return Options(prog=prog, **parsed)


def _parser(prog: str, live: Mapping[str, Any]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Test a server against the OpenAPI contract of the Playbook API, or another one. Prints what it "
        "is going to send, and a verdict at the end. Nothing that exists is touched unless you ask for it.",
        epilog="Credentials come from the environment: PLAYBOOK_API_KEY and PLAYBOOK_TOKEN, or those of the security "
        "schemes of the contract. Exit status: 0 no violation was found, 1 the server breaks the contract, 2 usage, or "
        "no response, 3 not tested to the end, 130 interrupted.",
        allow_abbrev=False,
    )
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--base-url", metavar="URL", help="the server to test")
    action.add_argument("--mock", action="store_true", help="test the mock of the contract")
    action.add_argument(
        "--print-config", action="store_true", help="print a strict schemathesis.toml with the checks of the suite"
    )
    action.add_argument("--print-contract", action="store_true", help="print the contract of the Playbook API")
    parser.add_argument("--dry-run", action="store_true", help="print what would be sent, and open no connection")
    parser.add_argument("--spec", metavar="FILE", type=Path, help="another contract: OpenAPI in YAML or JSON")
    parser.add_argument(
        "--id",
        metavar="NAME=VALUE",
        type=_id,
        action="append",
        default=[],
        dest="ids",
        help="a path parameter of something that exists, such as team_id=…: operations that are safe or idempotent and "
        "have all of theirs are REALLY sent, once",
    )
    parser.add_argument(
        "--unsafe", action="store_true", help="send also what could change something without naming it by a UUID"
    )
    parser.add_argument("--wrong-methods", action="store_true", help="send also methods that the contract lacks")
    parser.add_argument(
        "--examples",
        metavar="N",
        type=_number,
        default=live["generation"]["max-examples"],
        help="random requests for each operation (default: %(default)s)",
    )
    parser.add_argument(
        "--rate",
        type=_checked(r"[1-9][0-9]*/[smhd]", "must be like 10/s or 100/m"),
        help=f"how many requests to send per s, m, h or d (default: {live['rate-limit']}; {_MOCK_RATE} to the mock)",
    )
    parser.add_argument(
        "--max-time", metavar="SECONDS", type=_number, default=120, help="when to stop (default: %(default)s)"
    )
    parser.add_argument("--seed", metavar="N", type=_seed, help="repeat the requests of the run that printed this seed")
    parser.add_argument(
        "--reports",
        metavar="FOLDER",
        type=Path,
        default=Path("reports", "conformance"),
        help="where to write the reports (default: %(default)s)",
    )
    return parser


def _checked(pattern: str, rule: str) -> Callable[[str], str]:
    """A type of arguments: texts that match a pattern."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise argparse.ArgumentTypeError(f"{rule}, not {text!r}.")
        return text

    return check


def _number(text: str) -> int:
    return int(_checked("[1-9][0-9]{0,5}", "must be a number from 1")(text))


def _seed(text: str) -> int:
    return int(_checked("[0-9]{1,18}", "must be a number")(text))


def _id(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not name or not value:
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, not {text!r}.")
    return name, value
