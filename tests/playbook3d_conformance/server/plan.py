"""What a run sends, to which server: decided, and printed, before anything is sent.

By default nothing that exists is touched: requests name random UUIDs only, operations that could change something
without naming it are excluded, and undeclared methods are not tried.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid5

from playbook3d_conformance.checks.generation import uuid_examples
from playbook3d_conformance.credentials import security_alternatives
from playbook3d_conformance.server.errors import UsageError
from playbook3d_conformance.server.schemathesis_cli import LIVE, STRICT, read_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from playbook3d_conformance.openapi import AnyOperation

_NAMESPACE = UUID("5f0c2b0a-8f0e-4c52-9d0b-7a3c6f1f5e10")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}  # RFC 9110 §9.2.1
DEFAULT_SECONDS = 120


class Run(NamedTuple):
    """One run of the stock command; ``once``: one request to each operation, and never another."""

    name: str
    once: bool
    configuration: dict[str, Any]
    options: list[str]
    environment: dict[str, str]


class Plan(NamedTuple):
    """What is sent, and what is not.

    Attributes:
        proxy: The proxy to the server, without its user and password; empty if there is none.
        seed: The requests follow from it.
        included: The operations that are tested with random UUIDs.
        excluded: Those that could change something even with random UUIDs.
        with_real_ids: Those that are sent once, with ``path_parameters``.
        path_parameters: The given ids of something that exists.
    """

    base_url: str
    proxy: str
    rate: str
    seconds: int
    examples: int
    included: list[AnyOperation]
    excluded: list[AnyOperation]
    with_real_ids: list[AnyOperation]
    path_parameters: dict[str, str]
    wrong_methods: bool
    seed: int

    @property
    def receiver(self) -> str:
        """The server, and the proxy in between."""
        return self.base_url + (f" through the proxy {self.proxy}" if self.proxy else "")

    def runs(self) -> Iterator[Run]:
        """The runs of the stock command."""
        # The proxy as it is printed.
        environment = {"no_proxy": "" if self.proxy else "*", "CONFORMANCE_UUID_NAMESPACE": str(self.uuid_namespace)}
        configuration = self._configuration()
        if self.wrong_methods:
            configuration["phases"]["coverage"] |= read_configuration(STRICT)["phases"]["coverage"]
        options = [f"--exclude-name={operation.label}" for operation in self.excluded]
        yield Run("random-ids", False, configuration, options, environment)
        if self.with_real_ids:
            configuration = self._configuration()
            configuration["parameters"] = {f"path.{name}": value for name, value in self.path_parameters.items()}
            configuration["generation"] |= {"mode": "positive", "max-examples": 1}
            configuration["phases"]["coverage"] = {"enabled": False}
            configuration["checks"] |= {
                **{name: {"enabled": False} for name in ("ignored_auth", "EachCredential", "EachUUID")},
                "positive_data_acceptance": {"expected-statuses": ["2XX", "401"]},
                "EverythingReached": {"successes": True, "variety": False, "fails": False},
            }
            options = [f"--include-name={operation.label}" for operation in self.with_real_ids]
            yield Run("real-ids", True, configuration, options, environment | {"CONFORMANCE_SEND_ONCE": "1"})

    def _configuration(self) -> dict[str, Any]:
        configuration = read_configuration(LIVE)
        configuration["rate-limit"] = self.rate
        configuration["generation"]["max-examples"] = self.examples
        configuration["seed"] = self.seed
        return configuration

    @property
    def uuid_namespace(self) -> UUID:
        """Of UUIDs that nobody has drawn before, unless the seed was given."""
        return uuid5(_NAMESPACE, str(self.seed))

    def lines(self) -> Iterator[str]:
        """The plan in words, without credentials."""
        rate = self.rate.replace("/", " requests per ")
        yield f"To {self.receiver}, at most {rate}, for at most {self.seconds} s (SEED={self.seed} repeats it):"
        # Schemathesis's own, before and beside the tests.
        yield "  GET requests without credentials, two for each run, and their redirects: probes of what a URL may hold"
        yield "  after a lost connection, another one, or a bare HEAD: is the server still there?"
        for operation in self.included:
            yield f"  {operation.label}: at most {self.examples} random requests, and some for each rule of the"
            yield "    contract, valid and invalid, that name nothing that exists"
            if names := {scheme.parameter for schemes in security_alternatives(operation) for scheme in schemes}:
                yield f"    with {' and '.join(sorted(names))};"
                yield "    once each with one of them missing or nearly right, in a cookie, and in the query, where"
                yield "    servers may log it"
        if self.wrong_methods:
            yield "  to each of these paths one request for each method that the contract does not declare there"
        for operation in self.with_real_ids:
            ids = ", ".join(f"{name} {self.path_parameters[name]}" for name in path_parameters(operation))
            yield f"  {operation.label}, REALLY, once, for {ids}"
        accepted = read_configuration(LIVE)["checks"]["positive_data_acceptance"]["expected-statuses"]
        statuses = ", ".join(status for status in accepted if status != "401")
        yield "A request that is answered 429 with Retry-After is repeated, after as much as a minute."
        yield f"Expected for a valid request that names nothing: {statuses}; for one that is really sent: 2XX."
        yield "Not sent:"
        for operation in self.excluded:
            yield f"  {operation.label}, which could change something without naming it (UNSAFE=1 sends it)"
        if not self.wrong_methods:
            yield "  methods that the contract does not declare (WRONG_METHODS=1 sends them)"
        for operation in self.included:
            if operation not in self.with_real_ids and accepts_real_ids(operation):
                variables = " ".join(f"{environment_name(name)}=…" for name in path_parameters(operation))
                yield f"  {operation.label} for anything that exists ({variables} sends it, once)"
        yield f"No other redirect is followed. Limits and expected statuses are configured in {LIVE}."


def make_plan(
    operations: Sequence[AnyOperation], environment: Mapping[str, str], base_url: str, proxy: str = ""
) -> Plan:
    """What the environment asks for; raises ``UsageError``."""
    _reject_misspelt_variables(operations, environment)
    given = _given_ids(operations, environment)
    with_real_ids = [
        operation
        for operation in operations
        if accepts_real_ids(operation) and given.keys() >= set(path_parameters(operation))
    ]
    for name in given:
        if not any(name in path_parameters(operation) for operation in with_real_ids):
            required_ids = {
                other for operation in operations if accepts_real_ids(operation) for other in _uuids(operation)
            }
            missing = " ".join(sorted(environment_name(other) for other in required_ids - given.keys()))
            raise UsageError(f"{environment_name(name)} alone names nothing: give {missing} too, or leave it out.")
    unsafe = is_set(environment, "UNSAFE")
    included = [operation for operation in operations if unsafe or _names_what_it_changes(operation)]
    if not included:
        raise UsageError("no operation names what it could change (UNSAFE=1 sends them all the same).")
    live = read_configuration(LIVE)
    return Plan(
        base_url=base_url,
        proxy=proxy,
        rate=_rate(environment.get("RATE") or live["rate-limit"]),
        seconds=_number(environment, "MAX_TIME", DEFAULT_SECONDS),
        examples=_number(environment, "EXAMPLES", live["generation"]["max-examples"]),
        included=included,
        excluded=[operation for operation in operations if operation not in included],
        with_real_ids=with_real_ids,
        path_parameters=given,
        wrong_methods=is_set(environment, "WRONG_METHODS"),
        seed=_seed(environment),
    )


_VARIABLES = ("BASE_URL", "MOCK", "DRY_RUN", "UNSAFE", "WRONG_METHODS", "EXAMPLES", "RATE", "MAX_TIME", "SEED")


def _reject_misspelt_variables(operations: Sequence[AnyOperation], environment: Mapping[str, str]) -> None:
    """Raise ``UsageError`` for DRYRUN and the like: what it is to prevent would happen."""
    ids = {environment_name(name) for operation in operations for name in path_parameters(operation)}
    known = {_reduced(name): name for name in (*_VARIABLES, *ids)}
    for name in environment:
        if (meant := known.get(_reduced(name))) and name != meant:
            raise UsageError(f"{name} is not read: {meant} is meant, or leave it out.")


def _reduced(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper()).removesuffix("S")


# Objects whose keys are names that an author chose, not keywords.
_NAMED_MEMBERS = {
    "properties", "patternProperties", "$defs",
    "schemas", "responses", "parameters", "headers", "requestBodies", "securitySchemes", "paths",
}  # fmt: skip


def without_examples(contract: Any, namespace: UUID, location: str = "#", *, keys_are_names: bool = False) -> Any:
    """A contract whose examples and defaults name nothing that exists: Schemathesis sends them.

    Those of its author are removed. Each UUID gets examples in every form, so that each form is sent for certain; they
    follow from ``namespace``.
    """
    if isinstance(contract, list):
        return [without_examples(item, namespace, f"{location}/{index}") for index, item in enumerate(contract)]
    if not isinstance(contract, dict):
        return contract
    copy = {
        key: without_examples(
            value, namespace, f"{location}/{key}", keys_are_names=not keys_are_names and key in _NAMED_MEMBERS
        )
        for key, value in contract.items()
        if keys_are_names or key not in ("example", "examples", "default")
    }
    if not keys_are_names and copy.get("format") == "uuid":
        copy["examples"] = uuid_examples(location, namespace)
    return copy


def is_set(environment: Mapping[str, str], name: str) -> bool:
    """Whether a variable of the environment says yes; raises ``UsageError`` if it says neither yes nor no."""
    value = environment.get(name, "").lower()
    if value in ("1", "yes", "true", "on"):
        return True
    if value in ("", "0", "no", "false", "off"):
        return False
    raise UsageError(f"{name} must be 1 or 0, not {environment[name]!r}.")


def path_parameters(operation: AnyOperation) -> list[str]:
    """The names of the path parameters of an operation, in order."""
    return [parameter.name for parameter in operation.path_parameters]


def environment_name(name: str) -> str:
    """The variable of the environment for a path parameter: ``TEAM_ID`` for ``team_id`` and for ``teamId``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|\W+", "_", name).upper()


