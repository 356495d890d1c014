"""Whether a secret stands in what a run has printed or written, in whatever spelling."""

import base64
import html
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import unquote


def leaks(text: str, secrets: Collection[str]) -> bool:
    """Whether a text has one of the secrets: as it is, escaped as in JSON, HTML or a URL, in base64, or wrapped."""
    return any(secret in reading for reading in _readings(text) for one in secrets for secret in _spellings(one))


def _readings(text: str) -> Iterator[str]:
    """The text without spaces and in lower case: as it is, and with its escapes taken for what they stand for."""
    seen: set[str] = set()
    while text not in seen:  # escapes may stand within escapes, as JSON does within JSON
        seen.add(text)
        yield re.sub(r"[\s│|]", "", text).lower()
        text = _UNICODE.sub(lambda match: chr(int(match[1], 16)), html.unescape(unquote(text)).replace("\\\\", "\\"))


_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")


def _spellings(secret: str) -> Iterator[str]:
    yield secret.lower()
    # In base64 a text has three spellings, by where it stands among the bytes; their ends depend on its neighbours.
    for offset in range(3):
        coded = base64.b64encode(b" " * offset + secret.encode()).decode().rstrip("=")
        yield coded[(offset * 8 + 5) // 6 : -1].lower()


def remove_leaking(folder: Path, secrets: Collection[str]) -> list[str]:
    """Remove each file under a folder that has a secret in it, or in its name; tells which they were."""
    leaking = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and (leaks(path.read_bytes().decode("utf-8", errors="replace"), secrets) or leaks(path.name, secrets))
    ]
    for path in leaking:
        path.unlink()
    return [str(path.relative_to(folder)) for path in leaking]
