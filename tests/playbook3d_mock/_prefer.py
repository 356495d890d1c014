"""The preference `code` of the header field Prefer, by which a client asks for a status (RFC 7240)."""

from __future__ import annotations

import re

# Quoted strings are single pieces; one that is not closed runs to the end.
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*+"?|[,;]|[^",;]+', re.DOTALL)


def preferred_code(field: bytes) -> str | None:
    """The value of `code` in a field value, None where it is not there; of several the first (§2)."""
    text = field.decode("latin-1")
    preference, parameters = "", False
    for piece in [*_PIECE.findall(text), ","]:
        if piece == ",":
            name, _, value = preference.partition("=")
            # §2: names are case-insensitive, and an empty value is none.
            if name.strip(" \t").lower() == "code" and (code := value.strip(' \t"')):
                return code
            preference, parameters = "", False
        elif piece == ";":
            parameters = True
        elif not parameters:
            preference += piece
    return None
