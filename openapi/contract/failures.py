"""Finds the operations of a contract on which the generator fails, whatever the failure is."""

from collections.abc import Callable, Sequence
from typing import Any

from contract.errors import UnsupportedError
from contract.operations import Contract, Operation, iterate_operations, select


class FailedError(Exception):
    """The generator failed."""


def find_failures(
    contract: Contract, attempt: Callable[[Contract], Any], operations: Sequence[Operation] | None = None
) -> list[UnsupportedError]:
    """The operations on which ``attempt`` raises ``FailedError``, found by halves: each half with what it needs.

    Of no operations, all of the contract is found.
    """
    chosen = list(iterate_operations(contract)) if operations is None else operations
    try:
        attempt(select(contract, chosen))
    except FailedError as error:
        if len(chosen) > 1:
            parts = chosen[: len(chosen) // 2], chosen[len(chosen) // 2 :]
            return [failure for part in parts for failure in find_failures(contract, attempt, part)]
        return [
            UnsupportedError(
                chosen[0].location if chosen else (), f"openapi-python-client fails on it: {str(error)[:300]}"
            )
        ]
    return []
