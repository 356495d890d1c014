"""The curl line of each failure, with variables of the environment in place of the credentials.

Schemathesis writes ``[Filtered]`` there. Such a line cannot be pasted, and does not show which credential was wrong.
"""

from __future__ import annotations

import base64
import os
import re
from difflib import SequenceMatcher
from shlex import quote
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote_plus, urlsplit

from schemathesis import Case
from schemathesis.config import SanitizationConfig
from schemathesis.transport.prepare import prepare_request

from playbook3d_conformance.credentials import read_variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playbook3d_conformance.openapi import AnyCase

# User and password (RFC 7617 §2).
_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}")
# Header fields that curl adds by itself, or that only concern the connection.
_NOT_SHOWN = {
    "accept", "accept-encoding", "connection", "content-length", "transfer-encoding", "user-agent",
    "x-schemathesis-testcaseid",
}  # fmt: skip


def as_curl_command(
    case: AnyCase, headers: Mapping[str, Any] | None = None, verify: bool = True, *, base_url: str | None = None
) -> str:
    """The command that sends a case; it replaces ``Case.as_curl_command``, for which Schemathesis has no hook."""
    request = prepare_request(case, headers, config=SanitizationConfig(enabled=False), base_url=base_url)
    secrets = dict(read_variables(case.operation.schema.raw_schema, os.environ).values())
    method = ["--head"] if case.method == "HEAD" else ["-X", case.method]
    words = ["curl", "-i", "-g", "--path-as-is", *method, *([] if verify else ["--insecure"])]
    sent: Mapping[str, str | bytes] = request.headers
    for name, content in sent.items():
        if name.lower() not in _NOT_SHOWN or name in case.headers:
            words += ["-H", shell_word(f"{name}: {_text(content)}" if content else f"{name};", secrets)]
    if request.body:
        words += ["--data-raw", shell_word(_text(request.body), secrets)]
    parts = urlsplit(str(request.url))
    plain: list[str] = []  # of the query, as it was sent
    for pair in filter(None, parts.query.split("&")):
        name, _, value = pair.partition("=")
        word = shell_word(unquote_plus(value), secrets)
        if "$" in word:  # curl encodes what the shell fills in
            words += ["--url-query", f"{quote(unquote_plus(name))}={word}"]
        else:
            plain.append(pair)
    return " ".join([*words, quote(parts._replace(query="&".join(plain)).geturl())])


cast(Any, Case).as_curl_command = as_curl_command


def _from_base64(encoded: str) -> str:
    """The user and the password that a text encodes; nothing if it does not."""
    try:
        pair = base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return ""
    return pair if ":" in pair else ""


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def shell_word(text: str, secrets: Mapping[str, str]) -> str:
    """A text as one word of bash or zsh, in which a secret or a good part of one is ``$NAME`` or ``${NAME:2:10}``.

    Args:
        text: Any text without NUL.
        secrets: Values by the names of the variables that hold them.
    """
    parts = list(_parts(text, secrets))
    if not any(is_variable for is_variable, _ in parts):
        return quote(text)
    if all(is_variable or re.fullmatch(r"[\w :;,./=?&%+-]*", part) for is_variable, part in parts):
        return f'"{"".join(part for _, part in parts)}"'
    return "".join(f'"{part}"' if is_variable else quote(part) for is_variable, part in parts)


def _parts(text: str, secrets: Mapping[str, str]) -> Iterator[tuple[bool, str]]:
    """The parts of a text, each a variable or not."""
    for encoded in _BASE64.findall(text):
        word = shell_word(_from_base64(encoded), secrets)
        if "$" in word:
            before, _, after = text.partition(encoded)
            yield from _parts(before, secrets)
            yield True, f"$(printf %s {word} | base64 | tr -d '\\n')"
            yield from _parts(after, secrets)
            return
    matches: list[tuple[int, int, int, str]] = []  # the length of a match, where it starts and ends, its variable
    for name, secret in secrets.items():
        swapped = secret.swapcase()
        if swapped != secret and (start := text.find(swapped)) >= 0:
            matches.append((len(secret), start, start + len(secret), f'$(printf %s "${name}" | tr a-zA-Z A-Za-z)'))
        match = SequenceMatcher(None, text, secret, autojunk=False).find_longest_match()
        if match.size >= max(3, min(8, len(secret) // 3)):
            end = match.a + match.size
            variable = f"${{{name}:{match.b}:{match.size}}}"
            if match.size == len(secret):  # without braces, a name would go on with the letters that follow
                variable = f"${{{name}}}" if re.match(r"\w", text[end:]) else f"${name}"
            matches.append((match.size, match.a, end, variable))
    if not matches:
        if text:
            yield False, text
        return
    _, start, end, variable = max(matches)
    yield from _parts(text[:start], secrets)
    yield True, variable
    yield from _parts(text[end:], secrets)
