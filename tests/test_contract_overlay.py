"""The applier against the rules of the Overlay specification 1.0 and 1.1, and against those that are ours."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import overlay, yaml_io
from contract.errors import ContractProblem

V10, V11 = "1.0.0", "1.1.0"


def applied(document: Any, *actions: dict[str, Any], version: str = V11, strict: bool = True) -> Any:
    """The document as the actions leave it; the one passed in stays as it was."""
    changed = deepcopy(document)
    overlay.apply(
        {"overlay": version, "info": {"title": "Test", "version": "1"}, "actions": list(actions)},
        changed,
        strict=strict,
    )
    return changed


class Case(NamedTuple):
    """What one rule makes of a document; ``before`` and ``after`` are JSON, which tells 1 from true."""

    rule: str
    before: str
    actions: list[dict[str, Any]]
    after: str
    versions: tuple[str, ...] = (V10, V11)


CASES = [
    # update of objects
    Case(
        "a property of the target alone stays", '{"a": {"x": 1}}', [{"target": "$.a", "update": {}}], '{"a": {"x": 1}}'
    ),
    Case(
        "a property of the update alone is inserted, after the others",
        '{"a": {"x": 1}}',
        [{"target": "$.a", "update": {"w": [1]}}],
        '{"a": {"x": 1, "w": [1]}}',
    ),
    Case(
        "a primitive replaces a primitive",
        '{"a": {"x": 1}}',
        [{"target": "$.a", "update": {"x": "y"}}],
        '{"a": {"x": "y"}}',
    ),
    Case(
        "null is a primitive, as target",
        '{"a": {"x": null}}',
        [{"target": "$.a", "update": {"x": 1}}],
        '{"a": {"x": 1}}',
    ),
    Case(
        "null is a primitive, as update",
        '{"a": {"x": 1}}',
        [{"target": "$.a", "update": {"x": None}}],
        '{"a": {"x": null}}',
    ),
    Case("false is a value", '{"a": {"x": true}}', [{"target": "$.a", "update": {"x": False}}], '{"a": {"x": false}}'),
    Case(
        "objects merge recursively",
        '{"a": {"b": {"c": {"x": 1, "y": 2}}, "k": 0}}',
        [{"target": "$.a", "update": {"b": {"c": {"y": 3, "z": 4}}}}],
        '{"a": {"b": {"c": {"x": 1, "y": 3, "z": 4}}, "k": 0}}',
    ),
    Case(
        "arrays inside of objects concatenate",
        '{"a": {"b": {"l": [1, 2]}}}',
        [{"target": "$", "update": {"a": {"b": {"l": [2, 3]}}}}],
        '{"a": {"b": {"l": [1, 2, 2, 3]}}}',
    ),
    Case("the root can be updated", '{"x": 1}', [{"target": "$", "update": {"y": 2}}], '{"x": 1, "y": 2}'),
    Case("a root that is an array takes an item", "[1]", [{"target": "$", "update": {"y": 2}}], '[1, {"y": 2}]'),
    Case(
        "keys with every special character",
        '{"/a/{b}": {"it\'s \\"x\\"": 1}}',
        [{"target": "$['/a/{b}']", "update": {'it\'s "x"': 2, "~/": 3}}],
        '{"/a/{b}": {"it\'s \\"x\\"": 2, "~/": 3}}',
    ),
    # update of arrays
    Case(
        "an array is concatenated with an array",
        '{"l": [1]}',
        [{"target": "$.l", "update": [2, [3]]}],
        '{"l": [1, 2, [3]]}',
    ),
    Case("an empty array adds nothing", '{"l": [1]}', [{"target": "$.l", "update": []}], '{"l": [1]}'),
    Case(
        "an object is appended to an array",
        '{"l": [1]}',
        [{"target": "$.l", "update": {"x": 2}}],
        '{"l": [1, {"x": 2}]}',
    ),
    Case("a primitive is appended to an array", '{"l": [1]}', [{"target": "$.l", "update": "ab"}], '{"l": [1, "ab"]}'),
    Case("null is appended to an array", '{"l": [1]}', [{"target": "$.l", "update": None}], '{"l": [1, null]}'),
    Case(
        "several arrays are each appended to",
        '{"a": {"l": [1]}, "b": {"l": []}}',
        [{"target": "$..l", "update": 9}],
        '{"a": {"l": [1, 9]}, "b": {"l": [9]}}',
    ),
    # update of primitives
    Case(
        "a selected primitive is replaced",
        '{"a": {"x": 1}}',
        [{"target": "$.a.x", "update": "y"}],
        '{"a": {"x": "y"}}',
        (V11,),
    ),
    Case("a selected null is replaced", '{"x": null}', [{"target": "$.x", "update": 0}], '{"x": 0}', (V11,)),
    Case("a selected primitive becomes null", '{"x": 1}', [{"target": "$.x", "update": None}], '{"x": null}', (V11,)),
    Case(
        "primitive items are replaced",
        '{"l": [1, 2, 1]}',
        [{"target": "$.l[?@ == 1]", "update": 5}],
        '{"l": [5, 2, 5]}',
        (V11,),
    ),
    # remove
    Case("a property is removed", '{"a": {"x": {}}, "y": 1}', [{"target": "$.a", "remove": True}], '{"y": 1}'),
    Case(
        "adjacent items of one array are removed, and no other",
        '{"l": [{"n": 0}, {"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}]}',
        [{"target": "$.l[?@.n == 1 || @.n == 2 || @.n == 4]", "remove": True}],
        '{"l": [{"n": 0}, {"n": 3}]}',
    ),
    Case("all items are removed", '{"l": [{}, [], {}]}', [{"target": "$.l[*]", "remove": True}], '{"l": []}'),
    Case(
        "more than nine items are removed in the order of numbers",
        json.dumps({"l": [{"n": n} for n in range(12)]}),
        [{"target": "$.l[?@.n == 2 || @.n >= 10]", "remove": True}],
        json.dumps({"l": [{"n": n} for n in (0, 1, 3, 4, 5, 6, 7, 8, 9)]}),
    ),
    Case(
        "items of several arrays are removed",
        '{"a": {"l": [{"d": 1}, {"k": 1}]}, "b": {"l": [{"k": 2}, {"d": 2}]}}',
        [{"target": "$[*].l[?@.d]", "remove": True}],
        '{"a": {"l": [{"k": 1}]}, "b": {"l": [{"k": 2}]}}',
    ),
    Case(
        "an item and what is inside of it are removed in one action",
        '{"l": [{"d": true, "m": {"d": true}}, {"m": {"d": true, "n": [{"d": true}]}}]}',
        [{"target": "$..[?@.d]", "remove": True}],
        '{"l": [{}]}',
    ),
    Case(
        "arrays in an array lose items at both levels",
        "[[[0], [1]], [[2]]]",
        [{"target": "$[0, 1][0]", "remove": True}],
        "[[[1]], []]",
    ),
    Case(
        "primitive items are removed",
        '{"l": ["a", "b", "a"]}',
        [{"target": "$.l[?@ == 'a']", "remove": True}],
        '{"l": ["b"]}',
        (V11,),
    ),
    Case(
        "a primitive property is removed", '{"a": 1, "b": 2}', [{"target": "$.a", "remove": True}], '{"b": 2}', (V11,)
    ),
    Case(
        "objects, arrays and primitives are removed together",
        '{"a": 1, "b": [], "c": {}}',
        [{"target": "$.*", "remove": True}],
        "{}",
        (V11,),
    ),
    Case(
        "remove wins over update",
        '{"a": {"x": 1}, "b": 1}',
        [{"target": "$.a", "remove": True, "update": {"y": 2}}],
        '{"b": 1}',
    ),
    Case(
        "remove wins over an update that fits nothing",
        '{"a": {}, "b": 1}',
        [{"target": "$.a", "remove": True, "update": 5}],
        '{"b": 1}',
    ),
    Case(
        "remove wins over copy",
        '{"a": {}, "b": 1}',
        [{"target": "$.a", "remove": True, "copy": "$.nothing"}],
        '{"b": 1}',
        (V11,),
    ),
    Case("remove: false removes nothing", '{"a": {"x": 1}}', [{"target": "$.a", "remove": False}], '{"a": {"x": 1}}'),
    Case(
        "remove: false lets update act",
        '{"a": {"x": 1}}',
        [{"target": "$.a", "remove": False, "update": {"x": 2}}],
        '{"a": {"x": 2}}',
    ),
    Case("neither update nor remove changes nothing", '{"a": {"x": 1}}', [{"target": "$.a"}], '{"a": {"x": 1}}'),
    # copy
    Case(
        "a copied object merges recursively",
        '{"s": {"x": {"p": 1}, "l": [1]}, "t": {"x": {"p": 0, "q": 2}, "l": [0]}}',
        [{"target": "$.t", "copy": "$.s"}],
        '{"s": {"x": {"p": 1}, "l": [1]}, "t": {"x": {"p": 1, "q": 2}, "l": [0, 1]}}',
        (V11,),
    ),
    Case(
        "a copied array is concatenated",
        '{"s": [1], "t": [0]}',
        [{"target": "$.t", "copy": "$.s"}],
        '{"s": [1], "t": [0, 1]}',
        (V11,),
    ),
    Case(
        "an array is copied onto itself",
        '{"s": [1, 2]}',
        [{"target": "$.s", "copy": "$.s"}],
        '{"s": [1, 2, 1, 2]}',
        (V11,),
    ),
    Case(
        "a copied object is appended to an array",
        '{"s": {"x": 1}, "t": []}',
        [{"target": "$.t", "copy": "$.s"}],
        '{"s": {"x": 1}, "t": [{"x": 1}]}',
        (V11,),
    ),
    Case(
        "a copied primitive replaces a primitive",
        '{"s": 1, "t": 0}',
        [{"target": "$.t", "copy": "$.s"}],
        '{"s": 1, "t": 1}',
        (V11,),
    ),
    Case(
        "the document is copied into a part of itself",
        '{"t": {"x": 1}}',
        [{"target": "$.t", "copy": "$"}],
        '{"t": {"x": 1, "t": {"x": 1}}}',
        (V11,),
    ),
    Case(
        "update and copy together have no effect",
        '{"s": {"x": 1}, "t": {}}',
        [{"target": "$.t", "copy": "$.s", "update": {"y": 1}}],
        '{"s": {"x": 1}, "t": {}}',
        (V11,),
    ),
    Case(
        "update, copy and remove move a node",
        '{"old": {"x": [1]}, "z": 1}',
        [
            {"target": "$", "update": {"new": {}}},
            {"target": "$.new", "copy": "$.old"},
            {"target": "$.old", "remove": True},
        ],
        '{"z": 1, "new": {"x": [1]}}',
        (V11,),
    ),
    Case(
        "a source that is a target too is copied as it was before the action",
        '{"s": [1], "t": [2]}',
        [{"target": "$[*]", "copy": "$.s"}],
        '{"s": [1, 1], "t": [2, 1]}',
        (V11,),
    ),
    # order and identity
    Case(
        "an action sees what the one before left",
        '{"a": {}}',
        [
            {"target": "$.a", "update": {"b": {}}},
            {"target": "$.a.b", "update": {"c": 1}},
            {"target": "$[?@.b.c == 1]", "update": {"seen": True}},
        ],
        '{"a": {"b": {"c": 1}, "seen": true}}',
    ),
    Case(
        "what is removed can be made anew",
        '{"a": {"x": 1}, "b": 1}',
        [{"target": "$.a", "remove": True}, {"target": "$", "update": {"a": {"y": 2}}}],
        '{"b": 1, "a": {"y": 2}}',
    ),
    Case(
        "an array selected twice is appended to once",
        '{"l": [1]}',
        [{"target": "$['l', 'l']", "update": 2}],
        '{"l": [1, 2]}',
    ),
    Case(
        "an item selected twice is removed once",
        '{"l": [{"n": 1}, {"n": 2}]}',
        [{"target": "$.l[0, 0, -2]", "remove": True}],
        '{"l": [{"n": 2}]}',
    ),
    Case(
        "an update in two places is two nodes",
        '{"a": {}, "b": {}}',
        [
            {"target": "$[*]", "update": {"l": [1], "o": {"x": 1}}},
            {"target": "$.a.l", "update": 2},
            {"target": "$.a.o", "update": {"x": 3}},
        ],
        '{"a": {"l": [1, 2], "o": {"x": 3}}, "b": {"l": [1], "o": {"x": 1}}}',
    ),
    Case(
        "a copy in two places is two nodes, and not the source",
        '{"s": {"l": [1]}, "t": {"a": {}, "b": {}}}',
        [{"target": "$.t[*]", "copy": "$.s"}, {"target": "$.t.a.l", "update": 2}],
        '{"s": {"l": [1]}, "t": {"a": {"l": [1, 2]}, "b": {"l": [1]}}}',
        (V11,),
    ),
    # RFC 9535
    Case(
        "match() takes the whole string",
        '{"l": [{"p": "ab"}, {"p": "abc"}]}',
        [{"target": "$.l[?match(@.p, 'a.')]", "remove": True}],
        '{"l": [{"p": "abc"}]}',
    ),
    Case(
        "search() takes a part of the string",
        '{"l": [{"p": "xabx"}, {"p": "ba"}]}',
        [{"target": "$.l[?search(@.p, 'a.')]", "remove": True}],
        '{"l": [{"p": "ba"}]}',
    ),
    Case(
        "length() of strings, arrays and objects",
        '{"l": [{"p": "ab"}, {"p": [1, 2]}, {"p": {"x": 1}}]}',
        [{"target": "$.l[?length(@.p) == 2]", "remove": True}],
        '{"l": [{"p": {"x": 1}}]}',
    ),
    Case(
        "count() of nodes",
        '{"l": [{"x": 1}, {"x": 1, "y": 2}]}',
        [{"target": "$.l[?count(@.*) > 1]", "remove": True}],
        '{"l": [{"x": 1}]}',
    ),
    Case(
        "value() of one node",
        '{"l": [{"d": {"c": "red"}}, {"c": 1, "d": {"c": "red"}}]}',
        [{"target": "$.l[?value(@..c) == 'red']", "remove": True}],
        '{"l": [{"c": 1, "d": {"c": "red"}}]}',
    ),
    Case(
        "negative indexes and slices",
        '{"l": [{"n": 0}, {"n": 1}, {"n": 2}]}',
        [{"target": "$.l[-1]", "update": {"last": 1}}, {"target": "$.l[:2]", "remove": True}],
        '{"l": [{"n": 2, "last": 1}]}',
    ),
    # the document
    Case(
        "an action may carry extensions",
        '{"a": {}}',
        [{"target": "$.a", "update": {"x": 1}, "x-why": ["because"]}],
        '{"a": {"x": 1}}',
    ),
]


@pytest.mark.parametrize(("case", "version"), [(case, version) for case in CASES for version in case.versions])
def test_the_actions_make_of_the_document_what_the_rule_says(case: Case, version: str) -> None:
    result = applied(json.loads(case.before), *case.actions, version=version)
    assert json.dumps(result) == case.after, case.rule


@pytest.mark.parametrize(
    ("document", "action", "said"),
    [
        ({"a": {}, "b": []}, {"target": "$[*]", "update": {"x": 1}}, "selects arrays and objects at once"),
        ({"a": {}, "b": 1}, {"target": "$[*]", "update": {"x": 1}}, "selects objects and primitives at once"),
        ({"a": [], "b": 1}, {"target": "$[*]", "copy": "$.b"}, "selects arrays and primitives at once"),
        ({"a": {}}, {"target": "$.a", "update": 1}, "$['a'] is one of objects, and the update one of primitives"),
        ({"a": {}}, {"target": "$.a", "update": None}, "$['a'] is one of objects, and the update one of primitives"),
        ({"a": {}}, {"target": "$.a", "update": [{}]}, "$['a'] is one of objects, and the update one of arrays"),
        ({"a": 1}, {"target": "$.a", "update": {"x": 1}}, "$['a'] is a primitive, and the update is not"),
        ({"a": None}, {"target": "$.a", "update": {}}, "$['a'] is a primitive, and the update is not"),
        ({"a": 1}, {"target": "$.a", "update": [1]}, "$['a'] is a primitive, and the update is not"),
        ({"a": {"x": {}}}, {"target": "$.a", "update": {"x": 1}}, "$['a']['x'] is one of objects"),
        ({"a": {"x": []}}, {"target": "$.a", "update": {"x": 1}}, "$['a']['x'] is one of arrays"),
        ({"a": {"x": []}}, {"target": "$.a", "update": {"x": {}}}, "$['a']['x'] is one of arrays"),
        ({"a": {"x": 1}}, {"target": "$.a", "update": {"x": []}}, "$['a']['x'] is one of primitives"),
        ({"a": {"x": None}}, {"target": "$.a", "update": {"x": {}}}, "$['a']['x'] is one of primitives"),
        ({"a": {"x": {"y": {}}}}, {"target": "$.a", "update": {"x": {"y": []}}}, "$['a']['x']['y'] is one of objects"),
        ({"a": {}, "s": 1}, {"target": "$.a", "copy": "$.s"}, "$['a'] is one of objects"),
        ({"a": {}}, {"target": "$.a", "copy": "$.none"}, "copy $.none selects 0 nodes, and must select one"),
        ({"a": {}, "b": {}}, {"target": "$.a", "copy": "$[*]"}, "copy $[*] selects 2 nodes, and must select one"),
        ({"a": {}}, {"target": "$.a", "copy": None}, "copy is a JSONPath string, not None"),
        ({"a": {}}, {"target": "$.a", "copy": "a b"}, "copy a b is not an RFC 9535 JSONPath"),
        ({"a": {}}, {"target": "$", "remove": True}, "would remove the whole document"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_action_and_the_place(
    document: Any, action: dict[str, Any], said: str
) -> None:
    with pytest.raises(ContractProblem) as refusal:
        applied(document, {"target": "$"}, {**action, "description": "Why it\nis here."})
    assert str(refusal.value).startswith("overlay action 1 (Why it is here.)")
    assert said in str(refusal.value)


@pytest.mark.parametrize("action", [{"update": 2}, {"remove": True}, {"update": {"x": 1}}])
@pytest.mark.parametrize("target", ["$.a", "$.l[0]", "$.n"])
def test_version_1_0_refuses_to_act_on_a_primitive(target: str, action: dict[str, Any]) -> None:
    with pytest.raises(ContractProblem, match=r"^overlay action 0 selects a primitive, .* version 1\.1\.0\.$"):
        applied({"a": 1, "l": ["x"], "n": None}, {"target": target, **action}, version=V10)


def test_version_1_0_knows_no_copy() -> None:
    with pytest.raises(
        ContractProblem, match=r"^overlay action 0 has copy: allowed are description, remove, target, update\.$"
    ):
        applied({"a": {}, "b": {}}, {"target": "$.a", "copy": "$.b"}, version=V10)


@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "1.0.27", "1.1.0", "1.1.9"])
def test_the_patch_version_makes_no_difference(version: str) -> None:
    assert applied({"a": {}}, {"target": "$.a", "update": {"x": 1}}, version=version) == {"a": {"x": 1}}


@pytest.mark.parametrize(
    "action",
    [
        {"target": "$.none", "update": {"x": 1}},
        {"target": "$.none", "remove": True},
        {"target": "$.none", "copy": "$.a"},
        {"target": "$.none", "copy": "$.none"},
        {"target": "$.none"},
        {"target": "$.l[?@.n > 5]", "remove": True},
        {"target": "$.a.x.y", "update": 1},
    ],
)
def test_a_target_without_a_match_is_an_error_only_when_strict(action: dict[str, Any]) -> None:
    document = {"a": {"x": 1}, "l": [{"n": 1}]}
    with pytest.raises(ContractProblem) as refusal:
        applied(document, action | {"description": "Stale."})
    assert str(refusal.value) == (
        f"overlay action 0 (Stale.) matches nothing: the contract has no {action['target']}. "
        "It has changed since the overlay was written: mend the action, or remove it."
    )
    later = {"target": "$.a", "update": {"x": 2}}
    assert applied(document, action, later, strict=False) == {"a": {"x": 2}, "l": [{"n": 1}]}


GOOD = {"overlay": "1.1.0", "info": {"title": "T", "version": "1"}, "actions": [{"target": "$", "update": {"x": 1}}]}


def _without(*path: Any) -> Any:
    return _with(path, None, drop=True)


def _with(path: tuple[Any, ...], value: Any, *, drop: bool = False) -> Any:
    changed: Any = deepcopy(GOOD)
    holder = changed
    for part in path[:-1]:
        holder = holder[part]
    if drop:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("malformed", "said"),
    [
        ([], "the overlay is not an object"),
        ("overlay", "the overlay is not an object"),
        (None, "the overlay is not an object"),
        (_without("overlay"), "the overlay's version is None"),
        (_with(("overlay",), 1.1), "the overlay's version is 1.1"),
        (_with(("overlay",), "1.1"), "the overlay's version is '1.1'"),
        (_with(("overlay",), "1.2.0"), "the overlay's version is '1.2.0'"),
        (_with(("overlay",), "2.0.0"), "the overlay's version is '2.0.0'"),
        (_with(("overlay",), "1.1.0\n"), "the overlay's version is '1.1.0\\n'"),
        (_with(("x",), 1), "the overlay has x: allowed are actions, extends, info, overlay."),
        (_with(("Info",), {}), "the overlay has Info: allowed are"),
        (_with(("extends",), 5), "the overlay's extends is a URI reference, not 5"),
        (_without("info"), "the overlay's info needs a title and a version"),
        (_with(("info",), "T"), "the overlay's info needs a title and a version"),
        (_without("info", "title"), "the overlay's info needs a title and a version"),
        (_with(("info", "version"), 1.0), "the overlay's info needs a title and a version, both strings"),
        (_with(("info", "contact"), {}), "the overlay's info has contact: allowed are description, title, version."),
        (_without("actions"), "the overlay's actions must be a list with at least one action"),
        (_with(("actions",), []), "the overlay's actions must be a list with at least one action"),
        (_with(("actions",), {"target": "$"}), "the overlay's actions must be a list with at least one action"),
        (_with(("actions", 0), "$"), "overlay action 0 needs a target"),
        (_with(("actions", 0), None), "overlay action 0 needs a target"),
        (_without("actions", 0, "target"), "overlay action 0 needs a target, a JSONPath string"),
        (_with(("actions", 0, "target"), 5), "overlay action 0 needs a target, a JSONPath string"),
        (_with(("actions", 0, "description"), 5), "overlay action 0: description is a text, not 5"),
        (_with(("actions", 0, "remove"), "true"), "overlay action 0: remove is true or false, not 'true'"),
        (_with(("actions", 0, "remove"), 1), "overlay action 0: remove is true or false, not 1"),
        (_with(("actions", 0, "Update"), {}), "overlay action 0 has Update: allowed are copy, description, remove"),
        (_with(("actions", 0, "updates"), {}), "overlay action 0 has updates: allowed are"),
        (_with(("actions", 0, "target"), ""), "overlay action 0: target  is not an RFC 9535 JSONPath"),
        (_with(("actions", 0, "target"), "x"), "overlay action 0: target x is not an RFC 9535 JSONPath"),
        (_with(("actions", 0, "target"), "$.a["), "overlay action 0: target $.a[ is not an RFC 9535 JSONPath"),
        (_with(("actions", 0, "target"), "$[?nope(@)]"), "target $[?nope(@)] is not an RFC 9535 JSONPath"),
        (_with(("actions", 0, "target"), "$.x-y"), "target $.x-y is not an RFC 9535 JSONPath"),
    ],
)
def test_a_malformed_overlay_is_refused_before_anything_is_changed(malformed: Any, said: str) -> None:
    document = {"a": 1}
    with pytest.raises(ContractProblem) as refusal:
        overlay.apply(malformed, document)
    assert said in str(refusal.value)
    assert document == {"a": 1}


def test_extensions_are_allowed_at_every_level() -> None:
    extended = _with(("x-mine",), {"y": 1})
    extended["info"] |= {"x-team": "contracts", "description": "Why it is."}
    extended["actions"][0]["x-ticket"] = 7
    extended["extends"] = "./playbook.yaml"
    document: dict[str, Any] = {}
    overlay.apply(extended, document)
    assert document == {"x": 1}


def test_a_failing_action_is_named_by_its_place_among_the_actions() -> None:
    fine = {"target": "$.a", "update": {"x": 1}}
    with pytest.raises(ContractProblem, match=r"^overlay action 2 matches nothing"):
        applied({"a": {}}, fine, fine, {"target": "$.b", "update": {}}, fine)


# What the source looked like: comments and the order of keys.

SOURCE = """\
# The whole.
zebra: 1 # one
list:
- name: a # first
  v: 1
