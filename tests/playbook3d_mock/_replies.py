"""Replies: what a valid request gets instead of the response that the contract gives it, and scripts of them."""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from playbook3d_mock._faults import FAULTS
from playbook3d_mock._request import is_token
from playbook3d_mock._responses import WITHOUT_CONTENT

if TYPE_CHECKING:
    from types import EllipsisType

    from playbook3d_mock._request import Request

#: The longest delay, in seconds: a longer one is a mistake.
MAX_SECONDS = 300.0
_FIELD_VALUE = re.compile("(?:[!-~](?:[ -~\t]*[!-~])?)?")
# The mock frames content itself; a wrong frame is a fault.
_FRAMING = ("content-length", "transfer-encoding", "connection", "keep-alive", "trailer", "upgrade")


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """What a valid request gets instead of the response that the contract gives it.

    Attributes:
        status: The status, documented or not; ``None`` for that of the contract.
        body: Text, bytes, or a value to send as JSON. By default (``...``) what the contract documents for the status;
            for an undocumented one, its error shape.
        headers: Headers to send beside those of the contract, or instead of them.
        example: The name of the example in the contract that is the body.
        dynamic: Whether the body is drawn at random from its schema; ``None`` if the seed of the mock says so.
        delay: The seconds to wait before the response.
        drip: The seconds over which the body is sent, in ten pieces.
        fault: What goes wrong with the response, such as ``"reset"``; the page of the mock has all.
        content: The media type and the content of a body of its own, ``None`` if it has none.

    Raises:
        TypeError: A value has the wrong type, or cannot be sent as JSON.
        ValueError: HTTP does not allow it, the fault is unknown, or the time is out of range.
    """

    status: int | None = None
    body: object = field(default=..., repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, kw_only=True)
    example: str | None = field(default=None, kw_only=True)
    dynamic: bool | None = field(default=None, kw_only=True)
    delay: float = field(default=0.0, kw_only=True)
    drip: float = field(default=0.0, kw_only=True)
    fault: str | None = field(default=None, kw_only=True)
    content: tuple[str, bytes] | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        status: Any = self.status
        if status is not None and (not isinstance(status, int) or isinstance(status, bool)):
            raise TypeError(f"status must be a whole number, not {status!r}")
        if status is not None and not 200 <= status <= 599:
            raise ValueError(f"{status} is not a final status: use 200 to 599")
        for name, kind in (("example", str), ("dynamic", bool)):
            if not isinstance(value := getattr(self, name), kind | None):
                raise TypeError(f"{name} must be of type {kind.__name__}, not {value!r}")
        for name in ("delay", "drip"):
            try:
                check_seconds(getattr(self, name))
            except (TypeError, ValueError) as error:
                raise type(error)(f"{name} {error}") from None
        # Copies: what the caller changes later is not sent.
        object.__setattr__(self, "headers", _checked_headers(self.headers))
        object.__setattr__(self, "content", None if self.body is ... else _content(self.body))
        if self.fault is not None and self.fault not in FAULTS:
            raise ValueError(f"the fault {self.fault!r} is unknown; known are {', '.join(FAULTS)}")
        if (self.content is not None) + (self.example is not None) + bool(self.dynamic) > 1:
            raise ValueError("a reply has a body of its own, an example, or a dynamic body: choose one")
        if self.content and self.content[1] and status in WITHOUT_CONTENT:
            raise ValueError(f"a response {status} has no content (RFC 9110 §15)")


