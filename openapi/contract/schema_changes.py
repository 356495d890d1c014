"""What a changed schema means for those who send or receive its values: one function for each kind of change."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple, TypeVar

from openapi_python_client.strings import PythonIdentifier

from contract.pointers import is_array, is_object
from contract.shapes import ALL_TYPES, Shape, read_shape

Key = TypeVar("Key")


class Impact(IntEnum):
    """What a change means for code that calls the client."""

    NEITHER = 0
    ADDITION = 1
    BREAKING = 2


class Change(NamedTuple):
    """One change, in the words of a caller."""

    impact: Impact
    predicate: str
    """What follows the name of the operation."""
    deprecation: bool = False


class Value(NamedTuple):
    """A value that callers send or receive, before and after."""

    name: str
    before: Shape
    after: Shape
    sent: bool

    def change(self, words: str, *, sent: Impact, received: Impact) -> Change:
        """A change of this value, whose impact depends on who has to understand the value."""
        return Change(sent if self.sent else received, f": `{self.name}` {words}")


_BREAKING, _ADDITION = Impact.BREAKING, Impact.ADDITION


def retyped(value: Value) -> Iterator[Change]:
    """Another Python type, or more or fewer of them."""
    gained, lost = value.after.types - value.before.types, value.before.types - value.after.types
    if gained and lost:
        after, before = describe_types(value.after.types), describe_types(value.before.types)
        words = f"{'must be' if value.sent else 'is'} {after}, not {before}"
        yield value.change(words, sent=_BREAKING, received=_BREAKING)
    elif gained:
        yield value.change(f"can also be {describe_types(gained)}", sent=_ADDITION, received=_BREAKING)
    elif lost:
        yield value.change(f"cannot be {describe_types(lost)} any more", sent=_BREAKING, received=_ADDITION)


def enum_changed(value: Value) -> Iterator[Change]:
    """Values added to an enum or removed from it; an enum that became free, or the other way round."""
    before, after = value.before.enum, value.after.enum
    if before is None or after is None:
        if before is not after and value.before.types & value.after.types:
            words = "can be any value: its enum class is gone" if after is None else f"must be one of {_list(after)}"
            yield value.change(words, sent=_BREAKING, received=_BREAKING)
        return
    # Code that names a removed value, or that handles each value of a result, fails.
    if removed := [each for each in before if each not in after]:
        yield value.change(f"cannot be {_list(removed)} any more", sent=_BREAKING, received=_BREAKING)
    if added := [each for each in after if each not in before]:
        yield value.change(f"can also be {_list(added)}", sent=_ADDITION, received=_BREAKING)


_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_OTHER = ("pattern", "multipleOf", "uniqueItems", "format")


def constrained(value: Value) -> Iterator[Change]:
    """A constraint on what callers send; the mock and the server reject what breaks it."""
    if not value.sent:
        return
    for keyword in (*_LOWER, *_UPPER, *_OTHER):
        before, after = value.before.keywords.get(keyword), value.after.keywords.get(keyword)
        if before == after or (keyword == "format" and value.before.types != value.after.types):
            continue
        if after is None or after is False:
            impact = _ADDITION
        elif before is None or before is False or keyword in _OTHER:
            impact = _BREAKING
        else:
            impact = _BREAKING if (after > before) == (keyword in _LOWER) else _ADDITION
        yield Change(impact, f": `{value.name}` {_constraint(keyword, before, after)}")


def _constraint(keyword: str, before: Any, after: Any) -> str:
    if after is None or after is False:
        return f"no longer has `{keyword}` {_json(before)}"
    return f"now has `{keyword}` {_json(after)}" + (f" instead of {_json(before)}" if before is not None else "")


def default_changed(value: Value) -> Iterator[Change]:
    """Another default: the client sends it when callers leave the value out."""
    before, after = (shape.keywords.get("default") for shape in (value.before, value.after))
    if value.sent and before != after:
        yield Change(_BREAKING, f": `{value.name}` is {_default(after)} by default, not {_default(before)}")


def _default(default: Any) -> str:
    return "left out" if default is None else _json(default)


def closed(value: Value) -> Iterator[Change]:
    """An object that allows no undeclared properties any more, or allows them now."""
    before, after = value.before.values is False, value.after.values is False
    if before != after and "object" in value.before.types & value.after.types:
        words = "can have undeclared properties"
        if after:
            yield value.change("can no longer have undeclared properties", sent=_BREAKING, received=_ADDITION)
        elif value.sent:
            yield value.change(words, sent=_ADDITION, received=_ADDITION)


def deprecated(value: Value) -> Iterator[Change]:
    """A value that is to be avoided from now on."""
    if value.after.keywords.get("deprecated") and not value.before.keywords.get("deprecated"):
        yield Change(Impact.NEITHER, f": `{value.name}` is deprecated", deprecation=True)


def model_renamed(value: Value) -> Iterator[Change]:
    """Another name of the class: imports of it fail."""
    before, after = value.before.model, value.after.model
    if before and after and before != after:
        yield Change(_BREAKING, f": the model `{before}` is now called `{after}`")


def properties_changed(value: Value) -> Iterator[Change]:
    """Properties added, removed, renamed, made required or optional."""
    before, after = value.before, value.after
    if not (before.properties or after.properties):
        return
    removed = [name for name in before.properties if name not in after.properties]
    added = [name for name in after.properties if name not in before.properties]
    if is_renamed(before.properties, after.properties, removed, added):
        old, new = removed.pop(), added.pop()
        yield Change(_BREAKING, f": `{_member(value, old)}` is now called `{_member(value, new)}`")
    for name in removed:
        words = "is gone" if not value.sent else "cannot be sent any more"
        yield Change(_BREAKING, f": `{_member(value, name)}` {words}")
    for name in added:
        if value.sent and name in after.required:
            yield Change(_BREAKING, f" now needs `{_member(value, name)}`")
        else:
            yield Change(_ADDITION, f": `{_member(value, name)}` is new")
    for name in before.properties.keys() & after.properties.keys():
        if name in after.required - before.required:
            if value.sent:
                yield Change(_BREAKING, f" now needs `{_member(value, name)}`")
            else:
                yield Change(_ADDITION, f": `{_member(value, name)}` is always there")
        elif name in before.required - after.required:
            words = "can be left out" if value.sent else "can be missing"
            yield Change(_ADDITION if value.sent else _BREAKING, f": `{_member(value, name)}` {words}")


def is_renamed(before: Mapping[Key, Any], after: Mapping[Key, Any], removed: list[Key], added: list[Key]) -> bool:
    """Whether the one name that is gone and the one that is new stand for the same schema."""
    if len(removed) != 1 or len(added) != 1:
        return False
    return bool(without_annotations(before[removed[0]]) == without_annotations(after[added[0]]))


def variants_changed(value: Value) -> Iterator[Change]:
    """Models added to a union, or removed from it."""
    before, after = ({_variant(each): each for each in shape.variants} for shape in (value.before, value.after))
    if not before or not after:
        return
    for name in before.keys() - after.keys() - ALL_TYPES:
        yield value.change(f"cannot be `{name}` any more", sent=_BREAKING, received=_BREAKING)
    for name in after.keys() - before.keys() - ALL_TYPES:
        yield value.change(f"can also be `{name}`", sent=_ADDITION, received=_BREAKING)


RULES: tuple[Callable[[Value], Iterator[Change]], ...] = (
    retyped,
    enum_changed,
    constrained,
    default_changed,
    closed,
    deprecated,
    model_renamed,
    properties_changed,
    variants_changed,
)


def compare_schemas(contracts: tuple[Any, Any], name: str, schemas: tuple[Any, Any], *, sent: bool) -> list[Change]:
    """The changes of a value called ``name``, and of all values within it.

    ``contracts`` and ``schemas`` are those before and after. Each pair of schemas is compared once, at the first place
    where it stands.
    """
    seen: set[tuple[str, str]] = set()
    changes: list[Change] = []
    waiting: list[tuple[str, tuple[Any, Any]]] = [(name, schemas)]
    while waiting:
        name, schemas = waiting.pop(0)
        if (key := (_json(schemas[0]), _json(schemas[1]))) in seen:
            continue
        seen.add(key)
        before, after = (read_shape(contract, schema) for contract, schema in zip(contracts, schemas, strict=True))
        value = Value(name, before, after, sent)
        if before.types & after.types:
            changes += [change for rule in RULES for change in rule(value)]
            waiting += _values_within(value)
        else:  # what else differs does not matter any more
            changes += retyped(value)
    return changes


def _values_within(value: Value) -> Iterator[tuple[str, tuple[Any, Any]]]:
    before, after = value.before, value.after
    for name, schema in before.properties.items():
        if name in after.properties:
            yield _member(value, name), (schema, after.properties[name])
    yield f"{value.name}[…]", (before.items, after.items)
    if is_object(before.values) and is_object(after.values):
        yield f"{value.name}[key]", (before.values, after.values)
    variants = {_variant(each): each for each in after.variants}
    for each in before.variants:
        if _variant(each) in variants:
            yield value.name, (each, variants[_variant(each)])


def _variant(keywords: Mapping[str, Any]) -> str:
    """What tells the members of a union apart: their models, or their types."""
    return str(keywords.get("title") or keywords.get("type"))


def _member(value: Value, name: str) -> str:
    return f"{value.name}.{python_name(name)}"


def python_name(name: str) -> str:
    """The name that the generator gives to a parameter or a property."""
    return str(PythonIdentifier(name, "field_"))


def without_annotations(node: Any) -> Any:
    """A schema without the keywords that describe it, and change nothing for callers."""
    if is_array(node):
        return [without_annotations(value) for value in node]
    if not is_object(node):
        return node
    annotations = {"description", "title", "example", "examples", "externalDocs", "$comment"}
    return {name: without_annotations(value) for name, value in node.items() if name not in annotations}


def describe_types(types: frozenset[str]) -> str:
    """Python types in words."""
    if types == ALL_TYPES:
        return "of any type"
    names = sorted(types - ({"int"} if "float" in types else set()), key=lambda name: (name == "None", name))
    return " or ".join(names)


def _list(values: Sequence[Any]) -> str:
    return ", ".join(_json(value) for value in values)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
