"""The mock behind a server, for commands in processes of their own."""

from collections.abc import Generator

import pytest

from playbook3d_mock import Mock
from support.command_line import API_KEY, TOKEN, Server


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
