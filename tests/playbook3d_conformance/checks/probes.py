"""Checks that send variations of the first valid request to an operation: near-miss credentials and UUIDs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import schemathesis
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.transport import expand_status_codes

from playbook3d_conformance.checks.generation import random_uuid
from playbook3d_conformance.checks.hooks import EXCUSES
from playbook3d_conformance.checks.near_misses import (
    UUID_NEAR_MISSES,
    CredentialProbe,
    credential_probes,
    parameter_probes,
)
from playbook3d_conformance.checks.observations import observe
from playbook3d_conformance.checks.responses import RESPONSE_CHECKS
from playbook3d_conformance.credentials import security_alternatives
from playbook3d_conformance.schemas import content_type, is_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Response
    from schemathesis.checks import CheckContext

    from playbook3d_conformance.openapi import AnyCase

# The session of a run is not among them: it could add a credential that is to be missing.
_TRANSPORT_OPTIONS = {"base_url", "timeout", "verify", "cert", "proxies"}
# A response with one of them to a valid request says nothing about its variations.
_UNTESTABLE = {401, 429}


class ProbeFailure(Failure):
    """A response to a probe that breaks the contract; reports show the request of the probe."""

    __slots__ = ()

    @property
    def _unique_key(self) -> str:  # two of an operation are different failures
        return self.message


class _Problem(NamedTuple):
    title: str  # the same for all that are alike
    detail: str
    probe: AnyCase
    response: Response


class _Probes:
    """Sends probes once for each operation, after a valid request that shows that the credentials are right."""

    def __init__(self) -> None:
        self._problems: dict[str, list[_Problem]] = {}

    def after_response(self, ctx: CheckContext, response: Response, case: AnyCase) -> None:
        """Send the probes; a repeated case, as when Hypothesis shrinks it, has the same outcome."""
        if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code in _UNTESTABLE:
            return
        label = case.operation.label
        if label not in self._problems:
            self._problems[label] = list(self.problems(ctx, response, case))
        for problem in self._problems[label]:  # again: what is recorded is forgotten with the case
            ctx.internals.record_case(parent_id=case.id, case=problem.probe)
            ctx.internals.record_response(case_id=problem.probe.id, response=problem.response)
        if failures := [
            ProbeFailure(
                operation=label,
                title=problem.title,
                message=f"{label} {problem.title}: {problem.detail}",
                case_id=problem.probe.id,
            )
            for problem in self._problems[label]
        ]:
            raise FailureGroup(failures)

    def problems(self, ctx: CheckContext, response: Response, case: AnyCase) -> Iterator[_Problem]:
        """What the responses to the probes show."""
        raise NotImplementedError


@schemathesis.check
class EachCredential(_Probes):
    """Each credential is verified as a whole, in its place: a near miss is answered 401.

    Stock Schemathesis only takes all of them away, or replaces them by another value.
    """

    def problems(self, ctx: CheckContext, response: Response, case: AnyCase) -> Iterator[_Problem]:
        """Send near-miss credentials, and right ones that are written otherwise."""
        if [] in security_alternatives(case.operation):
            return  # credentials are optional
        sent = _sent_credentials(response, case)
        for variant in _variants(sent):
            probe = _probe(case, sent, variant)
            answer = _send(ctx, case, probe)
            status = answer.status_code
            if status == 429:
                observe("incomplete", case.operation.label, "answered 429, so not every credential was tried")
                return
            if variant.is_valid:
                # Again as it was: the credentials may have expired.
                expected = response.status_code
                if status != expected == _send(ctx, case, _probe(case, sent, sent)).status_code:
                    title = f"answered {status} instead of {expected}, although names have no case"
                    yield _Problem(title, f"{variant.variation}.", probe, answer)
                continue
            if 400 <= status <= 499 and status != 401 and _may_be_refused(variant, answer):
                what = "a credential in the query or a cookie" if variant.is_elsewhere else "malformed credentials"
                observe("note", case.operation.label, f"answered {status} instead of 401 to {what}")
                continue
            if status != 401:
                yield _Problem(f"answered {status} instead of 401", f"{variant.variation}.", probe, answer)
                continue
            try:
                probe.validate_response(answer, checks=RESPONSE_CHECKS)
            except FailureGroup as failures:
                for failure in failures.exceptions:
                    if any(is_excused(failure, probe, answer) for is_excused in EXCUSES):
                        continue
                    detail = f"when {variant.variation}: {failure.message}"
                    yield _Problem(failure.title, detail, probe, answer)


@schemathesis.check
class EachUUID(_Probes):
    """UUIDs in a path are parsed as RFC 9562 §4 writes them: a near miss is rejected.

    The malformed UUIDs of stock Schemathesis are far from valid. The statuses are those of ``negative_data_rejection``.
    """

    def problems(self, ctx: CheckContext, response: Response, case: AnyCase) -> Iterator[_Problem]:
        """Send near-miss UUIDs in each path parameter."""
        label = case.operation.label
        statuses = ctx.config.negative_data_rejection.expected_statuses or []
        sent = _sent_credentials(response, case)
        for parameter in case.operation.path_parameters:
            if parameter.definition.get("schema", {}).get("format") != "uuid":
                continue
            for variation, spoil in UUID_NEAR_MISSES.items():
                near_miss = quote(spoil(str(random_uuid(parameter.name))), safe="")
                probe = _probe(case, sent, sent, {parameter.name: near_miss})
                answer = _send(ctx, case, probe)
                status = answer.status_code
                if status == 429:
                    observe("incomplete", label, "answered 429, so not every malformed UUID was tried")
                    return
                if status not in expand_status_codes(statuses):
                    expected = ", ".join(map(str, statuses))
                    title = f"answered {status} instead of {expected} to a near-miss UUID in {parameter.name}"
                    yield _Problem(title, f"{parameter.name} {variation}.", probe, answer)
                elif status not in (400, 401, 422):
                    observe("note", label, f"answered {status} to malformed UUIDs, which is taken for a rejection")


def _may_be_refused(variant: CredentialProbe, answer: Response) -> bool:
    """Whether a client error other than 401 rejects credentials: as malformed, or before the API, by a gateway."""
    if variant.is_elsewhere:
        return True
    return variant.is_malformed and (answer.status_code == 400 or not is_json(content_type(answer)))


def _sent_credentials(response: Response, case: AnyCase) -> CredentialProbe:
    """The credentials of a request: header fields, query parameters and cookies."""
    sent: dict[str, dict[str, str]] = {"header": {}, "query": {}, "cookie": {}}
    carried = {"header": response.request.headers, "query": case.query, "cookie": case.cookies}
    for schemes in security_alternatives(case.operation):
        for scheme in schemes:
            if scheme.parameter in carried[scheme.location]:
                sent[scheme.location][scheme.parameter] = str(carried[scheme.location][scheme.parameter])
    return CredentialProbe("is as it was", sent["header"], sent["query"], sent["cookie"])


def _variants(sent: CredentialProbe) -> Iterator[CredentialProbe]:
    """What is nearly the credentials of a request: in one place, those in other places stay."""
    for variant in credential_probes(sent.headers):
        query, cookies = {**sent.query, **variant.query}, {**sent.cookies, **variant.cookies}
        yield variant._replace(query=query, cookies=cookies)
    for variation, query in parameter_probes(sent.query):
        yield sent._replace(variation=variation, query=query)
    for variation, cookies in parameter_probes(sent.cookies):
        yield sent._replace(variation=variation, cookies=cookies)


def _probe(
    case: AnyCase, sent: CredentialProbe, variant: CredentialProbe, path_parameters: dict[str, str] | None = None
) -> AnyCase:
    """A request like a case, with other credentials in place of those that were sent, and other path parameters.

    It is not derived from the case: a copy would share the case's metadata, and change it.
    """
    names = {name.lower() for name in sent.headers}
    headers = {name: value for name, value in case.headers.items() if name.lower() not in names}
    query = {name: value for name, value in case.query.items() if name not in sent.query}
    cookies = {name: value for name, value in case.cookies.items() if name not in sent.cookies}
    probe: AnyCase = case.operation.Case(
        method=case.method,
        path_parameters={**case.path_parameters, **(path_parameters or {})},
        query={**query, **variant.query},
        headers={**headers, **variant.headers},
        cookies={**cookies, **variant.cookies},
        body=case.body,
        media_type=case.media_type,
    )
    return probe


def _send(ctx: CheckContext, case: AnyCase, probe: AnyCase) -> Response:
    """The response to a probe; both are recorded."""
    options = {
        name: value for name, value in (ctx.internals.transport_kwargs or {}).items() if name in _TRANSPORT_OPTIONS
    }
    if case.operation.app is not None:
        options["app"] = case.operation.app
    ctx.internals.record_case(parent_id=case.id, case=probe)
    response = probe.call(**options)
    ctx.internals.record_response(case_id=probe.id, response=response)
    return response
