"""What stock Schemathesis does not check of a server, as an extension of it.

``schemathesis.toml``, beside this module, loads it. A check that fails says what the server did, and what the
contract has it do. Nothing in it names an operation.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, cast
from uuid import UUID, uuid4, uuid5

import click
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.core.transport import expand_status_codes
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario
from schemathesis.specs.openapi import checks

from conformance.schemas import declared_schema, is_json, undeclared, validator
from conformance.wire import parameters, parameters_of
from contract.operations import METHODS
from contract.pointers import dereference

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from schemathesis import HookContext, Response
    from schemathesis.checks import CheckContext
    from schemathesis.schemas import BaseSchema

    from conformance.wire import AnyCase, AnyOperation

# What the drawn UUIDs are made from. Those that Hypothesis draws are the same for everybody, so that on a server
# which has seen other people's tests they may name something.
_namespace = [UUID("7d1c1f6e-6a0e-4b9c-9a3b-0c6d2f5b8e41")]


@contextmanager
def other_uuids() -> Generator[None]:
    """Have UUIDs drawn that nobody has ever drawn, while the context lasts."""
    before, _namespace[0] = _namespace[0], uuid4()
    try:
        yield
    finally:
        _namespace[0] = before


_sent_once: list[set[str]] = []


@contextmanager
def each_operation_once() -> Generator[None]:
    """Have no operation sent twice while the context lasts: Hypothesis repeats what got no answer."""
    _sent_once.append(set())
    try:
        yield
    finally:
        _sent_once.pop()


_ends: list[Callable[[], bool]] = []


@contextmanager
def until(ended: Callable[[], bool]) -> Generator[None]:
    """Have nothing more sent once ``ended`` says so, while the context lasts.

    An interrupt ends a run, but for one that comes as a phase begins: Schemathesis then goes on with the next.
    """
    _ends.append(ended)
    try:
        yield
    finally:
        _ends.pop()


@schemathesis.hook
def before_call(context: HookContext, case: AnyCase, kwargs: dict[str, Any]) -> None:
    """Refuse to send what was to be sent once, and to send at all when the run has ended."""
    if any(ended() for ended in _ends):
        raise KeyboardInterrupt  # which Schemathesis takes for one, in each of its threads
    if _sent_once:
        label = case.operation.label
        if label in _sent_once[-1]:
            raise AssertionError(f"{label} was sent, and is not sent again.")
        _sent_once[-1].add(label)


def every_form(uuid: UUID) -> list[str]:
    """A UUID in lower and in upper case, which readers must accept (RFC 9562 §4), and the nil UUID (§5.9)."""
    return [str(uuid), str(uuid).upper(), str(UUID(int=0))]


def _some_form(drawn: UUID) -> str:
    forms = every_form(uuid5(_namespace[0], drawn.hex))
    return forms[drawn.int % len(forms)]


# Schemathesis draws them in lower case only, and not the nil UUID.
schemathesis.openapi.format("uuid", st.uuids().map(_some_form))


def filter_cookies(context: HookContext, cookies: dict[str, Any] | None) -> bool:
    """Leave out what is no value of a cookie: it would arrive as another, which may be valid (RFC 6265 §4.1.1)."""
    return all(_COOKIE.fullmatch(str(value)) for value in (cookies or {}).values())


# Only where there are cookies: a filter of nothing takes a tenth of the time in which a case is drawn.
cast(Any, schemathesis.hook).apply_to(lambda context: bool(context.operation.cookies))(filter_cookies)

_COOKIE = re.compile(r"[!#-+\--:<-\[\]-~]*")


def filter_case(context: HookContext, case: AnyCase) -> bool:
    """Leave out a body that is called valid, and breaks its schema: a server that refuses it is right.

    Schemathesis has an empty string for a date that may be null as well.
    """
    if case.meta is None or not case.meta.generation.mode.is_positive or not is_json(case.media_type or ""):
        return True
    document = case.operation.schema.raw_schema
    media = dereference(document, case.operation.definition.raw["requestBody"])["content"][case.media_type]
    return validator(media.get("schema", True), document).is_valid(case.body)


cast(Any, schemathesis.hook).apply_to(lambda context: bool(context.operation.body))(filter_case)


def filter_failure(context: HookContext, failure: Failure, case: AnyCase, response: Response) -> bool:
    """Hold nothing against the answer to another path: that is what an empty segment makes of it.

    Schemathesis puts the values of earlier answers into paths, whatever they are.
    """
    return "" not in case.path_parameters.values()


schemathesis.hook(filter_failure)


@schemathesis.check
def strict_json(ctx: CheckContext, response: Response, case: AnyCase) -> None:
    """A body that is called JSON is one value, of which no two readers make two (RFC 8259).

    That is UTF-8 without a byte order mark (§8.1), no name twice in an object (§4), and no NaN or Infinity (§6).
    """
    if response.content and is_json(_content_type(response)):
        try:
            json.loads(response.content.decode(), object_pairs_hook=_once, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise AssertionError(f"The body is not strictly JSON: {error}.") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object has a name twice")
    return found


def _content_type(response: Response) -> str:
    return response.headers.get("content-type", [""])[0]


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


@schemathesis.check
def declared_properties(ctx: CheckContext, response: Response, case: AnyCase) -> None:
    """An object has a property that its schema declares, and none that it doesn't, unless it says there are more.

    The schemas of this API require nothing and close nothing, so that any object at all is valid.
    """
    schema = declared_schema(case.operation, response.status_code)
    if schema is None or not response.content or not is_json(_content_type(response)):
        return
    try:
        value = json.loads(response.content)
    except (ValueError, RecursionError):
        return  # what strict_json is for
    if problem := undeclared(schema, value, case.operation.schema.raw_schema):
        raise AssertionError(f"The body of the {response.status_code} {problem}.")


@schemathesis.check
def method_not_allowed(ctx: CheckContext, response: Response, case: AnyCase) -> None:
    """A method that the contract does not give a path is answered 405, and Allow says which it does give.

    So RFC 9110 §15.5.6 has it; stock Schemathesis excuses 401, 403 and 404.
    """
    data = case.meta.phase.data if case.meta else None
    if not isinstance(data, CoveragePhaseData) or data.scenario != CoverageScenario.UNSPECIFIED_HTTP_METHOD:
        return
    method = response.request.method
    if method == "OPTIONS":
        return  # which servers answer of themselves (RFC 9110 §9.3.7)
    if response.status_code != 405:
        raise AssertionError(f"{method} is not declared here, and was answered {response.status_code} instead of 405.")
    allowed = {name.strip() for field in response.headers.get("allow", []) for name in field.split(",")}
    declared = {name.upper() for name in case.operation.schema[case.operation.path] if name in METHODS}
    if allowed - {"HEAD", "OPTIONS"} != declared - {"HEAD", "OPTIONS"}:
        told = ", ".join(sorted(allowed)) or "nothing"
        raise AssertionError(f"The 405 allows {told}; the contract declares {', '.join(sorted(declared))}.")


@schemathesis.check
class EachCredential:
    """Each credential counts: a request is answered 401 although the others are right.

    It is sent without it, with a wrong one, and with another's value in its place; Schemathesis itself only ever
    takes all of them away at once. That is done once for an operation, with the first valid request that was not
    answered 401.
    """

    def __init__(self) -> None:
        self._problems: dict[str, list[str]] = {}

    def after_response(self, ctx: CheckContext, response: Response, case: AnyCase) -> None:
        """Try it; a repetition of the case, as when Hypothesis shrinks it, has the same outcome."""
        if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code == 401:
            return
        label = case.operation.label
        if label not in self._problems:
            self._problems[label] = list(_accepted(ctx, response, case))
        if self._problems[label]:
            raise AssertionError("\n".join(self._problems[label]))


def _accepted(ctx: CheckContext, response: Response, case: AnyCase) -> Iterator[str]:
    """What was answered otherwise than with 401 though a credential was not right."""
    sent = _credentials(response, case)
    for what, changed in _wrong(sent):
        probe = _with_credentials(case, sent, changed)
        answer = _answer(ctx, case, probe)
        if answer.status_code == 429:
            yield f"{case.operation.label} answered 429, so that not every credential was tried: send less at a time."
            return
        if answer.status_code != 401:
            yield f"{case.operation.label} answered {answer.status_code} instead of 401: {what}."
            continue
        try:
            probe.validate_response(answer, checks=[*CHECKS, strict_json, declared_properties])
        except FailureGroup as failures:
            yield from (f"{case.operation.label}, when {what}: {failure}" for failure in failures.exceptions)


def _credentials(response: Response, case: AnyCase) -> dict[str, str]:
    """The header fields in which the credentials of a request were sent."""
    names: list[str] = []
    for parameter in case.operation.security.iter_parameters():
        if parameter.location != ParameterLocation.HEADER:
            raise AssertionError(f"{parameter.name}: a credential in the {parameter.location} cannot be tried.")
        names.append(parameter.name)
    return {name: str(response.request.headers[name]) for name in names if name in response.request.headers}


def _with_credentials(case: AnyCase, sent: dict[str, str], changed: dict[str, str]) -> AnyCase:
    """A copy of a case that has other credentials than were sent."""
    dropped = {name.lower() for name in sent}
    kept = {name: value for name, value in case.headers.items() if name.lower() not in dropped}
    return case.derive(headers=type(case.headers)({**kept, **changed}))


def _answer(ctx: CheckContext, case: AnyCase, probe: AnyCase) -> Response:
    """What the server answers to a request that was made of a case; both are recorded."""
    # Not the session of the run: it may add a credential that is to be left out.
    options = {name: value for name, value in (ctx.internals.transport_kwargs or {}).items() if name in _OPTIONS}
    if case.operation.app is not None:
        options["app"] = case.operation.app
    ctx.internals.record_case(parent_id=case.id, case=probe)
    answer = probe.call(**options)
    ctx.internals.record_response(case_id=probe.id, response=answer)
    return answer


@schemathesis.check
class EachUUID:
    """A UUID in a path is read to its end, and each of its digits: one character more, or another, is refused.

    Schemathesis's own malformed UUIDs are far from one. It is done once for an operation, as above; the statuses are
    those of ``negative_data_rejection``.
    """

    def __init__(self) -> None:
        self._problems: dict[str, list[str]] = {}

    def after_response(self, ctx: CheckContext, response: Response, case: AnyCase) -> None:
        """Try it; as above."""
        if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code == 401:
            return
        label = case.operation.label
        if label not in self._problems:
            self._problems[label] = list(_taken_for_uuids(ctx, response, case))
        if self._problems[label]:
            raise AssertionError("\n".join(self._problems[label]))


def _taken_for_uuids(ctx: CheckContext, response: Response, case: AnyCase) -> Iterator[str]:
    """What was not refused although a parameter was no UUID."""
    statuses = ctx.config.negative_data_rejection.expected_statuses or []
    sent = _credentials(response, case)
    for parameter in case.operation.path_parameters:
        value = str(case.path_parameters[parameter.name])
        if parameter.definition.get("schema", {}).get("format") != "uuid":
            continue
        for what, wrong in (
            ("has one character more", f"{value}0"),
            ("has a letter that is no digit", f"{value[:-1]}g"),
        ):
            probe = case.operation.Case(  # anew: a copy would share what is known of the case, and change it
                method=case.method,
                path_parameters={**case.path_parameters, parameter.name: wrong},
                query=case.query,
                headers={**case.headers, **sent},
                cookies=case.cookies,
                body=case.body,
                media_type=case.media_type,
            )
            status = _answer(ctx, case, probe).status_code
            if status == 429:
                yield f"{case.operation.label} answered 429, so that not every UUID was tried: send less at a time."
                return
            if status not in expand_status_codes(statuses):
                told = ", ".join(map(str, statuses))
                yield f"{case.operation.label} answered {status} instead of {told}: {parameter.name} {what}."


# Those of stock Schemathesis that judge an answer by itself; the others send requests of their own.
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
_OPTIONS = {"base_url", "timeout", "verify", "cert", "proxies"}


def _wrong(sent: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Header fields that carry the credentials, all but right, and what is wrong with each set."""
    parts = {name: value.rpartition(" ") for name, value in sent.items()}  # the scheme, a space, the secret

    def field(name: str, secret: str) -> str:
        return "".join(parts[name][:2]) + secret

    for name in sent:
        yield f"{name} is missing", {other: value for other, value in sent.items() if other != name}
        yield f"{name} is wrong", {**sent, name: field(name, "not-the-credential")}
        yield f"{name} is empty", {**sent, name: field(name, "")}
        yield f"{name} lacks its last character", {**sent, name: field(name, parts[name][2][:-1])}
        yield f"{name} has one character more", {**sent, name: field(name, parts[name][2] + "x")}
        if parts[name][0]:
            yield f"{name} has no scheme", {**sent, name: parts[name][2]}
            yield f"{name} has another scheme", {**sent, name: f"Basic {parts[name][2]}"}
        for other in sent:
            if other != name:
                yield f"{name} has the value of {other}", {**sent, name: field(name, parts[other][2])}
    if len(sent) > 1:
        turned = zip(sent, [*list(sent)[1:], *list(sent)[:1]], strict=True)
        yield "the credentials are swapped", {name: field(name, parts[other][2]) for name, other in turned}


