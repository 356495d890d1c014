"""Reads YAML and JSON documents with their key order, comments and positions, and writes YAML."""

# ruamel.yaml declares few of its types; they stay in this module.
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false

import copy
import io
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml as libyaml  # type: ignore[import-untyped]
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.resolver import implicit_resolvers

from contract import json_io
from contract.errors import PipelineError
from contract.json_io import MAX_DEPTH
from contract.pointers import is_array, is_object

# Versions of YAML disagree on which of them are line breaks.
_LINE_BREAKS = re.compile("[\r\x85\u2028\u2029]")
_WIDTH = 100  # at which the published page comes back as it was
#: A text of a few lines can stand for any number of values.
MAX_REPEATS = 100_000
_TAG = "tag:yaml.org,2002:"
_JSON_TAGS = {_TAG + name for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "value")}


class _Constructor(RoundTripConstructor):
    """Constructs what JSON can hold, and rejects the rest of YAML."""

    def construct_document(self, node: Node) -> Any:
        self._nodes, self._repeats_left = set[int](), MAX_REPEATS
        return super().construct_document(self._tree(node, ()))

    def construct_non_recursive_object(self, node: Node, tag: str | None = None) -> Any:
        if not isinstance(node, ScalarNode):
            return super().construct_non_recursive_object(node, tag)
        try:
            value = super().construct_non_recursive_object(node, tag)
        except (ValueError, KeyError) as error:
            raise _rejection(node, f"{node.value[:40]!r} is not a value of {node.tag}") from error
        if isinstance(value, float) and not math.isfinite(value):
            raise _rejection(node, f"{node.value[:40]} is not a number in JSON")
        return value

    def _tree(self, node: Node, above: tuple[Node, ...]) -> Node:
        """A copy of a graph of nodes, with aliases expanded: an action on one place must not reach another."""
        self._repeats_left -= id(node) in self._nodes
        self._nodes.add(id(node))
        if node in above:
            raise _rejection(node, "an alias refers to a node that contains it")
        if len(above) > MAX_DEPTH:
            raise _rejection(node, f"nested more than {MAX_DEPTH} levels deep")
        if not self._repeats_left:
            raise _rejection(node, f"aliases repeat more than {MAX_REPEATS:,} values")
        if node.tag not in _JSON_TAGS:
            raise _rejection(node, f"the tag {node.tag} has no counterpart in JSON")
        own, above = copy.copy(node), (*above, node)
        own.anchor = None
        if isinstance(node, MappingNode):
            own.value = [(self._key(key, above), self._tree(value, above)) for key, value in node.value]
        elif isinstance(node, SequenceNode):
            own.value = [self._tree(item, above) for item in node.value]
        elif not node.value.isascii():
            try:  # JSON writes what needs it as two escaped halves
                own.value = node.value.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError as error:
                raise _rejection(node, "an unpaired surrogate") from error
        return own

    def _key(self, node: Node, above: tuple[Node, ...]) -> Node:
        """A key as a string, as in JSON, whatever type YAML gives it."""
        if node.tag == _TAG + "merge":
            raise _rejection(node, "a merge key (<<), which YAML 1.2 does not have")
        if not isinstance(node, ScalarNode):
            raise _rejection(node, "a key that is not a string")
        own = self._tree(node, above)
        own.tag = _TAG + "str"
        return own


def _rejection(node: Node, problem: str) -> ConstructorError:
    return ConstructorError(None, None, problem, node.start_mark)


def _as_string(constructor: RoundTripConstructor, node: ScalarNode) -> object:
    return constructor.construct_scalar(node)


# In JSON a date, and an equals sign, are strings.
_Constructor.add_constructor(_TAG + "timestamp", _as_string)
_Constructor.add_constructor(_TAG + "value", _as_string)


class _Emitter(Emitter):
    """Does not fold double-quoted text: ruamel.yaml loses white space where a line is folded before it."""

    def write_double_quoted(self, text: str, split: bool = True) -> None:  # noqa: ARG002
        super().write_double_quoted(text, split=False)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.Constructor = _Constructor
    yaml.Emitter = _Emitter
    yaml.width = _WIDTH
    yaml.representer.ignore_aliases = lambda *_: True
    return yaml


def read(path: Path) -> CommentedMap:
    """The document at ``path``: JSON if its name ends so, otherwise YAML.

    Raises ``PipelineError`` as ``parse`` does.
    """
    parse_format = json_io.parse if is_json(path) else parse
    return parse_format(read_text(path), str(path))


