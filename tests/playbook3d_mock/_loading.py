"""Loading a contract: from a file or a mapping to the root of a document that is JSON, and OpenAPI 3.1."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ._contract import ContractError, Node, pointer_to

if TYPE_CHECKING:
    from os import PathLike

    from ._contract import Json

_FIELDS = (
    "openapi", "info", "jsonSchemaDialect", "servers", "paths",
    "webhooks", "components", "security", "tags", "externalDocs",
)  # fmt: skip


def load(source: str | PathLike[str] | Mapping[str, Any] | None = None) -> Node:
    """The root of a contract, from a file (YAML 1.2; JSON where it is named .json) or a mapping.

    Without a source it is the contract that comes with the mock. Raises ContractError where the source is
    not readable, or not an OpenAPI 3.1 document.
    """
    if isinstance(source, Mapping):
        value = _plain(source, "#", ())
    else:
        value = _plain(_default() if source is None else _read(Path(source)), "#", ())
    root = Node(value, "#", value)
    document = root.object()
    version = document.get("openapi", "Swagger 2.0" if "swagger" in document else None)
    if version is None:
        raise ContractError("this is no OpenAPI document: it has no field 'openapi'", "#")
    if not isinstance(version, str) or not re.fullmatch(r"3\.1\.[0-9]+", version):
        raise ContractError(f"is {version!r}; this mock reads OpenAPI 3.1 ('3.1.0', '3.1.1', …)", "#/openapi")
    return root.only(*_FIELDS)


@cache
def _default() -> Any:
    """What comes with the mock, read once: that takes ten times as long as all else there is to making a mock."""
    return _read(default_path())


def default_path() -> Path:
    """The contract that comes with the mock: a checkout's own effective contract, else the packaged one."""
    package = Path(__file__).resolve().parent
    effective = package.parents[1] / "generated" / "openapi.yaml"
    if package.parent.name == "tests" and effective.is_file():
        return effective
    return package / "openapi.yaml"


class _Constructor(SafeConstructor):
    """JSON's types and no more: an unquoted date is the text that it is."""


cast(Any, _Constructor).add_constructor("tag:yaml.org,2002:timestamp", cast(Any, SafeConstructor).construct_yaml_str)


def _read(path: Path) -> Any:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ContractError(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ContractError(f"is not UTF-8 text: byte {error.start} is none") from error
    try:
        if path.suffix == ".json":
            return json.loads(text, object_pairs_hook=_unique)
        yaml: Any = YAML(typ="safe", pure=True)
        yaml.Constructor = _Constructor
        return yaml.load(text)
    except json.JSONDecodeError as error:
        raise ContractError(f"is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except MarkedYAMLError as error:
        marked = cast(Any, error)
        mark = marked.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ContractError(f"is not YAML 1.2: {place}{marked.problem}") from error
    except YAMLError as error:
        raise ContractError(f"is not YAML 1.2: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise ContractError("is nested too deeply to be read") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ContractError(f"names a key twice in one object: {max(keys, key=keys.count)!r}")
    return members


def _plain(value: Any, pointer: str, around: tuple[int, ...]) -> Json:
    """A copy of `value`, proven to be JSON."""
    if isinstance(value, str):
        return _text(value, pointer)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if id(value) in around:
        _refuse("contains itself (a YAML alias inside what it names)", pointer)
    around = (*around, id(value))
    if isinstance(value, list | tuple):
        elements = cast(list[Any], value)
        return [_plain(element, f"{pointer}/{index}", around) for index, element in enumerate(elements)]
    if not isinstance(value, Mapping):
        _refuse(f"{value!r} is nothing that JSON can hold", pointer)
    pairs = cast("Iterable[tuple[Any, Any]]", value.items())
    members: dict[str, Json] = {}
    for name, member in pairs:
        # OpenAPI 3.1.1 §4.2: keys are strings by YAML's failsafe schema, so an unquoted 200 is "200".
        key: Any = str(name) if isinstance(name, int) and not isinstance(name, bool) else name
        if not isinstance(key, str):
            _refuse(f"the key {key!r} must be a string", pointer)
        key = _text(key, pointer)
        if key in members:
            _refuse(f"names the key {key!r} twice", pointer)
        members[key] = _plain(member, pointer_to(pointer, key), around)
    return members


def _text(value: str, pointer: str) -> str:
    if value.isascii():
        return value
    try:
        # A YAML parser leaves "\ud83d\ude00", which JSON would read as one character, as two halves.
        return value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        _refuse("has half of a surrogate pair, which is no Unicode text", pointer)


def _refuse(message: str, pointer: str) -> NoReturn:
    raise ContractError(message, pointer)
