"""The code samples that the overlay has mended make the right request."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from contract import yaml_io
from playbook3d_mock import Mock

ROOT = Path(__file__).parents[1]
TEAM, RUN = "7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11", "c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22"

# Stands in for curl where there is none, so that the sample is tested on every machine: the shell has by then
# done what the published sample got wrong, its quoting and its variables.
CURL = """
import sys, httpx
words, method, headers, url = iter(sys.argv[1:]), "GET", [], None
for word in words:
    if word == "-X":
        method = next(words)
    elif word == "-H":
        headers.append(tuple(part.strip() for part in next(words).split(":", 1)))
    else:
        url = word
print(httpx.request(method, url, headers=headers).text)
"""


def only(folder: Path, program: str) -> str:
    """A PATH on which ``curl`` is a Python program, and nothing else is to be found, least of all the real one."""
    (folder / "program.py").write_text(program, encoding="utf-8")
    script = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(folder / "program.py"))} "$@"\n'
    (folder / "bin").mkdir()
    (folder / "bin" / "curl").write_text(script, encoding="utf-8")
    (folder / "bin" / "curl").chmod(0o755)
    return str(folder / "bin")


def samples() -> list[tuple[str, str]]:
    contract: Any = yaml_io.to_plain(yaml_io.read(ROOT / "generated" / "openapi.yaml"))
    operation = contract["paths"]["/cancel/{team_id}/{run_id}"]["post"]
    return [(sample["lang"], sample["source"]) for sample in operation["x-codeSamples"]]


class Asked:
    """Serves the mock, and keeps what it was asked."""

    def __init__(self) -> None:
        self.mock = Mock()
        self.requests: list[tuple[str, str, dict[str, str]]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.requests.append((scope["method"], scope["path"], headers))
        await self.mock.asgi(scope, receive, send)


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def environment(asked: Asked) -> Iterator[dict[str, str]]:
    """What a reader of the samples would have set."""
    from playbook3d_mock._transports import serve

    with serve(asked, "127.0.0.1", 0) as url:
        yield {
            **os.environ,
            "PLAYBOOK_BASE_URL": url,
            "PLAYBOOK_API_KEY": asked.mock.api_key,
            "PLAYBOOK_TOKEN": asked.mock.token,
            "TEAM_ID": TEAM,
            "RUN_ID": RUN,
        }


def assert_asked_well(asked: Asked) -> None:
    ((method, path, headers),) = asked.requests
    assert (method, path) == ("POST", f"/cancel/{TEAM}/{RUN}")
    assert headers["authorization"] == f"Bearer {asked.mock.token}"
    assert headers["x-api-key"] == asked.mock.api_key


def test_there_is_one_sample_for_each_language_that_can_be_tested() -> None:
    assert [language for language, _ in samples()] == ["cURL", "Python"]


@pytest.mark.parametrize("curl", ["stand-in", *(["curl"] if shutil.which("curl") else [])])
def test_the_curl_sample_cancels_a_run(curl: str, tmp_path: Path, asked: Asked, environment: dict[str, str]) -> None:
    if curl == "stand-in":
        environment["PATH"] = only(tmp_path, CURL)
    done = subprocess.run(
        ["/bin/sh", "-c", dict(samples())["cURL"]], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == '{"message":"Run successfully canceled."}'
    assert_asked_well(asked)


def test_without_a_base_url_the_curl_sample_asks_the_server_of_the_contract(tmp_path: Path) -> None:
    environment = {"PATH": only(tmp_path, "import sys\nprint(sys.argv[3])\n"), "TEAM_ID": TEAM, "RUN_ID": RUN}
    done = subprocess.run(
        ["/bin/sh", "-c", dict(samples())["cURL"]], env=environment, capture_output=True, text=True, check=True
    )
    assert urlsplit(done.stdout.strip()).geturl() == f"https://api.playbook3d.com/cancel/{TEAM}/{RUN}"


def test_the_python_sample_cancels_a_run(
    asked: Asked, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "environ", environment)
    exec(dict(samples())["Python"], {})  # noqa: S102 (our own text)
    assert capsys.readouterr().out.strip() == (
        "CancelRunResult(message='Run successfully canceled.', additional_properties={})"
    )
    assert_asked_well(asked)
