"""Requests, reduced to what the contract declares of them, so that two senders can be compared."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

import httpx
import requests

from playbook3d_conformance.credentials import Scheme
from playbook3d_conformance.forms import URLENCODED, essence, is_form, read_fields, urlencoded_texts
from playbook3d_conformance.openapi import AnyCase


class NormalizedRequest(NamedTuple):
    """A request, with one spelling of each value."""

    method: str
    origin: str
    path: tuple[str, ...]
    query: list[tuple[str, str]]
    headers: dict[str, str]
    cookies: set[str]
    body: Any


def normalize(method: str, url: str, headers: dict[str, str], body: bytes, declared: set[str]) -> NormalizedRequest:
    """A request with the header fields that are declared; names are in lower case."""
    parts = urlsplit(url)
    content_type = headers.get("content-type", "")
    compared = {name: value for name, value in headers.items() if name in declared}
    if body:
        compared["content-type"] = essence(content_type) if is_form(content_type) else content_type
    return NormalizedRequest(
        method=method.upper(),
        origin=f"{parts.scheme}://{parts.netloc}",
        path=tuple(_normalize_text(segment) for segment in parts.path.split("/")),
        query=sorted((name, _normalize_list(value)) for name, value in parse_qsl(parts.query, keep_blank_values=True)),
        headers=compared,
        cookies=set(filter(None, headers.get("cookie", "").split("; "))),
        body=_normalize_body(content_type, body),
    )


def _normalize_body(content_type: str, body: bytes) -> Any:
    """JSON by its value; a form by its fields, whose order and file names mean nothing."""
    if body and is_form(content_type):
        return sorted((name, _normalize_field(text)) for name, text in read_fields(content_type, body))
    return normalize_json(json.loads(body)) if body and "json" in content_type else body


def _normalize_field(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return _normalize_text(text)
    return json.dumps(normalize_json(value), sort_keys=True) if isinstance(value, dict) else _normalize_text(text)


def sent_request(request: httpx.Request, declared: set[str]) -> NormalizedRequest:
    """What a client sent."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return normalize(request.method, str(request.url), headers, request.read(), declared)


def expected_request(
    case: AnyCase, base_url: str, credentials: Iterable[tuple[Scheme, str]], declared: set[str]
) -> NormalizedRequest:
    """What Schemathesis would send for ``case``, with ``credentials`` added.

    Objects in an urlencoded form are JSON (OpenAPI 3.1.1, Encoding Object): Schemathesis sends their members or keys.
    """
    arguments = case.as_transport_kwargs(base_url=base_url)
    if isinstance(case.body, dict) and essence(case.media_type or "") == URLENCODED:
        arguments["data"] = {name: urlencoded_texts(value) for name, value in case.body.items()}
    for scheme, credential in credentials:
        part = {"header": "headers", "query": "params", "cookie": "cookies"}[scheme.location]
        arguments[part] = {**(arguments.get(part) or {}), scheme.parameter: scheme.encode(credential)}
    sent = requests.Request(**arguments).prepare()
    body = sent.body or b""
    assert isinstance(body, str | bytes), f"{case.operation.label}: a body that is streamed"
    return normalize(
        sent.method or "",
        sent.url or "",
        {name.lower(): str(value) for name, value in sent.headers.items()},
        body.encode() if isinstance(body, str) else body,
        declared,
    )


def without_defaults(
    request: NormalizedRequest, other: NormalizedRequest, defaults: set[tuple[str, str]]
) -> NormalizedRequest:
    """``request`` without declared defaults that ``other`` leaves out: sent or not, they mean the same."""
    return request._replace(query=[pair for pair in request.query if pair in other.query or pair not in defaults])


def _normalize_list(text: str) -> str:
    """A text, or an array of texts in one."""
    whole = _normalize_text(text)
    return whole if whole != text else "".join(map(_normalize_text, re.split("([,| ])", text)))


def _normalize_text(text: str) -> str:
    """UUIDs and date-times by value, everything else as it was sent (RFC 9562 §4, RFC 3339)."""
    if len(text) < 10:  # 20250101 is a number here, although Python takes it for a date
        return text
    try:
        return str(UUID(unquote(text)))
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(unquote(text)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return text


def normalize_json(node: Any) -> Any:
    """A JSON value, with UUIDs and date-times by value."""
    if isinstance(node, dict):
        return {key: normalize_json(value) for key, value in cast(dict[str, Any], node).items()}
    if isinstance(node, list):
        return [normalize_json(value) for value in node]
    return _normalize_text(node) if isinstance(node, str) else node


def sent_parameters(request: httpx.Request, path: str) -> dict[str, dict[str, list[str]]]:
    """The decoded parameters of a request to the path of a template: values by location and name."""
    parts = urlsplit(str(request.url))
    template, segments = path.split("/"), parts.path.split("/")
    assert len(segments) >= len(template), f"{parts.path} is another path than {path}"
    sent: dict[str, dict[str, list[str]]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for name, segment in zip(template, segments[-len(template) :], strict=True):
        if name.startswith("{"):
            sent["path"][name.strip("{}")] = [unquote(segment)]
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        sent["query"].setdefault(name, []).append(value)
    for name, value in request.headers.multi_items():
        if name.lower() != "cookie":
            sent["header"].setdefault(name.lower(), []).append(value)
    for pair in request.headers.get("cookie", "").split(";"):  # every server splits cookies here
        if pair:
            name, _, value = pair.removeprefix(" ").partition("=")
            sent["cookie"].setdefault(name, []).append(value)
    return sent
