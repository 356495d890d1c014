"""Overlay actions follow the Overlay specification 1.0, 1.1 and 1.2."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from contract import overlay as overlays
from contract.errors import PipelineError
from support.small_contract import overlay

RULES = YAML(typ="safe").load(Path(__file__).with_name("overlay_rules.yaml"))
CASES = [
    pytest.param(version, *case, id=f"{version} {rule}")
    for versions, rules in RULES["actions"].items()
    for version in versions.split()
    for rule, *case in rules
]


def applied(document: Any, *actions: dict[str, Any], version: str = "1.1.0") -> str:
    """The result as JSON, which distinguishes 1 from true and keeps the order of keys."""
    result = deepcopy(document)
    overlays.apply(overlay(*actions, overlay=version), result)
    return json.dumps(result)


@pytest.mark.parametrize(("version", "before", "actions", "after"), CASES)
def test_action_follows_the_specification(version: str, before: Any, actions: Any, after: Any) -> None:
    assert applied(before, *(actions if isinstance(actions, list) else [actions]), version=version) == json.dumps(after)


@pytest.mark.parametrize("version", ["1.0.1", "1.0.27", "1.1.9"])
def test_patch_version_makes_no_difference(version: str) -> None:
    assert applied({"a": {}}, {"target": "$.a", "update": {"x": 1}}, version=version) == '{"a": {"x": 1}}'


def test_extensions_are_allowed_at_every_level() -> None:
    extended = overlay({"target": "$", "update": {"x": 1}, "x-ticket": 7}, extends="./playbook.yaml")
    extended |= {"x-mine": {"y": 1}, "info": extended["info"] | {"x-team": "contracts", "description": "Why."}}
    document: dict[str, Any] = {}
    overlays.apply(extended, document)
    assert document == {"x": 1}


def test_reusable_action_is_applied_to_the_target_of_each_reference() -> None:
    reusable = {"fields": {"description": "Of all.", "update": {"l": [1]}}, "description": "To be used.", "x-by": "us"}
    first, second = ({"$ref": "#/components/actions/a~1b", "target": f"$.{name}", "x-why": 1} for name in "mn")
    document: dict[str, Any] = {"m": {}, "n": {"l": [0]}}
    remove = {"$ref": "#/components/actions/r", "target": "$.m"}
    actions = {"a/b": reusable, "unused": {}, "r": {"fields": {"remove": True}}}
    components = {"actions": actions, "x-mine": 1}
    update = {"target": "$.m.l", "update": 2}
    overlays.apply(overlay(first, second, update, overlay="1.2.0", components=components), document)
    assert document == {"m": {"l": [1, 2]}, "n": {"l": [0, 1]}}
    overlays.apply(overlay(remove, overlay="1.2.0", components=components), document)
    assert document == {"n": {"l": [0, 1]}}


def test_error_of_a_reusable_action_has_the_description_of_the_reference() -> None:
    components = {"actions": {"a": {"fields": {"description": "Of all.", "update": 1}}}}
    for described, name in (({"description": "Of this."}, "Of this."), ({}, "Of all.")):
        reference = {"$ref": "#/components/actions/a", "target": "$.x", **described}
        with pytest.raises(PipelineError, match=rf"^overlay action 0 \({name}\) matches nothing"):
            overlays.apply(overlay(reference, overlay="1.2.0", components=components), {})


@pytest.mark.parametrize("fields", [{"actions": []}, {"overlay": "1.2.0", "$self": "https://a/b", "extends": "../c"}])
def test_overlay_may_do_nothing(fields: dict[str, Any]) -> None:
    document: dict[str, Any] = {"a": 1, "info": {"description": "Corrected."}}
    overlays.apply(overlay(**fields), document)
    assert document == {"a": 1, "info": {"description": "Corrected."}}


def test_overlay_shares_no_node_with_the_document() -> None:
    update: dict[str, Any] = {"a": [1]}
    document: dict[str, Any] = {}
    overlays.apply(overlay({"target": "$", "update": update}, {"target": "$.a", "update": 9}), document)
    assert (document, update) == ({"a": [1, 9]}, {"a": [1]})
    update["a"].append(2)
    assert document == {"a": [1, 9]}


# Properties, against an oracle that shares no code with the overlay module.

KEYS = st.sampled_from(["a", "b", "c", "$", "x y", "é"])
PRIMITIVES = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b"])
VALUES = st.recursive(
    PRIMITIVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)


class MergeError(Exception):
    """The oracle's error for two values that do not merge."""


def merged(target: Any, update: Any) -> Any:
    """The specification's merge, as a function of two values."""
    match target, update:
        case dict(), dict():
            both = {**target, **update}
            return {
                key: merged(target[key], update[key]) if key in target and key in update else both[key] for key in both
            }
        case list(), list():
            return [*target, *update]
        case (dict() | list(), _) | (_, dict() | list()):
            raise MergeError
        case _:
            return update


@given(OBJECTS, OBJECTS)
def test_root_update_merges(document: Any, update: Any) -> None:
    action = {"target": "$", "update": update}
    try:
        expected = json.dumps(merged(document, update))
    except MergeError:
        with pytest.raises(PipelineError):
            applied(document, action)
    else:
        assert applied(document, action) == expected


@given(st.lists(VALUES, max_size=3), VALUES)
def test_every_selected_array_gets_the_same_items_once(array: list[Any], value: Any) -> None:
    items = value if isinstance(value, list) else [value]
    result = applied({"l": array, "m": [], "n": [0]}, {"target": "$['l', 'm', 'l']", "update": value})
    assert result == json.dumps({"l": array + items, "m": items, "n": [0]})
