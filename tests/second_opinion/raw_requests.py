"""Requests that are sent as they are: what Schemathesis draws as invalid, near misses, and other uses of HTTP."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from playbook3d_conformance.checks.near_misses import UUID_NEAR_MISSES, credential_probes
from playbook3d_conformance.credentials import request_credentials
from playbook3d_conformance.openapi import METHODS, AnyCase, AnyOperation
from playbook3d_conformance.properties.operations import valid_cases
from second_opinion.client_calls import drawn
from second_opinion.servers import RawRequest

_PLACES = {"header": "headers", "query": "query", "cookie": "cookies"}


def drawn_requests(
    operation: AnyOperation, credentials: Mapping[str, str], count: int | None = None
) -> Iterator[RawRequest]:
    """So many valid and invalid requests that Schemathesis draws, with valid credentials."""
    sent = _credential_places(operation, credentials)
    for case in drawn(valid_cases(operation), count):
        yield _as_sent("drawn: valid", case.as_curl_command(), case, sent)
    try:
        cases = drawn(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), count)
    except Unsatisfiable:  # nothing of the operation can be invalid
        return
    for case in cases:
        assert case.meta
        parts = sorted(str(part.value) for part, info in case.meta.components.items() if info.mode.is_negative)
        yield _as_sent(f"drawn: invalid {', '.join(parts)}", case.as_curl_command(), case, sent)


def near_misses(operation: AnyOperation, credentials: Mapping[str, str]) -> Iterator[RawRequest]:
    """Variations of a valid request: of its UUIDs, of its credentials, and in the use of HTTP."""
    sent = _credential_places(operation, credentials)
    valid = drawn(valid_cases(operation))[0]
    yield from _uuids(valid, sent)
    yield from _credentials(valid, sent)
    yield from _uses_of_http(_as_sent("", "", valid, sent))


def _credential_places(operation: AnyOperation, credentials: Mapping[str, str]) -> dict[str, dict[str, str]]:
    sent: dict[str, dict[str, str]] = {"headers": {}, "query": {}, "cookies": {}}
    for scheme, credential in request_credentials(operation, credentials):
        sent[_PLACES[scheme.location]][scheme.parameter] = scheme.encode(credential)
    return sent


def _uuids(valid: AnyCase, sent: dict[str, dict[str, str]]) -> Iterator[RawRequest]:
    for parameter in valid.operation.path_parameters:
        if parameter.definition.get("schema", {}).get("format") == "uuid":
            uuid = valid.path_parameters[parameter.name]
            for variation, spoil in UUID_NEAR_MISSES.items():
                changed = {**valid.path_parameters, parameter.name: quote(spoil(str(uuid)), safe="")}
                request = _as_sent("", "", _like(valid, path_parameters=changed), sent)
                kind = f"a UUID that {variation}"
                yield request._replace(kind=kind, detail=parameter.name)


def _credentials(valid: AnyCase, sent: dict[str, dict[str, str]]) -> Iterator[RawRequest]:
    for probe in credential_probes(sent["headers"]):
        places = {
            "headers": probe.headers,
            "query": {**sent["query"], **probe.query},
            "cookies": {**sent["cookies"], **probe.cookies},
        }
        yield _as_sent("a credential", probe.variation, valid, places)


def _uses_of_http(valid: RawRequest) -> Iterator[RawRequest]:
    def variation(kind: str, detail: str = "", headers: Mapping[str, str] | None = None, **parts: Any) -> RawRequest:
        return valid._replace(kind=kind, detail=detail, headers={**valid.headers, **(headers or {})}, **parts)

    for method in METHODS:
        if method.upper() != valid.method:
            yield variation("another method", method.upper(), method=method.upper())
    yield variation("an unknown path", target=f"{valid.target}/x")
    yield variation("a trailing slash", target=f"{valid.target}/")
    yield variation("an undeclared query parameter", target=f"{valid.target}?undeclared=1")
    yield variation("a malformed escape in the path", target=f"{valid.target}%zz")
    yield variation("an escape in the path that is not UTF-8", target=f"{valid.target}%ff")
    yield variation("an Accept that no response meets", headers={"Accept": "text/html"})
    yield variation("a malformed Accept", headers={"Accept": ";;;"})
    yield variation("a preferred status that is not documented", headers={"Prefer": "code=418"})
    yield variation("a preferred status that is not a number", headers={"Prefer": "code=abc"})
    yield variation("an unknown preference", headers={"Prefer": "x=y"})
    if not valid.body:
        json = {"Content-Type": "application/json"}
        yield variation("a body where none is declared", headers=json, body=b"{}")
        yield variation("a malformed body where none is declared", headers=json, body=b"{")


def _like(case: AnyCase, **parts: Any) -> AnyCase:
    """A case with other parts; it is not derived from it, because a copy would share its metadata."""
    own = {
        "path_parameters": case.path_parameters,
        "query": case.query,
        "headers": case.headers,
        "cookies": case.cookies,
    }
    made: AnyCase = case.operation.Case(method=case.method, body=case.body, media_type=case.media_type, **own | parts)
    return made


def _as_sent(kind: str, detail: str, case: AnyCase, sent: Mapping[str, Mapping[str, str]]) -> RawRequest:
    """A case with credentials, as Schemathesis would send it."""
    added = {name: {**(getattr(case, name) or {}), **values} for name, values in sent.items()}
    arguments = _like(case, **added).as_transport_kwargs(base_url="http://127.0.0.1")
    prepared = requests.Request(**arguments).prepare()
    url = urlsplit(prepared.url or "")
    body = prepared.body or b""
    assert isinstance(body, str | bytes), f"{case.operation.label}: a body that is streamed"
    headers = {name: str(value) for name, value in prepared.headers.items() if name.lower() != "content-length"}
    return RawRequest(
        kind,
        detail,
        prepared.method or "",
        url.path + (f"?{url.query}" if url.query else ""),
        {"Accept": "application/json", **headers},
        body.encode() if isinstance(body, str) else body,
    )
