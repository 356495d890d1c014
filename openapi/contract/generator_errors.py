"""Locates in the contract what openapi-python-client reports: its errors carry no JSON pointers.

It reports an error of an operation with the operation's method and path, and an error of a component with the names of
the components that it left out. An operation that needs one of them has an error of its own, without the cause.
"""

import re
from collections.abc import Iterator
from typing import Any

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import ParseError
from openapi_python_client.parser.openapi import Endpoint

from contract.errors import UnsupportedError
from contract.operations import Contract, Operation, iterate_operations, normalize_path
from contract.pointers import Location, at, needed_locations, resolve

_COMPONENT = re.compile(r"/components/(schemas|parameters)/([\w.-]+)")


def generator_errors(contract: Contract, data: GeneratorData) -> Iterator[UnsupportedError]:
    """What the generator leaves out of operations."""
    errors: dict[str, list[Any]] = {}
    endpoints: dict[tuple[str, str], Endpoint] = {}
    for collection in data.endpoint_collections_by_tag.values():
        for error in collection.parse_errors:
            errors.setdefault(error.header.partition(" within ")[0], []).append(error)
        for endpoint in collection.endpoints:
            endpoints[endpoint.method, normalize_path(endpoint.path.get_untrusted_value())] = endpoint
    causes = component_errors(data)
    for operation in iterate_operations(contract):
        found = errors.get(f"WARNING parsing {operation.label}", [])
        if operation.route in endpoints:
            parts = [*_missing_parts(operation, endpoints[operation.route])]
        else:
            parts = [operation.location] * len(found)
        for error, part in zip(found, parts, strict=False):
            cause = UnsupportedError(part, clean(error.detail or ""))
            if re.search("(?i)reference", cause.text):
                needed = needed_locations(contract, at(contract, part))
                cause = next((causes[location] for location in needed if location in causes), cause)
            yield UnsupportedError(cause.location, cause.text, _omissible(operation, part))


def component_errors(data: GeneratorData) -> dict[Location, UnsupportedError]:
    """For each component that the generator leaves out, the reason."""
    causes: dict[Location, UnsupportedError] = {}
    for error in data.errors:
        text, locations = _read_component_error(error)
        for location in locations:
            causes.setdefault(location, UnsupportedError(locations[0], clean(text)))
    return causes


def component_location(error: ParseError) -> Location | None:
    """The location of the component that an error is about."""
    _, locations = _read_component_error(error)
    return locations[0] if locations else None


def _read_component_error(error: ParseError) -> tuple[str, list[Location]]:
    text, _, removed = (error.detail or "").partition("Failure to process schema has resulted in the removal of:")
    return text, [("components", *each) for each in _COMPONENT.findall(error.header + removed)]


def clean(text: str) -> str:
    """A message of the generator without line breaks, and without the addresses in memory of what it quotes."""
    text = text.partition("Failure to process schema")[0]
    text = " ".join(re.sub(r' "?<\S+ object at 0x\w+>"?', "", text).split()).rstrip(".")
    return f"openapi-python-client cannot generate this: {text}"


def _missing_parts(operation: Operation, endpoint: Endpoint) -> Iterator[Location]:
    """The responses and the media types of the request that the generator leaves out, in the order of its errors."""
    statuses = {response.status_code.pattern for response in endpoint.responses}
    yield from ((*operation.location, "responses", each) for each in operation.responses if each not in statuses)
    if "requestBody" in operation.fields:
        location = (*resolve(operation.contract, (*operation.location, "requestBody")), "content")
        media_types = {body.content_type.get_untrusted_value() for body in endpoint.bodies}
        yield from ((*location, each) for each in at(operation.contract, location) if each not in media_types)


def _omissible(operation: Operation, part: Location) -> Location:
    """What to leave out: the part if the rest is of use without it, else all of the operation."""
    successes = [status for status in operation.responses if status.startswith("2")] or ["default"]
    return operation.location if part[-2] == "responses" and part[-1] in successes else part
