"""Has openapi-python-client read a contract, whatever its parser makes of it."""

import re
from typing import Any, NamedTuple

import attrs
from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError, ParseError
from openapi_python_client.parser.properties import AnyProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.union import UnionProperty

from contract.errors import PipelineError, UnsupportedError
from contract.failures import FailedError, find_failures
from contract.generator_errors import clean, component_location, generator_errors
from contract.one_way_properties import without_one_way_requirements
from contract.operations import Contract, iterate_operations, select
from contract.operations_source import source_errors
from contract.parameter_styles import style_errors
from contract.pointers import Location, at
from contract.prepared import MARK, mark, prepare
from contract.python_names import class_overrides, operation_names, separate_names

# What a name that is made of a location can do without.
_STRUCTURE = {"components", "schemas", "paths", "properties", "responses", "content", "schema", "items"}
# How often schemas are corrected: a correction can show the next error.
_ROUNDS = 10


class Parsed(NamedTuple):
    """The generator's own reading of a contract, with its configuration.

    Attributes:
        failures: The operations that its parser fails on; the reading lacks them.
        widened: The schemas that it cannot read, and reads as those of any value.
    """

    data: GeneratorData
    config: Config
    failures: list[UnsupportedError]
    widened: list[UnsupportedError]

    def errors(self, contract: Contract) -> list[UnsupportedError]:
        """What of the contract the client could not honour."""
        names, clashes = operation_names(contract, self.data)
        return [
            *self.failures,
            *generator_errors(contract, self.data),
            *clashes,
            *style_errors(contract, self.data),
            *source_errors(contract, names),
        ]


def parse_contract(contract: Contract, config: Config) -> Parsed:
    """The generator's reading of a plain, effective contract; raises ``PipelineError`` if there is none."""
    try:
        return _parse(contract, config)
    except FailedError:
        failures = find_failures(contract, lambda part: _parse(part, config))
    failed = {error.location for error in failures}
    rest = [operation for operation in iterate_operations(contract) if operation.location not in failed]
    try:
        return _parse(select(contract, rest), config)._replace(failures=failures)
    except FailedError as error:
        raise PipelineError(f"openapi-python-client cannot read the contract: {error}.") from error


def _parse(contract: Contract, config: Config) -> Parsed:
    copy = prepare(without_one_way_requirements(contract))
    data = _read(copy, config)
    widened: list[UnsupportedError] = []
    for number in range(_ROUNDS if _errors(data) else 0):
        if not number:  # only now: it takes longer
            mark(copy)
            data = _read(copy, config)
        if not (corrected := _correct(copy, _errors(data), is_unique=bool(number))):
            break
        widened += [error for error in corrected if error]
        data = _read(copy, config)
    if overrides := class_overrides(data):
        config = attrs.evolve(config, class_overrides={**config.class_overrides, **overrides})
        data = _read(copy, config)
    separate_names(data, config)
    _keep_any_results(data)
    return Parsed(data, config, [], widened)


def _read(copy: Any, config: Config) -> GeneratorData:
    try:
        data = GeneratorData.from_dict(copy, config=config)
    except Exception as error:  # whatever its parser was not written for
        raise FailedError(f"{type(error).__name__}: {error}") from error
    if isinstance(data, GeneratorError):
        raise FailedError(" ".join((data.detail or data.header).split()))
    return data


def _keep_any_results(data: GeneratorData) -> None:
    """Make optional what can be anything: the generator takes a result of any type for none."""
    for collection in data.endpoint_collections_by_tag.values():
        for response in (response for endpoint in collection.endpoints for response in endpoint.responses):
            if isinstance(own := response.prop, AnyProperty) and response.source["return_type"] != "None":
                null = NoneProperty(own.name, True, None, own.python_name, None, None)
                response.prop = UnionProperty(own.name, True, None, own.python_name, None, None, [own, null])


def _errors(data: GeneratorData) -> list[ParseError]:
    collections = data.endpoint_collections_by_tag.values()
    return [*data.errors, *(error for collection in collections for error in collection.parse_errors)]


def _correct(copy: Any, errors: list[ParseError], *, is_unique: bool) -> list[UnsupportedError | None]:
    """Correct the schemas of a copy that the errors are about: those that are widened, and ``None`` for each other.

    Schemas whose models would get one name are named by their locations; ``is_unique``: by all parts of them.
    """
    corrected: dict[Location, UnsupportedError | None] = {}
    references: dict[Location, UnsupportedError | None] = {}
    for error in errors:
        if not (location := _marked_location(error) or component_location(error)):
            continue
        if re.search("duplicate models with name|conflicting enums named", error.detail or ""):
            words = [str(part) for part in location if is_unique or part not in _STRUCTURE]
            at(copy, location)["title"] = " ".join(words)
            corrected[location] = None
        else:
            found = references if "$ref" in at(copy, location) else corrected
            found.setdefault(location, UnsupportedError(location, clean(error.detail or "")))
    # A reference to what could not be read may be in order by now.
    for location, reason in (corrected or references).items():
        if reason:
            (schema := at(copy, location)).clear()
            schema["description"] = f"Any value: {reason.text}."
    return [*(corrected or references).values()]


def _marked_location(error: ParseError) -> Location | None:
    extra: dict[str, Any] = (error.data.model_extra if error.data else None) or {}
    location: Location | None = extra.get(MARK)
    return location
