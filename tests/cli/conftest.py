"""The mock behind a server, for commands in processes of their own."""

import threading
from collections.abc import Generator

import pytest

from playbook3d_mock import Mock
from support.command_line import API_KEY, TOKEN, Gate, Server


@pytest.fixture(scope="module")
def running_server() -> Generator[Server]:
    mock = Mock(api_key=API_KEY, token=TOKEN)
    with mock.serve() as url:
        yield Server(mock, url)


@pytest.fixture
def server(running_server: Server) -> Server:
    """The server, without the requests and scripts of the test before."""
    running_server.mock.reset()
    return running_server


@pytest.fixture
def gate(server: Server) -> Generator[Gate]:
    """Holds the reply to each request until the test releases it."""
    gate = Gate(threading.Event(), threading.Event())

    def reply(_: object) -> None:
        gate.arrived.set()
        gate.released.wait(60)

    server.mock.on("cancel_run").reply(reply)
    yield gate
    gate.released.set()
