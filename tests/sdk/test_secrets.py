"""Credentials are redacted from errors, even when the server echoes them."""

from types import TracebackType
from typing import Any
from unittest.mock import Mock

import httpx
import pytest

from playbook3d_client import APIConnectionError, APIResponseValidationError, PermissionDeniedError
from support.client_styles import DRIVERS, KEY, OWNER, TOKEN, Call, Handler, answering, blocking

ODD = "abc\\def'ghi"
QUOTED = r"b'abc\\def\'ghi'"
ESCAPED = "".join(f"\\u{ord(character):04x}" for character in KEY)


def denied(response: dict[str, Any], **options: Any) -> PermissionDeniedError:
    """The error of a denied call."""
    with pytest.raises(PermissionDeniedError) as raised:
        blocking(answering(403, **response), **options)
    return raised.value


@pytest.mark.parametrize(
    ("api_key", "token", "text", "expected"),
    [
        (KEY, TOKEN, f"{KEY} may not use {TOKEN}", "*** may not use ***"),
        (KEY, TOKEN, f"Bearer {TOKEN}", "Bearer ***"),
        (KEY, TOKEN, KEY + TOKEN, "******"),
        # One credential contains the other.
        ("abc", "abc-def", "abc abc-def", "*** ***"),
        ("zzz", "a-zzz-b", "zzz a-zzz-b", "*** ***"),
        ("a-zzz-b", "zzz", "a-zzz-b zzz", "*** ***"),
        # Libraries quote a credential.
        (KEY, TOKEN, f"{KEY!r} {KEY.encode()!r}", "'***' b'***'"),
        (ODD, TOKEN, QUOTED, "b'***'"),
        (ODD, TOKEN, r'b"abc\\def' + "'ghi\"", 'b"***"'),
        (ODD, TOKEN, f"{ODD} is unknown", "*** is unknown"),
        ("abc\\def", TOKEN, "abc\\def is unknown", "*** is unknown"),
        ("abc'def", TOKEN, "abc'def is unknown", "*** is unknown"),
        # Removing an invisible character restores a credential.
        (KEY, TOKEN, KEY.replace("-", "\u200b-"), "***"),
    ],
)
def test_message_is_redacted(api_key: str, token: str, text: str, expected: str) -> None:
    error = denied({"json": {"result": text}}, api_key=api_key, token=token)
    assert error.message == f"stop_thing answered 403: {expected}"
    assert error.args == (error.message,)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f'{{"result": "{KEY}", "nested": [{{"a": "-{TOKEN}-"}}]}}', {"result": "***", "nested": [{"a": "-***-"}]}),
        (f'{{"{KEY}": null}}', {"***": None}),
        (f'{{"result": "{ESCAPED}", "{ESCAPED}": ["{ESCAPED}"]}}', {"result": "***", "***": ["***"]}),
        (f'["{KEY}", true, 1.5]', ["***", True, 1.5]),
        (f'"{KEY}"', "***"),
    ],
)
def test_body_is_redacted(content: str, expected: object) -> None:
    error = denied({"content": content.encode()})
    assert error.body == expected
    assert KEY not in error.message


def test_number_in_the_body_is_redacted() -> None:
    assert denied({"json": {"key": 12345678, "other": 7}}, api_key="12345678").body == {"key": "***", "other": 7}


def test_request_id_is_redacted() -> None:
    assert denied({"headers": {"x-request-id": f"r-{KEY}-{TOKEN}"}}).request_id == "r-***-***"


def test_connection_error_is_redacted() -> None:
    handler = Mock(side_effect=httpx.RemoteProtocolError(f"illegal status line: {QUOTED}, {TOKEN}"))
    with pytest.raises(APIConnectionError) as raised:
        blocking(handler, api_key=ODD)
    reason = "RemoteProtocolError: illegal status line: b'***', ***"
    assert raised.value.message == f"stop_thing got no usable answer ({reason})"


def test_cut_does_not_split_a_credential() -> None:
    filler = "x" * (498 - len("ReadError: "))
    with pytest.raises(APIConnectionError) as raised:
        blocking(Mock(side_effect=httpx.ReadError(filler + KEY)))
    assert raised.value.message == f"stop_thing got no usable answer (ReadError: {filler}**…)"


def test_validation_error_is_redacted() -> None:
    content = {"id": str(OWNER), "at": KEY}
    with pytest.raises(APIResponseValidationError) as raised:
        blocking(answering(200, json=content), lambda client: client.things.newest_thing())
    assert raised.value.message.endswith("(ValueError: Invalid isoformat string: '***')")
    assert raised.value.body == {"id": str(OWNER), "at": "***"}


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
    [answering(404), answering(200, json=[]), Mock(side_effect=httpx.ReadError("x")), Mock(side_effect=KeyError("x"))],
)
def test_frames_show_no_credential(call: Call, handler: Handler) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011 (whichever it is)
        call(handler, token=lambda: TOKEN)
    variables = own_frames(raised.tb)
    assert "playbook3d_client._exchange operation" in variables or isinstance(raised.value, KeyError)
    assert [name for name, value in variables.items() if KEY in value or TOKEN in value] == []