def read_text(path: Path) -> str:
    """The text of a file; ``PipelineError`` if it is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise PipelineError(f"{path}: not UTF-8 text, at byte {error.start}.") from error


def is_json(path: Path) -> bool:
    """Whether a file is read as JSON."""
    return path.suffix.lower() == ".json"


def parse(text: str, name: str) -> CommentedMap:
    """The YAML document in ``text``, with its comments and key order; messages call it ``name``.

    Aliases are expanded, and every key is a string, as in JSON. Raises ``PipelineError`` if the text is not a YAML
    object.
    """
    try:
        document = _yaml().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        prefix = "" if isinstance(error, ConstructorError) else "not YAML: "
        raise PipelineError(f"{name}{where}: {prefix}{error.problem}.") from error
    except YAMLError as error:
        raise PipelineError(f"{name}: not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise PipelineError(f"{name}: nested too deeply to be read.") from error
    if not isinstance(document, CommentedMap):
        raise PipelineError(f"{name}: not an object, but {type(document).__name__}.")
    return document


def to_plain(node: Any) -> Any:
    """The document as plain data, which every other tool expects."""
    if is_object(node):
        return {str(key): to_plain(value) for key, value in node.items()}
    if is_array(node):
        return [to_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    return next((python(node) for python in (int, float, str) if isinstance(node, python)), node)


def dump(document: CommentedMap, comment: str | None = None) -> str:
    """The document as YAML; ``comment`` replaces the one that it starts with."""
    _write_empty_as_flow(document)
    if comment is not None:
        document.yaml_set_start_comment(comment)
    stream = io.StringIO()
    _yaml().dump(document, stream)
    return stream.getvalue()


def is_written(value: Any, text: str) -> bool:
    """Whether the strings of plain data stand in its YAML as they are; ruamel.yaml cannot write every one.

    Another parser reads them: libyaml, in a tenth of the time.
    """
    try:
        return _has_strings(libyaml.load(text, Loader=libyaml.CBaseLoader), value)  # noqa: S506 (it makes strings only)
    except libyaml.YAMLError:
        return False


def _has_strings(read: Any, value: Any) -> bool:
    if is_object(value):
        return is_object(read) and [*read] == [*value] and all(map(_has_strings, read.values(), value.values()))
    if is_array(value):
        return is_array(read) and len(read) == len(value) and all(map(_has_strings, read, value))
    return read == value if isinstance(value, str) else isinstance(read, str)


class _Dumper(libyaml.CSafeDumper):  # type: ignore[misc]
    """Writes plain data, and quotes what any version of YAML takes for another type than a string."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _represent_string(dumper: _Dumper, text: str) -> Any:
    style = '"' if _LINE_BREAKS.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar(_TAG + "str", text, style=style)


_Dumper.add_representer(str, _represent_string)
for _, tag, pattern, first in implicit_resolvers:
    _Dumper.add_implicit_resolver(tag, pattern, first)


def render(document: dict[str, Any], comment: str = "") -> str:
    """Plain data as YAML, texts of several lines as literal blocks, after a comment."""
    lines = "".join(f"# {line}\n" for line in comment.splitlines())
    text: str = libyaml.dump(document, Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True)
    return lines + text


def line_of(document: CommentedMap, location: Iterable[object]) -> int:
    """The line at which ``read`` found a location, or the innermost part of it that the file has; 1 for the first."""
    node, line = document, 0
    for part in location:
        try:  # an item of an array knows its own line, whatever was removed before it
            child = node[part]
            line = node.lc.key(part)[0] if isinstance(node, CommentedMap) else child.lc.line
        except (AttributeError, LookupError, TypeError):  # not in the file
            break
        node = child
    return line + 1


def _write_empty_as_flow(node: CommentedMap | CommentedSeq) -> None:
    """Write emptied collections as [] or {}, without their comments: ruamel.yaml would write invalid YAML."""
    for key, child in node.items() if isinstance(node, CommentedMap) else enumerate(node):
        if isinstance(child, (CommentedMap, CommentedSeq)):
            _write_empty_as_flow(child)
            comment = node.ca.items.get(key)
            if not child and (child.fa.flow_style() is False or (comment and comment[3])):
                child.fa.set_flow_style()
                child.ca.comment = None
                node.ca.items.pop(key, None)
