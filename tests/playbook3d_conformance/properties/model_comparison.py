"""Compares what the client made of a body with that body, value for value, in the declared types."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty

from playbook3d_api.types import Unset
from playbook3d_conformance.properties.arguments import ARGUMENTS

# By the type that the generated code declares; values of other types stay as they are in JSON.
_FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "UUID": UUID,
    "datetime.date": date.fromisoformat,
    "datetime.datetime": datetime.fromisoformat,
}


# Values of these types are not parsed.
_PLAIN_TYPES = {"Any", "bool", "float", "int", "str"}


def differences(declared: PropertyProtocol, result: Any, body: Any, path: str = "it") -> Iterator[str]:
    """How a result differs from a valid body; ``declared`` is the schema as the generator parsed it."""
    if isinstance(declared, ModelProperty):
        yield from _model_differences(declared, result, body, path)
    elif isinstance(declared, ListProperty):
        if not isinstance(result, list) or len(result) != len(body):
            yield f"{path} is {result!r}, not {body!r}"
            return
        for index, (item, expected) in enumerate(zip(result, body, strict=True)):
            yield from differences(declared.inner_property, item, expected, f"{path}[{index}]")
    elif isinstance(declared, UnionProperty):
        by_type = [list(differences(inner, result, body, path)) for inner in declared.inner_properties]
        if all(by_type):
            yield by_type[0][0]
    elif isinstance(declared, FileProperty):
        result.payload.seek(0)
        if result.payload.read() != body:
            yield f"{path} has other bytes"
    else:
        type_name = declared.get_type_string(no_optional=True).as_unembedded_code()
        try:
            expected = _FROM_JSON.get(type_name, lambda value: value)(body)
        except (TypeError, ValueError):
            expected = body
        if result != expected or isinstance(result, bool) != isinstance(expected, bool):
            yield f"{path} is {result!r}, not {expected!r}"


def _model_differences(declared: ModelProperty, result: Any, body: Any, path: str) -> Iterator[str]:
    if type(result).__name__ != declared.class_info.name or not isinstance(body, dict):
        yield f"{path} is a {type(result).__name__}, not a {declared.class_info.name}"
        return
    properties, additional = ARGUMENTS.model_properties(declared)
    for name, member in properties.items():
        value = getattr(result, member.python_name)
        if name in body:
            yield from differences(member, value, body[name], f"{path}.{name}")
        elif not isinstance(value, Unset):
            yield f"{path}.{name} is {value!r}, and was not sent"
    extras = getattr(result, "additional_properties", {})
    for name in body.keys() - properties.keys():
        if additional is None or name not in extras:
            yield f"{path} lacks {name!r}"
        else:
            yield from differences(additional, extras[name], body[name], f"{path}[{name!r}]")


def without_closed_extras(declared: PropertyProtocol, result: Any, body: Any) -> Any:
    """What models keep of a body that may be invalid: all but the undeclared properties of closed objects, and nulls.

    A null that is not declared stands for a missing property, where the value would have to be parsed. ``result`` is
    what the client made of the body: it says which of several models that is.
    """
    if isinstance(declared, UnionProperty):
        made = (inner for inner in declared.inner_properties if _is_made_of_models(inner, result))
        return without_closed_extras(inner, result, body) if (inner := next(made, None)) else body
    if not _is_made_of_models(declared, result):
        return body
    if isinstance(declared, ListProperty):
        pairs = zip(result, body, strict=True)
        return [without_closed_extras(declared.inner_property, item, sent) for item, sent in pairs]
    assert isinstance(declared, ModelProperty)
    properties, additional = ARGUMENTS.model_properties(declared)
    extras = getattr(result, "additional_properties", {})
    kept = {}
    for name, value in body.items():
        if member := properties.get(name):
            if not (value is None and _means_missing(member)):
                kept[name] = without_closed_extras(member, getattr(result, member.python_name), value)
        elif additional is not None:
            kept[name] = without_closed_extras(additional, extras[name], value)
    return kept


def _is_made_of_models(declared: PropertyProtocol, result: Any) -> bool:
    """Whether a result is the declared model, or a list of such: what cannot be parsed stays JSON."""
    if isinstance(declared, UnionProperty):
        return any(_is_made_of_models(inner, result) for inner in declared.inner_properties)
    if isinstance(declared, ListProperty):
        return isinstance(result, list) and all(_is_made_of_models(declared.inner_property, item) for item in result)
    return isinstance(declared, ModelProperty) and type(result).__name__ == declared.class_info.name


def _means_missing(declared: PropertyProtocol) -> bool:
    """Whether a null for a property is as if it were missing."""
    if declared.required:
        return False
    type_name = declared.get_type_string(no_optional=True).as_unembedded_code()
    is_plain = type_name in _PLAIN_TYPES and not isinstance(declared, UnionProperty)
    return not is_plain and "None" not in type_name.split(" | ")
