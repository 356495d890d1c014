"""Reads a document as the contract that its author meant: the one place that decides what is read, and how."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from contract import yaml_io
from contract.errors import ContractWarning
from contract.pointers import Location, pointer
from contract.repairs import complete_operations, declare_path_parameters, invalid_defaults, repair
from contract.validation import validate
from contract.versions import to_3_1


class Reading(NamedTuple):
    """A plain, valid OpenAPI 3.1 contract, and what was corrected to make it one."""

    contract: Any
    warnings: list[str]


def read_contract(name: str, document: Any, *, complete: bool = True) -> Reading:
    """Make a valid OpenAPI 3.1 contract of a document, in place; messages call it ``name``.

    ``complete`` gives each operation responses, and a name of its own; `make lint` has rules for these. Raises
    ``PipelineError`` for what is not an OpenAPI 3.0, 3.1 or 3.2 document, is invalid, or only OpenAPI 3.2 has.
    """
    warnings = [*to_3_1(name, document), *repair(document)]
    if complete:
        warnings += complete_operations(document)
    contract = yaml_io.to_plain(document)
    validate(name, contract)
    warnings += declare_path_parameters(document)
    list(declare_path_parameters(contract))
    for warning in list(invalid_defaults(contract)):
        warnings.append(warning)
        for each in (contract, document):
            _delete(each, warning.location)
    return Reading(contract, _group(warnings))


def _delete(document: Any, location: Location) -> None:
    for part in location[:-1]:
        document = document[part]
    del document[location[-1]]


def _group(warnings: Iterable[ContractWarning]) -> list[str]:
    """Each text once, with the first place that it is for."""
    places: dict[str, list[Location]] = {}
    for warning in warnings:
        places.setdefault(warning.text, []).append(warning.location)
    return [
        f"{pointer(first)}{f' and {len(others)} more' * bool(others)}: {text}."
        for text, (first, *others) in places.items()
    ]
