"""From a case that Schemathesis drew to the arguments of a typed method, by the generator's own parser."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from tempfile import gettempdir
from typing import Any, NamedTuple, cast
from urllib.parse import unquote
from uuid import UUID

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import EnumProperty, ModelProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty
from schemathesis.core import NotSet

from contract.generator import parse
from contract.operations import normalize_path
from contract.sources import Sources
from playbook3d_api.types import File
from playbook3d_conformance.forms import MULTIPART, essence
from playbook3d_conformance.openapi import AnyCase, AnyOperation, delimiter
from playbook3d_conformance.properties.operations import EFFECTIVE, any_case

# By the type that the generated function declares.
_FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "Any": str,
    "UUID": UUID,
    "bool": {"true": True, "false": False}.__getitem__,
    "datetime.date": date.fromisoformat,
    "datetime.datetime": datetime.fromisoformat,
    "float": float,
    "int": int,
    "str": str,
}


class UnmappedError(Exception):
    """Something in the contract that the suite cannot map to a typed call, and so cannot test."""


class TextParameter(NamedTuple):
    """A parameter whose argument can be a string; ``is_free``: any string."""

    location: str
    name: str
    argument: str
    is_free: bool


class Arguments:
    """Maps the cases of a contract's operations to arguments."""

    def __init__(self, contract: Mapping[str, Any]) -> None:
        data = parse(contract, Sources().settings, Path(gettempdir())).data
        self._endpoints: dict[tuple[str, str], Endpoint] = {
            (endpoint.method.upper(), normalize_path(endpoint.path.get_untrusted_value())): endpoint
            for collection in data.endpoint_collections_by_tag.values()
            for endpoint in collection.endpoints
        }
        self._models = {model.class_info.name: model for model in data.models}

    def endpoint(self, operation: AnyOperation) -> Endpoint:
        """The generator's view of an operation."""
        try:
            return self._endpoints[operation.method.upper(), normalize_path(operation.path)]
        except KeyError:
            raise UnmappedError(f"{operation.label}: not in the client") from None

    def model_properties(self, model: ModelProperty) -> tuple[dict[str, PropertyProtocol], PropertyProtocol | None]:
        """The properties of a model by their names in JSON, and what others are; ``None`` if it keeps no others.

        A reference to a model is a copy of it, possibly made before its properties were parsed.
        """
        parsed = self._models[model.class_info.name]
        if parsed.required_properties is None or parsed.optional_properties is None:
            raise UnmappedError(f"{model.class_info.name}: its properties were not parsed")
        properties = (*parsed.required_properties, *parsed.optional_properties)
        return {_name(declared): declared for declared in properties}, parsed.additional_properties

    def text_parameters(self, operation: AnyOperation) -> Iterator[TextParameter]:
        """The parameters of an operation whose arguments can be strings."""
        for location, parameters in _parameters(self.endpoint(operation)).items():
            for declared in parameters:
                if (types := _types(declared)) & {"str", "UUID"}:
                    name = _name(declared).lower() if location == "header" else _name(declared)
                    yield TextParameter(location, name, declared.python_name, "str" in types)

    def of(self, case: AnyCase) -> dict[str, Any]:
        """The keyword arguments of the typed method that mean all of ``case``."""
        endpoint = self.endpoint(case.operation)
        values: dict[str, Mapping[str, Any]] = {
            "path": {name: unquote(str(value)) for name, value in (case.path_parameters or {}).items()},
            "query": case.query or {},
            "header": case.headers or {},
            "cookie": case.cookies or {},
        }
        definitions = {(each.location.value, each.name): each.definition for each in case.operation.iter_parameters()}
        arguments: dict[str, Any] = {}
        for location, parameters in _parameters(endpoint).items():
            by_name = {_name(declared): declared for declared in parameters}
            for name, value in values[location].items():
                if name not in by_name:
                    raise UnmappedError(f"{case.operation.label}: the client has no parameter {name}")
                declared = by_name[name]
                if isinstance(declared, ListProperty) and isinstance(value, str):  # as it is sent
                    value = value.split(delimiter(definitions[location, name]))
                arguments[declared.python_name] = convert(declared, value)
        if not isinstance(case.body, NotSet):
            bodies = {body.content_type.get_untrusted_value(): body.prop for body in endpoint.bodies}
            if case.media_type not in bodies:
                raise UnmappedError(f"{case.operation.label}: a body of the type {case.media_type}")
            body = bodies[case.media_type]
            arguments["body"] = convert(body, _content(case, isinstance(body, FileProperty)))
        return arguments

    def valid(self, operation: AnyOperation) -> dict[str, Any]:
        """Valid arguments of an operation."""
        return self.of(any_case(operation))

    def response(self, operation: AnyOperation, status: int) -> PropertyProtocol | None:
        """The parsed schema of a response's body; ``None`` if the contract declares no body."""
        for response in self.endpoint(operation).responses:
            low, high = response.status_code.range or (0, 999)  # "default" comes last
            if low <= status <= high:
                return None if response.source["return_type"] == "None" else response.prop
        raise UnmappedError(f"{operation.label}: the client does not know the status {status}")


