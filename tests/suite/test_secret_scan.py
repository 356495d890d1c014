"""Secrets are found in any encoding."""

import base64
import json
from pathlib import Path

import pytest

from playbook3d_conformance.server.secret_scan import contains_secret, files_with_secrets
from support.breaching_server import KEY

ESCAPED = "".join(f"\\u{ord(character):04x}" for character in KEY)
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2ln"


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        KEY.upper(),
        f"{KEY[:9]}\n     │ {KEY[9:]}",  # wrapped by a terminal
        KEY[:-1],  # truncated by a report
        KEY[4:],
        f"{KEY[:9]}x{KEY[9:]}",
        KEY.encode().hex(),
        KEY.encode("utf-16").decode("latin-1"),
        "".join(f"\\x{ord(character):02x}" for character in KEY),
        "%" + "25" * 50 + "41",  # endless escapes hide something
        json.dumps(json.dumps({"a": f'"{KEY}é'})),
        ESCAPED,
        json.dumps(ESCAPED),
        "".join(f"%{ord(character):02x}" for character in KEY),
        "".join(f"&#{ord(character)};" for character in KEY),
        *(base64.b64encode(f"{'x' * offset}{KEY} and more".encode()).decode() for offset in range(3)),
        base64.b64encode(ESCAPED.encode()).decode(),  # as a HAR holds bytes
    ],
)
def test_secret_is_found(text: str) -> None:
    assert contains_secret(text, [KEY])


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        KEY[:8],
        " ".join(f"{KEY[start : start + 8]}y" for start in range(0, len(KEY), 8)),
        "%25252541",
        base64.b64encode(b"something else, and more of it").decode(),
    ],
)
def test_other_text_is_not_a_secret(text: str) -> None:
    assert not contains_secret(text, [KEY])


@pytest.mark.parametrize(
    ("secret", "text", "expected"),
    [
        ("12|AbCdEfGhIjKlMnOp", '"12|AbCdEfGhIjKlMnOp"', True),
        ("a/b/c/d/e/f/g/h/i/j", r"a\/b\/c\/d\/e\/f\/g\/h\/i\/j", True),
        ("~~~???>>>~~~", base64.urlsafe_b64encode(b"key ~~~???>>>~~~").decode(), True),
        (JWT, JWT.split(".")[0], False),  # the header, which many tokens share
        (JWT, JWT.split(".")[1], True),
    ],
)
def test_any_secret_is_found(secret: str, text: str, expected: bool) -> None:
    assert contains_secret(text, [secret]) is expected


def test_secret_in_a_file_or_its_name_is_found(tmp_path: Path) -> None:
    for name, text in ((f"{KEY}.html", "nothing"), ("junit.xml", "nothing"), ("requests.har", KEY)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert files_with_secrets(tmp_path, [KEY]) == [f"{KEY}.html", "requests.har"]
