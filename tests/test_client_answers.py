"""Whatever a server answers, a call returns the declared model or raises an error of ours."""

import asyncio
import copy
import itertools
import json
import pickle
from collections.abc import Collection, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calling import KEY, TOKEN, Call, answering, bound, bound_async
from conformance.arguments import ARGUMENTS
from conformance.outcomes import error_class
from conformance.subject import SUBJECTS, Subject
from playbook3d_api._operations import OPERATIONS, Success
from playbook3d_client import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    AsyncPlaybookClient,
    PlaybookClient,
)
from playbook3d_client._routes import Expected, Route, route_named
from playbook3d_client.models import CancelRunResult

HOSTILE = [
    b"",
    b"null",
    b"true",
    b"7",
    b"NaN",
    b'""',
    b'"ab"',
    b"[]",
    b"[[]]",
    b'["ab"]',
    b'[["message", "x"]]',
    b"{}",
    b'{"message": null}',
    b'{"message": 5, "more": [1]}',
    b'{"message": 1e400, "result": NaN}',
    b'{"result": {"a": 1}, "message": ["x"]}',
    b'{"message": "a", "message": "b"}',
    b'{"message": "cut',
    b'{"message": "x"} trailing',
    b'{"": 1, "self": 2, "additional_properties": 3}',
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    '{"message": "x"}'.encode("utf-16"),
    b'{"message": "\xff"}',
    b'{"message": "\\ud800"}',
    b"9" * 5000,
    b'{"message": ' + b"9" * 5000 + b"}",
    b"[" * 100_000,
    b"<html><body>oops</body></html>",
    b"\x00" * 100,
]
HEADERS = [
    {},
    {"content-type": "application/json"},
    {"content-type": "text/html; charset=nonsense"},
    {"content-type": "\x00;;"},
    {"x-request-id": "é\x1b[31m"},
    {"set-cookie": "=;=;"},
    {"location": "/elsewhere"},
    {"retry-after": "-1"},
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=5,
)
bodies = (
    st.binary(max_size=50)
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(st.sampled_from(["message", "result", "error", "detail"]), json_values).map(
        lambda value: json.dumps(value).encode()
    )
)


class Answers:
    """Answers one after the other, each with the status that is to come next."""

    def __init__(self, statuses: Iterator[int], contents: list[tuple[bytes, dict[str, str]]]) -> None:
        self._statuses = statuses
        self._contents = itertools.cycle(contents)

    def __call__(self, _: httpx.Request) -> httpx.Response:
        body, headers = next(self._contents)
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        return httpx.Response(next(self._statuses), content=body, headers=encoded)


def judge(status: int, declared: bool, outcome: Any) -> None:
    """What came of an answer is what its status says, whatever the body."""
    if not 200 <= status <= 299:
        assert type(outcome) is error_class(status), (status, outcome)
        assert outcome.status_code == status
    elif not declared or isinstance(outcome, Exception):
        assert type(outcome) is APIResponseValidationError, (status, outcome)
        assert outcome.status_code == status
    if isinstance(outcome, Exception):
        assert "\n" not in str(outcome)
        assert str(outcome).isprintable()


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.label)
@pytest.mark.parametrize("asynchronous", [False, True])
def test_every_status_with_every_kind_of_body_is_a_model_or_an_error_of_ours(
    subject: Subject, asynchronous: bool
) -> None:
    check_every_status(subject, asynchronous, examples=3)


def check_every_status(
    subject: Subject, asynchronous: bool, examples: int, statuses: Collection[int] = range(100, 1000)
) -> None:
    """Call an operation for each status, with bodies that fit it and bodies that do not, again and again."""
    endpoint = ARGUMENTS.endpoint(subject.operation.method, subject.operation.path)
    (operation,) = [one for one in OPERATIONS if (one.tag, one.name) == (endpoint.tags[0], endpoint.name)]
    given_arguments = ARGUMENTS.some(subject.operation)

    def declares(status: int) -> bool:
        return any(one.low <= status <= one.high for one in operation.success)

    async def outcome_of(method: Any) -> Any:
        try:
            outcome = method(**given_arguments)
            return await outcome if asynchronous else outcome
        except Exception as error:
            return error

    @settings(max_examples=examples)
    @given(st.lists(st.tuples(bodies, st.sampled_from(HEADERS)), min_size=7, max_size=7))
    def check(drawn: list[tuple[bytes, dict[str, str]]]) -> None:
        # 37 of them, so that each meets another two dozen of all 900 statuses.
        contents = [*drawn, *((body, {}) for body in HOSTILE)]
        transport = httpx.MockTransport(Answers(iter(statuses), contents))
        options: dict[str, Any] = {"api_key": KEY, "token": TOKEN, "max_retries": 0}

        async def run() -> None:
            http: Any = (httpx.AsyncClient if asynchronous else httpx.Client)(transport=transport)
            client: Any = (AsyncPlaybookClient if asynchronous else PlaybookClient)(http_client=http, **options)
            method = getattr(getattr(client, operation.tag), operation.name)
            for status in statuses:
                judge(status, declares(status), await outcome_of(method))

        asyncio.run(run())

    check()


