"""The journal: what it keeps, what it redacts."""

import json
import pickle
import tracemalloc
from copy import deepcopy
from typing import Any

import httpx
import pytest

from playbook3d_mock import Journal, JournalEntry, Mock, Request
from playbook3d_mock._redaction import Redaction
from support.mock_requests import CREDENTIALS, SECRETS, STOP, ask, get, read_contract

SECRET = "secret-value"
REDACTION = Redaction([], {"key": SECRET})
REQUEST = Request(
    "POST",
    f"/runs/{SECRET}".encode(),
    f"q={SECRET}".encode(),
    ((b"authorization", f"Bearer {SECRET}".encode()), (b"x-echo", SECRET.encode())),
    json.dumps({"text": SECRET}).encode(),
)
RECORD: Any = (REQUEST, None, 400, "contract", f"is {SECRET}")


def journal_of(*records: Any) -> Journal:
    journal = Journal(REDACTION)
    for record in records:
        journal.record(*record)
    return journal


def test_entry_has_the_request_and_the_outcome_redacted() -> None:
    assert journal_of(RECORD)[0] == JournalEntry(
        operation=None,
        method="POST",
        path="/runs/***",
        query="q=***",
        headers=(("authorization", "***"), ("x-echo", "***")),
        body='{"text": "***"}',
        body_size=len(REQUEST.body),
        status=400,
        reply="contract",
        problem="is ***",
        note=None,
        fault=None,
    )


def test_nothing_that_shows_a_journal_shows_a_secret() -> None:
    journal = journal_of(RECORD)
    entries = tuple(journal)
    assert repr(journal) == "<Journal of 1 requests>"
    copies: list[object] = [pickle.loads(pickle.dumps(journal)), deepcopy(journal)]  # noqa: S301
    assert copies == [entries, entries]
    shown = [repr(journal), repr(entries), str(entries[0]), repr(journal[:]), repr(list(journal))]
    assert not any(SECRET in text for text in [*shown, pickle.dumps(journal).decode("latin-1")])


def numbered(*numbers: int) -> list[Any]:
    return [(Request("GET", f"/{number}".encode()), None, 404, "contract") for number in numbers]


def test_last_1000_requests_are_kept() -> None:
    journal = journal_of(*numbered(*range(1003)))
    assert (len(journal), journal[0].path, journal[-1].path) == (1000, "/3", "/1002")
    assert [entry.path for entry in journal[:2]] == ["/3", "/4"]


def test_clear_forgets_all() -> None:
    journal = journal_of(RECORD)
    journal.clear()
    assert (len(journal), list(journal)) == (0, [])


@pytest.mark.parametrize(("size", "body"), [(16384, "x" * 16384), (16385, None)])
def test_large_body_is_not_kept(size: int, body: str | None) -> None:
    entry = journal_of((Request("POST", b"/", body=b"x" * size), None, 404, "contract"))[0]
    assert (entry.body, entry.body_size) == (body, size)


def test_large_bodies_take_no_memory() -> None:
    journal = Journal(REDACTION)
    tracemalloc.start()
    for _ in range(20):
        journal.record(Request("POST", b"/", body=bytes(1_000_000)), None, 404, "contract")
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 2_000_000
    assert len(journal) == 20


LARGE = b"x" * 32768


@pytest.mark.parametrize(
    "request_",
    [
        Request("POST", LARGE, body=b"body"),
        Request("POST", b"/", LARGE, body=b"body"),
        Request("POST", b"/", b"", ((b"a", LARGE),), b"body"),
        Request("POST", b"/", b"", tuple((b"a", b"") for _ in range(10_000)), b"body"),
    ],
)
def test_large_request_is_kept_without_its_parts(request_: Request) -> None:
    entry = journal_of((request_, None, 404, "contract", "a problem"))[0]
    assert (entry.method, entry.path, entry.query, entry.headers, entry.body) == ("", "", "", (), None)
    assert (entry.body_size, entry.status, entry.problem) == (4, 404, "a problem")


def test_body_that_is_not_text_is_readable() -> None:
    assert journal_of((Request("POST", b"/", body=b"a\xff"), None, 404, "contract"))[0].body == "a\ufffd"


@pytest.mark.parametrize(
    ("record", "line"),
    [
        ((Request("GET", b"/runs", b"a=1"), None, 200, "contract"), "GET /runs?a=1 200 -"),
        (
            (Request("GET", b"/x"), None, 200, "script", "a problem", "a note", "reset"),
            "GET /x 200 -: by script: reset: a problem: a note",
        ),
        ((Request("GET", b"/\x1b[31m\n"), None, 404, "contract"), "GET /\\x1b[31m\\n 404 -"),
    ],
)
def test_entry_as_text_is_one_line(record: Any, line: str) -> None:
    assert str(journal_of(record)[0]) == line


