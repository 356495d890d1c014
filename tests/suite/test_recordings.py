"""Recordings that break the contract, or contain secrets, are reported."""

import base64
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playbook3d_conformance.properties.recordings import RecordingError, read_entries

URL = "https://api.example.com/stop/7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11/c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22"
JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl"
JSON = {"name": "content-type", "value": "application/json"}
# A recording of an operation of grown.yaml.
GOOD: dict[str, Any] = {
    "time": 1,
    "request": {
        "method": "POST",
        "url": URL,
        "cookies": [],
        "headers": [{"name": "authorization", "value": "[Filtered]"}, {"name": "x-api-key", "value": "[Filtered]"}],
    },
    "response": {"status": 200, "cookies": [], "headers": [JSON], "content": {"text": '{"message": "Stopped."}'}},
}


def changed(side: str, **members: Any) -> dict[str, Any]:
    entry = copy.deepcopy(GOOD)
    entry[side].update(members)
    return entry


def answered(status: int, text: str, media_type: str = "application/json", **content: Any) -> dict[str, Any]:
    headers = [{"name": "Content-Type", "value": media_type}]
    return changed("response", status=status, headers=headers, content={"text": text, **content})


def sent_header(name: str, value: str) -> dict[str, Any]:
    return changed("request", headers=[{"name": name, "value": value}])


VALID = {
    "success": GOOD,
    "error": answered(404, '{"result": "No such run."}'),
    "base64": answered(200, base64.b64encode(b'{"message": "Done."}').decode(), encoding="base64"),
    "decoded": changed("response", headers=[JSON, {"name": "Content-Encoding", "value": "gzip"}]),
    "another server": changed("request", url="http://127.0.0.1:8000/v2/stop/a/b"),
    "another redaction": sent_header("X-API-Key", "redacted"),
    "undeclared property": answered(200, '{"message": "Stopped.", "state": 1}'),
    "redacted cookie": changed("response", cookies=[{"name": "session", "value": "[Filtered]"}]),
}
CLIENT = "bound_async: the client raises APIResponseValidationError"
COOKIES = [{"name": "session", "value": "1"}]
INVALID: dict[str, tuple[dict[str, Any], str]] = {
    "status": (answered(409, '{"result": "No."}'), "Undocumented status code Received: 409"),
    "media type": (answered(404, "<html>", "text/html"), "Undocumented Content-Type Received: text/html"),
    "no media type": (changed("response", status=404, headers=[], content={"text": "nope"}), "Missing Content-Type"),
    "schema": (answered(200, '{"message": 5}'), "Response violates schema"),
    "undeclared": (answered(404, '{"description": "No."}'), "has none of the declared properties: result"),
    "empty": (answered(200, "{}"), "has none of the declared properties: message"),
    "duplicates": (answered(200, '{"message": "a", "message": "b"}'), "duplicate names in an object"),
    "no JSON": (answered(500, "Internal Server Error"), "The body is not strictly JSON"),
    "no JSON for the client": (answered(200, "Internal Server Error"), CLIENT),
    "array": (answered(200, '["message"]'), CLIENT),
    "method": (changed("request", method="GET"), f"GET {URL} is not an operation of the contract"),
    "path": (changed("request", url="https://a.b/run/1"), "/run/1 is not an operation of the contract"),
    "key": (sent_header("x-api-key", "8f6b"), "the request's x-api-key is not redacted: replace it by [Filtered]"),
    "proxy": (sent_header("Proxy-Authorization", "Basic bWU6"), "the request's Proxy-Authorization is not redacted"),
    "set-cookie": (
        changed("response", headers=[JSON, {"name": "Set-Cookie", "value": "session=1"}]),
        "the response's Set-Cookie is not redacted",
    ),
    "sent cookie": (changed("request", cookies=COOKIES), "the request's cookie session is not redacted"),
    "received cookie": (changed("response", cookies=COOKIES), "the response's cookie session is not redacted"),
    "user": (changed("request", url=URL.replace("//", "//me:of-mine@")), "the request's URL has a user"),
    "JWT": (answered(404, json.dumps({"result": f"{JWT} is invalid"})), "it contains a JWT"),
}

PROBLEMS = """
import json, sys
from playbook3d_conformance.properties.recordings import problems
json.dump({name: list(problems(entry)) for name, entry in json.load(sys.stdin).items()}, sys.stdout)
"""


@pytest.fixture(scope="module")
def problems(run_python: Callable[..., Any]) -> dict[str, list[str]]:
    """The problems of each recording."""
    entries = VALID | {name: entry for name, (entry, _) in INVALID.items()}
    done = run_python("-c", PROBLEMS, text=json.dumps(entries))
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("name", VALID)
def test_matching_recording_has_no_problem(name: str, problems: dict[str, list[str]]) -> None:
    assert problems[name] == []


@pytest.mark.parametrize(("name", "message"), [(name, message) for name, (_, message) in INVALID.items()])
def test_problem_is_reported(name: str, message: str, problems: dict[str, list[str]]) -> None:
    assert any(message in problem for problem in problems[name]), problems[name]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "new.har: not a HAR file: JSONDecodeError"),
        ("[]", "new.har: not a HAR file: TypeError"),
        ('{"log": {"entries": [{"request": {}}]}}', "new.har: not a HAR file: KeyError: 'headers'"),
        (json.dumps({"log": {"entries": [changed("request", headers=None)]}}), "new.har: not a HAR file: TypeError"),
        *(
            (json.dumps({"log": {"entries": [changed("request", url=url)]}}), "new.har: invalid URL of a request")
            for url in ("https://me:of-mine/x@example.com", "https://me:of-mine@exa\u2100mple.com")
        ),
        ('{"log": {"entries": []}}', "new.har: no entries"),
    ],
)
def test_invalid_file_is_rejected(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "new.har").write_text(text, encoding="utf-8")
    with pytest.raises(RecordingError) as raised:
        read_entries(tmp_path / "new.har")
    assert str(raised.value).startswith(message)
    assert "of-mine" not in str(raised.value)
