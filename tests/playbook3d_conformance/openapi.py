"""The contract and its operations, as Schemathesis reads them.

``CONTRACT`` is the effective contract: that of the checkout, else the one that comes with the mock.
``CONFORMANCE_CONTRACT`` names another.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NotSet
from schemathesis.core.result import Err
from schemathesis.errors import LoaderError
from schemathesis.schemas import APIOperation, BaseSchema

from playbook3d_mock import contract_path

AnyCase = Case[Any]
AnyOperation = APIOperation[Any, Any, Any, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
CONTRACT = Path(os.environ.get("CONFORMANCE_CONTRACT") or contract_path())


class InvalidContractError(Exception):
    """A contract that cannot be read; the message says which, and why."""


def read_schema(contract: Path | Mapping[str, Any]) -> BaseSchema:
    """A contract, from a file or as plain data; raises ``InvalidContractError``.

    Its strategies are those of our extension, without credentials. A configuration file in the working directory is
    ignored.
    """
    config = SchemathesisConfig.from_dict(
        {"hooks": "playbook3d_conformance.checks", "generation": {"with-security-parameters": False}}
    )
    if not isinstance(contract, Path):
        return schemathesis.openapi.from_dict(dict(contract), config=config)
    try:
        schema = schemathesis.openapi.from_path(contract, config=config)
    except OSError as error:
        raise InvalidContractError(f"{contract}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidContractError(f"{contract}: not UTF-8.") from error
    except LoaderError as error:
        raise InvalidContractError(" ".join((f"{contract}: {error.message}.", *error.extras))) from error
    if not isinstance(schema.raw_schema.get("paths", {}), Mapping):
        raise InvalidContractError(f"{contract}: #/paths is not an object.")
    return schema


def read_operations(schema: BaseSchema) -> list[AnyOperation]:
    """Every operation of a contract; raises ``InvalidContractError`` if one cannot be read."""
    operations: list[AnyOperation] = []
    for result in schema.get_all_operations():
        if isinstance(result, Err):
            raise InvalidContractError(str(result.err()))
        operations.append(result.ok())
    paths = schema.raw_schema.get("paths", {}).items()
    declared = [f"{method.upper()} {path}" for path, item in paths for method in METHODS if method in item]
    if missing := set(declared) - {operation.label for operation in operations}:
        raise InvalidContractError(f"not read: {', '.join(sorted(missing))}.")
    return operations


def documents_success(operation: AnyOperation) -> bool:
    """Whether a documented response can be a success."""
    return any(status[0] in "2d" for status in operation.responses.status_codes)


def delimiter(parameter: Mapping[str, Any]) -> str:
    """What separates the items of an array in one text (OpenAPI 3.1 §4.8.12.2)."""
    return {"spaceDelimited": " ", "pipeDelimited": "|"}.get(parameter.get("style", "form"), ",")


def declared_parameters(operation: AnyOperation) -> set[tuple[str, str]]:
    """The parameters of an operation, by location and name; a body is ``("body", "")``. Credentials are none."""
    declared = {(parameter.location.value, parameter.name) for parameter in operation.iter_parameters()}
    declared -= {(parameter.location.value, parameter.name) for parameter in operation.security.iter_parameters()}
    return declared | ({("body", "")} if operation.body else set())


def parameters_of(case: AnyCase) -> set[tuple[str, str]]:
    """The declared parameters that a case has."""
    locations = {"path": case.path_parameters, "query": case.query, "header": case.headers, "cookie": case.cookies}
    present = {(location, name) for location, values in locations.items() for name in values}
    if not isinstance(case.body, NotSet):
        present.add(("body", ""))
    return present & declared_parameters(case.operation)