def check_seconds(value: Any) -> None:
    """Raise ``TypeError`` or ``ValueError`` unless a value is a time that the mock can wait."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"must be a number of seconds, not {value!r}")
    if not 0 <= value <= MAX_SECONDS:
        raise ValueError(f"must be between 0 and {MAX_SECONDS:g} seconds")


def _content(body: object) -> tuple[str, bytes]:
    """The media type and the content of a body; raises ``TypeError``."""
    if isinstance(body, bytes):
        return "application/octet-stream", body
    try:
        if isinstance(body, str):
            return "text/plain; charset=utf-8", body.encode("utf-8")
        text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return "application/json", text.encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"the body is neither text nor bytes, and cannot be sent as JSON: {error}") from error


def _checked_headers(headers: Any) -> dict[str, str]:
    items: list[tuple[Any, Any]] = [*headers.items()] if isinstance(headers, Mapping) else [(None, None)]
    for name, value in items:
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError("headers must be a mapping of names to texts")
        if not is_token(name):
            raise ValueError(f"{name!r} is not a name that a header can have (RFC 9110 §5.6.2)")
        if name.lower() in _FRAMING:
            raise ValueError(f"the mock writes the header {name!r} itself: for a wrong one, use a fault")
        if not _FIELD_VALUE.fullmatch(value):
            raise ValueError(f"the header {name!r} must be visible ASCII characters, with spaces and tabs between")
    return dict(items)


#: A function that gets the request, and returns a reply, its status, or ``None`` for what the contract says.
Responder: TypeAlias = "Callable[[Request], Reply | int | None]"


class Script:
    """The replies that valid requests for an operation get, in their order; after them the contract's own again."""

    def __init__(self, operation: str) -> None:
        self._operation = operation
        self._lock = threading.Lock()
        self._queue: deque[tuple[Reply | Responder, int | None]] = deque()

    def __repr__(self) -> str:
        return f"<Script of {self._operation}: {len(self._queue)} replies>"

    def reply(
        self,
        status: int | Reply | Responder | None = None,
        body: object = ...,
        *,
        times: int | EllipsisType | None = ...,
        headers: Mapping[str, str] | None = None,
        example: str | None = None,
        dynamic: bool | None = None,
        delay: float = 0.0,
        drip: float = 0.0,
        fault: str | None = None,
    ) -> Self:
        """Add a reply.

        Args:
            status: The status, documented or not; ``None`` for that of the contract. Or a ``Reply``, or a function that
                gets the ``Request`` and returns a ``Reply``, a status, or ``None`` for what the contract says. Over a
                socket other requests wait until it returns.
            body: Text, bytes, or a value to send as JSON; by default what the contract documents for the status.
            times: How many requests get it, ``None`` for all that follow; by default one, of a function all.
            headers: See ``Reply``, as for the others.
            example: The name of the example that is the body.
            dynamic: Whether the body is drawn at random from its schema; by default as the seed of the mock says.
            delay: The seconds to wait before the response.
            drip: The seconds over which the body is sent.
            fault: What goes wrong with the response.

        Returns:
            The script, for further replies.

        Raises:
            TypeError: A value has the wrong type, or cannot be sent as JSON.
            ValueError: HTTP does not allow it, or a value is out of range.
        """
        reply: Reply | Responder
        options = {"example": example, "dynamic": dynamic, "delay": delay, "drip": drip, "fault": fault}
        if isinstance(status, Reply) or callable(status):
            if body is not ... or headers or any(options.values()):
                raise TypeError("a Reply or a function decides all of the response: give nothing else but times")
            reply = status
        else:
            reply = Reply(
                status, body, headers=headers or {}, example=example, dynamic=dynamic,
                delay=delay, drip=drip, fault=fault,
            )  # fmt: skip
        count: Any = (1 if isinstance(reply, Reply) else None) if times is ... else times
        if count is not None and (not isinstance(count, int) or isinstance(count, bool)):
            raise TypeError(f"times must be a number, or None, not {count!r}")
        if count is not None and count < 1:
            raise ValueError(f"times must be at least 1, not {count}")
        with self._lock:
            if self._queue and self._queue[-1][1] is None:
                raise ValueError("the reply before has no end: this one would never be sent")
            self._queue.append((reply, count))
        return self

    def clear(self) -> None:
        """Remove all replies."""
        with self._lock:
            self._queue.clear()

    @property
    def replies(self) -> list[tuple[Reply | Responder, int | None]]:
        """The replies that are left, each with how many requests get it."""
        with self._lock:
            return [*self._queue]

    def next(self, request: Request) -> Reply | None:
        """The reply for a request, ``None`` for what the contract says; raises what a function raises."""
        with self._lock:
            if not self._queue:
                return None
            reply, count = self._queue[0]
            if count == 1:
                self._queue.popleft()
            elif count is not None:
                self._queue[0] = reply, count - 1
        if isinstance(reply, Reply):
            return reply
        made: Any = reply(request)
        if made is None or isinstance(made, Reply):
            return made
        if isinstance(made, int):
            return Reply(made)
        raise TypeError(f"the reply to {self._operation} must be a Reply, a status or None, not {type(made).__name__}")
