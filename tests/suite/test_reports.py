"""What a report offers to find a fault: a curl line that shows it again, and a seed that repeats the run."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import requests

from playbook3d_conformance.checks.curl import shell_word
from support.breaching_server import (
    CONTRACT,
    CREDENTIALS,
    QUICK,
    Breach,
    breaching_server,
    conformance,
    instead_of,
    json_response,
    run_suite,
)

# Other than the status of valid requests.
ACCEPTED = json_response(202, {"message": "Done."})
# Prints the arguments of each line, as the shell expands them.
STAND_IN = "curl() { printf '%s\\0' \"$@\"; echo; }\n"


def arguments(lines: list[str]) -> list[list[str]]:
    """The arguments of curl in each line, pasted into bash with the credentials in the environment."""
    script = STAND_IN + "\n".join(lines)
    environment = {"PATH": os.environ["PATH"], **CREDENTIALS}
    printed = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True).stdout
    return [line.split("\0")[:-1] for line in printed.splitlines()]


def send(words: list[str]) -> requests.Response:
    """What curl would do."""
    headers = [words[index + 1] for index, word in enumerate(words) if word == "-H"]
    fields = [header.split(": ", 1) if ": " in header else [header.removesuffix(";"), ""] for header in headers]
    query = [words[index + 1].split("=", 1) for index, word in enumerate(words) if word == "--url-query"]
    method = words[words.index("-X") + 1]
    return requests.request(method, words[-1], params=dict(query), headers=dict(fields), timeout=60)


FAULTS: dict[str, tuple[Breach, int]] = {
    "near-miss credentials": (lambda _, response: ACCEPTED if response.status == 401 else response, 202),
    "near-miss UUIDs": (lambda _, response: ACCEPTED if response.status == 400 else response, 202),
    "valid requests": (instead_of(200, json_response(500)), 500),
}


@pytest.mark.parametrize(("breach", "status"), FAULTS.values(), ids=FAULTS)
def test_each_curl_line_shows_the_fault(
    breach: Breach, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with breaching_server(breach) as (url, _):
        where = ("--base-url", url, "--spec", str(CONTRACT), "--reports", str(tmp_path))
        assert conformance(*where, *QUICK) == 1
        lines = re.findall(r"^ +(curl .*)$", capsys.readouterr().out, re.MULTILINE)
        assert lines
        statuses = {line: send(words).status_code for line, words in zip(lines, arguments(lines), strict=True)}
    assert {line: other for line, other in statuses.items() if other != status} == {}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Authorization: Bearer tokentoken", '"Authorization: Bearer $TOKEN"'),
        ("tokentokenx", '"${TOKEN}x"'),
        ("https://h/?key=tokentoken&a=1", '"https://h/?key=$TOKEN&a=1"'),
        ("key: TOKENTOKEN", '"key: $(printf %s "$TOKEN" | tr a-zA-Z A-Za-z)"'),
        ("tokentok!", "\"${TOKEN:0:8}\"'!'"),
        ("it's $HOME", "'it'\"'\"'s $HOME'"),
        ("", "''"),
        ("Basic dXNlcjpwYXNzd29yZA==", '"Basic $(printf %s "$PAIR" | base64 | tr -d \'\\n\')"'),
        ("dXNlcjpwYXNzd29yZA==x", None),
        ("Basic dXNlcjpwYXNzd29yZHg=", None),
    ],
)
def test_credential_becomes_a_variable(text: str, word: str | None) -> None:
    secrets = {"TOKEN": "tokentoken", "PAIR": "user:password"}
    actual = shell_word(text, secrets)
    assert actual == (word or actual)
    assert "dXNlcjpwYXNzd29yZ" not in actual
    environment = {**secrets, "PATH": os.environ["PATH"]}
    script = f"printf %s {actual}"
    assert subprocess.check_output(["bash", "-c", script], env=environment, text=True) == text


def test_seed_repeats_the_requests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def paths(seed: str) -> list[bytes]:
        run = run_suite(tmp_path, options=("--seed", seed, "--examples", "5"))
        return [request.raw_path for request in run.requests if request.method == "POST"]

    first = paths("7")
    assert "--seed 7 repeats" in capsys.readouterr().out
    assert (paths("7"), len(first) > 20) == (first, True)
    assert paths("8") != first


def test_fault_is_shown_with_the_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_suite(tmp_path, instead_of(200, json_response(500)), ("--seed", "7"))
    assert capsys.readouterr().out.endswith("--seed 7 repeats the same requests.\n")
