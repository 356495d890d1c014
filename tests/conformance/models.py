"""Whether what the client made of a body is that body, value for value, in the types that the contract declares."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty

from conformance.arguments import ARGUMENTS
from playbook3d_api.types import Unset

# By the type that the generated code declares; anything else is as it stands in JSON.
_FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "UUID": UUID,
    "datetime.date": date.fromisoformat,
    "datetime.datetime": datetime.fromisoformat,
}


def differences(declared: PropertyProtocol, made: Any, body: Any, where: str = "it") -> Iterator[str]:
    """How what was made differs from a valid body; ``declared`` is what the generator's parser read of its schema."""
    if isinstance(declared, ModelProperty):
        yield from _of_model(declared, made, body, where)
    elif isinstance(declared, ListProperty):
        if not isinstance(made, list) or len(made) != len(body):
            yield f"{where} is {made!r}, and not {body!r}"
            return
        for index, (one, other) in enumerate(zip(made, body, strict=True)):
            yield from differences(declared.inner_property, one, other, f"{where}[{index}]")
    elif isinstance(declared, UnionProperty):
        found = [list(differences(part, made, body, where)) for part in declared.inner_properties]
        if all(found):
            yield found[0][0]
    elif isinstance(declared, FileProperty):
        made.payload.seek(0)
        if made.payload.read() != body:
            yield f"{where} has other bytes"
    else:
        kind = declared.get_type_string(no_optional=True).as_unembedded_code()
        try:
            expected = _FROM_JSON.get(kind, lambda value: value)(body)
        except (TypeError, ValueError):
            expected = body
        if made != expected or isinstance(made, bool) != isinstance(expected, bool):
            yield f"{where} is {made!r}, and not {expected!r}"


def _of_model(declared: ModelProperty, made: Any, body: Any, where: str) -> Iterator[str]:
    if type(made).__name__ != declared.class_info.name or not isinstance(body, dict):
        yield f"{where} is a {type(made).__name__}, and not a {declared.class_info.name}"
        return
    known, _ = ARGUMENTS.model(declared)
    for name, one in known.items():
        value = getattr(made, one.python_name)
        if name in body:
            yield from differences(one, value, body[name], f"{where}.{name}")
        elif not isinstance(value, Unset):
            yield f"{where}.{name} is {value!r}, and was not sent"
    for name in body.keys() - known.keys():
        if made[name] != body[name]:
            yield f"{where}[{name!r}] is {made[name]!r}, and not {body[name]!r}"


def kept(declared: PropertyProtocol, body: Any) -> Any:
    """What a model can hold of a body that may be invalid: all of it, but for what a closed object does not have."""
    if isinstance(declared, UnionProperty):
        kind = ModelProperty if isinstance(body, dict) else ListProperty
        return next((kept(part, body) for part in declared.inner_properties if isinstance(part, kind)), body)
    if isinstance(declared, ListProperty) and isinstance(body, list):
        return [kept(declared.inner_property, item) for item in body]
    if isinstance(declared, ModelProperty) and isinstance(body, dict):
        known, is_open = ARGUMENTS.model(declared)
        return {
            name: kept(known[name], value) if name in known else value
            for name, value in body.items()
            if is_open or name in known
        }
    return body
