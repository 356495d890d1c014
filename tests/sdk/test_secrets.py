"""Credentials are redacted from errors, even when the server echoes them."""

from types import TracebackType
from typing import Any
from unittest.mock import Mock

import httpx
import pytest

from playbook3d_client import APIConnectionError, APIResponseValidationError, PermissionDeniedError
from support.client_styles import DRIVERS, KEY, OWNER, TOKEN, Call, Handler, answering, blocking, error_of, things

ODD = "abc\\def'ghi"
ESCAPED = "".join(f"\\u{ord(character):04x}" for character in "12345678")


def denied(response: dict[str, Any], **options: Any) -> PermissionDeniedError:
    """The error of a denied call."""
    return error_of(PermissionDeniedError, blocking, answering(403, **response), **options)


@pytest.mark.parametrize(
    ("api_key", "token", "text", "expected"),
    [
        (KEY, TOKEN, f"{KEY} may not use {TOKEN}", "*** may not use ***"),
        # One credential contains the other.
        ("zzzzzzzz", "a-zzzzzzzz-b", "zzzzzzzz a-zzzzzzzz-b", "*** ***"),
        ("a-zzzzzzzz-b", "zzzzzzzz", "a-zzzzzzzz-b zzzzzzzz", "*** ***"),
        # Libraries quote a credential.
        (KEY, TOKEN, f"{KEY!r} {KEY.encode()!r}", "'***' b'***'"),
        (ODD, TOKEN, r'b"abc\\def' + "'ghi\"", 'b"***"'),
        (ODD, TOKEN, f"{ODD} is unknown", "*** is unknown"),
        # Removing an invisible character restores a credential.
        (KEY, TOKEN, KEY.replace("-", "\u200b-"), "***"),
    ],
)
def test_message_is_redacted(api_key: str, token: str, text: str, expected: str) -> None:
    error = denied({"json": {"result": text}}, api_key=api_key, token=token)
    assert error.message == f"stop_thing answered 403: {expected}"
    assert error.args == (error.message,)


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize("short", ["t", "key", "1234567"])
def test_short_values_are_not_redacted(call: Call, short: str) -> None:
    """They are no secrets, and occur in every text."""
    body = {"result": f"API {short} is invalid", short: [short, 1234567]}
    headers = {"x-request-id": f"r-{short}"}
    for options in ({"api_key": short}, {"token": short}, {"token": lambda: short}):
        error = error_of(PermissionDeniedError, call, answering(403, json=body, headers=headers), **options)
        assert f"answered 403: API {short} is invalid" in error.message
        assert (error.body, error.request_id) == (body, f"r-{short}")
        lost = error_of(APIConnectionError, call, Mock(side_effect=httpx.ReadTimeout(f"no {short}")), **options)
        assert f"(ReadTimeout: no {short})" in lost.message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("12345678", "***"),
        (f'["12345678", 12345678, true, 1.5, {{"a": "-{TOKEN}-"}}]', ["***", "***", True, 1.5, {"a": "-***-"}]),
        (f'{{"result": "{ESCAPED}", "{ESCAPED}": ["{ESCAPED}"]}}', {"result": "***", "***": ["***"]}),
    ],
)
def test_body_is_redacted(content: str, expected: object) -> None:
    error = denied({"content": content.encode()}, api_key="12345678")
    assert (error.body, "12345678" in error.message) == (expected, False)


def test_request_id_is_redacted() -> None:
    assert denied({"headers": {"x-request-id": f"r-{KEY}-{TOKEN}"}}).request_id == "r-***-***"


FILLER = "x" * (498 - len("ReadError: "))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rf"illegal status line: b'abc\\def\'ghi', {TOKEN}", "illegal status line: b'***', ***"),
        (FILLER + ODD, f"{FILLER}**…"),
    ],
    ids=["quoted", "cut"],
)
def test_connection_error_is_redacted(text: str, expected: str) -> None:
    """The cut of a long message does not split a credential."""
    error = error_of(APIConnectionError, blocking, Mock(side_effect=httpx.ReadError(text)), api_key=ODD)
    assert error.message == f"stop_thing got no usable answer (ReadError: {expected})"


def test_validation_error_is_redacted() -> None:
    server = answering(200, json={"id": str(OWNER), "at": KEY})
    error = error_of(APIResponseValidationError, blocking, server, things("newest_thing"))
    assert error.message.endswith("(ValueError: Invalid isoformat string: '***')")
    assert error.body == {"id": str(OWNER), "at": "***"}


def own_frames(traceback: TracebackType | None) -> dict[str, str]:
    """The local variables of each frame of the client and of the generated code."""
    variables: dict[str, str] = {}
    while traceback is not None:
        module = traceback.tb_frame.f_globals["__name__"]
        if module.partition(".")[0] in ("playbook3d_client", "playbook3d_api", "fixture_api"):
            variables |= {f"{module} {name}": repr(value) for name, value in traceback.tb_frame.f_locals.items()}
        traceback = traceback.tb_next
    return variables


@pytest.mark.parametrize("call", DRIVERS)
@pytest.mark.parametrize(
    "handler",
    [answering(404), answering(200, json=[]), Mock(side_effect=httpx.ReadError("x")), Mock(side_effect=KeyError)],
    ids=["status", "validation", "connection", "foreign"],
)
def test_frames_show_no_credential(call: Call, handler: Handler) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011 (whichever it is)
        call(handler, token=lambda: TOKEN)
    variables = own_frames(raised.tb)
    assert "playbook3d_client._exchange operation" in variables or isinstance(raised.value, KeyError)
    assert [name for name, value in variables.items() if KEY in value or TOKEN in value] == []
