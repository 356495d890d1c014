"""The styles of parameters: those that the client serializes, by ``runtime.py`` where the generator does not.

| in | style | values |
| --- | --- | --- |
| query | form | arrays; objects, exploded |
| query | spaceDelimited, pipeDelimited | arrays |
| query | deepObject | objects |
| path | simple | arrays |
| any | form, simple | simple values |
"""

from collections.abc import Iterator, Mapping
from typing import Any

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty, Property
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.union import UnionProperty

from contract.errors import UnsupportedError
from contract.operations import Contract, Operation, iterate_operations, normalize_path

_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
DEEP_OBJECT = "deepObject"


def read_styles(contract: Contract, data: GeneratorData) -> dict[str, str]:
    """The styles that ``runtime.py`` serializes, by ``tag.operation?parameter``: a delimiter, or ``deepObject``."""
    return {
        f"{endpoint.tags[0]}.{endpoint.name}?{name}": style
        for operation, endpoint in _pairs(contract, data)
        for name, style in _styles(operation).items()
    }


def style_errors(contract: Contract, data: GeneratorData) -> Iterator[UnsupportedError]:
    """The parameters that are not serialized as declared."""
    for operation, endpoint in _pairs(contract, data):
        properties = {
            (str(place), each.name.get_untrusted_value()): each for place, each in endpoint.iter_all_parameters()
        }
        for location, _, parameter in operation.parameters:
            if reason := _reason(parameter, properties.get((parameter["in"], parameter["name"]))):
                part = operation.location if parameter.get("required") else location
                text = f"the client cannot serialize {reason}: change the parameter in the overlay"
                yield UnsupportedError(location, text, part)


def _pairs(contract: Contract, data: GeneratorData) -> Iterator[tuple[Operation, Endpoint]]:
    operations = {operation.route: operation for operation in iterate_operations(contract)}
    for collection in data.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            yield operations[endpoint.method, normalize_path(endpoint.path.get_untrusted_value())], endpoint


def _style(parameter: Mapping[str, Any]) -> tuple[str, bool]:
    """Style and explode of a parameter, with their defaults (OpenAPI 3.1, Parameter Object)."""
    style = parameter.get("style", "form" if parameter["in"] in ("query", "cookie") else "simple")
    return style, parameter.get("explode", style == "form")


def _styles(operation: Operation) -> dict[str, str]:
    styles: dict[str, str] = {}
    for _, _, parameter in operation.parameters:
        style, explode = _style(parameter)
        if parameter["in"] == "query" and (style == DEEP_OBJECT or (style in _DELIMITERS and not explode)):
            styles.setdefault(parameter["name"], _DELIMITERS.get(style, style))
    return styles


def _reason(parameter: Mapping[str, Any], declared: Property | None) -> str | None:
    """What of a parameter cannot be serialized."""
    style, explode = _style(parameter)
    place = parameter["in"]
    if "schema" not in parameter:
        return "a parameter with content"
    if declared is None:  # an ignored header, or reported by the generator
        return None
    inner = declared.inner_properties if isinstance(declared, UnionProperty) else [declared]
    items = [each.inner_property for each in inner if isinstance(each, ListProperty)]
    has_models = any(isinstance(each, ModelProperty) for each in inner)
    if any(isinstance(item, (ListProperty, ModelProperty, UnionProperty)) and place == "query" for item in items):
        return "an array of arrays or objects"
    if style in ("label", "matrix"):
        return f"the style {style}"
    if items and place not in ("query", "path"):
        return f"an array in a {place}"
    if has_models and (place != "query" or not isinstance(declared, ModelProperty)):
        return f"an object in a {place}" if place != "query" else "an object among other types"
    if has_models and style != DEEP_OBJECT and not (style == "form" and explode):
        return f"an object in the style {style} that is not exploded"
    return None