def _parameters(endpoint: Endpoint) -> dict[str, Sequence[PropertyProtocol]]:
    return {
        "path": endpoint.path_parameters,
        "query": endpoint.query_parameters,
        "header": endpoint.header_parameters,
        "cookie": endpoint.cookie_parameters,
    }


def _name(declared: PropertyProtocol) -> str:
    return declared.name.get_untrusted_value()


def _types(declared: PropertyProtocol) -> set[str]:
    """The types that the generated function declares for an argument."""
    return {
        part.get_type_string(no_optional=True).as_unembedded_code()
        for part in (declared.inner_properties if isinstance(declared, UnionProperty) else [declared])
    }


def convert(declared: PropertyProtocol, value: Any) -> Any:
    """``value``, from JSON or a URL, in the type that the generated function declares."""
    if isinstance(declared, ModelProperty):
        return _generated(declared.class_info.name).from_dict(value)
    if isinstance(declared, EnumProperty):
        return _generated(declared.class_info.name)(value)
    if isinstance(declared, ListProperty):
        return [convert(declared.inner_property, item) for item in cast(list[Any], value)]
    if isinstance(declared, UnionProperty):
        return _first_fitting(declared, value)
    if isinstance(declared, FileProperty):
        return File(payload=BytesIO(value))
    if isinstance(declared, ConstProperty):
        return _constant(declared, value)
    (name,) = _types(declared)
    if name == "None":
        if value in (None, "null"):
            return None
        raise ValueError(value)
    from_text = _FROM_TEXT.get(name)
    if from_text is None:
        raise UnmappedError(f"{_name(declared)}: the type {name}")
    return from_text(value) if isinstance(value, str) else value


def _constant(declared: ConstProperty, value: Any) -> Any:
    """The value of a constant, if it is this one; in a URL it is a text."""
    constant = declared.value.raw_value
    text = constant if isinstance(constant, str) else json.dumps(constant)
    if value not in (constant, text):
        raise ValueError(value)
    return constant


def _content(case: AnyCase, is_file: bool) -> Any:
    """The body of a case, with bytes where they are sent as such: in JSON and urlencoded forms they are a text."""
    if is_file:
        return case.as_transport_kwargs()["data"]  # which it may make of an object, as of XML
    return _unwrapped(case.body) if essence(case.media_type or "") == MULTIPART else case.body


def _unwrapped(value: Any) -> Any:
    """A body with the bytes of files as such."""
    if isinstance(value, dict):
        return {name: _unwrapped(member) for name, member in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [_unwrapped(element) for element in value]
    return getattr(value, "data", value)  # Schemathesis wraps bytes


def _first_fitting(declared: UnionProperty, value: Any) -> Any:
    """``value`` in the first type of a union that it fits; a model that loses none of it precedes one that does."""
    alternatives: list[Any] = []
    for inner in declared.inner_properties:
        with suppress(TypeError, ValueError, KeyError, AttributeError):
            alternatives.append(convert(inner, value))
    if not alternatives:
        raise UnmappedError(f"{_name(declared)}: {value!r} fits no type of the union")
    if not isinstance(value, dict):
        return alternatives[0]
    models = (each for each in alternatives if each.to_dict().keys() >= value.keys())
    return next(models, alternatives[0])


def _generated(name: str) -> Any:
    return getattr(import_module("playbook3d_api.models"), name)


ARGUMENTS = Arguments(EFFECTIVE)
