"""The journal: the last requests, and what came of them.

Requests are kept as they are, and redacted when somebody reads them, so that recording costs a microsecond.
"""

from __future__ import annotations

import marshal
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from playbook3d_mock._redaction import mask, printable
from playbook3d_mock._request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playbook3d_mock._operations import Operation
    from playbook3d_mock._redaction import Redaction

MAX_ENTRIES = 1000
#: The bytes of the longest request body that is kept.
MAX_BODY = 16384
_MAX_PACKED = 32768

_SHOWN_ENTRIES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """A request, and what came of it. Credentials are redacted: those that the mock accepts, and the first 50 in it.

    If a request without its large body has more than 32 KiB, its method, path, query and headers are empty.

    Attributes:
        operation: The operation that responded: its operationId, else "POST /path"; ``None`` if there was none.
        method: The method.
        path: The path before percent-decoding.
        query: The query before percent-decoding, without the ``?``.
        headers: Pairs of name, in lower case, and value.
        body: The content as text; ``None`` if it was larger than 16 KiB, or the request than 32 KiB.
        body_size: The bytes of the content.
        status: The status of the response.
        reply: Who decided the response: "contract", "script", "preference", or "CORS" for a preflight.
        problem: Why the request was rejected, ``None`` if it was valid.
        note: What the mock ignored.
        fault: What went wrong with the response, because a script or a preference asked for it.
    """

    operation: str | None
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    body_size: int
    status: int
    reply: str
    problem: str | None
    note: str | None
    fault: str | None

    def __str__(self) -> str:
        target = f"{self.path}?{self.query}" if self.query else self.path
        reasons = [f"by {self.reply}" if self.reply != "contract" else "", self.fault, self.problem, self.note]
        line = ": ".join(filter(None, [f"{self.method} {target} {self.status} {self.operation or '-'}", *reasons]))
        return printable(line)


class _Record(NamedTuple):
    """A request as it is kept: with its credentials, and packed.

    Attributes:
        request: The fields of the request, packed: thirty objects that stay for a thousand requests slow down the rest.
        body_size: The bytes of its content.
        operation: The operation that responded, ``None`` if there was none.
        status: The status of the response.
        reply: Who decided the response, as in ``JournalEntry``, like the others.
        problem: Why the request was rejected.
        note: What the mock ignored.
        fault: What went wrong with the response.
    """

    request: bytes
    body_size: int
    operation: Operation | None
    status: int
    reply: str
    problem: str | None
    note: str | None
    fault: str | None


class Journal(Sequence[JournalEntry]):
    """The last 1,000 requests, the latest last, as ``JournalEntry``; requests to control paths are not recorded.

    Pickled, it is a tuple of its entries. Threads can share it.

    Attributes:
        redaction: The credentials to redact.
        listener: Gets each entry, in the thread that serves the request; it must not raise.
    """

    def __init__(self, redaction: Redaction) -> None:
        self._records: deque[_Record] = deque(maxlen=MAX_ENTRIES)
        self.redaction = redaction
        self.listener: Callable[[JournalEntry], None] | None = None

    def __repr__(self) -> str:
        return f"<Journal of {len(self)} requests>"

    def __reduce__(self) -> tuple[type[tuple[JournalEntry, ...]], tuple[tuple[JournalEntry, ...]]]:
        return tuple, (tuple(self),)

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[JournalEntry]:
        yield from self[:]

    @overload
    def __getitem__(self, index: int) -> JournalEntry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[JournalEntry]: ...
    def __getitem__(self, index: int | slice) -> JournalEntry | Sequence[JournalEntry]:
        records = list(self._records.copy())  # in one step: other threads go on
        if isinstance(index, slice):
            return tuple(map(self._entry, records[index]))
        return self._entry(records[index])

    def clear(self, operation: str | None = None) -> None:
        """Forget the requests to an operation, by default all."""
        for record in self._records_of(operation):
            with suppress(ValueError):  # another thread was faster
                self._records.remove(record)

    def calls(self, operation: str) -> tuple[JournalEntry, ...]:
        """The requests to an operation."""
        return tuple(map(self._entry, self._records_of(operation)))

    def _records_of(self, operation: str | None) -> list[_Record]:
        records = self._records.copy()  # in one step: other threads go on
        labelled = ((record.operation.label if record.operation else None, record) for record in records)
        return [record for label, record in labelled if operation in (None, label)]

    def assert_called(self, operation: str, times: Any) -> tuple[JournalEntry, ...]:
        """The requests to an operation; ``AssertionError`` unless there are so many, with ``None`` at least one."""
        __tracebackhide__ = True
        if times is not None and (not isinstance(times, int) or isinstance(times, bool)):
            raise TypeError(f"times must be a number, or None, not {times!r}")
        calls = self.calls(operation)
        if calls if times is None else len(calls) == times:
            return calls
        expected = "at least once" if times is None else _count(times)
        if len(self) == MAX_ENTRIES:
            expected += f"; only the last {MAX_ENTRIES:,} requests are kept"
        lines = "".join(f"\n  {entry}" for entry in self[-_SHOWN_ENTRIES:])
        requests = f"The last requests, the latest last:{lines}" if lines else "There was no request."
        raise AssertionError(f"{operation} was called {_count(len(calls))}, expected {expected}. {requests}")

    def record(
        self,
        request: Request,
        operation: Operation | None,
        status: int,
        reply: str,
        problem: str | None = None,
        note: str | None = None,
        fault: str | None = None,
    ) -> None:
        """Add a request; the arguments are the attributes of an entry."""
        size = len(request.body)
        body = request.body if size <= MAX_BODY else b""
        packed = marshal.dumps((str(request.method), request.raw_path, request.query, request.headers, body))
        if len(packed) > _MAX_PACKED:
            packed = marshal.dumps(("", b"", b"", (), b""))  # not a part: it may be masked by what the rest holds
        record = _Record(packed, size, operation, status, reply, problem, note, fault)
        self._records.append(record)
        if self.listener:
            self.listener(self._entry(record))

    def _entry(self, record: _Record) -> JournalEntry:
        request = Request(*marshal.loads(record.request))  # noqa: S302 - packed by record()
        secrets, is_whole = self.redaction.secrets(request), len(request.body) == record.body_size

        def redact(text: str | None) -> str | None:
            return None if text is None else mask(text, secrets)

        return JournalEntry(
            operation=record.operation.label if record.operation else None,
            method=mask(request.method, secrets),
            path=mask(request.raw_path.decode("latin-1"), secrets),
            query=self.redaction.query(request, secrets),
            headers=self.redaction.headers(request, secrets),
            body=mask(request.body.decode("utf-8", "replace"), secrets) if is_whole else None,
            body_size=record.body_size,
            status=record.status,
            reply=record.reply,
            problem=redact(record.problem),
            note=redact(record.note),
            fault=record.fault,
        )


def _count(times: int) -> str:
    return {0: "never", 1: "once"}.get(times, f"{times} times")