@pytest.mark.parametrize("location", ["http://[::1", "https://host:port/", "http://a b/", "\x00", "//", "http://"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_nowhere_is_an_error_of_ours(call: Call, status: int, location: str) -> None:
    """Httpx looks at the location though it is told not to follow: it may call the answer malformed."""
    with pytest.raises((APIStatusError, APIConnectionError)):
        call(answering(status, headers={"location": location}))


# What a 2xx must hold


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[]", "TypeError: a body of type array"),
        (b'[["message", "x"]]', "TypeError: a body of type array"),
        (b'""', "TypeError: a body of type string"),
        (b"null", "TypeError: a body of type null"),
        (b"true", "TypeError: a body of type boolean"),
        (b"1.5", "TypeError: a body of type number"),
        (b"", "JSONDecodeError: Expecting value"),
        (b"<html>", "JSONDecodeError: Expecting value"),
        (b"\xff", "UnicodeDecodeError: "),
        (b"[" * 100_000, "RecursionError: "),
    ],
)
def test_another_kind_of_value_is_not_taken_for_the_model(call: Call, content: bytes, said: str) -> None:
    with pytest.raises(APIResponseValidationError) as raised:
        call(answering(200, content=content))
    what = "cancel_run answered 200 with a body that is not what the contract declares"
    assert str(raised.value).startswith(f"{what} ({said}")
    assert raised.value.__cause__ is not None


def test_what_a_success_holds_is_read_from_the_table_of_operations() -> None:
    success = Success(low=200, high=299, kinds=("array",), items=("object", "null"))
    route = Route(OPERATIONS[0]._replace(success=(success,)))
    assert route.successes == [Expected(200, 299, types=(list,), item_types=(dict, type(None)))]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[]", None),
        (b'[{}, {"a": 1}]', None),
        (b"{}", "a body of type object"),
        (b"[{}, []]", "an item of type array"),
    ],
)
def test_the_items_of_a_list_are_of_the_kind_that_is_declared(
    call: Call, content: bytes, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    route = route_named("workflows", "cancel_run")
    monkeypatch.setattr(route, "successes", [Expected(200, 200, types=(list,), item_types=(dict,))])
    if said is not None:
        with pytest.raises(APIResponseValidationError, match=said):
            call(answering(200, content=content))
    elif call in (bound, bound_async):
        monkeypatch.setattr(route, "parse", lambda *, response, **_: response.json())
        assert call(answering(200, content=content)) == json.loads(content)


def test_a_generated_parser_can_read_all_of_an_answer_whose_json_was_looked_at(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(*, response: Any, **_: Any) -> CancelRunResult:
        return CancelRunResult(f"{response.status_code} {response.headers['x-a']} {response.text} {response.json()}")

    monkeypatch.setattr(route_named("workflows", "cancel_run"), "parse", parse)
    if call in (bound, bound_async):
        assert call(answering(200, content=b"{}", headers={"x-a": "b"})).message == "200 b {} {}"


@pytest.mark.parametrize(
    ("content", "model"),
    [
        (b'{"message": 5}', CancelRunResult(message=5)),  # type: ignore[arg-type]
        (b'{"message": null}', CancelRunResult(message=None)),  # type: ignore[arg-type]
        (b'{"message": "a", "message": "b"}', CancelRunResult(message="b")),
        (b"{}", CancelRunResult()),
    ],
)
def test_drift_that_leaves_the_model_usable_does_not_fail_a_call_that_succeeded(
    call: Call, content: bytes, model: CancelRunResult
) -> None:
    assert call(answering(200, content=content)) == model


def test_what_the_contract_does_not_know_is_kept(call: Call) -> None:
    sent = {"message": "m", "state": "paused", "self": [1, {"a": None}], "message_": 1.5}
    result = call(answering(200, json=sent))
    assert (result["state"], result["self"]) == ("paused", [1, {"a": None}])
    assert result.to_dict() == sent


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])  # noqa: S301
def test_a_model_copies_and_pickles_with_what_it_lacks(twin: Any) -> None:
    for model in (CancelRunResult(), CancelRunResult(message="m")):
        assert twin(model) == model
        assert twin(model).to_dict() == model.to_dict()


@pytest.mark.parametrize("headers", [{"content-type": "text/plain"}, {"content-type": "text/html"}, {}])
def test_what_the_body_is_counts_and_not_what_it_is_called(call: Call, headers: dict[str, str]) -> None:
    assert call(answering(200, content=b'{"message": "m"}', headers=headers)).message == "m"
