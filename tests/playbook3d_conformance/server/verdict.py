"""The verdict on a server, from what its runs have observed."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from schemathesis.core.transport import expand_status_codes

from playbook3d_conformance.server.summary import summarize

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from playbook3d_conformance.checks.observations import Kind, Observation


class ExitStatus(IntEnum):
    """The exit status of ``python -m playbook3d_conformance``."""

    NO_VIOLATION = 0
    VIOLATION = 1
    USAGE = 2  # or no response
    INCOMPLETE = 3
    INTERRUPTED = 130


class Verdict(NamedTuple):
    """The exit status, and what to print."""

    status: ExitStatus
    lines: list[str]


def judge(
    documented: Mapping[str, Sequence[str]],
    observations: Sequence[Observation],
    *,
    has_failed: bool,
    ended_after: int | None = None,
) -> Verdict:
    """The verdict.

    Args:
        documented: The documented statuses of each operation that was tested, such as "200", "4XX" and "default".
        observations: What was observed, in order.
        has_failed: Whether a run failed.
        ended_after: The seconds after which the run was ended, if it was not done.
    """
    notes = [f"Note: {text}" for text in _texts(observations, "note")]
    incomplete = [
        *_texts(observations, "incomplete"),
        *([f"the time is up (--max-time {ended_after})."] if ended_after else []),
    ]
    unseen = list(_never_seen(documented, observations))
    if has_failed:
        lines = [*notes, *summarize(observations), "The server does not keep the contract: see above."]
        return Verdict(ExitStatus.VIOLATION, lines)
    if incomplete:
        lines = [f"Not tested to the end: {text}" for text in incomplete]
        return Verdict(ExitStatus.INCOMPLETE, [*notes, *lines])
    seen = f"never seen: {'; '.join(unseen)}" if unseen else "every documented status was seen"
    return Verdict(ExitStatus.NO_VIOLATION, [*notes, f"No violation found; {seen}."])


def _texts(observations: Sequence[Observation], kind: Kind) -> list[str]:
    return [f"{observation.operation}: {observation.text}." for observation in observations if observation.kind == kind]


def _never_seen(documented: Mapping[str, Sequence[str]], observations: Sequence[Observation]) -> Iterator[str]:
    """The documented statuses that no response had; with their operation, if there is more than one."""
    for operation, keys in documented.items():
        seen = {int(each.text) for each in observations if each.kind == "status" and each.operation == operation}
        explicit = expand_status_codes([key for key in keys if key != "default"])
        unseen = [
            key for key in keys if not seen & (expand_status_codes([key]) if key != "default" else seen - explicit)
        ]
        if unseen:
            yield ", ".join(unseen) if len(documented) == 1 else f"{operation}: {', '.join(unseen)}"
