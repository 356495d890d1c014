"""Redaction: credentials are masked in texts about requests, however they are encoded."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from playbook3d_mock._request import Request
    from playbook3d_mock._security import Scheme

MASK = "***"
#: A shorter value is masked only where it is a credential: it would be found in every text ("key", "t").
MIN_SECRET_LENGTH = 8

# They hold credentials, whatever the contract declares.
_CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})
_NOT_PRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ENCODED = re.compile(r'%([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\(["/\\])')
# Of JSON in a URL in JSON, for example.
_MAX_ENCODINGS = 4
# Each is searched in all texts of the request: thousands would take seconds.
_MAX_CARRIED = 50
# A text with more secrets is masked as a whole.
_MAX_SPANS = 5_000


class Redaction:
    """The credentials to mask. It only grows, since the journal has requests to earlier contracts.

    Args:
        schemes: The security schemes of the contract.
        accepted: The credentials that the mock accepts, by the name of the scheme.
    """

    def __init__(self, schemes: Iterable[Scheme], accepted: Mapping[str, str]) -> None:
        self._accepted: frozenset[str] = frozenset()
        self._headers = _CREDENTIAL_HEADERS
        self._parameters: frozenset[str] = frozenset()
        self.add(schemes, accepted)

    def __repr__(self) -> str:
        return "Redaction()"

    def add(self, schemes: Iterable[Scheme], accepted: Mapping[str, str]) -> None:
        """Mask these, too."""
        for scheme in schemes:
            if scheme.location == "header":
                self._headers |= {scheme.parameter.lower()}
            elif scheme.location == "query":
                self._parameters |= {scheme.parameter}
        self._accepted |= {form for value in accepted.values() for form in _forms(value)}

    def secrets(self, request: Request) -> frozenset[str]:
        """The credentials to mask in texts about a request: the accepted ones, and the first that it carries."""
        carried = {form for value in islice(self._carried(request), _MAX_CARRIED) for form in _forms(value)}
        return self._accepted | frozenset(carried)

    def _carried(self, request: Request) -> Iterator[str]:
        yield from (value for name, value in request.pairs("query") if name in self._parameters)
        for name, value in request.headers:
            if name != b"cookie" and name.decode("latin-1").lower() in self._headers:
                text = value.decode("latin-1").strip()
                yield from (text, *text.split())
        yield from (value or name for name, value in request.pairs("cookie"))

    def headers(self, request: Request, secrets: frozenset[str]) -> tuple[tuple[str, str], ...]:
        """The headers of a request; those that hold credentials have no value."""
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers]
        return tuple(
            (mask(name, secrets), MASK if name.lower() in self._headers else mask(value, secrets))
            for name, value in pairs
        )

    def query(self, request: Request, secrets: frozenset[str]) -> str:
        """The query of a request; parameters that hold credentials have no value."""
        pairs = [pair.partition("=") for pair in request.query.decode("latin-1").split("&")]
        return "&".join(
            f"{name}={MASK}"
            if equals and unquote(name.replace("+", " ")) in self._parameters
            else mask(f"{name}{equals}{value}", secrets)
            for name, equals, value in pairs
        )


def mask(text: str, secrets: Iterable[str]) -> str:
    """A text with its secrets masked: in any case, as they are, percent-encoded, or escaped as in JSON."""
    secrets = {_fold(secret) for secret in secrets if len(secret) >= MIN_SECRET_LENGTH}
    spans: list[tuple[int, int]] = []
    for decoded in _decodings(text):
        folded = _fold(decoded.text)
        for secret in secrets:
            start = folded.find(secret)
            while start >= 0:
                spans.append((decoded.position(start), decoded.position(start + len(secret))))
                start = folded.find(secret, start + 1)
                if len(spans) > _MAX_SPANS:
                    return MASK
    masked: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if start >= end:
            masked += [text[end:start], MASK]
        end = max(end, stop)
    return "".join([*masked, text[end:]])


def _fold(text: str) -> str:
    """A text in lower case, of the same length: only this letter would become two."""
    return text.replace("\u0130", "i").lower()


def printable(text: str) -> str:
    """A text in one line, with control characters escaped."""
    return _NOT_PRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


class _Decoded(NamedTuple):
    """A decoded text.

    Attributes:
        text: The text.
        positions: The position of each character in the original, and the length of that; ``None`` if it is the
            original.
    """

    text: str
    positions: list[int] | None

    def position(self, index: int) -> int:
        """The position in the original."""
        return index if self.positions is None else self.positions[index]


def _decodings(text: str) -> Iterator[_Decoded]:
    """The text, and what decoding it makes of it, again and again."""
    decoded = _Decoded(text, None)
    yield decoded
    for _ in range(_MAX_ENCODINGS):
        if not _ENCODED.search(decoded.text):
            return
        yield (decoded := _decode(decoded))


def _decode(encoded: _Decoded) -> _Decoded:
    parts: list[str] = []
    positions: list[int] = []
    end = 0
    for match in _ENCODED.finditer(encoded.text):
        parts += [encoded.text[end : match.start()], match[3] or chr(int(match[1] or match[2], 16))]
        positions += range(end, match.start() + 1)
        end = match.end()
    parts.append(encoded.text[end:])
    positions += range(end, len(encoded.text) + 1)
    return _Decoded("".join(parts), [encoded.position(index) for index in positions])


def _forms(credential: str) -> Iterator[str]:
    """A credential in the forms in which it occurs in texts, and the secret parts of user and password."""
    decoded = unquote(credential, "latin-1")
    candidates = [credential, decoded]
    with suppress(binascii.Error, ValueError):
        candidates.append(b64decode(credential, validate=True).decode("utf-8"))
    for text in candidates:
        user, colon, password = text.partition(":")
        if colon and password:
            yield password
            yield b64encode(f"{user}:{password}".encode()).decode("ascii").rstrip("=")
        yield text
        yield text.replace(" ", "+")  # in a form
        # Headers and URLs are read as latin-1, bodies as UTF-8.
        yield text.encode("utf-8").decode("latin-1")
        with suppress(UnicodeError):
            yield text.encode("latin-1").decode("utf-8")
