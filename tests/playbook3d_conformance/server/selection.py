"""Which operations are tested with random UUIDs, and which are really sent, with ids that the tester gives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from playbook3d_conformance.server.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playbook3d_conformance.openapi import AnyOperation

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
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
        if any(name in path_parameters(operation) for operation in with_real_ids):
            continue
        accepting = [path_parameters(operation) for operation in operations if accepts_real_ids(operation)]
        names = {other for others in accepting if name in others for other in others}
        if not names:
            raise UsageError(f"--id {name}: every operation with it could do something twice; leave it out.")
        missing = " ".join(f"--id {other}=…" for other in sorted(names - given.keys()))
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
    names = dict.fromkeys(name for operation in operations for name in path_parameters(operation))
    uuids = {name for operation in operations for name in _uuids(operation)}
    given: dict[str, str] = {}
    for text, value in ids.items():
        meant = [name for name in names if _reduced(name) == _reduced(text)]
        if not meant:
            known = f"it has {', '.join(names)}" if names else "it has none"
            raise UsageError(f"--id {text}: the contract has no path parameter of this name; {known}.")
        if not uuids.isdisjoint(meant) and not _UUID.fullmatch(value):
            raise UsageError(f"--id {text} must be a UUID, not {value!r}.")
        given |= dict.fromkeys(meant, value.lower() if uuids.issuperset(meant) else value)
    return given


def _reduced(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
