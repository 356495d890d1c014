"""Finds a secret, or a good part of one, in what a run has printed or written, in any encoding."""

import base64
import html
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import unquote

# Escapes can be nested, as JSON in JSON is. Deeper ones are hidden on purpose.
_MAX_LEVELS = 6
# Any sixteen characters of a secret contain one of its windows: reports truncate long values.
_WINDOW, _STEP = 12, 4

_UNICODE_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}+")  # possessive: half of the time
_NOT_ALPHANUMERIC = bytes(set(range(128)) - set(b"0123456789abcdefghijklmnopqrstuvwxyz"))


def contains_secret(text: str, secrets: Collection[str]) -> bool:
    """Whether a text contains one of the secrets: whole or truncated, escaped, encoded, or wrapped."""
    windows = {window for secret in secrets for spelling in _spellings(secret) for window in _windows(spelling)}
    for level, decoded in enumerate(_decoded_levels(text)):
        if level > _MAX_LEVELS or any(window in decoded for window in windows):
            return True
    return False


def files_with_secrets(folder: Path, secrets: Collection[str]) -> list[str]:
    """The files in a folder that contain a secret, or have one in their name."""
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and contains_secret(f"{path.name}\n{path.read_bytes().decode('utf-8', errors='replace')}", secrets)
    ]


def _alphanumeric(text: str) -> str:
    """Letters and digits in lower case: what is left of a text however it was quoted or wrapped."""
    return text.lower().encode("ascii", "ignore").translate(None, _NOT_ALPHANUMERIC).decode()


def _decoded_levels(text: str) -> Iterator[str]:
    """The text with its base64 decoded; then again with its escapes decoded, level by level."""
    text = " ".join((text, *map(_from_base64, _BASE64.findall(text))))
    for _ in range(_MAX_LEVELS + 1):
        yield " ".join(map(_alphanumeric, (text, *map(_from_base64, _BASE64.findall(text)))))
        decoded = html.unescape(unquote(text))
        decoded = _UNICODE_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), decoded)
        decoded = re.sub(r"\\[nrt]", " ", decoded).replace("\\\\", "\\")
        if decoded == text:
            return
        text = decoded
    yield ""  # there are more levels


def _from_base64(text: str) -> str:
    standard = text.replace("-", "+").replace("_", "/")
    return base64.b64decode(standard[: len(standard) // 4 * 4]).decode("utf-8", errors="replace")


def _spellings(secret: str) -> Iterator[str]:
    """A secret in the encodings that are searched; a JWT without its header, which is no secret."""
    secret = secret.partition(".")[2] if secret.count(".") == 2 else secret
    yield _alphanumeric(secret)
    yield secret.encode().hex()
    # A text has three spellings in base64, by its offset; their ends depend on the bytes around it.
    for offset in range(3):
        encoded = base64.b64encode(b" " * offset + secret.encode()).decode().rstrip("=")
        yield _alphanumeric(encoded[(offset * 8 + 5) // 6 : -1])


def _windows(spelling: str) -> Iterator[str]:
    if len(spelling) <= _WINDOW:
        yield spelling
    for start in range(0, len(spelling) - _WINDOW + 1, _STEP):
        yield spelling[start : start + _WINDOW]
