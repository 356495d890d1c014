"""What a changed schema means for those who send or receive its values: one function for each kind of change."""

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from openapi_python_client.strings import PythonIdentifier

from contract.shapes import LOWER, UPPER, Shape, read_shapes, to_json, without_annotations

Pairs = list[tuple[Shape, Shape]]


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
    """A value that callers send or receive, before and after, in one of its alternatives."""

    name: str
    sent: bool
    before: Shape
    after: Shape

    def change(self, words: str, *, sent: Impact, received: Impact) -> Change:
        """A change of this value, whose impact depends on who has to understand the value."""
        return Change(sent if self.sent else received, f": `{self.name}` {words}")

    def member(self, name: str) -> str:
        """What callers call a property of this value, or an argument."""
        # The client parses no errors: their properties have the names of the contract.
        name = name if self.name.startswith("error.") else python_name(name)
        return f"{self.name}.{name}" if self.name else name

    def members(self, shape: Shape) -> dict[str, Any]:
        """The schemas of its properties, by what callers call them."""
        return {self.member(name): schema for name, schema in shape.properties.items()}


_BREAKING, _ADDITION = Impact.BREAKING, Impact.ADDITION


def retyped(name: str, before: Sequence[Shape], after: Sequence[Shape], *, sent: bool) -> Iterator[Change]:
    """Another Python type, or more or fewer of them."""
    old, new = (frozenset[str]().union(*(shape.python for shape in shapes)) for shapes in (before, after))
    narrower, wider = (_BREAKING, _ADDITION) if sent else (_ADDITION, _BREAKING)
    gained, lost = new - old, old - new
    must_be = "must be" if sent else "is always"
    if "Any" in lost:
        yield Change(narrower, f": `{name}` {must_be} {describe_types(new)}")
    elif "Any" in gained:
        yield Change(wider, f": `{name}` can be of any type")
    elif gained and lost:
        words = f"{'must be' if sent else 'is'} {describe_types(new)}, not {describe_types(old)}"
        yield Change(_BREAKING, f": `{name}` {words}")
    elif gained:
        yield Change(wider, f": `{name}` can also be {describe_types(gained)}")
    elif lost:
        yield Change(narrower, f": `{name}` cannot be {describe_types(lost)} any more")


def alternatives_changed(
    name: str, before: Sequence[Shape], after: Sequence[Shape], pairs: Pairs, *, sent: bool
) -> Iterator[Change]:
    """Models and lists added to a union, or removed from it, where the Python types stay."""
    for side, words in enumerate(("cannot be {} any more", "can also be {}")):
        mine, others = ((before, after), (after, before))[side]
        types = frozenset[str]().union(*(shape.python for shape in others))
        for shape in mine:
            is_matched = any(shape is pair[side] for pair in pairs)
            if not is_matched and shape.python <= types and (shape.model or shape.type in ("array", "object")):
                noun = f"`{shape.model}`" if shape.model else f"another {describe_types(shape.python)}"
                yield Change(_ADDITION if sent == bool(side) else _BREAKING, f": `{name}` {words.format(noun)}")


def enum_changed(value: Value) -> Iterator[Change]:
    """Values added to an enum or removed from it; an enum that became free, or the other way round."""
    before, after = value.before.enum, value.after.enum
    if after is None and before is not None:
        words, is_class = "can be any value", "const" not in value.before.keywords
        words += ": its enum class is gone" if is_class else ""
        yield value.change(words, sent=_BREAKING if is_class else _ADDITION, received=_BREAKING)
    elif before is None and after is not None:
        words = f"{'must be' if value.sent else 'is always'} one of {_list(after)}"
        yield value.change(words, sent=_BREAKING, received=_ADDITION)
    else:
        # Code that names a removed value, or that handles each value of a result, fails.
        if removed := [each for each in before or () if each not in (after or ())]:
            yield value.change(f"cannot be {_list(removed)} any more", sent=_BREAKING, received=_BREAKING)
        if added := [each for each in after or () if each not in (before or ())]:
            yield value.change(f"can also be {_list(added)}", sent=_ADDITION, received=_BREAKING)


_OTHER = (
    *("pattern", "multipleOf", "uniqueItems", "format", "contains", "not", "if", "then", "else", "propertyNames"),
    *("dependentRequired", "dependentSchemas", "unevaluatedItems"),
)


def constrained(value: Value) -> Iterator[Change]:
    """A constraint on what callers send; the mock and the server reject what breaks it."""
    for keyword in (*LOWER, *UPPER, *_OTHER) if value.sent else ():
        before, after = value.before.keywords.get(keyword), value.after.keywords.get(keyword)
        if before == after or (keyword == "format" and value.before.python != value.after.python):
            continue
        if after is None:
            yield value.change(f"no longer has `{keyword}` {to_json(before)}", sent=_ADDITION, received=_ADDITION)
            continue
        is_wider = before is not None and keyword not in _OTHER and (after < before) == (keyword in LOWER)
        instead = "" if before is None else f" instead of {to_json(before)}"
        impact = _ADDITION if is_wider else _BREAKING
        yield value.change(f"now has `{keyword}` {to_json(after)}{instead}", sent=impact, received=impact)


