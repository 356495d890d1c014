"""Which operations are tested with random UUIDs, and which are really sent, with ids that the tester gives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from playbook3d_conformance.server.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playbook3d_conformance.openapi import AnyOperation

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}  # RFC 9110 §9.2.1


class Selection(NamedTuple):
    """What is sent, and what is not.

    Attributes:
        included: The operations that are tested with random UUIDs.
        excluded: Those that could change something even with random UUIDs.
        with_real_ids: Those that are sent once, with ``path_parameters``.
        path_parameters: The given ids of something that exists.
    """

    included: list[AnyOperation]
    excluded: list[AnyOperation]
    with_real_ids: list[AnyOperation]
    path_parameters: dict[str, str]


def select(operations: Sequence[AnyOperation], ids: Mapping[str, str], *, unsafe: bool) -> Selection:
    """What is sent if these ids are given; raises ``UsageError``."""
    given = _match_ids(operations, ids)
    with_real_ids = [
        operation
        for operation in operations
        if accepts_real_ids(operation) and given.keys() >= set(path_parameters(operation))
    ]
    for name in given:
        if not any(name in path_parameters(operation) for operation in with_real_ids):
            accepted = {other for operation in operations if accepts_real_ids(operation) for other in _uuids(operation)}
            missing = " ".join(f"--id {other}=…" for other in sorted(accepted - given.keys()))
            raise UsageError(f"--id {name} alone names nothing: give {missing} too, or leave it out.")
    included = [operation for operation in operations if unsafe or _names_what_it_changes(operation)]
    if not included:
        raise UsageError("no operation names what it could change (--unsafe sends them all the same).")
    excluded = [operation for operation in operations if operation not in included]
    return Selection(included, excluded, with_real_ids, given)


def path_parameters(operation: AnyOperation) -> list[str]:
    """The names of the path parameters of an operation, in order."""
    return [parameter.name for parameter in operation.path_parameters]


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


def _match_ids(operations: Sequence[AnyOperation], ids: Mapping[str, str]) -> dict[str, str]:
    """The ids by the names of the contract: ``TEAM_ID`` and ``team-id`` are ``team_id``, and ``teamId``."""
    names = dict.fromkeys(name for operation in operations for name in _uuids(operation))
    given = {_reduced(name): value for name, value in ids.items()}
    for name in ids:
        if _reduced(name) not in map(_reduced, names):
            known = f"its UUIDs are {', '.join(names)}" if names else "it has none"
            raise UsageError(f"--id {name}: no path of the contract has a UUID of this name; {known}.")
    return {name: given[_reduced(name)] for name in names if _reduced(name) in given}


def _reduced(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
