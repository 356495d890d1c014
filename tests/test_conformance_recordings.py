"""Recordings: what is found in one that does not fit, and in one that should not be kept."""

import base64
import copy
import json
from pathlib import Path
from typing import Any

import pytest

from conformance.recordings import RECORDINGS, RecordingError, entries, problems

JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl"
(GOOD,) = entries(RECORDINGS / "synthetic.har")


def changed(side: str, **members: Any) -> dict[str, Any]:
    entry = copy.deepcopy(GOOD)
    entry[side].update(members)
    return entry


def answered(status: int, text: str, media_type: str = "application/json", **more: Any) -> dict[str, Any]:
    headers = [{"name": "Content-Type", "value": media_type}]
    return changed("response", status=status, headers=headers, content={"mimeType": media_type, "text": text, **more})


@pytest.mark.parametrize(
    "entry",
    [
        answered(404, '{"result": "No such run."}'),
        answered(200, base64.b64encode(b'{"message": "Done."}').decode(), encoding="base64"),
        changed("response", headers=[*GOOD["response"]["headers"], {"name": "Content-Encoding", "value": "gzip"}]),
        changed("request", url="http://127.0.0.1:8000/v2/cancel/a/b"),
        changed("request", headers=[{"name": "X-API-Key", "value": "redacted"}]),
        changed("response", cookies=[{"name": "session", "value": "[Filtered]"}]),
    ],
    ids=["an error", "base64", "decoded", "another server", "another word", "a cookie"],
)
def test_a_recording_that_fits_has_no_problem(entry: dict[str, Any]) -> None:
    assert list(problems(entry)) == []


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (answered(409, '{"result": "No."}'), "Undocumented status code Received: 409"),
        (answered(404, "<html>", "text/html"), "Undocumented Content-Type Received: text/html"),
        (answered(200, '{"message": 5}'), "Response violates schema"),
        (answered(404, '{"description": "No such run."}'), "has what the contract does not declare (description)"),
        (answered(200, "{}"), "has nothing of what the contract declares (message)"),
        (answered(200, '{"message": "a", "message": "b"}'), "an object has a name twice"),
        (answered(500, "Internal Server Error"), "The body is not strictly JSON"),
        (answered(200, "Internal Server Error"), "bound_async: the client raises APIResponseValidationError"),
        (changed("response", status=404, headers=[], content={"text": "nope"}), "Missing Content-Type"),
        (answered(200, '["message"]'), "bound_async: the client raises APIResponseValidationError"),
        (changed("request", method="GET"), "GET https://api.playbook3d.com/cancel/"),
        (changed("request", url="https://api.playbook3d.com/run/1"), "/run/1 is no operation of the contract"),
        (
            changed("request", headers=[{"name": "x-api-key", "value": "8f6b1f0e"}]),
            "the request's x-api-key is not redacted: put [Filtered] in its place",
        ),
        (
            changed("response", headers=[*GOOD["response"]["headers"], {"name": "Set-Cookie", "value": "session=1"}]),
            "the response's Set-Cookie is not redacted",
        ),
        (
            changed("request", headers=[{"name": "Proxy-Authorization", "value": "Basic bWU6b2YtbWluZQ=="}]),
            "the request's Proxy-Authorization is not redacted",
        ),
        (
            changed("request", cookies=[{"name": "session", "value": "1"}]),
            "the request's cookie session is not redacted",
        ),
        (
            changed("response", cookies=[{"name": "session", "value": "1"}]),
            "the response's cookie session is not redacted",
        ),
        (
            changed("request", url=GOOD["request"]["url"].replace("//", "//me:of-mine@")),
            "the request's URL has a user in it",
        ),
        (answered(404, json.dumps({"result": f"{JWT} is not good"})), "there is a JWT in it"),
    ],
)
def test_what_does_not_fit_is_told(entry: dict[str, Any], said: str) -> None:
    assert any(said in problem for problem in problems(entry)), list(problems(entry))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "new.har is no HAR file: JSONDecodeError"),
        ("[]", "new.har is no HAR file: TypeError"),
        ('{"log": {"entries": [{"request": {}}]}}', "new.har is no HAR file: KeyError: 'headers'"),
        (json.dumps({"log": {"entries": [changed("request", headers=None)]}}), "new.har is no HAR file: TypeError"),
        *(
            (json.dumps({"log": {"entries": [changed("request", url=url)]}}), "new.har has a request whose URL is none")
            for url in ("https://me:of-mine/x@example.com", "https://me:of-mine@exa\u2100mple.com")
        ),
        ('{"log": {"entries": []}}', "new.har has no entries"),
    ],
)
def test_what_is_no_recording_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "new.har").write_text(text, encoding="utf-8")
    with pytest.raises(RecordingError) as raised:
        entries(tmp_path / "new.har")
    assert str(raised.value).startswith(said)
    assert "of-mine" not in str(raised.value)
