"""What goes over the wire, reduced to what the contract declares of it, so that two senders can be compared."""

import json
import re
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

import httpx
import requests
from schemathesis import Case
from schemathesis.core import NotSet
from schemathesis.schemas import APIOperation

AnyCase = Case[Any]
AnyOperation = APIOperation[Any, Any, Any, Any]


class Wire(NamedTuple):
    """A request: what the contract says of it, by value where one value has several spellings."""

    method: str
    origin: str
    path: tuple[str, ...]
    query: list[tuple[str, str]]
    headers: dict[str, str]
    cookies: set[str]
    body: Any


def wire(method: str, url: str, headers: dict[str, str], body: bytes, declared: set[str]) -> Wire:
    """A request in the form that is compared; of its headers, those named in ``declared`` (lower case)."""
    parts = urlsplit(url)
    content_type = headers.get("content-type", "")
    kept = {name: value for name, value in headers.items() if name in declared}
    if body:
        kept["content-type"] = content_type
    return Wire(
        method=method.upper(),
        origin=f"{parts.scheme}://{parts.netloc}",
        path=tuple(_value(segment) for segment in parts.path.split("/")),
        query=sorted((name, _value(value)) for name, value in parse_qsl(parts.query, keep_blank_values=True)),
        headers=kept,
        cookies=set(filter(None, headers.get("cookie", "").split("; "))),
        body=values(json.loads(body)) if body and "json" in content_type else body,
    )


def _value(text: str) -> str:
    """UUIDs and points in time are compared by value, everything else as it was sent (RFC 9562 §4, RFC 3339)."""
    if len(text) < 10 or not _DIGITS.search(text):
        return text  # most texts are neither, and to try takes its time
    try:
        return str(UUID(unquote(text)))
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(unquote(text)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return text


_DIGITS = re.compile("[0-9]")


def values(node: Any) -> Any:
    """A JSON value, its strings compared as ``_value`` says."""
    if isinstance(node, dict):
        return {key: values(value) for key, value in cast(dict[str, Any], node).items()}
    if isinstance(node, list):
        return [values(value) for value in node]
    return _value(node) if isinstance(node, str) else node


def without_defaults(one: Wire, other: Wire, defaults: set[tuple[str, str]]) -> Wire:
    """``one`` without the declared defaults that only it spells out: to send one says the same as to leave it."""
    return one._replace(query=[pair for pair in one.query if pair in other.query or pair not in defaults])


def expected(case: AnyCase, base_url: str, headers: dict[str, str], declared: set[str]) -> Wire:
    """What Schemathesis itself would send for ``case``, with ``headers`` added."""
    sent = requests.Request(**case.as_transport_kwargs(base_url=base_url, headers=headers)).prepare()
    body = sent.body or b""
    assert isinstance(body, str | bytes), f"{case.operation.label}: a body that is streamed"
    return wire(
        sent.method or "",
        sent.url or "",
        {name.lower(): str(value) for name, value in sent.headers.items()},
        body.encode() if isinstance(body, str) else body,
        declared,
    )


def parameters(operation: AnyOperation) -> set[tuple[str, str]]:
    """The parameters that the contract declares for an operation, by place and name; a body is ``("body", "")``."""
    declared = {(one.location.value, one.name) for one in operation.iter_parameters()}
    return declared | ({("body", "")} if operation.body else set())


def parameters_of(case: AnyCase) -> set[tuple[str, str]]:
    """Those of the declared parameters that a case has."""
    places = {"path": case.path_parameters, "query": case.query, "header": case.headers, "cookie": case.cookies}
    found = {(place, name) for place, values in places.items() for name in values}
    return (found | (set() if isinstance(case.body, NotSet) else {("body", "")})) & parameters(case.operation)


def sent_parameters(request: httpx.Request, path: str) -> dict[str, dict[str, list[str]]]:
    """What a request to the path of a template says, decoded: values by place and name."""
    parts = urlsplit(str(request.url))
    template, segments = path.split("/"), parts.path.split("/")
    assert len(segments) >= len(template), f"{parts.path} is another path than {path}"
    found: dict[str, dict[str, list[str]]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for name, segment in zip(template, segments[-len(template) :], strict=True):
        if name.startswith("{"):
            found["path"][name.strip("{}")] = [unquote(segment)]
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        found["query"].setdefault(name, []).append(value)
    for name, value in request.headers.multi_items():
        if name.lower() != "cookie":
            found["header"].setdefault(name.lower(), []).append(value)
    for pair in request.headers.get("cookie", "").split(";"):  # whatever a server does, it ends a cookie here
        if pair:
            name, _, value = pair.removeprefix(" ").partition("=")
            found["cookie"].setdefault(name, []).append(value)
    return found
