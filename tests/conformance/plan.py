"""What a run against a real server sends, and to whom: decided, and put into words, before anything is sent.

By default nothing that exists is touched: requests name random UUIDs only, an operation that could change
something without naming it is left out, and no method is tried that the contract does not declare.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from requests.utils import get_environ_proxies, select_proxy

from conformance.extension import every_form
from conformance.stock import configuration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.subject import Subject

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}  # RFC 9110 §9.2.1
DEFAULT_SECONDS = 120


class UsageError(Exception):
    """What was asked for cannot be done; the message says what to change."""


class Run(NamedTuple):
    """One run of the stock command."""

    name: str
    configuration: dict[str, Any]
    options: list[str]
    once: bool  # one request to each operation, whatever comes of it


class Plan(NamedTuple):
    """What is sent, and what is not."""

    base_url: str
    proxy: str  # between here and there, without its user and password; empty if there is none
    rate: str
    seconds: int
    examples: int
    tried: list[Subject]  # with random UUIDs
    left_out: list[Subject]  # as even with random UUIDs they could change something
    real: list[Subject]  # once each, to what was named
    named: dict[str, str]  # path parameters, and what exists
    wrong_methods: bool

    @property
    def receiver(self) -> str:
        """To whom it is sent."""
        return self.base_url + (f" through the proxy {self.proxy}" if self.proxy else "")

    def runs(self) -> list[Run]:
        """The runs of the stock command that do it."""
        every: dict[str, Any] = {"rate-limit": self.rate, "generation": {"max-examples": self.examples}}
        methods = configuration()["phases"]["coverage"] if self.wrong_methods else {}
        unnamed = configuration(every, {"phases": {"coverage": methods}}, live=True)
        found = [Run("unnamed", unnamed, [f"--exclude-name={subject.label}" for subject in self.left_out], once=False)]
        if self.real:
            once: dict[str, Any] = {
                "parameters": {f"path.{name}": value for name, value in self.named.items()},
                "generation": {"mode": "positive", "max-examples": 1},
                "phases": {"coverage": {"enabled": False}},
                "checks": {
                    "positive_data_acceptance": {"expected-statuses": ["2XX"]},
                    "ignored_auth": {"enabled": False},
                    "EachCredential": {"enabled": False},
                    "EachUUID": {"enabled": False},
                    "Reached": {"successes": True, "parameters": False},
                },
            }
            options = [f"--include-name={subject.label}" for subject in self.real]
            found.append(Run("named", configuration(every, once, live=True), options, once=True))
        return found

    def lines(self) -> Iterator[str]:
        """The plan in words. It shows no credential."""
        live = configuration(live=True)
        rate = self.rate.replace("/", " requests per ")
        yield f"To {self.receiver}, at most {rate}, for at most {self.seconds} s:"
        # Schemathesis's own, before and beside what it tests.
        yield "  GET requests without credentials, two for each run, and their redirects: what is let through?"
        yield "  after a lost connection, another one with nothing in it, or a bare HEAD: is the server still there?"
        for subject in self.tried:
            yield f"  {subject.label}: at most {self.examples} random requests, and some for each rule of the contract,"
            yield "    valid and invalid, none of which names anything that exists"
            if subject.credentials:
                yield f"    with {' and '.join(sorted(subject.credentials))};"
                yield "    once each without one of them, with a wrong one, and with one in the place of another"
        if self.wrong_methods:
            yield "  to each of these paths one request for each method that the contract does not give it"
        for subject in self.real:
            named = ", ".join(f"{name} {self.named[name]}" for name in path_parameters(subject))
            yield f"  {subject.label}, REALLY, once, for {named}"
        statuses = ", ".join(live["checks"]["positive_data_acceptance"]["expected-statuses"])
        yield f"A valid request that names nothing may be answered {statuses}; one that is sent really, 2XX."
        yield "Not sent:"
        for subject in self.left_out:
            yield f"  {subject.label}, which could change something without naming it (UNSAFE=1 sends it)"
        if not self.wrong_methods:
            yield "  methods that the contract does not declare (WRONG_METHODS=1 sends them)"
        for subject in self.tried:
            if subject not in self.real and may_be_real(subject):
                variables = " ".join(f"{variable(name)}=…" for name in path_parameters(subject))
                yield f"  {subject.label} for anything that exists ({variables} sends it, once)"
        yield "No other redirect is followed. Limits and expected statuses stand in tests/conformance/live.toml."


def plan(subjects: Sequence[Subject], environment: Mapping[str, str], base_url: str) -> Plan:
    """The plan for a server, as the variables of the environment want it; raises ``UsageError``."""
    named = _named(subjects, environment)
    real = [subject for subject in subjects if may_be_real(subject) and named.keys() >= set(path_parameters(subject))]
    for name in named:
        if not any(name in path_parameters(subject) for subject in real):
            wanted = {other for subject in subjects for other in _uuids(subject) if may_be_real(subject)}
            missing = " ".join(sorted(variable(other) for other in wanted - named.keys()))
            raise UsageError(f"{variable(name)} alone names nothing: give {missing} as well, or leave it out.")
    unsafe = flag(environment, "UNSAFE")
    tried = [subject for subject in subjects if unsafe or _names_something(subject)]
    if not tried:
        raise UsageError("no operation names what it could change (UNSAFE=1 sends them all the same).")
    base_url = checked_url(base_url)
    return Plan(
        base_url=base_url,
        proxy=_proxy(base_url),
        rate=_rate(environment.get("RATE") or configuration(live=True)["rate-limit"]),
        seconds=_number(environment, "MAX_TIME", DEFAULT_SECONDS),
        examples=_number(environment, "EXAMPLES", configuration(live=True)["generation"]["max-examples"]),
        tried=tried,
        left_out=[subject for subject in subjects if subject not in tried],
        real=real,
        named=named,
        wrong_methods=flag(environment, "WRONG_METHODS"),
    )


# What holds members by names of the author's, and not by keywords.
_NAMING = {
    "properties", "patternProperties", "$defs",
    "schemas", "responses", "parameters", "headers", "requestBodies", "securitySchemes", "paths",
}  # fmt: skip


def naming_nothing(contract: Any, are_names: bool = False) -> Any:
    """A contract whose examples name nothing that exists: Schemathesis draws them, and so it does defaults.

    Those of its author are taken out. Each UUID has one in every form instead, so that each form is sent by all
    means, not only where chance has it.
    """
    if isinstance(contract, list):
        return [naming_nothing(item) for item in contract]
    if not isinstance(contract, dict):
        return contract
    changed = {
        key: naming_nothing(value, are_names=not are_names and key in _NAMING)
        for key, value in contract.items()
        if are_names or key not in ("example", "examples", "default")
    }
    if not are_names and changed.get("format") == "uuid":
        changed["examples"] = every_form(uuid4())
    return changed


def flag(environment: Mapping[str, str], name: str) -> bool:
    """Whether a variable of the environment says yes: it is there, and does not say no."""
    return environment.get(name, "").lower() not in ("", "0", "no", "false")


def path_parameters(subject: Subject) -> list[str]:
    """The names of the path parameters of an operation, in order."""
    return [parameter.name for parameter in subject.operation.path_parameters]


def variable(name: str) -> str:
    """The variable of the environment that gives a path parameter: ``TEAM_ID`` for ``team_id`` and for ``teamId``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|\W+", "_", name).upper()


