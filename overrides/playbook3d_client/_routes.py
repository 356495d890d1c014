"""The operations of the contract, each with the generated functions that make its requests and its results."""

import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple, cast

from playbook3d_api._operations import OPERATIONS, Operation
from playbook3d_client._errors import ConfigurationError

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


class Expected(NamedTuple):
    """A declared 2xx: the types of Python that its JSON and an array's items have; ``None``: any, or no JSON."""

    low: int
    high: int
    types: tuple[type, ...] | None
    item_types: tuple[type, ...] | None


class Route:
    """An operation, and the two functions of its generated module that the client needs."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.successes = [
            Expected(one.low, one.high, _types(one.kinds), _types(one.items)) for one in operation.success
        ]
        pieces = re.split(r"\{([^}]*)\}", operation.path)
        self.path = re.compile("([^/]*)".join(map(re.escape, pieces[::2])))
        self._parameters = pieces[1::2]

    @cached_property
    def _module(self) -> ModuleType:
        return import_module(f"playbook3d_api.api.{self.operation.tag}.{self.operation.name}")

    @cached_property
    def options(self) -> Callable[..., dict[str, Any]]:
        """Makes the options of ``httpx.Client.build_request`` of an operation's arguments."""
        return cast(Callable[..., dict[str, Any]], self._module._get_kwargs)

    @cached_property
    def parse(self) -> Callable[..., Any]:
        """Makes the operation's model of a response."""
        return cast(Callable[..., Any], self._module._parse_response)

    def refuse_another_path(self, path: str) -> None:
        """Raise ``ValueError`` for a path parameter that would make the request go to another path.

        An empty segment, ``.`` and ``..`` do not survive on the way (RFC 3986 §5.2.4), however they are quoted.
        """
        if "/." in path or "//" in path or path.endswith("/"):
            match = self.path.fullmatch(path)
            for name, value in zip(self._parameters, match.groups() if match else (), strict=True):
                if value in ("", ".", ".."):
                    raise ValueError(f"{name} must not be {value!r}: the request would go to another path")


def refuse_another_cookie(cookies: Mapping[str, object]) -> None:
    """Raise ``ValueError`` for a cookie that would not arrive as it is: these characters end it (RFC 6265 §4.1.1)."""
    for name, value in cookies.items():
        if re.search("[;\x00-\x1f\x7f]", str(value)):
            raise ValueError(f"{name} must not have a semicolon or a control character in it")


def _types(kinds: tuple[str, ...]) -> tuple[type, ...] | None:
    return tuple(kind for name in kinds for kind in _TYPES[name]) or None


def kind_of(value: object) -> str:
    """What JSON calls the type of a decoded value."""
    return next(name for name, types in _TYPES.items() if type(value) in types)


@cache
def _routes() -> list[Route]:
    """In the order in which a path is looked up: concrete segments before templated ones."""

    def templated_segments(operation: Operation) -> list[bool]:
        return ["{" in segment for segment in operation.path.split("/")]

    return [Route(operation) for operation in sorted(OPERATIONS, key=templated_segments)]


@cache
def route_named(tag: str, name: str) -> Route:
    """The route of a generated module."""
    return next(route for route in _routes() if (route.operation.tag, route.operation.name) == (tag, name))


def route_of(method: str, path: str) -> Route:
    """The route of a request as a generated module describes it: in ``path`` each parameter is one segment."""
    for route in _routes():
        if route.operation.method == method.upper() and route.path.fullmatch(path):
            return route
    raise ConfigurationError(f"{method.upper()} {path} is no operation of the contract.")
