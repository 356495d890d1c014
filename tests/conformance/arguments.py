"""From a case that Schemathesis drew to the arguments of a typed method, by way of the generator's own parser."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from tempfile import gettempdir
from typing import Any, cast
from urllib.parse import unquote
from uuid import UUID

from hypothesis import given, settings
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import EnumProperty, ModelProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from conformance.subject import EFFECTIVE
from conformance.wire import AnyCase, AnyOperation
from contract.generator import parse
from contract.operations import normal_path
from contract.output import Sources
from playbook3d_api.types import File

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


class Unmapped(Exception):
    """The contract has something that the suite cannot put into a typed call: teach it, or nothing is proven."""


def some_case(operation: AnyOperation) -> AnyCase:
    """Some valid case of an operation."""
    found: list[AnyCase] = []

    @settings(max_examples=1)
    @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def draw(case: AnyCase) -> None:
        found.append(case)

    draw()
    return found[0]


class Arguments:
    """Maps the cases of a contract's operations to arguments."""

    def __init__(self, contract: Mapping[str, Any]) -> None:
        data, _ = parse(contract, Sources().settings, Path(gettempdir()))
        self._endpoints: dict[tuple[str, str], Endpoint] = {
            (endpoint.method.upper(), normal_path(endpoint.path.get_untrusted_value())): endpoint
            for collection in data.endpoint_collections_by_tag.values()
            for endpoint in collection.endpoints
        }
        self._models = {model.class_info.name: model for model in data.models}
        schemes = contract.get("components", {}).get("securitySchemes", {}).values()
        self._credentials = {scheme.get("name", "Authorization").lower() for scheme in schemes}

    def endpoint(self, method: str, path: str) -> Endpoint:
        """The generator's view of an operation; ``Unmapped`` when it has none."""
        try:
            return self._endpoints[method.upper(), normal_path(path)]
        except KeyError:
            raise Unmapped(f"{method} {path} is in the contract, and not in the client") from None

    def model(self, found: ModelProperty) -> tuple[dict[str, PropertyProtocol], bool]:
        """The properties of a model by their names in JSON, and whether it keeps others as well.

        A reference to a model is a copy of it, which may have been made before its properties were read.
        """
        read = self._models[found.class_info.name]
        if read.required_properties is None or read.optional_properties is None:
            raise Unmapped(f"{found.class_info.name}: its properties were not read")
        properties = (*read.required_properties, *read.optional_properties)
        return {one.name.get_untrusted_value(): one for one in properties}, read.additional_properties is not None

    def texts(self, operation: AnyOperation) -> list[tuple[str, str, str, bool]]:
        """Each parameter that can be given as text: place, name there, argument, and whether any text will do."""
        return [
            (place, name.lower() if place == "header" else name, one.python_name, "str" in _types(one))
            for place, properties in _places(self.endpoint(operation.method, operation.path)).items()
            for one in properties
            if "str" in _types(one) or "UUID" in _types(one)
            for name in [one.name.get_untrusted_value()]
        ]

    def of(self, case: AnyCase) -> dict[str, Any]:
        """The keyword arguments of the typed method that stand for ``case``, all of it."""
        endpoint = self.endpoint(case.method, case.path)
        values: dict[str, Mapping[str, Any]] = {
            "path": {name: unquote(str(value)) for name, value in (case.path_parameters or {}).items()},
            "query": case.query or {},
            "header": case.headers or {},
            "cookie": case.cookies or {},
        }
        arguments: dict[str, Any] = {}
        for place, properties in _places(endpoint).items():
            by_name = {property_.name.get_untrusted_value(): property_ for property_ in properties}
            for name, value in values[place].items():
                if name.lower() in self._credentials:
                    continue  # drawn from the security schemes, and given to the client as a whole
                if name not in by_name:
                    raise Unmapped(f"{case.operation.label}: the client has no parameter {name}")
                arguments[by_name[name].python_name] = convert(by_name[name], value)
        if not isinstance(case.body, NotSet):
            bodies = [body.prop for body in endpoint.bodies if body.content_type == case.media_type]
            if len(endpoint.bodies) != 1 or not bodies:
                raise Unmapped(f"{case.operation.label}: a body of the type {case.media_type}, or of another")
            arguments["body"] = convert(bodies[0], case.body)
        return arguments

    def some(self, operation: AnyOperation) -> dict[str, Any]:
        """Some arguments with which an operation can be called."""
        return self.of(some_case(operation))

    def answer(self, operation: AnyOperation, status: int) -> PropertyProtocol | None:
        """What the generator's parser read of an answer's body; ``None`` where the contract declares none."""
        for response in self.endpoint(operation.method, operation.path).responses:
            low, high = response.status_code.range or (0, 999)  # "default" comes last
            if low <= status <= high:
                return None if response.source["return_type"] == "None" else response.prop
        raise Unmapped(f"{operation.label}: the client does not know the status {status}")


def _places(endpoint: Endpoint) -> dict[str, Sequence[PropertyProtocol]]:
    """The parameters of an operation by the place that each has in a request."""
    return {
        "path": endpoint.path_parameters,
        "query": endpoint.query_parameters,
        "header": endpoint.header_parameters,
        "cookie": endpoint.cookie_parameters,
    }


def _types(property_: PropertyProtocol) -> set[str]:
    """The types that the generated function declares for an argument."""
    parts = property_.inner_properties if isinstance(property_, UnionProperty) else [property_]
    return {part.get_type_string(no_optional=True).as_unembedded_code() for part in parts}


def convert(property_: PropertyProtocol, value: Any) -> Any:
    """``value``, as it stands in JSON or in a URL, in the type that the generated function declares."""
    if isinstance(property_, ModelProperty):
        return _generated(property_.class_info.name).from_dict(value)
    if isinstance(property_, EnumProperty):
        return _generated(property_.class_info.name)(value)
    if isinstance(property_, ListProperty):
        return [convert(property_.inner_property, item) for item in cast(list[Any], value)]
    if isinstance(property_, UnionProperty):
        return next(_alternatives(property_, value))
    if isinstance(property_, FileProperty):
        return File(payload=BytesIO(getattr(value, "data", value)))  # Schemathesis wraps what it draws
    declared = property_.get_type_string(no_optional=True).as_unembedded_code()
    if declared == "None":
        if value in (None, "null"):
            return None
        raise ValueError(value)
    from_text = _FROM_TEXT.get(declared)
    if from_text is None:
        raise Unmapped(f"{property_.name.get_untrusted_value()}: a {declared}")
    return from_text(value) if isinstance(value, str) else value


def _alternatives(property_: UnionProperty, value: Any) -> Iterator[Any]:
    """``value`` in each type of a union that it fits, in the order in which the client would try them."""
    for inner in property_.inner_properties:
        try:
            yield convert(inner, value)
        except (TypeError, ValueError, KeyError, AttributeError):
            continue
    raise Unmapped(f"{property_.name.get_untrusted_value()}: {value!r} fits no type of the union")


def _generated(name: str) -> Any:
    return getattr(import_module("playbook3d_api.models"), name)


ARGUMENTS = Arguments(EFFECTIVE)
