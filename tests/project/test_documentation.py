"""What the documentation shows works: its Python runs against the mock, its commands do what it says."""

import argparse
import json
import logging
import os
import re
import shlex
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from markdown_it import MarkdownIt
from packaging.utils import parse_wheel_filename
from ruamel.yaml import YAML

import playbook3d_client
from contract.__main__ import main
from playbook3d_conformance.__main__ import main as conformance
from playbook3d_conformance.server.options import read_options
from playbook3d_mock import Mock
from playbook3d_mock._server import serve

ROOT = Path(__file__).parents[2]
TEAM, RUN = "7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11", "c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22"
# Those that people write; by the path in the project.
PAGES = {
    path.relative_to(ROOT).as_posix(): MarkdownIt().enable("table").parse(path.read_text(encoding="utf-8"))
    for path in [*ROOT.glob("*.md"), *ROOT.glob("[!.]*/README.md"), *ROOT.glob("[!.]*/[!.]*/README.md")]
    if path.relative_to(ROOT).parts[0] not in ("dist", "reports")
}


def blocks(language: str, page: str) -> list[str]:
    return [token.content for token in PAGES[page] if token.type == "fence" and token.info == language]


OK = "Run successfully canceled.\n"
REFUSED = "cancel_run answered 402: Payment Required. Subscription not active or no credits available.\n"
NOT_FOUND = "Not Found. The run or team was not found."
# What each Python block that is not a test prints, by page and in its order: by the status that the mock answers.
PRINTED: dict[str, list[dict[int | None, str]]] = {
    "README.md": [
        {
            None: OK,
            402: f"Not cancelled: {REFUSED}",
            404: "There is no such run.\n",
        },
        {None: f"{RUN} {OK}"},
        {None: ""},
        {None: "Done.\n"},
    ],
    "overrides/playbook3d_client/README.md": [
        {None: OK},
        {None: "200 application/json 0\nRun successfully canceled.\n"},
        {None: "CancelRunResult(message='Run successfully canceled.', additional_properties={})\n"},
        {
            None: "",
            402: "No credits are left.\n",
            404: f"404 {{'result': '{NOT_FOUND}'}} None 0\ncancel_run answered 404: {NOT_FOUND}\n",
        },
        {None: "CancelRunResult(message='Run successfully canceled.', additional_properties={})\n"},
    ],
    "tests/playbook3d_mock/README.md": [
        {None: OK},
        {None: f"{OK}2 requests\n"},
        {None: f"{OK}cancel_run answered 404: It was cancelled before.\n"},
        {None: 'cancel_run 200: body/message: the value is not of type "string"\n'},
    ],
}
TESTS = [source for page in PAGES for source in blocks("python", page) if "def test_" in source]
EXAMPLES = [
    pytest.param(source, status, text, id=f"{page}-{number}-{status}")
    for page in PAGES
    for number, (source, printed) in enumerate(
        zip([source for source in blocks("python", page) if source not in TESTS], PRINTED.get(page, ()), strict=True)
    )
    for status, text in printed.items()
]
USER_KEY = "user/key?1"


class Servers:
    """The mock, which answers with a certain status if it is to, and the accounts server beside it."""

    def __init__(self, status: int | None) -> None:
        self.mock = Mock()
        self._prefer = [] if status is None else [(b"prefer", f"code={status}".encode())]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/cancel/"):
            known = scope["raw_path"] == b"/token-wrapper/get-tokens/user%2Fkey%3F1"
            body = json.dumps({"access_token": self.mock.token}).encode()
            await send({"type": "http.response.start", "status": 200 if known else 404, "headers": []})
            await send({"type": "http.response.body", "body": body if known else b""})
        else:
            headers = [*scope.get("headers", ()), *self._prefer]
            await self.mock.asgi({**scope, "headers": headers}, receive, send)


