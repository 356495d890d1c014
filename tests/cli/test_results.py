"""What is printed of a result or an error, for people and as JSON; and the exit status."""

import json
from typing import Any

import httpx
import pytest

from support.command_line import OWNER, THING, command

STOP = ("stop-thing", OWNER, THING)


def answering(status: int, **content: Any) -> Any:
    return lambda _: httpx.Response(status, **content)


def raising(error: Exception) -> Any:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    return fail


def test_only_text_of_a_result_speaks_for_it() -> None:
    assert command(*STOP).stdout == "Stopped.\n"


def test_other_results_are_indented_json() -> None:
    thing = {"id": THING, "note": "é"}
    done = command("get-thing", "a", handler=answering(200, json=thing))
    assert json.loads(done.stdout) == thing
    assert done.stdout == json.dumps(thing, indent=2, ensure_ascii=False) + "\n"


def test_no_content_is_done() -> None:
    assert command("delete-thing", "a", handler=answering(204)).stdout == "Done.\n"
    assert command("delete-thing", "a", "--json", handler=answering(204)).stdout == "null\n"


def test_plain_text_is_printed_as_it_is() -> None:
    text = {"content": "fine", "headers": {"content-type": "text/plain"}}
    assert command("status", handler=answering(200, **text)).stdout == "fine\n"


def test_binary_result_is_written_as_bytes() -> None:
    image = {"content": b"PNG", "headers": {"content-type": "image/png"}}
    assert command("get-image", "a", handler=answering(200, **image)).stdout == "PNG"
    assert command("get-image", "a", "--json", handler=answering(200, **image)).lines() == [{"base64": "UE5H"}]


def test_json_is_the_result_on_one_line() -> None:
    done = command("list-things", "--json", handler=answering(200, json=[{"id": THING, "more": [1, None]}]))
    assert (done.lines(), done.stderr) == ([[{"id": THING, "more": [1, None]}]], "")


@pytest.mark.parametrize("status", [200, 404])
def test_numbers_that_json_lacks_are_texts(status: int) -> None:
    content = b'{"message": "Said.", "numbers": [NaN, Infinity, 1.5]}'
    done = command(
        *STOP, "--json", handler=answering(status, content=content, headers={"content-type": "application/json"})
    )
    body = done.lines()[0] if status == 200 else done.error()["body"]
    assert body["numbers"] == ["nan", "inf", 1.5]


def test_control_characters_of_a_server_are_escaped() -> None:
    text = "a\x1b[2Jb\u202ec"
    assert command(*STOP, handler=answering(200, json={"message": text})).stdout == "a\\x1b[2Jb\\u202ec\n"
    assert "\x1b" not in command(*STOP, handler=answering(404, json={"message": text})).stderr


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (400, "help of the command"),
        (401, "Check PLAYBOOK_TOKEN and PLAYBOOK_API_KEY. JWTs expire."),
        (402, "credits"),
        (403, "permission"),
        (404, "Are the ids right"),
        (429, "--concurrency"),
        (500, "The server failed"),
        (304, None),
    ],
)
def test_refusal_has_a_message_and_a_hint(status: int, hint: str | None) -> None:
    handler = answering(status, json={"message": "No."}, headers={"x-request-id": "r-1"})
    done = command(*STOP, "--max-retries", "0", handler=handler)
    assert (done.status, done.stdout) == (1, "")
    assert f"stop_thing answered {status}" in done.stderr
    assert "r-1" in done.stderr
    assert (hint or "error: ") in done.stderr
    assert ("hint: " in done.stderr) == (hint is not None)


def test_error_is_one_json_object() -> None:
    handler = answering(404, json={"message": "No."}, headers={"x-request-id": "r-1"})
    done = command(*STOP, "--json", handler=handler)
    assert (done.status, done.stdout) == (1, "")
    error = done.error()
    assert (error["type"], error["status"], error["request_id"]) == ("NotFoundError", 404, "r-1")
    assert error["body"] == {"message": "No."}
    assert error["message"].startswith("stop_thing answered 404: No.")
    assert error["hint"].startswith("Are the ids right")


@pytest.mark.parametrize("words", [(*STOP, "--bogus"), ("stop-thing", "me", THING), ("bogus",)])
def test_usage_error_is_json_as_well(words: tuple[str, ...]) -> None:
    done = command(*words, "--json")
    assert (done.status, done.stdout, done.error()["type"]) == (2, "", "UsageError")


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ReadTimeout("late")])
def test_unreachable_server_is_status_3(error: Exception) -> None:
    done = command(*STOP, "--max-retries", "0", handler=raising(error))
    assert (done.status, done.stdout) == (3, "")
    assert "PLAYBOOK_BASE_URL" in done.stderr


def test_response_against_the_contract_is_a_refusal() -> None:
    done = command(*STOP, "--json", handler=answering(200, json=[]))
    assert (done.status, done.error()["type"]) == (1, "APIResponseValidationError")
    assert "The server acted" in done.error()["hint"]
