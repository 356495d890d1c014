"""Strings that match a regular expression, plain or random ones: expressions of the common, regular kind.

The caller validates the string: what is not understood here (look-ahead, back-references, Unicode classes) gives
``None``, or a string that does not match.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_CLASSES = {"d": "0123456789", "w": "abcdefghijklmnopqrstuvwxyz0123456789_", "s": " ", "D": "x", "W": "-", "S": "x"}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_QUANTIFIER = re.compile(r"([*+?])|\{([0-9]+)(,([0-9]*))?\}")
_PREFERRED = "xabcdefghijklmnopqrstuvwyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_ ./"
_MAX_LENGTH = 10_000
# How often random strings repeat what an expression may repeat without end, beyond what it must.
_MAX_REPEATS = 6


def find_match(pattern: str, min_length: int = 0, variant: int = 0, random: Random | None = None) -> str | None:
    """A string that should match, of at least this length if the pattern allows it; ``None`` if none was found.

    It is a plain one, another for each variant, or a random one.
    """
    extra = 0
    while extra <= min(min_length, _MAX_LENGTH):
        try:
            parser = _Parser(pattern, extra, variant, random)
            text = parser.alternatives()
        except (ValueError, IndexError):
            return None
        if parser.position < len(pattern):
            return None
        missing = min_length - len(text)
        if missing <= 0 or not parser.unbounded:
            return text
        # Plain strings are as short as they can be.
        extra += max(missing // parser.unbounded, 1) if random else 1
    return None


@dataclass(slots=True)
class _Parser:
    pattern: str
    extra: int
    variant: int
    random: Random | None
    position: int = 0
    unbounded: int = 0

    def alternatives(self) -> str:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return self.random.choice(options) if self.random else options[0]

    def _sequence(self) -> str:
        text = ""
        while self.position < len(self.pattern) and self.pattern[self.position] not in "|)":
            atom = self._atom()
            count = self._count()
            if self.random and len(atom) > 1 and count <= _MAX_LENGTH:
                usual = [character for character in atom if character.isalnum()]
                text += "".join(self.random.choices(usual or atom, k=count))
            else:
                text += "".join(atom[: self.variant + 1][-1:] if len(atom) > 1 else atom) * count
            if len(text) > _MAX_LENGTH:
                raise ValueError(self.pattern)
        return text

    def _count(self) -> int:
        match = _QUANTIFIER.match(self.pattern, self.position)
        if not match:
            return 1
        self.position = match.end()
        self._take("?")  # lazy
        least = int(match[2]) if match[2] else int(match[1] == "+")
        most = int(match[4]) if match[4] else (None if match[1] in ("*", "+") or match[3] else max(least, 1))
        if match[2] and not match[3]:
            most = least
        if most is None or most > least:
            self.unbounded += 1
            extra = self.extra + (self.random.randint(0, _MAX_REPEATS) if self.random else 0)
            return least + extra if most is None else min(least + extra, most)
        return least

    def _atom(self) -> list[str]:
        """The strings that an atom can be, at least one."""
        character = self._next()
        match character:
            case "^" | "$":
                return [""]
            case ".":
                return list(_PREFERRED)
            case "\\":
                return self._escape()
            case "[":
                return self._set()
            case "(":
                if self._take("?") and not self._take(":"):
                    named = re.compile("P?<[A-Za-z_][A-Za-z0-9_]*>").match(self.pattern, self.position)
                    if not named:
                        raise ValueError(self.pattern)
                    self.position = named.end()
                text = self.alternatives()
                if not self._take(")"):
                    raise ValueError(self.pattern)
                return [text]
            case _:
                return [character]

    def _escape(self) -> list[str]:
        character = self._next()
        if character in "bB":
            return [""]
        if character in "ux":
            digits = self.pattern[self.position : self.position + (4 if character == "u" else 2)]
            self.position += len(digits)
            return [chr(int(digits, 16))]
        if character in "pPk" or character.isdigit():
            raise ValueError(self.pattern)
        return list(_CLASSES.get(character, _CONTROLS.get(character, character)))

    def _set(self) -> list[str]:
        negated = self._take("^")
        members: list[str] = []
        while not self._take("]") or not members:
            character = self._next()
            options = self._escape() if character == "\\" else [character]
            rest = self.pattern[self.position : self.position + 2]
            if len(options) == 1 and rest.startswith("-") and rest != "-]":
                self.position += 1
                last = self._next()
                end = ord(self._escape()[0] if last == "\\" else last)
                options = [chr(code) for code in range(ord(options[0]), min(end, ord(options[0]) + 255) + 1)]
            members += options
        if negated:
            return [character for character in _PREFERRED if character not in members]
        return [*(c for c in _PREFERRED if c in members), *(c for c in members if c not in _PREFERRED)]

    def _next(self) -> str:
        character = self.pattern[self.position]
        self.position += 1
        return character

    def _take(self, text: str) -> bool:
        found = self.pattern.startswith(text, self.position)
        self.position += len(text) * found
        return found