def may_be_real(subject: Subject) -> bool:
    """Whether one request for what exists is harmless, or does what is asked for and nothing twice."""
    raw = subject.operation.definition.raw
    return bool(path_parameters(subject)) and (_is_safe(subject) or raw.get("x-idempotent") is True)


def _is_safe(subject: Subject) -> bool:
    return subject.operation.method.upper() in SAFE_METHODS


def _names_something(subject: Subject) -> bool:
    """Whether a request with random UUIDs concerns nothing that exists, or changes nothing at all."""
    return _is_safe(subject) or bool(_uuids(subject))


def _uuids(subject: Subject) -> list[str]:
    parameters = subject.operation.path_parameters
    return [one.name for one in parameters if one.definition.get("schema", {}).get("format") == "uuid"]


def _named(subjects: Sequence[Subject], environment: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in dict.fromkeys(name for subject in subjects for name in _uuids(subject)):
        if value := environment.get(variable(name)):
            try:
                found[name] = str(UUID(value))
            except ValueError:
                raise UsageError(f"{variable(name)} must be a UUID, not {value!r}.") from None
    return found


def checked_url(url: str) -> str:
    """A base URL that requests can be sent to; raises ``UsageError``, without repeating it: it may hold a password."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        usable = usable and "@" not in parts.netloc and not set(url) & set("?# \t\r\n\\")
        (parts.hostname or "").encode("idna")  # which fails for what no name of a host can be
    except ValueError:
        usable = False
    if not usable:
        raise UsageError("BASE_URL must be like https://api.example.com, without a user, a query or a fragment.")
    return url.rstrip("/")


def _proxy(url: str) -> str:
    """The proxy that requests will go through; raises ``UsageError`` for what is none, without repeating it."""
    found = select_proxy(url, get_environ_proxies(url))
    if not found:
        return ""
    refused = UsageError("the proxy of the environment must be like http://proxy.example.com:3128.")
    try:
        parts = urlsplit(found if "//" in found else f"http://{found}")
        usable = bool(parts.hostname) and (parts.port or 1) > 0 and "@" not in parts.path + parts.query + parts.fragment
    except ValueError:
        raise refused from None
    if not usable:
        raise refused
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _rate(text: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*/[smhd]", text):
        raise UsageError(f"RATE must be like 10/s or 100/m, not {text!r}.")
    return text


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise UsageError(f"{name} must be a number from 1, not {text!r}.")
    return int(text)
