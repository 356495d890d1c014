"""What the suite tests: the contract, its operations, and the client that is meant to speak it.

``CONFORMANCE_CONTRACT`` names another effective contract than that of the checkout; the client must then be
the one that was generated from it.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

import schemathesis
from hypothesis.statistics import collector
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Err, Ok
from schemathesis.schemas import BaseSchema

from conformance.wire import AnyOperation, parameters
from contract import yaml_io
from contract.operations import METHODS, server_url

CONTRACT = Path(os.environ.get("CONFORMANCE_CONTRACT") or Path(__file__).parents[2] / "generated" / "openapi.yaml")


class Subject(NamedTuple):
    """One operation of the contract, as Schemathesis reads it."""

    label: str
    operation: AnyOperation
    server: str  # the first that the contract names for it
    parameters: set[tuple[str, str]]  # place and name, without credentials; a body is ("body", "")
    credentials: dict[str, str]  # by the header that each stands in, in lower case: the name of its scheme
    declared_headers: set[str]  # in lower case, those of the credentials included
    defaults: set[tuple[str, str]]


def load(path: Path) -> dict[str, Any]:
    """The contract as plain data."""
    return cast(dict[str, Any], yaml_io.to_plain(yaml_io.read(path)))


def schema(contract: Mapping[str, Any]) -> BaseSchema:
    """The contract as Schemathesis reads it; with our configuration, and none that lies about."""
    # With the extension, which has UUIDs drawn in every form. No credentials are drawn: the right ones are sent.
    config = SchemathesisConfig.from_dict(
        {"hooks": "conformance.extension", "generation": {"with-security-parameters": False}}
    )
    return schemathesis.openapi.from_dict(dict(contract), config=config)


def subjects(contract: Mapping[str, Any]) -> list[Subject]:
    """Every operation of the contract; one that Schemathesis cannot read is an error, and never left out."""
    results = list(schema(contract).get_all_operations())
    unread = [result.err() for result in results if isinstance(result, Err)]
    assert unread == []
    operations = [result.ok() for result in results if isinstance(result, Ok)]
    found = [_subject(contract, operation) for operation in operations]
    declared = [
        f"{method.upper()} {path}" for path, item in contract["paths"].items() for method in item if method in METHODS
    ]
    assert sorted(subject.label for subject in found) == sorted(declared)
    return found


def _subject(contract: Mapping[str, Any], operation: AnyOperation) -> Subject:
    raw = operation.definition.raw
    schemes = contract.get("components", {}).get("securitySchemes", {})
    requirements = raw.get("security", contract.get("security", []))
    credentials = {
        schemes[name].get("name", "authorization").lower(): name for alternative in requirements for name in alternative
    }
    servers = raw.get("servers") or contract["paths"][operation.path].get("servers") or contract.get("servers")
    return Subject(
        label=operation.label,
        operation=operation,
        server=server_url(servers[0]).rstrip("/") if servers else "",
        parameters=parameters(operation),
        credentials=credentials,
        declared_headers=credentials.keys() | {parameter.name.lower() for parameter in operation.headers},
        defaults=_defaults(operation),
    )


def _defaults(operation: AnyOperation) -> set[tuple[str, str]]:
    """Each query parameter that has a default, and that default as it is sent."""
    schemas = {parameter.name: parameter.definition.get("schema", {}) for parameter in operation.query}
    return {
        (name, default if isinstance(default, str) else json.dumps(default))
        for name, schema in schemas.items()
        if isinstance(schema, dict) and (default := schema.get("default")) is not None
    }


def credential_headers(contract: Mapping[str, Any], api_key: str, token: str) -> dict[str, str]:
    """The header fields in which the contract has the credentials travel, each with the right value."""
    schemes = contract.get("components", {}).get("securitySchemes", {}).values()
    return {
        scheme.get("name", "Authorization"): api_key if scheme["type"] == "apiKey" else f"Bearer {token}"
        for scheme in schemes
    }


@contextmanager
def exhaustion() -> Generator[Callable[[], bool]]:
    """Tells of the property that is run in the context whether Hypothesis drew all that there is to draw."""
    reasons: list[str] = []

    def note(statistics: Mapping[str, Any]) -> None:
        reasons.append(statistics["stopped-because"])

    with cast(Any, collector).with_value(note):  # those that `--hypothesis-show-statistics` would print
        yield lambda: reasons == ["nothing left to do"]


drawn: Counter[str] = Counter()
"""How many cases were checked, by property and operation: printed at the end of the run."""

EFFECTIVE = load(CONTRACT)
SUBJECTS = subjects(EFFECTIVE)
