"""Applies an OpenAPI Overlay (1.0, 1.1 and 1.2) to a document, in place, keeping key order and comments.

The rules are those of the Overlay specification: actions run in order, each on the result of the one before;
``remove`` wins over ``update`` and ``copy``; objects merge recursively, arrays concatenate, primitives are
replaced, and every other pairing is an error. One rule is ours: an action that matches nothing is an error,
because the contract has changed since the overlay was written.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, NamedTuple, cast

import jsonpath_rfc9535 as jsonpath

from contract.errors import PipelineError
from contract.pointers import is_array, is_object, reference_target

_FIELDS = {"overlay", "info", "extends", "actions"}
_INFO_FIELDS = {"title", "version", "description"}
_ACTION_FIELDS = {"target", "description", "update", "remove"}
_REFERENCE_FIELDS = {"$ref", "target", "description"}


class UnmatchedActionError(PipelineError):
    """An action matches nothing."""


class Action(NamedTuple):
    """An action of a valid overlay, and the name that errors give it."""

    name: str
    version: str
    fields: Mapping[str, Any]

    def apply(self, document: object) -> None:
        """Apply the action to ``document``, in place; see ``apply``."""
        target = self.fields["target"]
        nodes = _select(self.name, "target", target, document)
        if self.version.startswith("1.0.") and any(_node_type(node.value) == "primitive" for node in nodes):
            raise PipelineError(f"{self.name} selects a primitive, which takes an overlay of version 1.1.0.")
        if not nodes:
            raise UnmatchedActionError(
                f"{self.name} matches nothing: the contract has no {target}. "
                "It has changed since the overlay was written: change the action, or remove it. "
                "`make lint` names its line."
            )
        if self.fields.get("remove", False):
            _remove(self.name, nodes)
        elif (value := _value(self.name, self.fields, document)) is not _NOTHING:
            _update(self.name, nodes, value)


def apply(overlay: object, document: object) -> None:
    """Apply ``overlay``, a parsed Overlay document, to ``document``, in place.

    Raises ``PipelineError`` with the action and its target if the overlay is malformed, or an update does not fit
    its target, and ``UnmatchedActionError`` if a target matches nothing. The document is then partly changed: work on a
    copy.
    """
    for action in parse(overlay):
        action.apply(document)


_NOTHING = object()


def parse(overlay: object) -> list[Action]:
    """The actions of an overlay; ``PipelineError`` if it is malformed."""
    if not is_object(overlay):
        raise PipelineError("the overlay is not an object: it needs overlay, info and actions.")
    version = overlay.get("overlay")
    if not isinstance(version, str) or not re.fullmatch(r"1\.[012]\.\d+", version):
        raise PipelineError(f"the overlay's version is {version!r}: 1.0.x, 1.1.x and 1.2.x are supported.")
    is_1_2 = version.startswith("1.2.")
    _reject_unknown("the overlay", overlay, _FIELDS | ({"$self", "components"} if is_1_2 else set()))
    for field in ("$self", "extends"):
        if not isinstance(uri := overlay.get(field, ""), str) or (is_1_2 and "#" in uri):
            raise PipelineError(f"the overlay's {field} must be a URI reference of a whole document, not {uri!r}.")
    info = overlay.get("info")
    if not is_object(info) or not all(isinstance(info.get(key), str) for key in ("title", "version")):
        raise PipelineError("the overlay's info needs a title and a version, both strings.")
    _reject_unknown("the overlay's info", info, _INFO_FIELDS)
    actions = overlay.get("actions")
    if not is_array(actions):
        raise PipelineError("the overlay's actions must be a list.")
    allowed = _ACTION_FIELDS if version.startswith("1.0.") else {*_ACTION_FIELDS, "copy"}
    _validate_components(overlay.get("components", {}), allowed)
    parsed: list[Action] = []
    for index, action in enumerate(actions):
        name = f"overlay action {index}"
        if not is_object(action) or not isinstance(action.get("target"), str):
            raise PipelineError(f"{name} needs a target, a JSONPath string.")
        if is_1_2 and "$ref" in action:
            action = _resolve(name, action, overlay)
        description = action.get("description", "")
        if not isinstance(description, str):
            raise PipelineError(f"{name}: description must be a string, not {description!r}.")
        if description:
            name += f" ({' '.join(description.split())})"
        _reject_unknown(name, action, allowed)
        if not isinstance(action.get("remove", False), bool):
            raise PipelineError(f"{name}: remove must be true or false, not {action['remove']!r}.")
        parsed.append(Action(name, version, action))
    return parsed


def _validate_components(components: object, allowed: set[str]) -> None:
    """Reject malformed reusable actions, those that no action refers to included."""
    if not is_object(components) or not is_object(actions := components.get("actions", {})):
        raise PipelineError("the overlay's components must be an object, and its actions an object.")
    _reject_unknown("the overlay's components", components, {"actions"})
    for key, reusable in actions.items():
        name = f"the overlay's reusable action {key}"
        if not is_object(reusable) or not is_object(fields := reusable.get("fields", {})):
            raise PipelineError(f"{name} must be an object, and its fields an object.")
        _reject_unknown(name, reusable, {"description", "fields"})
        _reject_unknown(f"{name}, in its fields,", fields, allowed - {"target"})


def _resolve(name: str, reference: Mapping[str, Any], overlay: object) -> Mapping[str, Any]:
    """The action that a reference to a reusable one makes: its fields, with the target of the reference."""
    _reject_unknown(name, reference, _REFERENCE_FIELDS)
    ref = reference["$ref"]
    try:
        if not re.fullmatch("#/components/actions/[^/]+", ref):
            raise LookupError(ref)
        fields = reference_target(overlay, ref).get("fields", {})
    except (LookupError, TypeError) as error:
        raise PipelineError(
            f"{name}: $ref is {ref!r}, and must be '#/components/actions/' and the name of an action there."
        ) from error
    return {**fields, **{key: value for key, value in reference.items() if key != "$ref"}}


def _reject_unknown(where: str, fields: Mapping[str, Any], allowed: set[str]) -> None:
    unknown = sorted(key for key in fields if key not in allowed and not str(key).startswith("x-"))
    if unknown:
        raise PipelineError(f"{where} has {', '.join(unknown)}: allowed are {', '.join(sorted(allowed))}.")


def _select(name: str, field: str, path: object, document: object) -> list[jsonpath.JSONPathNode]:
    if not isinstance(path, str):
        raise PipelineError(f"{name}: {field} must be a JSONPath string, not {path!r}.")
    try:
        nodes = jsonpath.find(path, cast(Any, document))
    except jsonpath.JSONPathError as error:
        raise PipelineError(f"{name}: {field} {path} is not an RFC 9535 JSONPath: {error}") from error
    # A path can select one node twice; an action acts on it once.
    return list({node.location: node for node in nodes}.values())


def _value(name: str, action: Mapping[str, Any], document: object) -> object:
    """What the action merges into its targets. With both ``update`` and ``copy`` neither has an effect."""
    if "copy" in action and "update" not in action:
        sources = _select(name, "copy", action["copy"], document)
        if len(sources) != 1:
            raise PipelineError(f"{name}: copy {action['copy']} selects {len(sources)} nodes, and must select one.")
        return deepcopy(sources[0].value)
    return _NOTHING if "copy" in action else action.get("update", _NOTHING)


def _remove(name: str, nodes: list[jsonpath.JSONPathNode]) -> None:
    # Deepest and highest first: an item's removal must not shift, or orphan, one that is still to go.
    for node in sorted(nodes, key=lambda node: _order(node.location), reverse=True):
        if node.parent is None:
            raise PipelineError(f"{name} would remove the whole document.")
        del cast(Any, node.parent.value)[node.location[-1]]


def _order(location: tuple[int | str, ...]) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (-1, part) for part in location]


def _update(name: str, nodes: list[jsonpath.JSONPathNode], value: object) -> None:
    types = sorted({_node_type(node.value) for node in nodes})
    if len(types) > 1:
        raise PipelineError(f"{name} selects {'s and '.join(types)}s at once: update each type by its own action.")
    for node in nodes:
        # Every target gets a copy of its own: a later action on one must not reach the others.
        own = deepcopy(value)
        if is_array(node.value):
            node.value.extend(own if is_array(own) else [own])
        elif node.parent is None or is_object(node.value):
            _merge(name, node.path(), node.value, own)
        else:
            if _node_type(own) != "primitive":
                raise _mismatch(name, node.path(), node.value, own)
            cast(Any, node.parent.value)[node.location[-1]] = own


def _merge(name: str, path: str, target: object, update: object) -> None:
    """Merge an object into an object, recursively."""
    if not is_object(target) or not is_object(update):
        raise _mismatch(name, path, target, update)
    for key, new in update.items():
        old = target.get(key, _NOTHING)
        if old is _NOTHING or (_node_type(old) == _node_type(new) == "primitive"):
            target[key] = new
        elif is_array(old) and is_array(new):
            old.extend(new)
        else:
            _merge(name, f"{path}['{key}']", old, new)


def _mismatch(name: str, path: str, target: object, update: object) -> PipelineError:
    articles = {"object": "an object", "array": "an array", "primitive": "a primitive"}
    target_type, update_type = articles[_node_type(target)], articles[_node_type(update)]
    return PipelineError(f"{name}: {path} is {target_type}, and the update {update_type}.")


def _node_type(value: object) -> str:
    """The type of a node, in the words of the Overlay specification."""
    if is_object(value):
        return "object"
    return "array" if is_array(value) else "primitive"