def default_changed(value: Value) -> Iterator[Change]:
    """Another default: the client sends it when callers leave the value out."""
    before, after = (shape.keywords.get("default") for shape in (value.before, value.after))
    if value.sent and before != after:
        yield Change(_BREAKING, f": `{value.name}` is {_default(after)} by default, not {_default(before)}")


def _default(default: Any) -> str:
    return "left out" if default is None else to_json(default)


def closed(value: Value) -> Iterator[Change]:
    """An object that allows no undeclared properties any more, or allows them now."""
    before, after = value.before.values is False, value.after.values is False
    if after and not before:
        yield value.change("can no longer have undeclared properties", sent=_BREAKING, received=_BREAKING)
    elif before and not after:
        yield value.change("can have undeclared properties", sent=_ADDITION, received=_ADDITION)


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
    before, after = (value.members(shape) for shape in (value.before, value.after))
    needed, needs = ({value.member(name) for name in shape.required} for shape in (value.before, value.after))
    removed, added = [name for name in before if name not in after], [name for name in after if name not in before]
    if len(removed) == len(added) == 1:
        old, new = removed[0], added[0]
        is_same = without_annotations(before[old]) == without_annotations(after[new])
        if is_same and (old in needed) == (new in needs):
            removed, added, needed, needs = [], [], needed - {old}, needs - {new}
            yield Change(_BREAKING, f": `{old}` is now called `{new}`")
    for name in removed:
        yield Change(_BREAKING, f": `{name}` {'cannot be sent any more' if value.sent else 'is gone'}")
    for name in [name for name in added if not (value.sent and name in needs)]:
        yield Change(_ADDITION, f": `{name}` is new")
    for name in sorted(needs - needed):
        if value.sent:
            yield Change(_BREAKING, f" now needs `{name}`")
        elif name in before and name in after:
            yield Change(_ADDITION, f": `{name}` is always there")
    for name in sorted(name for name in needed - needs if name in after or (value.sent and name not in removed)):
        words = "can be left out" if value.sent else "can be missing"
        yield Change(_ADDITION if value.sent else _BREAKING, f": `{name}` {words}")


RULES: tuple[Callable[[Value], Iterator[Change]], ...] = (
    enum_changed,
    constrained,
    default_changed,
    closed,
    deprecated,
    model_renamed,
    properties_changed,
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
        if (key := (to_json(schemas[0]), to_json(schemas[1]))) in seen:
            continue
        seen.add(key)
        before, after = (read_shapes(contract, schema) for contract, schema in zip(contracts, schemas, strict=True))
        changes += retyped(name, before, after, sent=sent)
        pairs = _match(before, after)
        changes += alternatives_changed(name, before, after, pairs, sent=sent)
        for value in [Value(name, sent, *pair) for pair in pairs if pair[0].python & pair[1].python]:
            changes += [change for rule in RULES for change in rule(value)]
            waiting += _values_within(value)
    return changes


def _match(before: Sequence[Shape], after: Sequence[Shape]) -> Pairs:
    """The alternatives that correspond: the same, or those of one class, or else the only ones of their type."""

    def is_alone(shape: Shape) -> bool:
        return all(sum(shape.type == each.type for each in shapes) == 1 for shapes in (before, after))

    def is_similar(old: Shape, new: Shape) -> bool:
        """Whether one class may have got the other's name."""
        return not (old.model and new.model) or bool(old.properties.keys() & new.properties.keys())

    tests: tuple[Callable[[Shape, Shape], bool], ...] = (
        lambda old, new: old == new,
        lambda old, new: (old.type, old.model) == (new.type, new.model),
        lambda old, new: old.type == new.type and old._replace(model=new.model) == new,
        lambda old, new: old.type == new.type and is_alone(old) and is_similar(old, new),
    )
    pairs: Pairs = []
    left, right = list(before), list(after)
    for is_match in tests:
        for old in list(left):
            if new := next((each for each in right if is_match(old, each)), None):
                pairs.append((old, new))
                left.remove(old)
                right.remove(new)
    return pairs


def _values_within(value: Value) -> Iterator[tuple[str, tuple[Any, Any]]]:
    before, after = value.before, value.after
    old, new = value.members(before), value.members(after)
    yield from ((name, (old[name], new[name])) for name in old if name in new)
    yield f"{value.name}[…]", (before.items, after.items)
    if before.values is not False and after.values is not False:
        yield f"{value.name}[key]", (before.values, after.values)
    patterns, others = (shape.keywords.get("patternProperties", {}) for shape in (before, after))
    yield from ((f"{value.name}[key]", (patterns[each], others[each])) for each in patterns if each in others)


def python_name(name: str) -> str:
    """The name that the generator gives to a parameter or a property."""
    return str(PythonIdentifier(name, "field_"))


def describe_types(types: frozenset[str]) -> str:
    """Python types in words."""
    if "Any" in types:
        return "of any type"
    names = sorted(types - ({"int"} if "float" in types else set()), key=lambda name: (name == "None", name))
    return " or ".join(names)


def _list(values: Sequence[Any]) -> str:
    return ", ".join(to_json(value) for value in values)
