"""What a run sends, to which server: decided, and printed, before anything is sent.

By default nothing that exists is touched: requests name random UUIDs only, operations that could change something
without naming it are excluded, and undeclared methods are not tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid5

from playbook3d_conformance.credentials import security_alternatives
from playbook3d_conformance.server.schemathesis_cli import LIVE, STRICT, read_configuration
from playbook3d_conformance.server.selection import Selection, accepts_real_ids, path_parameters, select

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playbook3d_conformance.openapi import AnyOperation
    from playbook3d_conformance.server.options import Options

_NAMESPACE = UUID("5f0c2b0a-8f0e-4c52-9d0b-7a3c6f1f5e10")
#: Without ids of something that exists, and with them.
RUNS = RANDOM_IDS, REAL_IDS = "random-ids", "real-ids"


class Run(NamedTuple):
    """One run of the stock command; ``once``: one request to each operation, and never another."""

    name: str
    once: bool
    configuration: dict[str, Any]
    filters: list[str]
    environment: dict[str, str]


class Plan(NamedTuple):
    """What is sent, to which server, and with which options.

    Attributes:
        proxy: The proxy to the server, without its user and password; empty if there is none.
    """

    base_url: str
    proxy: str
    options: Options
    selection: Selection

    @property
    def receiver(self) -> str:
        """The server, and the proxy in between."""
        return self.base_url + (f" through the proxy {self.proxy}" if self.proxy else "")

    def runs(self) -> Iterator[Run]:
        """The runs of the stock command."""
        selection = self.selection
        # The proxy as it is printed.
        environment = {"no_proxy": "" if self.proxy else "*", "CONFORMANCE_UUID_NAMESPACE": str(self.uuid_namespace)}
        configuration = self._configuration()
        if self.options.wrong_methods:
            configuration["phases"]["coverage"] |= read_configuration(STRICT)["phases"]["coverage"]
        filters = [f"--exclude-name={operation.label}" for operation in selection.excluded]
        yield Run(RANDOM_IDS, False, configuration, filters, environment)
        if selection.with_real_ids:
            configuration = self._configuration()
            configuration["parameters"] = {f"path.{name}": value for name, value in selection.path_parameters.items()}
            configuration["generation"] |= {"mode": "positive", "max-examples": 1}
            configuration["phases"]["coverage"] = {"enabled": False}
            configuration["checks"] |= {
                **{name: {"enabled": False} for name in ("ignored_auth", "EachCredential", "EachUUID")},
                "positive_data_acceptance": {"expected-statuses": ["2XX", "401"]},
                "EverythingReached": {"successes": True, "variety": False, "fails": False},
            }
            filters = [f"--include-name={operation.label}" for operation in selection.with_real_ids]
            yield Run(REAL_IDS, True, configuration, filters, environment | {"CONFORMANCE_SEND_ONCE": "1"})

    def _configuration(self) -> dict[str, Any]:
        configuration = read_configuration(LIVE)
        configuration["rate-limit"] = self.options.rate
        configuration["generation"]["max-examples"] = self.options.examples
        configuration["seed"] = self.options.seed
        return configuration

    @property
    def uuid_namespace(self) -> UUID:
        """Of UUIDs that nobody has drawn before, unless the seed was given."""
        return uuid5(_NAMESPACE, str(self.options.seed))

    def lines(self) -> Iterator[str]:
        """The plan in words, without credentials."""
        options, selection = self.options, self.selection
        rate = options.rate.replace("/", " requests per ")
        limits = f"at most {rate}, for at most {options.max_time} s"
        yield f"To {self.receiver}, {limits} (--seed {options.seed} repeats it):"
        # Schemathesis's own, before and beside the tests.
        yield "  GET requests without credentials, two for each run, and their redirects: probes of what a URL may hold"
        yield "  after a lost connection, another one, or a bare HEAD: is the server still there?"
        for operation in selection.included:
            yield f"  {operation.label}: at most {options.examples} random requests, and some for each rule of the"
            yield "    contract, valid and invalid, that name nothing that exists"
            if names := {scheme.parameter for schemes in security_alternatives(operation) for scheme in schemes}:
                yield f"    with {' and '.join(sorted(names))};"
                yield "    once each with one of them missing or nearly right, in a cookie, and in the query, where"
                yield "    servers may log it"
        if options.wrong_methods:
            yield "  to each of these paths one request for each method that the contract does not declare there"
        for operation in selection.with_real_ids:
            ids = ", ".join(f"{name} {selection.path_parameters[name]}" for name in path_parameters(operation))
            yield f"  {operation.label}, REALLY, once, for {ids}"
        accepted = read_configuration(LIVE)["checks"]["positive_data_acceptance"]["expected-statuses"]
        statuses = ", ".join(status for status in accepted if status != "401")
        yield "A request that is answered 429 with Retry-After is repeated, after as much as a minute."
        yield f"Expected for a valid request that names nothing: {statuses}; for one that is really sent: 2XX."
        yield "Not sent:"
        for operation in selection.excluded:
            yield f"  {operation.label}, which could change something without naming it (--unsafe sends it)"
        if not options.wrong_methods:
            yield "  methods that the contract does not declare (--wrong-methods sends them)"
        for operation in selection.included:
            if operation not in selection.with_real_ids and accepts_real_ids(operation):
                ids = " ".join(f"--id {name}=…" for name in path_parameters(operation))
                yield f"  {operation.label} for anything that exists ({ids} sends it, once)"
        yield f"No other redirect is followed. Limits and expected statuses are configured in {LIVE}."


def make_plan(operations: Sequence[AnyOperation], options: Options, base_url: str, proxy: str = "") -> Plan:
    """What the options ask for; raises ``UsageError``."""
    return Plan(base_url, proxy, options, select(operations, options.ids, unsafe=options.unsafe))
