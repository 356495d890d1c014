"""The contract as a document: loads it, and walks it by JSON pointers."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import unquote

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
_ROOT_FIELDS = (
    "openapi", "info", "jsonSchemaDialect", "servers", "paths",
    "webhooks", "components", "security", "tags", "externalDocs",
)  # fmt: skip
# The validator, in Rust, reads some 250 levels of a schema.
_MAX_DEPTH = 200


class ContractError(ValueError):
    """The contract cannot be served.

    Attributes:
        message: What is wrong, in one line.
        pointer: Where, as a JSON pointer in a URI fragment (RFC 6901 §6); empty if the file as a whole is wrong.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message, pointer)
        self.message = message
        self.pointer = pointer

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.pointer else self.message


class Problems:
    """What is wrong with a contract that can be served all the same.

    Args:
        strict: Whether the first problem is raised.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self._errors: dict[str, ContractError] = {}
        self._strict = strict

    @property
    def errors(self) -> list[ContractError]:
        """The problems that were reported."""
        return list(self._errors.values())

    def report(self, error: ContractError) -> None:
        """Add a problem, once; raises it if the contract must have none."""
        if self._strict:
            raise error
        self._errors.setdefault(str(error), error)


def pointer_to(start: str, *tokens: str | int) -> str:
    """The JSON pointer ``start``, extended by tokens (RFC 6901 §3)."""
    for token in map(str, tokens):
        start = f"{start}/{token.replace('~', '~0').replace('/', '~1') if '~' in token or '/' in token else token}"
    return start


def json_type(value: Json) -> str:
    """The JSON Schema type of a value."""
    return "null" if value is None else _JSON_TYPES[type(value)]


@dataclass(frozen=True, slots=True)
class Node:
    """A value in the contract, and its JSON pointer.

    Attributes:
        value: The JSON value.
        pointer: Where it is, as a URI fragment.
        root: The whole document.
    """

    value: Json
    pointer: str
    root: Json = field(repr=False)
    _targets: dict[str, Node] = field(default_factory=dict[str, "Node"], repr=False, compare=False)

    @property
    def key(self) -> str:
        """The last token of the pointer."""
        return self.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")

    def error(self, message: str) -> ContractError:
        """The error to raise for this node."""
        return ContractError(message, self.pointer)

    def child(self, key: str | int) -> Node:
        """The existing member or element ``key``; a reference is not followed."""
        return Node(cast(Any, self.value)[key], pointer_to(self.pointer, key), self.root, self._targets)

    def get(self, key: str) -> Node | None:
        """The dereferenced member ``key``, or ``None`` if missing."""
        return self.child(key).dereference() if key in self.object() else None

    def members(self) -> Iterator[tuple[str, Node]]:
        """The dereferenced members of a map. Its keys are names, even if they begin with ``x-``."""
        return ((key, self.child(key).dereference()) for key in self.object())

    def elements(self) -> Iterator[Node]:
        """The dereferenced elements of an array."""
        if not isinstance(self.value, list):
            raise self.error(f"must be of type array, not {json_type(self.value)}")
        return (self.child(index).dereference() for index in range(len(self.value)))

    def object(self) -> dict[str, Json]:
        """The value, which must be an object."""
        if not isinstance(self.value, dict):
            raise self.error(f"must be of type object, not {json_type(self.value)}")
        return self.value

    def require_known_fields(self, *fields: str) -> Node:
        """The object itself; raises ``ContractError`` for a field that is neither known nor an extension."""
        for key in self.object():
            if key not in fields and not key.startswith("x-"):
                raise self.child(key).error(f"{key!r} is not a field that OpenAPI 3.1 allows here")
        return self

    def text(self, key: str, default: str | None = None) -> str:
        """The string ``key``, required unless there is a default."""
        value = self.object().get(key, default)
        if not isinstance(value, str):
            raise self.error(f"must have a string {key!r}")
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """The boolean ``key``."""
        value = self.object().get(key, default)
        if not isinstance(value, bool):
            raise self.child(key).error(f"must be of type boolean, not {json_type(value)}")
        return value

    def dereference(self) -> Node:
        """The node itself, or the end of the chain of references that starts here."""
        node, seen = self, {self.pointer}
        while isinstance(node.value, dict) and "$ref" in node.value:
            node = node.reference_target()
            if node.pointer in seen:
                raise self.error("is a circular reference")
            seen.add(node.pointer)
        return node

    def reference_target(self) -> Node:
        """The node that ``$ref`` names (RFC 6901 §6)."""
        ref = self.object()["$ref"]
        if not isinstance(ref, str) or not ref.startswith("#"):
            raise self.error(f"reference {ref!r}: only references within the document ('#/…') are supported")
        if ref not in self._targets:
            before, *tokens = unquote(ref[1:]).split("/")
            if before or not tokens:
                raise self.error(f"reference {ref!r}: is not a JSON pointer to a part of the document")
            self._targets[ref] = self._resolve(tokens, f"reference {ref!r}")
        return self._targets[ref]

    def in_document(self, root: Json) -> Node:
        """The node with the same pointer in a document of the same structure."""
        return Node(root, "#", root)._resolve(self.pointer.split("/")[1:], "pointer")

    def _resolve(self, tokens: list[str], name: str) -> Node:
        node = Node(self.root, "#", self.root, self._targets)
        for token in tokens:
            key = token.replace("~1", "/").replace("~0", "~")
            if isinstance(node.value, dict) and key in node.value:
                node = node.child(key)
            elif isinstance(node.value, list) and re.fullmatch("0|[1-9][0-9]{0,8}", key) and int(key) < len(node.value):
                node = node.child(int(key))
            else:
                raise self.error(f"{name}: nothing is at {node.pointer}/{token}")
        return node


def load(source: str | PathLike[str] | Mapping[str, Any] | None = None) -> Node:
    """The root of an OpenAPI 3.1 document.

    Args:
        source: A file (YAML 1.2, or JSON if it is named .json) or a mapping; by default the contract that comes with
            the mock.

    Raises:
        ContractError: It cannot be read, or is not OpenAPI 3.1.
    """
    if not isinstance(source, Mapping):
        source = _read_default() if source is None else _read(Path(source))
    value = _to_json(source, "#", ())
    root = Node(value, "#", value)
    version = root.object().get("openapi", "Swagger 2.0" if "swagger" in root.object() else None)
    if version is None:
        raise root.error("is not an OpenAPI document: it has no field 'openapi'")
    if not isinstance(version, str) or not re.fullmatch(r"3\.1\.[0-9]+", version):
        raise ContractError(f"is {version!r}; this mock reads OpenAPI 3.1 ('3.1.0', '3.1.1', …)", "#/openapi")
    return root.require_known_fields(*_ROOT_FIELDS)


def read_source(source: str | PathLike[str] | Mapping[str, Any] | None = None) -> bytes | Mapping[str, Any]:
    """A document as it is: the bytes of its file, or the mapping; raises ``ContractError`` as ``load`` does."""
    if isinstance(source, Mapping):
        return source
    try:
        return (contract_path() if source is None else Path(source)).read_bytes()
    except OSError as error:
        raise ContractError(f"cannot be read: {error.strerror}") from error


def contract_path() -> Path:
    """The contract that comes with the mock: in a checkout the effective contract, else the packaged one."""
    package = Path(__file__).resolve().parent
    effective = package.parents[1] / "generated" / "openapi.yaml"
    if package.parent.name == "tests" and effective.is_file():
        return effective
    return package / "openapi.yaml"


@cache
def _read_default() -> Any:
    # Cached: parsing YAML takes ten times as long as the rest of making a mock.
    return _read(contract_path())


class _JsonTypes(SafeConstructor):
    """Constructs JSON's types only: an unquoted date is a string."""