@pytest.mark.parametrize(("source", "status", "printed"), EXAMPLES)
def test_python_prints_what_the_text_says(
    source: str,
    status: int | None,
    printed: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    servers = Servers(status)
    with serve(servers, "127.0.0.1", 0) as url:
        monkeypatch.setenv("PLAYBOOK_BASE_URL", url)
        monkeypatch.setenv("PLAYBOOK_API_KEY", servers.mock.api_key)
        if "CachedToken" in source:
            monkeypatch.setenv("PLAYBOOK_ACCOUNTS_URL", url)
            monkeypatch.setenv("PLAYBOOK_USER_KEY", USER_KEY)
        else:
            monkeypatch.setenv("PLAYBOOK_TOKEN", servers.mock.token)
        monkeypatch.setenv("TEAM_ID", TEAM)
        monkeypatch.setenv("RUN_ID", RUN)
        exec(source, {})  # noqa: S102 (our own text)
    assert tuple(capsys.readouterr()) == (printed, "")
    for secret in (servers.mock.api_key, servers.mock.token, USER_KEY, quote(USER_KEY, safe="")):
        assert secret not in caplog.text


@pytest.mark.parametrize("source", TESTS)
def test_tests_pass_as_shown(source: str, tmp_path: Path) -> None:
    (tmp_path / "test_shown.py").write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shown.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert f"{source.count('def test_')} passed" in done.stdout


def test_every_error_is_documented() -> None:
    (tree,) = blocks("text", "README.md")
    assert [name for name in playbook3d_client.__all__ if name.endswith("Error") and name not in tree] == []


def test_first_example_handles_a_missing_credential(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEAM_ID", TEAM)
    monkeypatch.setenv("RUN_ID", RUN)
    monkeypatch.setenv("PLAYBOOK_BASE_URL", "no-url")
    exec(blocks("python", "README.md")[0], {})  # noqa: S102 (our own text)
    assert capsys.readouterr().out.startswith("Not cancelled: ")


def test_first_example_handles_a_malformed_id(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEAM_ID", "my-team")
    monkeypatch.setenv("RUN_ID", RUN)
    exec(blocks("python", "README.md")[0], {})  # noqa: S102 (our own text)
    assert capsys.readouterr().out == "Not an id: team_id must be a UUID, not 'my-team'\n"


COMMANDS = [line for page in PAGES for block in blocks("sh", page) for line in block.splitlines() if line]


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make ")])
def test_make_command_is_a_target(command: str) -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert f"\n  make {command.split()[1]} " in f"\n{listed}"
    # -n prints the commands, and fails for a target that does not exist.
    subprocess.run(["make", "-n", *command.split()[1:]], cwd=ROOT, capture_output=True, check=True)


def test_mock_is_served_as_shown() -> None:
    command, with_port = (line for line in COMMANDS if "playbook3d_mock" in line)
    assert with_port == command.replace("--port 0", "--port 8000")
    arguments = command.split()
    assert arguments[0] == "python"
    with subprocess.Popen(
        [sys.executable, *arguments[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        guard = threading.Timer(30, process.kill)  # for a mock that never starts
        guard.start()
        assert process.stdout is not None
        printed = [process.stdout.readline().strip() for _ in range(3)]
        process.terminate()
        assert process.wait() == 0
        guard.cancel()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert re.fullmatch(r"PLAYBOOK_BASE_URL=http://127\.0\.0\.1:\d+", printed[0])
    assert printed[1:] == ["PLAYBOOK_API_KEY=key-5b1c9f7e", "PLAYBOOK_TOKEN=token-9d2f4a6c"]


def send_as_curl(command: str) -> Any:
    """Send what a curl line sends, and read the JSON of the response: curl itself may not be there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-X", default="GET")
    parser.add_argument("-d")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("url")
    options = parser.parse_args(shlex.split(command)[1:])
    headers = {"content-type": "application/x-www-form-urlencoded"} if options.d else {}
    headers |= dict(line.split(": ", 1) for line in options.H)
    with httpx.Client(trust_env=False) as http:
        response = http.request(options.X, options.url, headers=headers, content=options.d)
    return response.json() if response.content else None


def test_curl_programs_the_mock_as_shown() -> None:
    mock = Mock(api_key="key-5b1c9f7e", token="token-9d2f4a6c")
    commands = [line for line in COMMANDS if line.startswith("curl ")]
    with mock.serve() as url:
        printed = [send_as_curl(command.replace("http://127.0.0.1:8000", url)) for command in commands]
    assert printed[1]["result"].startswith("Payment Required.")
    assert [(entry["operation"], entry["status"]) for entry in printed[2]] == [("cancel_run", 402)]
    assert len(mock.journal) == 0


def test_contract_can_be_tried_in_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (command,) = [line for line in COMMANDS if "contract generate" in line]
    words = [word.replace("reports/trial", str(tmp_path / "new" / "trial")) for word in command.split()]
    assert words[:3] == [".venv/bin/python", "-m", "contract"]
    monkeypatch.chdir(ROOT)
    assert main(words[3:]) == 0
    assert (tmp_path / "new" / "trial" / "playbook3d_api" / "_operations.py").is_file()


SUITE = "python -m playbook3d_conformance "
SUITE_PAGE = "tests/playbook3d_conformance/README.md"


@pytest.mark.parametrize(
    "command", sorted({line for line in COMMANDS if line.startswith(f"{SUITE}-") and ">" not in line})
)
def test_suite_plans_what_is_shown(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert conformance([*shlex.split(command.removeprefix(SUITE)), "--dry-run"]) == 0
    assert capsys.readouterr().out.endswith("--dry-run: nothing was sent.\n")


def test_job_for_ci_tests_a_server_with_its_credentials() -> None:
    (job,) = YAML(typ="safe").load(blocks("yaml", "README.md")[0])["jobs"].values()
    commands = [step.get("run", "") for step in job["steps"]]
    (command,) = [command for command in commands if command.startswith(SUITE)]
    base_url = read_options(shlex.split(command.removeprefix(SUITE))).base_url
    wait = commands[commands.index(command) - 1]
    assert wait.startswith("curl --retry 30 ")
    assert wait.endswith(f" --retry-connrefused --silent --output /dev/null {base_url}")
    credentials = {name: value for name, value in job["env"].items() if name != "WHEEL"}
    assert credentials.keys() == Mock().environment.keys()
    assert not any("secrets." in value for value in credentials.values())  # forks have none
    assert job["steps"][-1]["with"]["path"] == str(read_options(["--mock"]).reports)


def test_job_for_ci_installs_the_wheel_by_its_name() -> None:
    (job,) = YAML(typ="safe").load(blocks("yaml", "README.md")[0])["jobs"].values()
    name, *_ = parse_wheel_filename(job["env"]["WHEEL"].rpartition("/")[2])
    assert name == "playbook3d-client"


def test_every_option_of_the_suite_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_options(["--help"])
    page = (ROOT / SUITE_PAGE).read_text(encoding="utf-8")
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert len(options) > 10
    assert [option for option in options if option not in page] == []


def test_stock_schemathesis_runs_as_shown(tmp_path: Path) -> None:
    (script,) = [block for block in blocks("sh", SUITE_PAGE) if "schemathesis run" in block]
    mock = Mock()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, **mock.environment, "PATH": path}
    with mock.serve() as url:
        command = ["sh", "-e", "-c", script.replace("http://127.0.0.1:8000", url)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "No issues found" in done.stdout
    assert "2 of 2 parameters" in done.stdout  # of EverythingReached, a check of the suite


CALLS = ("playbook3d --help", "playbook3d cancel-run ")


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith(CALLS)])
def test_command_of_the_command_line_succeeds(command: str, tmp_path: Path) -> None:
    program = tmp_path / "playbook3d"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m playbook3d_cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "run-ids.txt").write_text(f"{RUN}\n{TEAM}\n", encoding="utf-8")
    mock = Mock()
    with mock.serve() as url:
        environment = {**os.environ, **mock.environment, "PLAYBOOK_BASE_URL": url, "TEAM_ID": TEAM, "RUN_ID": RUN}
        environment["PATH"] = f"{tmp_path}{os.pathsep}{environment['PATH']}"
        done = subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    if "--help" not in command:
        mock.assert_called("cancel_run", times=2 if "run-ids.txt" in command else 1)


def test_every_command_is_tested() -> None:
    known = (
        "make ",
        "pip install .",  # make dist installs the wheel
        "pip install '.[cli]'",
        "pip install '.[mock]'",
        *CALLS,
        "curl ",
        "python -m playbook3d_mock ",
        ".venv/bin/python -m contract generate ",
        "pip install '.[conformance]'",
        SUITE,
        "schemathesis run ",
    )
    assert [line for line in COMMANDS if not line.startswith(known)] == []


def anchors(page: str) -> set[str]:
    """The anchors of its headings, as forges make them."""
    tokens = PAGES[page]
    titles = [tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(page: str) -> list[str]:
    inline = [child for token in PAGES[page] for child in token.children or ()]
    return [str(child.attrs["href"]) for child in inline if child.type == "link_open"]


@pytest.mark.parametrize("page", PAGES)
def test_relative_links_lead_somewhere(page: str) -> None:
    for link in links(page):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.resolve().relative_to(ROOT).as_posix()), link


def test_every_page_is_linked_from_another() -> None:
    linked = {
        os.path.normpath(Path(page).parent / link.partition("#")[0])
        for page in PAGES
        for link in links(page)
        if "://" not in link
    }
    assert set(PAGES) <= linked
