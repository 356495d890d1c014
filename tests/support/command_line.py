"""The command line: in this process with the fixture client, and as a process of its own, also in a terminal."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from typing import Any, NamedTuple
from unittest.mock import patch

import httpx

from fixture_api._operations import CONTRACT
from fixture_api.api import Operations
from playbook3d_cli._app import run
from playbook3d_cli._operations import Api
from playbook3d_mock import Mock
from support.fixture_client import AsyncFixtureClient

FIXTURE = Api(AsyncFixtureClient, Operations, CONTRACT)
OWNER, THING = "7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11", "c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22"
API_KEY, TOKEN = "key-5b1c9f7e", "token-9d2f4a6c"
CREDENTIALS = {"PLAYBOOK_API_KEY": API_KEY, "PLAYBOOK_TOKEN": TOKEN}

Handler = Callable[[httpx.Request], Any]


class Server(NamedTuple):
    """The mock, and its URL."""

    mock: Mock
    url: str


class Gate(NamedTuple):
    """A request has come; it may be answered."""

    arrived: threading.Event
    released: threading.Event


class Done(NamedTuple):
    """What came of a command."""

    status: int
    stdout: str
    stderr: str
    requests: list[httpx.Request]

    def lines(self) -> list[Any]:
        """Standard output, as JSON lines."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    def error(self) -> dict[str, Any]:
        """The error that ``--json`` printed."""
        error: dict[str, Any] = json.loads(self.stderr)["error"]
        return error


def accept(request: httpx.Request) -> httpx.Response:
    """A response that ``stop_thing`` accepts."""
    return httpx.Response(200, json={"message": "Stopped."})


def command(
    *words: str,
    handler: Handler = accept,
    stdin: io.BytesIO | bytes = b"",
    api: Api = FIXTURE,
    connect: Callable[..., httpx.AsyncClient] | None = None,
    **variables: str,
) -> Done:
    """Run a command in this process; ``handler`` answers its requests, unless ``connect`` makes the httpx client."""
    requests: list[httpx.Request] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        await request.aread()
        requests.append(request)
        response = handler(request)
        return response if isinstance(response, httpx.Response) else await response

    connect = connect or partial(httpx.AsyncClient, transport=httpx.MockTransport(answer))
    given = io.BytesIO(stdin) if isinstance(stdin, bytes) else stdin
    stdout, stderr = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with (
        patch.dict(os.environ, CREDENTIALS | variables),
        patch.object(sys, "stdin", io.TextIOWrapper(given)),
        redirect_stdout(stdout),
        redirect_stderr(stderr),
    ):
        status = run(api, words, connect)
    stdout.flush()
    return Done(status, stdout.buffer.getvalue().decode(), stderr.getvalue(), requests)


@contextmanager
def start(*words: str, url: str, **variables: str) -> Generator[subprocess.Popen[str]]:
    """Start ``playbook3d`` in a process of its own, whose output is read through pipes. It ends with the context."""
    command = [sys.executable, "-m", "playbook3d_cli", *words]
    pipe = subprocess.PIPE
    own = environment(url, **variables)
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=own) as running:
        try:
            yield running
        finally:
            running.kill()


def process(*words: str, url: str, stdin: str = "", **variables: str) -> Done:
    """Run ``playbook3d`` in a process of its own."""
    with start(*words, url=url, **variables) as running:
        stdout, stderr = running.communicate(stdin)
    return Done(running.returncode, stdout, stderr, [])


def environment(url: str, **variables: str) -> dict[str, str]:
    """The environment of a process that calls the server at ``url``."""
    names = ("PATH", "PYTHONPATH", "SYSTEMROOT")
    own = {name: os.environ[name] for name in names if name in os.environ}
    return {**own, **CREDENTIALS, "PLAYBOOK_BASE_URL": url, "COLUMNS": "120", **variables}


# A session of its own has the terminal as its controlling one, so that Ctrl-C is a signal.
_IN_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "playbook3d_cli", *sys.argv[1:]])
"""


class Terminal:
    """A pseudo-terminal in which ``playbook3d`` runs."""

    def __init__(self, words: tuple[str, ...], url: str, variables: dict[str, str]) -> None:
        self._master, slave = os.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _IN_TERMINAL, *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env=environment(url, TERM="xterm-256color", **variables),
        )
        os.close(slave)
        self.shown = ""

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self._master, text.encode())

    def read_until(self, text: str) -> None:
        """Read until a text is shown."""
        while text not in self.shown:
            chunk = self._read()
            assert chunk, self.shown
            self.shown += chunk

    def wait(self) -> int:
        """Read all, and return the exit status."""
        while chunk := self._read():
            self.shown += chunk
        return self._process.wait()

    def _read(self) -> str:
        try:
            return os.read(self._master, 65536).decode()
        except OSError:  # Linux: nobody has the terminal open any more
            return ""

    def close(self) -> None:
        """End the process, if it still runs."""
        self._process.kill()
        self._process.wait()
        os.close(self._master)


@contextmanager
def terminal(*words: str, url: str, **variables: str) -> Generator[Terminal]:
    """Run ``playbook3d`` in a terminal."""
    opened = Terminal(words, url, variables)
    try:
        yield opened
    finally:
        opened.close()
