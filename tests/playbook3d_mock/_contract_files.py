"""Loads the contract: a file in YAML or JSON, or a mapping, as a document."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from playbook3d_mock._document import ContractError, Node, pointer_to

if TYPE_CHECKING:
    from os import PathLike

    from playbook3d_mock._document import Json

_ROOT_FIELDS = (
    "openapi", "info", "jsonSchemaDialect", "servers", "paths",
    "webhooks", "components", "security", "tags", "externalDocs",
)  # fmt: skip
# The validator, in Rust, reads some 250 levels of a schema.
_MAX_DEPTH = 200


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