@pytest.fixture
def mock() -> Mock:
    return Mock(read_contract("runs"), credentials=SECRETS)


def test_mock_records_the_operation_and_who_decided(mock: Mock) -> None:
    mock.on("stop_run").reply(404, fault="reset")
    ask(mock=mock)
    ask(mock=mock)
    ask(mock=mock, prefer="code=404, example=no")
    ask(mock=mock, body=b"ignored")
    get("/runs?state=wrong", mock=mock)
    get("/nothing", mock=mock)
    assert list(map(str, mock.journal)) == [
        f"POST {STOP} 404 stop_run: by script: reset",
        f"POST {STOP} 200 stop_run",
        f"POST {STOP} 404 stop_run: by preference: "
        "Prefer: example is not the name of a valid example; there are none, and was ignored",
        f"POST {STOP} 200 stop_run: body: is not declared, and was ignored",
        'GET /runs?state=wrong 400 GET /runs: query state: the value is not one of "queued" or "executed"',
        "GET /nothing 404 -: no path of the contract matches",
    ]


def test_reset_clears_the_journal(mock: Mock) -> None:
    ask(mock=mock)
    mock.reset()
    assert not mock.journal


def test_request_over_http_is_recorded_even_if_no_engine_sees_it(mock: Mock) -> None:
    with mock.serve() as url:
        httpx.post(url + STOP, headers=CREDENTIALS)
        httpx.post(url + STOP, content=bytes(16 * 1024 * 1024 + 1))
    assert [(entry.status, entry.problem) for entry in mock.journal] == [
        (200, None),
        (413, "body: is larger than 16777216 bytes"),
    ]


@pytest.mark.parametrize("name", ["stop_run", "stopRun", "POST /teams/{team}/runs/{run}"])
def test_assert_called_returns_the_requests(mock: Mock, name: str) -> None:
    ask(mock=mock)
    get("/nothing", mock=mock)
    ask("/teams/a/runs/b", mock=mock)
    assert [entry.status for entry in mock.assert_called(name)] == [200, 400]
    assert len(mock.assert_called(name, times=2)) == 2
    with pytest.raises(AssertionError, match="was called 2 times, expected once"):
        mock.assert_called(name, times=1)
    assert mock.assert_called("DELETE /runs/{run}", times=0) == ()


def test_assert_called_without_requests_fails(mock: Mock) -> None:
    message = r"^stop_run was called never, expected at least once\. There was no request\.$"
    with pytest.raises(AssertionError, match=message):
        mock.assert_called("stop_run")


def test_failure_of_assert_called_lists_the_last_requests(mock: Mock) -> None:
    for _ in range(11):
        get("/nothing", mock=mock)
    ask(mock=mock)
    with pytest.raises(AssertionError) as caught:
        mock.assert_called("stop_run", times=2)
    first, *lines = str(caught.value).splitlines()
    assert first == "stop_run was called once, expected 2 times. The last requests, the latest last:"
    assert lines == ["  GET /nothing 404 -: no path of the contract matches"] * 9 + [f"  POST {STOP} 200 stop_run"]


def test_problem_is_not_cut_within_a_credential(mock: Mock) -> None:
    for length in (10, *range(245, 270)):
        body = {"origin": "x", "a" * length + CREDENTIALS["Authorization"][7:]: 1}
        ask("/runs", mock=mock, body=json.dumps(body).encode(), content_type="application/json")
    problems = [str(entry.problem) for entry in mock.journal]
    unexpected = "body: Additional properties are not allowed"
    assert problems[0] == f"{unexpected} ('aaaaaaaaaa***' was unexpected)"
    assert problems[-1] == f"{unexpected} …"
    assert not any("tok" in problem for problem in problems)


def test_failure_of_assert_called_names_the_limit(mock: Mock) -> None:
    for _ in range(1001):
        ask(mock=mock)
    message = r"^stop_run was called 1000 times, expected 1001 times; only the last 1,000 requests are kept\. The last"
    with pytest.raises(AssertionError, match=message):
        mock.assert_called("stop_run", times=1001)


@pytest.mark.parametrize("times", [2.5, "2", True])
def test_times_that_is_no_number_is_a_type_error(mock: Mock, times: Any) -> None:
    with pytest.raises(TypeError, match=f"^times must be a number, or None, not {times!r}$"):
        mock.assert_called("stop_run", times=times)


def test_unknown_operation_is_a_value_error(mock: Mock) -> None:
    with pytest.raises(ValueError, match=r"^no operation of the contract is named 'stop_runs'; there are: stop_run"):
        mock.assert_called("stop_runs")
