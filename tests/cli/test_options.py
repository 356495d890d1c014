"""The options of every command are those of the client; credentials come from the environment or files."""

from pathlib import Path

import httpx
import pytest

from support.command_line import API_KEY, OWNER, THING, TOKEN, command

STOP = ("stop-thing", OWNER, THING)


def test_credentials_come_from_the_environment() -> None:
    (request,) = command(*STOP).requests
    assert (request.headers["x-api-key"], request.headers["authorization"]) == (API_KEY, f"Bearer {TOKEN}")


def test_credentials_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("key-of-a-file\r\n")
    done = command(*STOP, "--api-key-file", str(tmp_path / "key"), "--token-file", "-", stdin=b"token-of-a-pipe\n")
    (request,) = done.requests
    assert request.headers["x-api-key"] == "key-of-a-file"
    assert request.headers["authorization"] == "Bearer token-of-a-pipe"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file"),
        (b"\xff\xfe", "is not text in UTF-8"),
        (b"token 9d2f4a6c", "visible ASCII"),
    ],
)
def test_unusable_file_is_a_usage_error(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    done = command(*STOP, "--token-file", str(tmp_path / "token"))
    assert (done.status, done.requests) == (2, [])
    assert message in done.stderr
    assert "9d2f4a6c" not in done.stderr


def test_credential_in_place_of_a_file_is_not_shown() -> None:
    done = command(*STOP, "--token-file", TOKEN)
    assert done.stderr == "error: --token-file cannot be read: No such file or directory.\n"


def test_missing_credential_is_a_usage_error() -> None:
    done = command(*STOP, PLAYBOOK_TOKEN="")
    assert (done.status, done.requests) == (2, [])
    assert "stop_thing needs a bearer token" in done.stderr
    assert "--token-file" in done.stderr


def test_base_url_and_timeout_are_those_of_the_client() -> None:
    (request,) = command(*STOP, "--base-url", "https://other.example/v1", "--timeout", "7").requests
    assert str(request.url) == f"https://other.example/v1/owners/{OWNER}/things/{THING}/stop"
    assert request.extensions["timeout"]["read"] == 7


def test_retries_and_deadline_are_those_of_the_client() -> None:
    assert len(command(*STOP, "--max-retries", "0", handler=lambda _: httpx.Response(503)).requests) == 1
    done = command(*STOP, "--deadline", "0.2", "--max-retries", "9", handler=lambda _: httpx.Response(503))
    assert (done.status, "deadline" in done.stderr) == (3, True)


@pytest.mark.parametrize("words", [["--timeout", "-1"], ["--max-retries", "-1"], ["--base-url", "nowhere"]])
def test_invalid_option_is_a_usage_error(words: list[str]) -> None:
    done = command(*STOP, *words)
    assert (done.status, done.requests) == (2, [])
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("concurrency", ["0", "91", "many"])
def test_concurrency_has_bounds(concurrency: str) -> None:
    assert command(*STOP, "--concurrency", concurrency).status == 2
