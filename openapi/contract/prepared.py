"""The copy of a contract that the generator reads: the same operations, in the form in which it understands them.

| in the contract | in the copy |
| --- | --- |
| what the generator does not read: servers, callbacks, headers of responses, examples, extensions | left out |
| the schema of a body that is not JSON, a form or text | bytes |
| ``format: binary`` in JSON or in an urlencoded form, and what a multipart form shares with them | text |
| a parameter's description | in its schema, too: the generator reads it only there |
| titles that would give several models one name | left out: the names are then made of the paths |
| enumerated values that would get one name, as ``asc`` and ``ASC`` do | ``x-enum-varnames`` |
| enumerated values of several types, or neither strings nor integers | left out: the type stays |
| ``true`` and ``false`` as schemas, arrays without ``items``, ``const`` objects | any value |
| alternatives of an object that differ in what is required | left out |
| properties beside a single reference in ``allOf`` | in ``allOf`` |

The effective contract keeps all of this.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from openapi_python_client.strings import ClassName, snake_case

from contract.json_types import essence, is_json
from contract.naming import unique
from contract.nodes import Node, iterate_nodes
from contract.operations import Contract
from contract.pointers import Location, is_array, is_object, reference_location

#: Marks a schema of a copy with its location: the generator's errors then carry it.
MARK = "x-location"
_SECTIONS = ("schemas", "parameters", "requestBodies", "responses")
_UNREAD = {"servers", "callbacks", "headers", "links", "examples", "encoding", "externalDocs"}
_LISTS_OF_SCHEMAS = ("allOf", "anyOf", "oneOf", "prefixItems")
_ANNOTATIONS = {"title", "description", "default", "example", "deprecated", "readOnly", "writeOnly"}
_URLENCODED = "application/x-www-form-urlencoded"
_SCALARS = (str, int, float, bool, type(None))


def prepare(contract: Contract) -> Any:
    """A copy of a plain, effective contract for the generator."""
    info = {key: contract["info"][key] for key in ("title", "version", "description") if key in contract["info"]}
    components = {section: contract.get("components", {}).get(section, {}) for section in _SECTIONS}
    copy = deepcopy({"openapi": "3.1.0", "info": info, "paths": contract.get("paths", {}), "components": components})
    nodes: list[Node] = []
    for node in iterate_nodes(copy):
        nodes.append(node)
        if node.is_schema:
            _simplify(node.value)
            _name_values(node.value)
        else:
            _prepare_object(node.value)
    _keep_texts(nodes)
    _separate_titles(nodes)
    return copy


def with_texts(contract: Contract) -> Any:
    """A copy of a plain contract, in which what the client has as texts has no format of bytes."""
    copy = deepcopy(contract)
    _keep_texts(list(iterate_nodes(copy)))
    return copy


def is_bytes(media_type: str) -> bool:
    """Whether the client sends and returns bodies of this type as they are."""
    is_form = essence(media_type) in (_URLENCODED, "multipart/form-data")
    return not is_json(media_type) and not is_form and not essence(media_type).startswith("text/")


def mark(copy: Any) -> None:
    """Mark each schema of a copy with its location."""
    for node in iterate_nodes(copy):
        if node.is_schema and node.value:  # an empty one means more to the generator
            node.value[MARK] = node.location


def _prepare_object(value: dict[str, Any]) -> None:
    for key in _UNREAD & value.keys():
        del value[key]
    for name, media_type in value.get("content", {}).items():
        if is_bytes(name):
            media_type["schema"] = {"type": "string", "format": "binary"}
    if isinstance(value.get("schema"), bool):
        value["schema"] = {}
    schema = value.get("schema")
    if {"name", "in", "description"} <= value.keys() and is_object(schema) and "$ref" not in schema:
        schema.setdefault("description", value["description"])


def _simplify(schema: dict[str, Any]) -> None:
    """Replace what the generator cannot read, or would misread, by what means any value."""
    for key in [key for key in schema if key.startswith("x-")]:
        if key != "x-enum-varnames":
            del schema[key]
    if isinstance(schema.get("items"), bool) or (
        _has_type(schema, "array") and not {"items", "prefixItems"} & {*schema}
    ):
        schema["items"] = {}
    for key in _LISTS_OF_SCHEMAS:
        if key in schema:
            schema[key] = [{} if isinstance(part, bool) else part for part in schema[key]]
    if is_object(properties := schema.get("properties")):
        schema["properties"] = {name: {} if isinstance(part, bool) else part for name, part in properties.items()}
    if parts := [part for part in schema.get("allOf", ()) if not part.keys() <= _ANNOTATIONS]:
        if len(parts) == 1 and "$ref" in parts[0] and "properties" in schema:  # which the generator would lose
            parts.append({key: schema.pop(key) for key in ("properties", "required") if key in schema})
        schema["allOf"] = parts
    alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if "properties" in schema and all(part.keys() <= {"required"} for part in alternatives):
        schema.pop("anyOf", None)
        schema.pop("oneOf", None)
    if not isinstance(schema.get("const", ""), (str, int)):
        del schema["const"]
    if not isinstance(schema.get("default"), _SCALARS):
        del schema["default"]


def _has_type(schema: Mapping[str, Any], name: str) -> bool:
    declared = schema.get("type")
    return name in declared if is_array(declared) else declared == name


def _name_values(schema: dict[str, Any]) -> None:
    """Give the members of an enumeration names of their own, if the generator would not."""
    if "enum" not in schema:
        return
    values = [value for value in schema["enum"] if value is not None]
    if {type(value) for value in values} == {str}:
        declared = schema.get("x-enum-varnames", ())
        names = declared if len(declared) == len(values) else [_member_name(*each) for each in enumerate(values)]
        # As the generator will write them.
        names = [snake_case(str(name)).upper() for name in names]
        taken: set[str] = set()
        own = [unique(name if name.isidentifier() else f"VALUE_{index}", taken) for index, name in enumerate(names)]
        if own != names:
            schema["x-enum-varnames"] = own
    elif values and {type(value) for value in values} != {int}:
        del schema["enum"]


def _member_name(index: int, value: str) -> str:
    return value.upper() if value[:1].isalpha() else f"VALUE_{index}"


def _keep_texts(nodes: Sequence[Node]) -> None:
    """Leave out the format of strings in JSON and urlencoded forms: the generator would make files of them."""
    texts: set[Location] = set()
    references: list[tuple[Location, Location]] = []
    for node in nodes:
        location = _as_texts(node.location)
        if not node.is_schema:
            names = (name for name in node.value.get("content", ()) if is_json(name) or essence(name) == _URLENCODED)
            texts |= {(*location, "content", name) for name in names}
        if isinstance(node.reference, str):
            references.append((location, reference_location(node.reference)))
    count = -1
    while count < len(texts):
        count = len(texts)
        texts |= {target for source, target in references if _is_within(texts, source)}
    for node in nodes:
        if node.is_schema and node.value.get("format") == "binary" and _is_within(texts, _as_texts(node.location)):
            del node.value["format"]


def _as_texts(location: Location) -> Location:
    """A location as a reference writes it."""
    return tuple(map(str, location))


def _is_within(locations: set[Location], location: Location) -> bool:
    return any(location[:length] in locations for length in range(len(location) + 1))


def _separate_titles(nodes: Iterable[Node]) -> None:
    """Leave titles that name several models to one component at most: the others are named by their paths."""
    owners: dict[str, list[Node]] = {}
    for node in nodes:
        is_component = _is_component(node.location)
        if node.is_schema and _is_model(node.value) and (is_component or "title" in node.value):
            name = str(ClassName(node.value.get("title", node.location[-1]), ""))
            owners.setdefault(name, []).append(node)
    for name, clashing in owners.items():
        components = [node for node in clashing if _is_component(node.location)]
        named = [node for node in components if ClassName(str(node.location[-1]), "") == name] or components
        for node in clashing if len(clashing) > 1 else ():
            if node is not named[0] if named else True:
                node.value.pop("title", None)


def _is_component(location: Location) -> bool:
    return location[:2] == ("components", "schemas") and len(location) == 3


def _is_model(schema: Mapping[str, Any]) -> bool:
    """Whether the generator makes a model of a schema, and names it by its title."""
    if schema.get("enum") or schema.get("anyOf") or schema.get("oneOf") or "$ref" in schema:
        return False
    return _has_type(schema, "object") or "allOf" in schema or ("type" not in schema and "properties" in schema)
