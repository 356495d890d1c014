"""Habits of OpenAPI 3.0 in the schemas of a 3.1 document, rewritten as their authors mean them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from playbook3d_mock._schemas import all_schemas

if TYPE_CHECKING:
    from collections.abc import Callable

    from playbook3d_mock._document import Json, Node, Problems

    Members = dict[str, Json]


def rewrite_habits(root: Node, problems: Problems) -> None:
    """Rewrite the schemas of a document in place; each habit is reported once."""
    places: dict[str, list[Node]] = {}
    for schema in all_schemas(root):
        for keyword, (is_habit, rewrite, _) in _HABITS.items():
            members = schema.object()
            if keyword in members and is_habit(members[keyword]):
                places.setdefault(keyword, []).append(schema.child(keyword))
                rewrite(members, keyword)
    for keyword, nodes in places.items():
        others = f" ({len(nodes) - 1} more in this document)" if len(nodes) > 1 else ""
        problems.report(nodes[0].error(f"{_HABITS[keyword][2]}{others}"))


def _allow_null(members: Members, keyword: str) -> None:
    if members.pop(keyword) is not True:
        return
    if "const" in members:
        members["enum"] = [members.pop("const")]
    if isinstance(enum := members.get("enum"), list) and None not in enum:
        enum.append(None)
    if isinstance(named := members.get("type"), str | list):
        members["type"] = list(dict.fromkeys([*_as_list(named), "null"]))
    combined: Json = {key: members.pop(key) for key in ("$ref", "allOf", "anyOf", "oneOf") if key in members}
    if combined:
        members["anyOf"] = [combined, {"type": "null"}]


def _make_exclusive(members: Members, keyword: str) -> None:
    bound = keyword.replace("exclusiveM", "m")
    if members.pop(keyword) is True and bound in members:
        members[keyword] = members.pop(bound)


def _remove_duplicates(members: Members, keyword: str) -> None:
    members[keyword] = list(dict.fromkeys(_as_list(members[keyword])))


def _list_examples(members: Members, keyword: str) -> None:
    by_name = cast("dict[str, Json]", members[keyword])
    members[keyword] = [
        example["value"] if isinstance(example, dict) and "value" in example else example
        for example in by_name.values()
    ]


def _has_duplicates(value: Json) -> bool:
    names = _as_list(value)
    return all(isinstance(name, str) for name in names) and len(set(map(str, names))) < len(names)


def _as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _is_boolean(value: Json) -> bool:
    return isinstance(value, bool)


# By keyword: whether its value is a habit, what to do with the members of the schema, and what to report.
_HABITS: dict[str, tuple[Callable[[Json], bool], Callable[[Members, str], None], str]] = {
    "nullable": (_is_boolean, _allow_null, "OpenAPI 3.1 has no 'nullable': read as the type \"null\""),
    "exclusiveMinimum": (_is_boolean, _make_exclusive, "is a boolean as in OpenAPI 3.0: read with 'minimum'"),
    "exclusiveMaximum": (_is_boolean, _make_exclusive, "is a boolean as in OpenAPI 3.0: read with 'maximum'"),
    "examples": (lambda value: isinstance(value, dict), _list_examples, "is a map: read as the array of its values"),
    "required": (_has_duplicates, _remove_duplicates, "has a name twice: read as once"),
    "type": (_has_duplicates, _remove_duplicates, "has a name twice: read as once"),
}
