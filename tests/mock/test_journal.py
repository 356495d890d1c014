"""The journal: what it keeps, what it redacts."""

import json
import pickle
import tracemalloc
from copy import deepcopy

import pytest

from playbook3d_mock import Request
from playbook3d_mock._journal import Journal, JournalEntry, Record
from playbook3d_mock._redaction import Redaction

SECRET = "secret-value"
REDACTION = Redaction([], {"key": SECRET})
REQUEST = Request(
    "POST",
    f"/runs/{SECRET}".encode(),
    f"q={SECRET}".encode(),
    ((b"authorization", f"Bearer {SECRET}".encode()), (b"x-echo", SECRET.encode())),
    json.dumps({"text": SECRET}).encode(),
)
RECORD = Record(REQUEST, "start_run", 400, f"is {SECRET}", None, "contract")


def journal_of(*records: Record) -> Journal:
    journal = Journal(REDACTION)
    for record in records:
        journal.record(record)
    return journal


def test_entry_has_the_request_and_the_outcome_redacted() -> None:
    assert journal_of(RECORD)[0] == JournalEntry(
        operation="start_run",
        method="POST",
        path="/runs/***",
        query="q=***",
        headers=(("authorization", "***"), ("x-echo", "***")),
        body='{"text": "***"}',
        body_size=len(REQUEST.body),
        status=400,
        problem="is ***",
        note=None,
        reply="contract",
    )


def test_nothing_that_shows_a_journal_shows_a_secret() -> None:
    journal = journal_of(RECORD)
    entries = tuple(journal)
    assert repr(journal) == "<Journal of 1 requests>"
    copies: list[object] = [pickle.loads(pickle.dumps(journal)), deepcopy(journal)]  # noqa: S301
    assert copies == [entries, entries]
    shown = [repr(journal), repr(entries), str(entries[0]), repr(journal[:]), repr(list(journal))]
    assert not any(SECRET in text for text in [*shown, pickle.dumps(journal).decode("latin-1")])


def numbered(*numbers: int) -> list[Record]:
    return [Record(Request("GET", f"/{number}".encode()), None, 404, None, None, "contract") for number in numbers]


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
    entry = journal_of(Record(Request("POST", b"/", body=b"x" * size), None, 404, None, None, "contract"))[0]
    assert (entry.body, entry.body_size) == (body, size)


def test_large_bodies_take_no_memory() -> None:
    journal = Journal(REDACTION)
    tracemalloc.start()
    for _ in range(20):
        journal.record(Record(Request("POST", b"/", body=bytes(1_000_000)), None, 404, None, None, "contract"))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 2_000_000
    assert len(journal) == 20


def test_body_that_is_not_text_is_readable() -> None:
    assert (
        journal_of(Record(Request("POST", b"/", body=b"a\xff"), None, 404, None, None, "contract"))[0].body == "a\ufffd"
    )


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (
            Record(Request("GET", b"/runs", b"a=1"), "GET /runs", 200, None, None, "contract"),
            "GET /runs?a=1 200 GET /runs",
        ),
        (Record(Request("GET", b"/x"), None, 404, "no path", "a note", "contract"), "GET /x 404 -: no path: a note"),
        (Record(Request("GET", b"/\x1b[31m\n"), None, 404, None, None, "contract"), "GET /\\x1b[31m\\n 404 -"),
    ],
)
def test_entry_as_text_is_one_line(record: Record, line: str) -> None:
    assert str(journal_of(record)[0]) == line
