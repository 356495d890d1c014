"""Credentials are masked in the texts of the journal."""

import re
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest

from playbook3d_mock import Request
from playbook3d_mock._redaction import Redaction, mask
from playbook3d_mock._security import Scheme

KEY, TOKEN, PASSWORD = "k/e+y-12345", "tok.en-4242", "pass word:9"
PAIR = b64encode(f"user:{PASSWORD}".encode()).decode()
SCHEMES = [
    Scheme("key", "api_key", "header", "X-Team-Key"),
    Scheme("key_in_query", "api_key", "query", "api key"),
    Scheme("bearer", "token", "header", "Authorization"),
    Scheme("basic", "basic", "header", "Authorization"),
]
REDACTION = Redaction(SCHEMES, {"key": KEY, "key_in_query": KEY, "bearer": TOKEN, "basic": f"user:{PASSWORD}"})
ACCEPTED = REDACTION.secrets(Request("GET", b"/"))
FOREIGN = "foreign-value"


@pytest.mark.parametrize("secret", [KEY, TOKEN, PASSWORD, PAIR.rstrip("=")])
@pytest.mark.parametrize(
    "encode",
    [
        str,
        quote,
        lambda text: re.sub("%..", lambda escape: escape[0].lower(), quote(text, safe="")),
        lambda text: quote(quote(text, safe=""), safe=""),
        lambda text: "".join(f"%{ord(character):02x}" for character in text),
        lambda text: "".join(f"\\u{ord(character):04X}" for character in text),
        lambda text: text.replace("/", "\\/"),
        lambda text: text[:3] + "".join(f"%{ord(character):02X}" for character in text[3:]),
    ],
)
def test_accepted_credential_is_masked_in_any_encoding(secret: str, encode: Callable[[str], str]) -> None:
    assert mask(f"before {encode(secret)} after", ACCEPTED) == "before *** after"


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_credential_is_masked_in_any_case(change: Callable[[str], str]) -> None:
    assert mask(f"\u0130 {change(KEY)} {quote(change(TOKEN))} \u0130", ACCEPTED) == "\u0130 *** *** \u0130"


def test_name_of_a_header_is_masked_in_lower_case() -> None:
    redaction = Redaction(SCHEMES, {"key": "Key-In-Name"})
    request = Request("GET", b"/", b"", ((b"key-in-name", b"x"),))
    assert redaction.headers(request, redaction.secrets(request)) == (("***", "x"),)


def test_request_cannot_carry_endless_credentials() -> None:
    cookies = "; ".join(f"{number}=cookie-{number}" for number in range(10_000))
    headers = ((b"cookie", cookies.encode()), (b"authorization", f"Bearer {FOREIGN}".encode()))
    secrets = REDACTION.secrets(Request("GET", b"/", b"api+key=query-value", headers))
    assert {FOREIGN, "query-value", "cookie-0", "cookie-40"} <= secrets
    assert len(secrets) < 200


@pytest.mark.parametrize("text", ["", "100%", "%zz", "\\u12", "a\\\\b", "nothing secret %41\\u0041"])
def test_text_without_credentials_is_unchanged(text: str) -> None:
    assert mask(text, ACCEPTED) == text


def test_overlapping_and_repeated_secrets_are_masked() -> None:
    assert mask("x12345678x 12345678912", {"12345678", "78912345", "45678912"}) == "x***x ***"


def test_text_full_of_secrets_is_masked_as_a_whole() -> None:
    assert mask("a" * 6000, {"a" * 8}) == "***"
    assert mask("a" * 6000 + "b", {"a" * 8}) == "***"


def test_short_value_does_not_garble_texts() -> None:
    assert mask("a key", {"key"}) == "a key"


@pytest.mark.parametrize(
    "header",
    [
        (b"authorization", f"Bearer {FOREIGN}".encode()),
        (b"authorization", FOREIGN.encode()),
        (b"authorization", b"Basic " + b64encode(b"user:" + FOREIGN.encode())),
        (b"proxy-authorization", f"Digest {FOREIGN}".encode()),
        (b"cookie", f"a=b; session={FOREIGN}".encode()),
        (b"x-team-key", FOREIGN.encode()),
        (b"x-api-key", FOREIGN.encode()),
    ],
)
def test_credential_of_a_request_is_masked_everywhere(header: tuple[bytes, bytes]) -> None:
    request = Request("GET", b"/", b"", (header, (b"x-echo", f"1 {FOREIGN}".encode())))
    secrets = REDACTION.secrets(request)
    assert mask(f"it was {FOREIGN}", secrets) == "it was ***"
    assert REDACTION.headers(request, secrets) == ((header[0].decode(), "***"), ("x-echo", "1 ***"))


@pytest.mark.parametrize("name", ["api key", "api+key", "api%20key"])
def test_credential_in_the_query_is_masked_by_its_name(name: str) -> None:
    request = Request("GET", b"/", f"a=1&{name}=short&b={KEY}&c".encode())
    assert REDACTION.query(request, REDACTION.secrets(request)) == f"a=1&{name}=***&b=***&c"
    long = Request("GET", b"/", f"{name}={quote(FOREIGN + '/')}".encode())
    assert mask(f"{FOREIGN}/", REDACTION.secrets(long)) == "***"


def test_short_credential_is_masked_in_its_header() -> None:
    request = Request("GET", b"/", b"", ((b"x-team-key", b"short"), (b"x-other", b"short")))
    assert REDACTION.headers(request, REDACTION.secrets(request)) == (("x-team-key", "***"), ("x-other", "short"))


def test_latin_1_and_utf_8_are_masked() -> None:
    request = Request("GET", b"/", b"", ((b"x-team-key", "pässwörter".encode()),))
    secrets = REDACTION.secrets(request)
    assert mask("pässwörter", secrets) == "***"
    assert mask("pässwörter".encode().decode("latin-1"), secrets) == "***"
    assert mask(quote("pässwörter"), secrets) == "***"


def test_repr_shows_no_credential() -> None:
    assert repr(REDACTION) == "Redaction()"