def accepts_real_ids(operation: AnyOperation) -> bool:
    """Whether one request for something that exists is harmless, or does what is asked for, once."""
    is_idempotent = operation.definition.raw.get("x-idempotent") is True
    return bool(path_parameters(operation)) and (_is_safe(operation) or is_idempotent)


def _is_safe(operation: AnyOperation) -> bool:
    return operation.method.upper() in SAFE_METHODS


def _names_what_it_changes(operation: AnyOperation) -> bool:
    """Whether a request with random UUIDs concerns nothing that exists, or changes nothing."""
    return _is_safe(operation) or bool(_uuids(operation))


def _uuids(operation: AnyOperation) -> list[str]:
    parameters = operation.path_parameters
    return [
        parameter.name for parameter in parameters if parameter.definition.get("schema", {}).get("format") == "uuid"
    ]


def _given_ids(operations: Sequence[AnyOperation], environment: Mapping[str, str]) -> dict[str, str]:
    ids: dict[str, str] = {}
    for name in dict.fromkeys(name for operation in operations for name in _uuids(operation)):
        if value := environment.get(environment_name(name)):
            if not _UUID.fullmatch(value):
                raise UsageError(f"{environment_name(name)} must be a UUID, not {value!r}.")
            ids[name] = value.lower()
    return ids


def _rate(text: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*/[smhd]", text):
        raise UsageError(f"RATE must be like 10/s or 100/m, not {text!r}.")
    return text


def _seed(environment: Mapping[str, str]) -> int:
    text = environment.get("SEED") or str(secrets.randbits(48))
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise UsageError(f"SEED must be a number, not {text!r}.")
    return int(text)


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise UsageError(f"{name} must be a number from 1, not {text!r}.")
    return int(text)
