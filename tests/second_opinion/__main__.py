"""``make second-opinion``: the client against Prism, another project's mock, and Prism's judgement beside our mock's.

It installs Prism by npm into ``.prism/``, and sends the same requests to Prism and to our mock: the client's valid
calls, calls that prefer each documented status, drawn requests, and near misses. Each difference must be explained in
``differences.toml``. Exit status: 0 if all are; 1 if one is not, or if one is explained that no longer occurs; 2 if
Prism cannot run.
"""

import os
import sys
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from hypothesis import HealthCheck, settings

from playbook3d_conformance.openapi import CONTRACT, read_operations, read_schema
from playbook3d_conformance.properties.operations import OPERATIONS
from playbook3d_mock import Mock
from second_opinion.client_calls import client_outcomes
from second_opinion.differences import explain, find_differences, read_explanations, table
from second_opinion.raw_requests import drawn_requests, near_misses
from second_opinion.servers import Outcome, Serve, prism_server, raw_outcomes
from support import prism

ROOT = Path(__file__).parents[2]
#: The fixture contract has everything that an operation can have; the client is not generated from it.
FIXTURE = ROOT / ".fixture" / "openapi.yaml"
CASES, FIXTURE_CASES = 50, 8


def main(reports: Path = ROOT / "reports") -> int:
    """Compare, print and write the table; returns the exit status."""
    start = time.monotonic()
    mock, fixture_mock = Mock(CONTRACT), Mock(FIXTURE)
    try:
        prism.install()
        theirs = [*outcomes(prism_server(CONTRACT), mock), *fixture_outcomes(prism_server(FIXTURE), fixture_mock)]
    except prism.PrismUnavailableError as error:
        print(f"make second-opinion: {error}.", file=sys.stderr)
        return 2
    ours = [*outcomes(mock.serve, mock), *fixture_outcomes(fixture_mock.serve, fixture_mock)]
    rows = explain(find_differences(ours, theirs), read_explanations())
    differing = sum(row.cases for row in rows)
    summary = (
        f"{len(ours)} requests to the mock and to Prism {prism.VERSION}: {len(ours) - differing} with the same result, "
        f"{differing} with a different one."
    )
    text = "\n".join([*table(rows), "", summary])
    reports.mkdir(exist_ok=True)
    (reports / "second-opinion.md").write_text(text + "\n", encoding="utf-8")
    print(text, f"It took {time.monotonic() - start:.0f} s.", sep="\n")
    if problems := sum(bool(row.problem) for row in rows):
        print(f"{problems} rows do not agree with tests/second_opinion/differences.toml.", file=sys.stderr)
        return 1
    return 0


def outcomes(serve: Serve, mock: Mock) -> Iterator[Outcome]:
    """What the client's calls and raw requests to a server come to; ``mock`` has the credentials."""
    for operation in OPERATIONS:
        yield from client_outcomes(serve, operation, mock.credentials)
        requests = chain(drawn_requests(operation, mock.credentials), near_misses(operation, mock.credentials))
        yield from raw_outcomes(serve, requests)


def fixture_outcomes(serve: Serve, mock: Mock) -> Iterator[Outcome]:
    """As ``outcomes``, for the drawn requests of the fixture contract: parameters and bodies of all kinds."""
    operations = read_operations(read_schema(FIXTURE))
    requests = (drawn_requests(operation, mock.credentials, FIXTURE_CASES) for operation in operations)
    yield from raw_outcomes(serve, chain.from_iterable(requests))


if __name__ == "__main__":
    os.environ["no_proxy"] = "*"  # the clients read the environment
    settings.register_profile(
        "second-opinion",
        max_examples=CASES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )
    settings.load_profile("second-opinion")
    raise SystemExit(main())
