"""What every generated client carries: the types of its operations table and of its bound methods.

``make generate`` copies this file to ``generated/…/_runtime.py``. It imports nothing of the generated package, so
that the client's core can be written, and tested, against these types alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import wraps
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    Literal,
    NamedTuple,
    ParamSpec,
    Protocol,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
)
from urllib.parse import quote
from uuid import UUID

if TYPE_CHECKING:
    import httpx

P = ParamSpec("P")
T = TypeVar("T")

#: Arguments of ``httpx.Client.build_request``, as the ``_get_kwargs`` of a generated module returns them.
RequestArguments = dict[str, Any]

#: A body as mappings: keys are names of the wire, values are JSON or models.
JsonObject = Mapping[str, Any]
JsonArray = Sequence[JsonObject]

#: The ``_parse_response`` of a generated module: makes the declared model of a response.
Parse = Callable[..., Any]

#: Makes a copy of a response whose request shows no credential.
Redact = Callable[["httpx.Response"], "httpx.Response"]


class Scheme(NamedTuple):
    """A security scheme: which credential it takes, and where a request carries it.

    Attributes:
        name: Its name in the contract, the key of its credential.
        kind: ``api_key`` is sent as it is, ``token`` as bearer token (RFC 6750), ``basic`` as RFC 7617 says.
        location: The part of the request.
        parameter: The name of the header, query parameter or cookie.
    """

    name: str
    kind: Literal["api_key", "token", "basic"]
    location: Literal["header", "query", "cookie"]
    parameter: str


class SuccessResponse(NamedTuple):
    """Declared 2xx statuses, ``low`` to ``high``, and what their JSON body can be.

    ``json_types`` are JSON's names of types (``integer`` counts as ``number``), ``item_types`` those of an array's
    items. Empty means that any type will do, or that the body is not JSON.
    """

    low: int
    high: int
    json_types: tuple[str, ...]
    item_types: tuple[str, ...]


class Operation(NamedTuple):
    """One operation of the contract.

    Attributes:
        name: Its generated module and method.
        tag: The package of that module, and the attribute of the client.
        method: The HTTP method, in capital letters.
        path: The path template.
        security: Alternatives, each the schemes that it takes together; empty: no credential is asked for.
        servers: Base URLs without a final slash, the default first; none if the contract names no absolute URL.
        success: The declared successes, single statuses before ranges.
        idempotent: Whether the contract, by method (RFC 9110 §9.2.2) or by ``x-idempotent``, lets a call be repeated.
        deprecated: Whether the contract says so.
    """

    name: str
    tag: str
    method: str
    path: str
    security: tuple[tuple[Scheme, ...], ...]
    servers: tuple[str, ...]
    success: tuple[SuccessResponse, ...]
    idempotent: bool
    deprecated: bool


class Contract(NamedTuple):
    """What a client has to know of its contract.

    Attributes:
        operations: All of them.
        schemes: All credentials that some operation may ask for.
        server: The document's default server; empty if the contract names no absolute URL.
        package: The package with one subpackage for each tag, and in it one module for each operation.
    """

    operations: tuple[Operation, ...]
    schemes: tuple[Scheme, ...]
    server: str
    package: str


class RawResponse(Generic[T]):
    """A declared success as it came over the wire, with the model that was made of it.

    Attributes:
        status_code: Its status.
        headers: Its headers.
        request_id: Its ``x-request-id``, to quote to support; ``None`` where there is none.
        retries_taken: How many times the request was repeated.
    """

    __slots__ = ("_http_response", "_parsed", "_redact", "headers", "request_id", "retries_taken", "status_code")

    def __init__(
        self, http_response: httpx.Response, parsed: T, *, retries_taken: int, redact: Redact | None = None
    ) -> None:
        self._http_response = http_response
        self._parsed = parsed
        self._redact = redact
        self.status_code: int = http_response.status_code
        self.headers: httpx.Headers = http_response.headers
        self.request_id: str | None = http_response.headers.get("x-request-id")
        self.retries_taken = retries_taken

    @property
    def http_response(self) -> httpx.Response:
        """The response of httpx, with all that it has; the credentials are redacted from its request."""
        if (redact := self._redact) is not None:
            # Only now: most callers want the model alone.
            self._http_response, self._redact = redact(self._http_response), None
        return self._http_response

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        _ = self.http_response  # redacts it
        return None, {name: getattr(self, name) for name in self.__slots__}

    def parse(self) -> T:
        """The model of the response: what the method returns without ``with_raw_response``."""
        return self._parsed

    def __repr__(self) -> str:
        return f"RawResponse(status_code={self.status_code})"


#: How a client calls an operation: with the request's arguments, and the parser of its response.
Call = Callable[[Operation, RequestArguments, Parse], Any]
AsyncCall = Callable[[Operation, RequestArguments, Parse], Awaitable[Any]]


class Caller(Protocol):
    """A client: ``_call`` returns the model, ``_call_raw`` the ``RawResponse``."""

    @property
    def _call(self) -> Call: ...
    @property
    def _call_raw(self) -> Call: ...


class AsyncCaller(Protocol):
    """As ``Caller``, async."""

    @property
    def _call(self) -> AsyncCall: ...
    @property
    def _call_raw(self) -> AsyncCall: ...


def returns_raw(method: Callable[P, T]) -> Callable[P, RawResponse[T]]:
    """A cast: the type of a method whose API object was made with ``_call_raw`` in place of ``_call``."""
    return cast("Callable[P, RawResponse[T]]", method)


def returns_raw_async(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, RawResponse[T]]]:
    """As ``returns_raw``, async."""
    return cast("Callable[P, Coroutine[Any, Any, RawResponse[T]]]", method)


_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}):([0-9]{2})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def parse_datetime(text: str) -> datetime:
    """A date-time of RFC 3339 §5.6, also with ``t`` and ``z``; ``ValueError`` for a text that is none.

    A leap second (``:60``) is the second after it, as in POSIX time.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return datetime.fromisoformat(text)
    day, minute, second, fraction, zone = match.groups(default="")
    leap = second == "60"
    parsed = datetime.fromisoformat(f"{day}T{minute}:{'59' if leap else second}{fraction}{zone.upper()}")
    return parsed + timedelta(seconds=leap)