@schemathesis.check
class Reached:
    """The run reached what it is about: each operation, each of its parameters, and a success.

    The numbers are printed at the end.

    Where nothing that exists can be named, as on a server of somebody else, ``successes = false`` in the
    configuration asks for no success; where one request is all that is sent, ``parameters = false`` asks for no
    parameter.
    """

    def __init__(self, successes: bool = True, parameters: bool = True) -> None:
        self._successes = successes
        self._all = parameters
        self._schema: BaseSchema | None = None
        self._statuses: defaultdict[str, set[int]] = defaultdict(set)
        self._answers: defaultdict[str, set[int]] = defaultdict(set)  # to valid requests
        self._parameters: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self._cases: defaultdict[str, set[str]] = defaultdict(set)

    def after_response(self, ctx: CheckContext, response: Response, case: AnyCase) -> None:  # noqa: ARG002
        """Note what the case has reached."""
        label = case.operation.label
        self._schema = case.operation.schema
        self._statuses[label].add(response.status_code)
        self._cases[label].add(case.id)
        if case.meta is None or case.meta.generation.mode.is_positive:
            self._parameters[label].update(parameters_of(case))
            self._answers[label].add(response.status_code)

    def after_run(self, ctx: CheckContext) -> None:  # noqa: ARG002 (the arguments are what Schemathesis gives)
        """Print the numbers, and fail where one is too low."""
        if self._schema is None:
            raise AssertionError("Nothing was reached: there was no answer to check.")
        problems: list[str] = []
        for result in self._schema.get_all_operations():
            assert isinstance(result, Ok)
            problems += self._judge(result.ok())
        if problems:
            raise AssertionError("\n".join(problems))

    def _judge(self, operation: AnyOperation) -> Iterator[str]:
        label = operation.label
        declared = parameters(operation)
        missed = declared - self._parameters[label]
        statuses = sorted(self._statuses[label])
        click.echo(
            f"{label}: {len(self._cases[label])} cases, {len(declared) - len(missed)} of {len(declared)} parameters, "
            f"answered {', '.join(map(str, statuses)) or 'nothing'} "
            f"(documented: {', '.join(operation.responses.status_codes)})"
        )
        if not statuses:
            yield f"{label} was never tried."
        elif missed and self._all:
            yield f"{label}: no valid request had {', '.join(sorted(' '.join(one).strip() for one in missed))}."
        if self._answers[label] == {401}:
            yield f"{label}: every valid request was answered 401: are the credentials right, and still valid?"
        elif self._successes and not any(status // 100 == 2 for status in self._answers[label]):
            yield f"{label}: no valid request was answered with a success."