- name: b # second
  v: 2
- name: c # third
  v: 3 # three
alpha: # objects
  # Before key.
  key: old # kept
  folded: >-
    some words
    on two lines
  quoted: '200'
last: true
"""


def edited(tmp_path: Path, *actions: dict[str, Any], source: str = SOURCE) -> str:
    """The text that the actions make of a YAML text; what is written must be read back as what was meant."""
    path = tmp_path / "source.yaml"
    path.write_text(source, encoding="utf-8")
    document = yaml_io.read(path)
    overlay.apply(_with(("actions",), list(actions)), document)
    path.write_text(text := yaml_io.dump(document), encoding="utf-8")
    assert yaml_io.to_plain(yaml_io.read(path)) == yaml_io.to_plain(document)
    return text


def test_comments_order_and_style_survive_an_update(tmp_path: Path) -> None:
    text = edited(
        tmp_path,
        {"target": "$.alpha.key", "update": "new"},
        {"target": "$.alpha", "update": {"quoted": "201", "added": 1}},
        {"target": "$.list", "update": {"name": "d"}},
    )
    assert text == SOURCE.replace("key: old", "key: new").replace("'200'", "'201'\n  added: 1").replace(
        "# three\n", "# three\n- name: d\n"
    )


@pytest.mark.parametrize(
    ("target", "left"),
    [("$.list[0]", "bc"), ("$.list[1]", "ac"), ("$.list[2]", "ab"), ("$.list[0, 1]", "c"), ("$.list[0, 2]", "b")],
)
def test_comments_of_the_items_that_stay_survive_a_removal(tmp_path: Path, target: str, left: str) -> None:
    items = {
        "a": "- name: a # first\n  v: 1\n",
        "b": "- name: b # second\n  v: 2\n",
        "c": "- name: c # third\n  v: 3 # three\n",
    }
    text = edited(tmp_path, {"target": target, "remove": True})
    assert text == SOURCE.replace("".join(items.values()), "".join(items[name] for name in left))


@pytest.mark.parametrize(
    ("source", "target", "text"),
    [
        ("l:\n# note\n- 1\n- 2\nm: {}\n", "$.l[*]", "l: []\nm: {}\n"),
        ("l: # note\n- 1\nm:\n  k: 1\n", "$.l[*]", "l: []\nm:\n  k: 1\n"),
        ("l: [] # stays\nm:\n  k: 1\nn: {}\n", "$.m", "l: [] # stays\nn: {}\n"),
        ("o:\n  # note\n  x: 1\nm: 1\n", "$.o.x", "o: {}\nm: 1\n"),
        ("o:\n  l:\n  # note\n  - 1\nm:\n  k: 1\n", "$.o.l[0]", "o:\n  l: []\nm:\n  k: 1\n"),
    ],
)
def test_what_is_emptied_is_still_yaml(tmp_path: Path, source: str, target: str, text: str) -> None:
    assert edited(tmp_path, {"target": target, "remove": True}, source=source) == text


def test_the_anchors_of_a_source_do_not_tie_its_places_together(tmp_path: Path) -> None:
    source = "a: &it {x: 1, f: &flag true}\nb: *it\nc: *flag\n"
    text = edited(tmp_path, {"target": "$.a", "update": {"x": 2}}, {"target": "$.b.f", "remove": True}, source=source)
    assert text == "a: {x: 2, f: true}\nb: {x: 1}\nc: true\n"


# Properties, against oracles that share no code with the applier.

KEYS = st.sampled_from(["a", "b", "c", "$", "x y", "é"])
PRIMITIVES = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b"])
VALUES = st.recursive(
    PRIMITIVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)
STEADY = settings(derandomize=True, max_examples=50, deadline=None, database=None)


class Unfit(Exception):
    """The oracle's word for two values that do not merge."""


