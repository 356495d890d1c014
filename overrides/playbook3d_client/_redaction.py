"""Redacts what leaves the client beside its own texts: requests, responses, chained errors, local variables.

Error reporters and debuggers show all of them.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from copy import copy
from functools import wraps
from traceback import clear_frames, walk_tb
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Set

    import httpx

F = TypeVar("F", bound="Callable[..., Any]")

MASK = "***"

# What carries a request: local variables of these hold the headers, and the bytes that were received.
_CARRIERS = frozenset(
    {
        "anyio",
        "asyncio",
        "h11",
        "h2",
        "hpack",
        "httpcore",
        "httpcore2",
        "httpx",
        "httpx2",
        "ssl",
        __name__.partition(".")[0],
    }
)


def number_or_type(value: object) -> str:
    """For messages, an option that must be a number: of another value, which may be a credential, the type alone."""
    return repr(value) if isinstance(value, int | float) else type(value).__name__


def clear_locals_on_error(function: F) -> F:
    """For functions that take credentials: when one raises, the local variables of its frames are cleared."""

    @wraps(function)
    def clearing(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except BaseException as raised:
            error: BaseException | None = raised
            while error is not None:
                clear_frames(error.__traceback__)
                error = error.__cause__
            raise
        finally:
            del args, kwargs

    return cast("F", clearing)


class Redaction:
    """Makes redacted copies: of what httpx has of an exchange, and of its errors."""

    __slots__ = ("_copies", "_headers", "_mask")

    def __init__(self, headers: Set[str], mask: Callable[[str], str]) -> None:
        self._headers = headers | {"authorization", "proxy-authorization"}  # names, in lower case
        self._mask = mask
        self._copies: list[tuple[httpx.Request, httpx.Request]] = []

    def request(self, request: httpx.Request) -> httpx.Request:
        """A copy without the values of the credentials' headers, the same each time; it shares the content."""
        for original, twin in self._copies:
            if request is original or request is twin:
                return twin
        twin = copy(request)
        twin.stream, twin.extensions = request.stream, request.extensions
        twin.headers = type(request.headers)(
            [(name, self._field_value(name, value)) for name, value in request.headers.raw]
        )
        url = str(request.url)
        if (masked := self._mask(url)) != url:
            url_type = type(request.url)
            twin.url = url_type(f"{request.url.scheme}://{MASK}")
            with suppress(Exception):  # it is no URL any more: a credential was next to the port
                twin.url = url_type(masked)
        self._copies.append((request, twin))
        return twin

    def _field_value(self, name: bytes, value: bytes) -> bytes:
        return MASK.encode() if name.decode("latin-1").lower() in self._headers else self._bytes(value)

    def _bytes(self, value: bytes) -> bytes:
        return self._mask(value.decode("latin-1")).encode("latin-1")

    def response(self, response: httpx.Response) -> httpx.Response:
        """A copy with redacted requests; it shares the headers and the content.

        The reason phrase, which the repr of a response shows, is redacted in both.
        """
        if phrase := response.extensions.get("reason_phrase"):
            response.extensions["reason_phrase"] = self._bytes(phrase)
        twin = copy(response)
        twin.extensions = response.extensions
        with suppress(RuntimeError):  # it was not sent
            twin.elapsed = response.elapsed  # httpx2 has it with the stream, which no copy has
        twin.request = self.request(response.request)
        if response.next_request is not None:  # of a redirect that was not followed
            twin.next_request = self.request(response.next_request)
        return twin

    def cause(self, error: Exception) -> Exception:
        """``error``, to be chained to an error of ours.

        If it, or an error that it is chained to, shows a credential, the result is a copy with redacted text and
        without chain. The local variables of httpx and what is below it are cleared, those of a transport or hook of
        the user's are not.
        """
        chain = list(_chain(error))
        result = error
        if any(self._mask(text) != text for each in chain for text in _texts(each)):
            chain = [result := self._copy_of_error(error)]
        for each in chain:
            for frame, _ in walk_tb(each.__traceback__):
                if frame.f_globals.get("__name__", "").partition(".")[0] in _CARRIERS:
                    with suppress(RuntimeError):  # it is still executed
                        frame.clear()
            self._redact_messages(each)
        return result

    def _redact_messages(self, error: BaseException) -> None:
        """Redact the request and the response that an error of httpx has."""
        with suppress(AttributeError, RuntimeError):  # it has none
            httpx_error = cast("httpx.HTTPStatusError", error)
            httpx_error.request = self.request(httpx_error.request)
            httpx_error.response = self.response(httpx_error.response)

    def _copy_of_error(self, error: Exception) -> Exception:
        """An error of the same class, or of the next that takes it, with redacted text and attributes."""
        text = self._mask(str(error))
        attributes = {name: self._value(value) for name, value in vars(error).items() if name != "__notes__"}
        classes: list[type[Exception]] = [each for each in type(error).__mro__ if issubclass(each, Exception)]
        for error_class in classes:
            for args in (tuple(map(self._value, error.args)), (text,)):
                with suppress(Exception):  # a class with a constructor of its own
                    twin = error_class.__new__(error_class)
                    twin.args = args
                    vars(twin).update(attributes)
                    for note in getattr(error, "__notes__", ()):
                        twin.add_note(self._mask(note))
                    if str(twin) == text:
                        return twin
        return Exception(text)

    def _value(self, value: Any) -> Any:
        text = _text_of(value)
        masked = self._mask(text)
        return value if masked == text else masked


def _chain(error: Exception) -> Iterator[BaseException]:
    """``error`` and what it is chained to, but for an error that the user's code is handling."""
    seen: list[BaseException | None] = [sys.exception()]
    pending: list[BaseException | None] = [error]
    for each in pending:
        if each is not None and not any(each is other for other in seen):
            seen.append(each)
            yield each
            pending += [each.__cause__, each.__context__]
            if isinstance(each, BaseExceptionGroup):
                pending += cast("BaseExceptionGroup[BaseException]", each).exceptions


def _texts(error: BaseException) -> Iterator[str]:
    yield str(error)
    yield repr(error)
    yield from map(str, getattr(error, "__notes__", ()))
    yield from map(_text_of, vars(error).values())


def _text_of(value: object) -> str:
    """How a reporter shows it; requests and responses, which are redacted on their own, have none."""
    if isinstance(value, str):
        return value
    with suppress(Exception):  # a repr of the user's
        is_message = hasattr(value, "headers") and hasattr(value, "extensions")
        return "" if is_message else repr(value)
    return ""
