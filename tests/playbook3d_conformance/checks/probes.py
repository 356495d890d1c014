"""Checks that vary the first valid request to an operation: credentials and UUIDs that are nearly right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import schemathesis
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import expand_status_codes

from playbook3d_conformance.checks.responses import RESPONSE_CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Response
    from schemathesis.checks import CheckContext

    from playbook3d_conformance.openapi import AnyCase

# The session of a run is not among them: it could add a credential that is to be missing.
_TRANSPORT_OPTIONS = {"base_url", "timeout", "verify", "cert", "proxies"}


class _Probe:
    """Sends requests of its own, once for each operation, after a valid request that was not answered 401."""

    def __init__(self) -> None:
        self._problems: dict[str, list[str]] = {}

    def after_response(self, ctx: CheckContext, response: Response, case: AnyCase) -> None:
        """Probe; a repeated case, as when Hypothesis shrinks it, has the same outcome."""
        if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code == 401:
            return
        label = case.operation.label
        if label not in self._problems:
            self._problems[label] = [f"{label} {problem}" for problem in self.probe(ctx, response, case)]
        if self._problems[label]:
            raise AssertionError("\n".join(self._problems[label]))

    def probe(self, ctx: CheckContext, response: Response, case: AnyCase) -> Iterator[str]:
        """The problems that the requests show."""
        raise NotImplementedError


@schemathesis.check
class EachCredential(_Probe):
    """Each credential is verified: without one, or with one that is not right, a request is answered 401.

    Stock Schemathesis only takes all of them away at once.
    """

    def probe(self, ctx: CheckContext, response: Response, case: AnyCase) -> Iterator[str]:
        """Send each set of invalid credentials."""
        sent = _sent_credentials(response, case)
        for variation, credentials in _invalid_credentials(sent):
            probe = _with_credentials(case, sent, credentials)
            answer = _send(ctx, case, probe)
            if answer.status_code == 429:
                yield "answered 429, so not every credential was tried: lower the rate."
                return
            if answer.status_code != 401:
                yield f"answered {answer.status_code} instead of 401: {variation}."
                continue
            try:
                probe.validate_response(answer, checks=RESPONSE_CHECKS)
            except FailureGroup as failures:
                yield from (f"when {variation}: {failure}" for failure in failures.exceptions)


@schemathesis.check
class EachUUID(_Probe):
    """UUIDs in a path are parsed completely: one with a character too many, or an invalid one, is rejected.

    The malformed UUIDs of stock Schemathesis are far from valid. The statuses are those of ``negative_data_rejection``.
    """

    def probe(self, ctx: CheckContext, response: Response, case: AnyCase) -> Iterator[str]:
        """Send near-miss UUIDs in each path parameter."""
        statuses = ctx.config.negative_data_rejection.expected_statuses or []
        sent = _sent_credentials(response, case)
        for parameter in case.operation.path_parameters:
            if parameter.definition.get("schema", {}).get("format") != "uuid":
                continue
            value = str(case.path_parameters[parameter.name])
            for variation, near_miss in (
                ("has a character too many", f"{value}0"),
                ("ends with a letter that is not a hexadecimal digit", f"{value[:-1]}g"),
            ):
                probe = case.operation.Case(  # not derived: a copy would share the case's metadata, and change it
                    method=case.method,
                    path_parameters={**case.path_parameters, parameter.name: near_miss},
                    query=case.query,
                    headers={**case.headers, **sent},
                    cookies=case.cookies,
                    body=case.body,
                    media_type=case.media_type,
                )
                status = _send(ctx, case, probe).status_code
                if status == 429:
                    yield "answered 429, so not every UUID was tried: lower the rate."
                    return
                if status not in expand_status_codes(statuses):
                    expected = ", ".join(map(str, statuses))
                    yield f"answered {status} instead of {expected}: {parameter.name} {variation}."


def _sent_credentials(response: Response, case: AnyCase) -> dict[str, str]:
    """The header fields in which the credentials of a request were sent."""
    names: list[str] = []
    for parameter in case.operation.security.iter_parameters():
        if parameter.location != ParameterLocation.HEADER:
            raise AssertionError(f"{parameter.name}: a credential in the {parameter.location} cannot be tested.")
        names.append(parameter.name)
    return {name: str(response.request.headers[name]) for name in names if name in response.request.headers}


def _with_credentials(case: AnyCase, sent: dict[str, str], credentials: dict[str, str]) -> AnyCase:
    """A copy of a case with other credentials than were sent."""
    names = {name.lower() for name in sent}
    others = {name: value for name, value in case.headers.items() if name.lower() not in names}
    return case.derive(headers=type(case.headers)({**others, **credentials}))


def _send(ctx: CheckContext, case: AnyCase, probe: AnyCase) -> Response:
    """The response to a request that is derived from a case; both are recorded."""
    options = {
        name: value for name, value in (ctx.internals.transport_kwargs or {}).items() if name in _TRANSPORT_OPTIONS
    }
    if case.operation.app is not None:
        options["app"] = case.operation.app
    ctx.internals.record_case(parent_id=case.id, case=probe)
    response = probe.call(**options)
    ctx.internals.record_response(case_id=probe.id, response=response)
    return response


def _invalid_credentials(sent: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Header fields with credentials that are nearly right, and what is wrong with each set."""
    parts = {name: value.rpartition(" ") for name, value in sent.items()}  # the scheme, a space, the secret

    def field(name: str, secret: str) -> str:
        return "".join(parts[name][:2]) + secret

    for name in sent:
        scheme, _, secret = parts[name]
        yield f"{name} is missing", {other: value for other, value in sent.items() if other != name}
        yield f"{name} is wrong", {**sent, name: field(name, "not-the-credential")}
        yield f"{name} is empty", {**sent, name: field(name, "")}
        yield f"{name} lacks its last character", {**sent, name: field(name, secret[:-1])}
        yield f"{name} has a character too many", {**sent, name: field(name, secret + "x")}
        if scheme:
            yield f"{name} has no scheme", {**sent, name: secret}
            yield f"{name} has another scheme", {**sent, name: f"Basic {secret}"}
        for other in sent:
            if other != name:
                yield f"{name} has the value of {other}", {**sent, name: field(name, parts[other][2])}
    if len(sent) > 1:
        swapped = zip(sent, [*list(sent)[1:], *list(sent)[:1]], strict=True)
        yield "the credentials are swapped", {name: field(name, parts[other][2]) for name, other in swapped}
