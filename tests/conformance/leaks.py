"""Whether a secret, or a good part of one, stands in what a run has printed or written, in whatever spelling."""

import base64
import html
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import unquote

# Escapes may stand within escapes, as JSON does within JSON. What goes deeper is hidden on purpose.
_LEVELS = 6
# Any sixteen characters of a secret have one of its windows in them: reports cut what is long.
_WINDOW, _STEP = 12, 4

_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}+")  # possessive: half of the time
_OTHERS = bytes(set(range(128)) - set(b"0123456789abcdefghijklmnopqrstuvwxyz"))


def leaks(text: str, secrets: Collection[str]) -> bool:
    """Whether a text has one of the secrets in it: whole or cut, escaped, coded, or wrapped."""
    windows = {window for secret in secrets for spelling in _spellings(secret) for window in _windows(spelling)}
    for level, reading in enumerate(_readings(text)):
        if level > _LEVELS or any(window in reading for window in windows):
            return True
    return False


def _plain(text: str) -> str:
    """Letters and digits: what is left of a text however it was quoted, wrapped or put in capitals."""
    return text.lower().encode("ascii", "ignore").translate(None, _OTHERS).decode()


def _readings(text: str) -> Iterator[str]:
    """The text with what it holds in base64; and again with its escapes undone, level by level."""
    text = " ".join((text, *map(_decoded, _BASE64.findall(text))))
    for _ in range(_LEVELS + 1):
        yield " ".join(map(_plain, (text, *map(_decoded, _BASE64.findall(text)))))
        read = html.unescape(unquote(text))
        read = _UNICODE.sub(lambda match: chr(int(match[1] or match[2], 16)), read)
        read = re.sub(r"\\[nrt]", " ", read).replace("\\\\", "\\")
        if read == text:
            return
        text = read
    yield ""  # it would go on


def _decoded(text: str) -> str:
    whole = text.replace("-", "+").replace("_", "/")
    return base64.b64decode(whole[: len(whole) // 4 * 4]).decode("utf-8", errors="replace")


def _spellings(secret: str) -> Iterator[str]:
    """A secret as it can stand in a text; of a JWT without its header, which is everybody's."""
    secret = secret.partition(".")[2] if secret.count(".") == 2 else secret
    yield _plain(secret)
    yield secret.encode().hex()
    # In base64 a text has three spellings, by where it stands among the bytes; their ends depend on its neighbours.
    for offset in range(3):
        coded = base64.b64encode(b" " * offset + secret.encode()).decode().rstrip("=")
        yield _plain(coded[(offset * 8 + 5) // 6 : -1])


def _windows(spelling: str) -> Iterator[str]:
    if len(spelling) <= _WINDOW:
        yield spelling
    for start in range(0, len(spelling) - _WINDOW + 1, _STEP):
        yield spelling[start : start + _WINDOW]


def leaking(folder: Path, secrets: Collection[str]) -> list[str]:
    """The files under a folder that have a secret in them, or in their names."""
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and (leaks(path.read_bytes().decode("utf-8", errors="replace"), secrets) or leaks(path.name, secrets))
    ]