# Whether ``from_dict`` of a model reads an argument: in a response it tolerates unknown and missing keys.
_reads_argument: ContextVar[bool] = ContextVar("_reads_argument", default=False)


def without_nulls(properties: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A copy without those of the named properties that are null, unless an argument is read."""
    if _reads_argument.get():
        names = ()
    return {name: value for name, value in properties.items() if value is not None or name not in names}


def known_properties(properties: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """The properties, if all of their names are among ``names``; ``ValueError`` otherwise."""
    if not properties.keys() <= {*names}:
        raise ValueError
    return properties


def form_text(value: object) -> str:
    """A value as the text of a form's field: what is not a text is written as in JSON."""
    return json.dumps(value) if value is None or isinstance(value, bool | dict | list) else str(value)


def form_texts(value: object) -> list[str]:
    """The texts of the fields of one name: an array has a field for each element."""
    return list(map(form_text, cast("list[object]", value) if isinstance(value, list) else [value]))


def form_fields(properties: Mapping[str, object]) -> dict[str, list[str]]:
    """The fields of an urlencoded form."""
    return {name: form_texts(value) for name, value in properties.items()}


def array(value: Any) -> list[Any] | tuple[Any, ...]:
    """The value, if it is an array; ``TypeError`` otherwise."""
    if not isinstance(value, (list, tuple)):
        raise TypeError
    return cast("list[Any]", value)


def to_uuid(name: str, value: object) -> UUID:
    """The UUID that the argument ``name`` is, or holds as text; ``ValueError`` or ``TypeError`` if it is neither."""
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a UUID, or a string that holds one, not {type(value).__name__}")
    try:
        return UUID(value)
    except ValueError:
        raise ValueError(f"{name} must be a UUID, not {value!r}") from None


def path_segment(name: str, value: object) -> str:
    """The argument ``name``, quoted for a path; ``TypeError`` if it is not a single value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, (str, int, float, date)):
        raise TypeError(f"{name} must be a string, a number, a UUID or a date, not {type(value).__name__}")
    return quote(value.isoformat() if isinstance(value, date) else str(value), safe="")


def path_list(name: str, value: object) -> str:
    """The list that the argument ``name`` is, quoted for a path, its items separated by commas."""
    if not isinstance(value, list):
        raise TypeError(f"{name} must be a list, not {type(value).__name__}")
    return ",".join(path_segment(name, item) for item in cast("Iterable[object]", value))


def delimited(name: str, value: object, delimiter: str) -> object:
    """The list that the argument ``name`` is, as one text; ``ValueError`` if an item contains the delimiter.

    Another value is returned as it is. An empty list is not sent.
    """
    if not isinstance(value, list):
        return value
    items = [str(item).lower() if isinstance(item, bool) else str(item) for item in cast("Iterable[object]", value)]
    if any(delimiter in item for item in items):
        raise ValueError(f"{name} must not have {delimiter!r} in its items, which separates them")
    return delimiter.join(items) if items else None


def deep_object(name: str, properties: Mapping[str, object]) -> dict[str, object]:
    """Query parameters for an object's properties, in the style deepObject; ``ValueError`` for nested objects."""
    if any(isinstance(value, dict) for value in properties.values()):
        raise ValueError(f"{name} must not have objects in its properties, which cannot be sent")
    return {f"{name}[{key}]": value for key, value in properties.items()}


def check_body(body: object, *types: type) -> None:
    """Raise ``TypeError`` if the argument ``body`` is of none of these types."""
    if not isinstance(body, types):
        raise _type_error("body", body, types)


def check_keys(model: str, properties: object, required: tuple[str, ...], known: tuple[str, ...] | None) -> None:
    """Raise ``TypeError`` if an argument is no mapping, lacks a required key, or has one that is not ``known``.

    ``known`` is ``None`` if the object may have any key.
    """
    if not _reads_argument.get():
        return
    if not isinstance(properties, Mapping):
        raise TypeError(f"{model} must be a mapping, not {type(properties).__name__}")
    keys = cast("Mapping[object, object]", properties).keys()
    for key in required:
        if key not in keys:
            raise TypeError(f"{model} lacks the required key {key!r}")
    if unknown := [key for key in keys if known is not None and key not in known]:
        raise TypeError(f"{model} has no key {unknown[0]!r}")


def to_model(value: object, annotation: Any) -> object:
    """The model that a mapping describes, or a list of models; any other value as it is.

    Of several models the one that declares most of the keys is taken, of equal ones the first. Raises ``TypeError`` or
    ``ValueError``, with model and key, if none matches.
    """
    types, given = _members(annotation), value
    if isinstance(value, list | tuple):
        items = [get_args(each)[0] for each in types if get_origin(each) is list]
        return [to_model(item, items[0]) for item in cast("Iterable[object]", value)] if items else given
    if not isinstance(value, Mapping):
        return given
    models: list[Any] = []
    problems: list[Exception] = []
    for model in (each for each in types if hasattr(each, "from_dict")):
        reading = _reads_argument.set(True)
        try:
            models.append(model.from_dict(_to_json(given)))
        except TypeError as error:
            problems.append(error)
        except ValueError as error:
            problems.append(ValueError(f"body has an invalid value: {error}"))
        except (AttributeError, LookupError) as error:
            problems.append(TypeError(f"body has a property of the wrong type: {error}"))
        finally:
            _reads_argument.reset(reading)
    if problems and not models:
        raise problems[0] from None
    return min(models, key=lambda model: len(getattr(model, "additional_properties", ())), default=given)


def _to_json(value: object) -> Any:
    """A mapping or a list with JSON in place of the models in it."""
    if isinstance(value, Mapping):
        return {key: _to_json(member) for key, member in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list):
        return [_to_json(item) for item in cast("list[object]", value)]
    if isinstance(value, UUID | date):
        return value.isoformat() if isinstance(value, date) else str(value)
    to_dict = getattr(value, "to_dict", None)
    return value if to_dict is None else to_dict()


def checks_arguments(get_kwargs: Callable[..., T]) -> Callable[..., T]:
    """Make a body of mappings one of models, and an argument that cannot be sent a ``TypeError`` or ``ValueError``."""
    annotations = get_kwargs.__annotations__

    @wraps(get_kwargs)
    def checked(*args: Any, **kwargs: Any) -> T:
        if "body" in kwargs:
            kwargs["body"] = to_model(kwargs["body"], annotations["body"])
        for name, value in kwargs.items():
            if value is None and not {Any, None, NoneType} & {*_members(annotations[name])}:
                raise _type_error(name, value, _members(annotations[name]))
        _check_properties(kwargs.get("body"))
        try:
            return get_kwargs(*args, **kwargs)
        except AttributeError as error:
            for name, value in kwargs.items():
                if value is error.obj:
                    raise _type_error(name, value, _members(annotations[name])) from None
            raise TypeError(f"an argument, or a property of the body, has the wrong type: {error}") from None
        except TypeError as error:
            if str(error).partition(" ")[0] in kwargs:
                raise
            raise TypeError(f"an argument, or a property of the body, has the wrong type: {error}") from None
        except UnicodeEncodeError as error:
            names = [name for name, value in kwargs.items() if value == error.object]
            where = names[0] if names else "an argument"
            raise ValueError(f"{where} has an unpaired surrogate in it, which cannot be sent") from None

    return checked


def _check_properties(value: object) -> None:
    """Raise ``TypeError`` for a property that is ``None``, and must not be: it would be sent as a text, or as null."""
    if isinstance(value, list):
        for item in cast("Iterable[object]", value):
            _check_properties(item)
        return
    for field in getattr(value, "__attrs_attrs__", ()):
        member = getattr(value, field.name)
        if member is None and not {"None", "Any"} & {*str(field.type).split(" | ")}:
            raise TypeError(f"{type(value).__name__}.{field.name} must not be None")
        _check_properties(member)


def _members(annotation: Any) -> tuple[Any, ...]:
    """The types of a union; of another annotation, itself."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _type_error(name: str, value: object, types: Iterable[Any]) -> TypeError:
    names = ["None" if each is NoneType else str(each) if get_args(each) else each.__name__ for each in types]
    expected = " or ".join(each for each in names if each != "Unset")  # which is not to be passed, but left out
    return TypeError(f"{name} must be {expected}, not {type(value).__name__}")
