"""The rule of ``make lint`` for examples that do not match their schemas."""

from collections.abc import Iterator
from typing import Any, cast

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.validators import extend  # type: ignore[import-untyped]

from contract.json_types import is_json
from contract.lint_findings import Finding
from contract.operations import Contract
from contract.overlay_actions import path_to, quote, remove
from contract.pointers import Location, dereference, is_array, is_object

_VALUES = {"example", "examples", "default", "enum", "const"}
# Below these, keys are names: a property may be called "example".
_NAMED = {"properties", "patternProperties", "$defs", "schemas", "headers", "parameters", "requestBodies", "responses"}


def examples(contract: Contract) -> Iterator[Finding]:
    """Examples that break their schema, or show properties that it does not declare."""
    for location, schema, example in _iterate_examples(contract, contract, ()):
        owner = location[:-1] if location[-1] == "example" else location[:-2]
        if isinstance(example, str) and owner[-2:-1] == ("content",) and not is_json(str(owner[-1])):
            continue  # it is the text of the body
        undeclared = list(dict.fromkeys(_undeclared(contract, schema, example)))
        error = next(iter(_validator(contract, schema).iter_errors(example)), None)
        if undeclared:
            names = ", ".join(undeclared)
            why = f"The example shows {names}, which the schema does not declare: the model has no such attribute."
        elif error is not None:
            why = f"The example breaks its schema: {error.message[:100]}. Users who copy it, or test with it, fail."
        else:
            continue
        target = path_to(location)
        declared = next(iter(schema.get("properties", ())), None)
        shown = [name for name in undeclared if is_object(example) and name in example]
        if declared and shown and location[-2:] == ("schema", "example"):
            wrong = quote(shown[0])
            closed = f"!@.additionalProperties && !@.properties[{wrong}]"
            target = f"$..[?@.properties[{quote(declared)}] && {closed} && @.example[{wrong}]].example"
        description = "The example does not match its schema. Better, correct the one that is wrong."
        yield Finding(location, why, (remove(target, description),))


def _iterate_examples(
    contract: Contract, node: Any, location: Location, named: bool = False
) -> Iterator[tuple[Location, Any, Any]]:
    """Each example with its location and its schema. The last item of an array is first: others keep their index."""
    if is_array(node):
        for index, item in enumerate(node):
            yield from _iterate_examples(contract, item, (*location, index))
    if not is_object(node):
        return
    if not named:
        schema = node.get("schema", node)
        if is_object(schema):
            if "example" in node:
                yield (*location, "example"), schema, node["example"]
            several = node.get("examples")
            if is_array(several):
                for index in reversed(range(len(several))):
                    yield (*location, "examples", index), schema, several[index]
            elif is_object(several) and "schema" in node:
                for name, declared in several.items():
                    example = dereference(contract, declared)
                    if is_object(example) and "value" in example:
                        yield (*location, "examples", name), schema, example["value"]
    for key, value in node.items():
        if named or not (key in _VALUES or key.startswith("x-")):
            yield from _iterate_examples(contract, value, (*location, key), not named and key in _NAMED)


def _required(validator: Any, names: list[str], value: Any, schema: Contract) -> Iterator[Any]:
    """Examples can leave out what only requests, or only responses, have (OpenAPI 3.0.3, Schema Object)."""
    own = schema.get("properties", {})
    one_way = {name for name in names if is_object(own.get(name)) and {"readOnly", "writeOnly"} & own[name].keys()}
    rest = [name for name in names if name not in one_way]
    yield from Draft202012Validator.VALIDATORS["required"](validator, rest, value, schema)


_VALIDATOR = cast(Any, extend)(Draft202012Validator, {"required": _required})


def _validator(contract: Contract, schema: Any) -> Any:
    # References of the schema start at the contract's root.
    return _VALIDATOR({**contract, **schema}, format_checker=Draft202012Validator.FORMAT_CHECKER)


_PARTS = {"properties", "allOf", "anyOf", "oneOf", "$ref"}


def _undeclared(contract: Contract, schema: Any, value: Any) -> Iterator[str]:
    """The properties of a value that its schema does not declare, at any depth."""
    parts = list(_parts(contract, schema, ()))
    if is_array(value):
        for items in [part["items"] for part in parts if "items" in part]:
            for item in value:
                yield from _undeclared(contract, items, item)
    if not is_object(value):
        return
    declared: dict[str, list[Any]] = {}
    for part in parts:
        others = part.get("additionalProperties", False)
        if others is not False:
            for own in value.values():
                yield from _undeclared(contract, others, own)
        is_free = part.get("type") == "object" and not part.keys() & _PARTS
        if others is not False or "patternProperties" in part or is_free:
            return  # a map, or an object about which nothing is known
        for name, own in part.get("properties", {}).items():
            declared.setdefault(name, []).append(own)
    for name in value if declared else ():
        if name not in declared:
            yield name
        for own in declared.get(name, ()):
            yield from _undeclared(contract, own, value[name])


def _parts(contract: Contract, schema: Any, above: tuple[int, ...]) -> Iterator[Any]:
    """A schema, the target of its reference, and the schemas that it combines."""
    if not is_object(schema) or id(schema) in above:
        return
    yield schema
    combined = [part for keyword in ("allOf", "anyOf", "oneOf") for part in schema.get(keyword, ())]
    if "$ref" in schema:
        combined.append(dereference(contract, schema))
    for part in combined:
        yield from _parts(contract, part, (*above, id(schema)))