def merged(target: Any, update: Any) -> Any:
    """The specification's merge, written as a function of two values."""
    match target, update:
        case dict(), dict():
            both = {**target, **update}
            return {
                key: merged(target[key], update[key]) if key in target and key in update else both[key] for key in both
            }
        case list(), list():
            return [*target, *update]
        case dict() | list(), _:
            raise Unfit
        case _, dict() | list():
            raise Unfit
        case _:
            return update


@STEADY
@given(OBJECTS, OBJECTS)
def test_any_update_of_the_root_is_the_merge_of_the_specification(document: Any, update: Any) -> None:
    try:
        expected = merged(document, update)
    except Unfit:
        with pytest.raises(ContractProblem):
            applied(document, {"target": "$", "update": update})
        return
    assert json.dumps(applied(document, {"target": "$", "update": update})) == json.dumps(expected)


def marked(value: Any) -> bool:
    """Whether a node is one that ``$..[?@ == 'a' || @.a]`` selects, the root apart."""
    return value == "a" or (isinstance(value, dict) and "a" in value)


def pruned(value: Any) -> Any:
    """The value without its marked descendants, built anew from what stays."""
    if isinstance(value, dict):
        return {key: pruned(child) for key, child in value.items() if not marked(child)}
    return [pruned(child) for child in value if not marked(child)] if isinstance(value, list) else value