cast(Any, _JsonTypes).add_constructor("tag:yaml.org,2002:timestamp", cast(Any, SafeConstructor).construct_yaml_str)


def _read(path: Path) -> Any:
    try:
        text = path.read_text("utf-8")
        if path.suffix == ".json":
            return json.loads(text, object_pairs_hook=_unique)
        yaml: Any = YAML(typ="safe", pure=True)
        yaml.Constructor = _JsonTypes
        return yaml.load(text)
    except OSError as error:
        raise ContractError(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ContractError(f"is not UTF-8 text: invalid byte at {error.start}") from error
    except json.JSONDecodeError as error:
        raise ContractError(f"is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except YAMLError as error:
        problem, mark = str(error).splitlines()[0], None
        if isinstance(error, MarkedYAMLError):
            problem, mark = cast(Any, error).problem, cast(Any, error).problem_mark
        position = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ContractError(f"is not YAML 1.2: {position}{problem}") from error
    except RecursionError as error:
        raise ContractError("is nested too deeply") from error
    except ValueError as error:  # a duplicate key in JSON, or a number with too many digits for Python
        raise ContractError(f"cannot be parsed: {error}") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"duplicate key {max(keys, key=keys.count)!r} in one object")
    return members


def _to_json(value: Any, pointer: str, ancestors: tuple[int, ...]) -> Json:
    """A copy of ``value``; raises ``ContractError`` unless it is JSON."""
    if isinstance(value, str):
        return _to_text(value, pointer)
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if id(value) in ancestors:
        raise ContractError("contains itself, by a YAML alias", pointer)
    if len(ancestors) == _MAX_DEPTH:
        raise ContractError(f"is nested too deeply: the mock reads {_MAX_DEPTH} levels", pointer)
    ancestors = (*ancestors, id(value))
    if isinstance(value, list | tuple):
        elements = cast(list[Any], value)
        return [_to_json(element, f"{pointer}/{index}", ancestors) for index, element in enumerate(elements)]
    if not isinstance(value, Mapping):
        raise ContractError(f"{value!r} is not a JSON value", pointer)
    members: dict[str, Json] = {}
    for name, member in cast(Any, value).items():
        # OpenAPI 3.1.1 §4.2: keys are strings by YAML's failsafe schema, so an unquoted 200 is "200".
        key: Any = str(name) if isinstance(name, int) and not isinstance(name, bool) else name
        if not isinstance(key, str):
            raise ContractError(f"the key {key!r} must be a string", pointer)
        if (key := _to_text(key, pointer)) in members:
            raise ContractError(f"has the duplicate key {key!r}", pointer)
        members[key] = _to_json(member, pointer_to(pointer, key), ancestors)
    return members


def _to_text(value: str, pointer: str) -> str:
    try:
        # YAML parsers leave an escaped surrogate pair, one character in JSON, as two.
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise ContractError("has an unpaired surrogate", pointer) from error
