"""A body comes from a file or from standard input, and is what the operation takes."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.command_line import THING, Done, command


def created(request: httpx.Request) -> httpx.Response:
    return httpx.Response(201, content=request.content, headers={"content-type": "application/json"})


def test_json_body_comes_from_a_file(tmp_path: Path) -> None:
    body = {"id": THING, "labels": ["a"], "more": 1}
    (tmp_path / "body.json").write_text(json.dumps(body))
    done = command("create-thing", "--body", str(tmp_path / "body.json"), handler=created)
    assert (done.status, json.loads(done.requests[0].content)) == (0, body)


def test_body_comes_from_standard_input() -> None:
    done = command("create-thing", "--body", "-", "--json", handler=created, stdin=json.dumps({"id": THING}).encode())
    assert done.lines() == [{"id": THING}]


def test_binary_body_is_sent_in_each_call(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\0\xff")
    done = command("set-image", "a", "b", "--body", str(tmp_path / "picture"), handler=lambda _: httpx.Response(204))
    assert [request.content for request in done.requests] == [b"\0\xff", b"\0\xff"]


def test_array_may_be_a_body() -> None:
    labels = [{"label-text": "a"}]
    done = command(
        "set-labels", "--body", "-", stdin=json.dumps(labels).encode(), handler=lambda _: httpx.Response(204)
    )
    assert (done.status, json.loads(done.requests[0].content)) == (0, labels)


def test_body_that_may_be_left_out_is_not_read() -> None:
    done = command("set-labels", handler=lambda _: httpx.Response(204))
    assert (done.status, done.requests[0].content) == (0, b"")


def rejected(*words: str, stdin: Any = b"") -> Done:
    done = command(*words, stdin=stdin)
    assert (done.status, done.stdout, done.requests) == (2, "", [])
    return done


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        (b"{", "--body is not JSON: "),
        (b"\xff", "--body is not text in UTF-8."),
        (b'{"labels": []}', "Thing lacks the required key 'id'"),
        (b'{"id": "me"}', "body has an invalid value"),
        (b"1", "body must be "),
    ],
)
def test_invalid_body_is_a_usage_error(stdin: bytes, message: str) -> None:
    assert message in rejected("create-thing", "--body", "-", stdin=stdin).stderr


def test_missing_body_is_a_usage_error() -> None:
    assert "--body" in rejected("create-thing").stderr
    assert "cannot be read: No such file" in rejected("create-thing", "--body", "/nowhere/body.json").stderr


def test_standard_input_is_read_once() -> None:
    assert "give - once" in rejected("set-image", "-", "--body", "-").stderr