@STEADY
@given(OBJECTS)
def test_removing_what_is_selected_takes_all_of_it_and_nothing_else(document: Any) -> None:
    action = {"target": "$..[?@ == 'a' || @.a]", "remove": True}
    assert json.dumps(applied(document, action, strict=False)) == json.dumps(pruned(document))


@STEADY
@given(OBJECTS, st.lists(VALUES, max_size=3), VALUES)
def test_every_array_of_a_document_takes_the_same_addition_once(document: Any, array: list[Any], value: Any) -> None:
    def extended(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: extended(child) for key, child in node.items()}
        return [*node, *(value if isinstance(value, list) else [value])] if isinstance(node, list) else node

    flat = {
        **{key: child for key, child in document.items() if not isinstance(child, (dict, list))},
        "l": array,
        "m": [],
    }
    target = "$['l', 'm', 'l']"
    assert json.dumps(applied(flat, {"target": target, "update": value})) == json.dumps(extended(flat))


@STEADY
@given(VALUES.filter(lambda value: isinstance(value, (dict, list))), st.sampled_from([V10, V11]))
def test_an_action_without_an_effect_changes_nothing(part: Any, version: str) -> None:
    document = {"part": part}
    for action in ({"target": "$.part"}, {"target": "$.part", "remove": False}):
        assert json.dumps(applied(document, action, version=version)) == json.dumps(document)


@pytest.mark.parametrize("change", [lambda update: update["a"].append(2), lambda update: update.clear()])
def test_the_overlay_itself_is_left_as_it_was(change: Callable[[Any], None]) -> None:
    update: dict[str, Any] = {"a": [1]}
    action = {"target": "$", "update": update}
    document: dict[str, Any] = {}
    overlay.apply(_with(("actions",), [action, {"target": "$.a", "update": 9}]), document)
    assert (document, update) == ({"a": [1, 9]}, {"a": [1]})
    change(update)
    assert document == {"a": [1, 9]}
