"""Errors of the command line name its own options, and show no credential."""

import json
import re
from pathlib import Path

import pytest

from playbook3d_client._options import DEFAULT_TIMEOUT
from support.command_line import API_KEY, OWNER, THING, TOKEN, Done, command

STOP = ("stop-thing", OWNER, THING)


def rejected(*words: str, stdin: bytes = b"", token: str = TOKEN, api_key: str = API_KEY) -> Done:
    done = command(*words, stdin=stdin, PLAYBOOK_TOKEN=token, PLAYBOOK_API_KEY=api_key)
    assert (done.status, done.stdout, done.requests) == (2, "", [])
    return done


@pytest.mark.parametrize(
    "words",
    [
        (*STOP, f"--token={TOKEN}"),
        (*STOP, f"--bogus={API_KEY}"),
        (*STOP, "--timeout", TOKEN),
        (*STOP, f"-T{TOKEN}"),
        ("stop-thing", OWNER, TOKEN),
        (TOKEN,),
        ("list-things", TOKEN),
        ("list-things", "--json", f"--owner={TOKEN}"),
    ],
)
def test_credential_of_the_environment_is_redacted(words: tuple[str, ...]) -> None:
    shown = rejected(*words).stderr
    assert TOKEN not in shown
    assert API_KEY not in shown


def test_invalid_credential_of_the_environment_is_redacted() -> None:
    assert "9d2f4a6c" not in rejected(*STOP, "--bogus", "Bearer 9d2f4a6c", token="Bearer 9d2f4a6c").stderr


@pytest.mark.parametrize("option", ["--api-key", "--token"])
@pytest.mark.parametrize("command_words", [STOP, ("list-things",), ()])
def test_credentials_are_not_arguments(option: str, command_words: tuple[str, ...]) -> None:
    shown = rejected(*command_words, f"{option}=of-nobody").stderr
    variable = f"PLAYBOOK_{option[2:].replace('-', '_').upper()}"
    assert shown == f"error: Credentials are not arguments: set {variable}, or use {option}-file.\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--base-url", "localhost:1"], "--base-url has no scheme: use http://… or https://…"),
        (["--base-url", "http://u:p@h"], "give credentials as --api-key-file or --token-file."),
        (["--max-retries", "-1"], 'Invalid value "-1" for --max-retries. Must be >= 0.'),
        (["--max-retries=1.5"], "Invalid value for --max-retries: '1.5' is not a whole number."),
        (["--concurrency=1.5"], "Invalid value for --concurrency: '1.5' is not a whole number."),
        (["--timeout", "nan"], "--timeout. Must be >= 0."),
        (["--deadline", "0"], "--deadline. Must be > 0."),
        (["--deadline", "1e10"], "--deadline must be a number of seconds above 0"),
        (["--token-file", "-"], "--token-file is empty: write the credential into the file"),
    ],
)
def test_invalid_option_is_named(words: list[str], message: str) -> None:
    assert message in rejected(*STOP, *words).stderr


def test_missing_credentials_are_named_before_the_first_call() -> None:
    done = rejected(*STOP, THING, token="", api_key="")
    assert done.stderr == (
        "error: stop_thing needs a bearer token (pass --token-file or set PLAYBOOK_TOKEN) and "
        "an API key (pass --api-key-file or set PLAYBOOK_API_KEY).\n"
    )


@pytest.mark.parametrize("number", ["1.9", "2.0"])
def test_fraction_is_not_rounded(number: str) -> None:
    assert f"'{number}' is not a whole number" in rejected("list-things", "--limit", number).stderr


@pytest.mark.parametrize("since", ["2020-01-01", "2020-01-01T00:00:00"])
def test_date_time_needs_an_offset(since: str) -> None:
    assert (
        "--since has no offset from UTC: write 2020-01-01T00:00:00Z" in rejected("list-things", "--since", since).stderr
    )


@pytest.mark.parametrize("depth", [900, 100_000])
def test_deeply_nested_body_is_a_usage_error(depth: int) -> None:
    body = b'{"id": "%s", "more": %s1%s}' % (THING.encode(), b"[" * depth, b"]" * depth)
    assert "nested too deeply" in rejected("create-thing", "--body", "-", stdin=body).stderr


def test_stray_word_is_an_unexpected_argument() -> None:
    assert "Unexpected argument: stray.\n" in rejected("list-things", "stray").stderr


def test_only_the_last_argument_can_be_standard_input() -> None:
    assert rejected("stop-thing", "-", THING).stderr == "error: Only the last argument of a command can be -.\n"


def test_invalid_ids_of_standard_input_have_line_numbers() -> None:
    done = rejected("stop-thing", OWNER, "-", stdin=f"bad\n\n{THING}\n worse \n".encode())
    assert done.stderr.splitlines() == [
        "error: line 1: thing_id must be a UUID, not 'bad'",
        "error: line 4: thing_id must be a UUID, not 'worse'",
        "error: 2 of 3 calls are invalid: nothing was sent.",
    ]


def test_file_of_ids_has_a_hint(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text(THING)
    assert "hint: Ids from a file: - < FILE" in rejected("stop-thing", OWNER, str(tmp_path / "ids.txt")).stderr


def test_usage_error_is_json() -> None:
    error = json.loads(rejected(*STOP, "--json", "--bogus=1").stderr)["error"]
    assert error == {
        "type": "UsageError",
        "message": "Unknown option: --bogus.",
        "hint": "An id that begins with a hyphen comes after --.",
    }


def test_help_says_what_repeats_and_the_defaults() -> None:
    shown = re.sub(r"[\s│]+", " ", command("stop-thing", "--help").stdout)
    assert "The last one repeats; - reads it from standard input, one per line." in shown
    assert "Exit status: 0 done, 1 refused, 2 usage, 3 not reached, 130 interrupted." in shown
    assert f"Default: {DEFAULT_TIMEOUT.read:g}, to connect {DEFAULT_TIMEOUT.connect:g}." in shown
    assert "retryable failure. [default: 2]" in shown
