"""The pytest plugin: a mock of the API as fixture, in process and over HTTP.

| fixture | what it is |
| --- | --- |
| ``playbook_mock`` | a ``Mock`` of the contract that comes with the package |
| ``playbook_mock_url`` | the URL at which the same mock is served |

Each test finds the mock without scripts, journal and listener. The plugin imports the mock only for tests that use a
fixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playbook3d_mock._mock import Mock


@pytest.fixture(scope="session")
def _playbook_mock_of_session() -> Mock:
    try:
        from playbook3d_mock import Mock
    except ModuleNotFoundError as error:
        _fail(error)
    return Mock()


@pytest.fixture(scope="session")
def _playbook_server(_playbook_mock_of_session: Mock) -> Iterator[str]:
    try:
        with _playbook_mock_of_session.serve() as url:
            yield url
    except ModuleNotFoundError as error:
        _fail(error)


@pytest.fixture
def playbook_mock(_playbook_mock_of_session: Mock) -> Mock:
    """A mock of the Playbook API in process: give ``playbook_mock.transport`` to an ``httpx.Client``."""
    _playbook_mock_of_session.reset()
    _playbook_mock_of_session.journal.listener = None
    return _playbook_mock_of_session


@pytest.fixture
def playbook_mock_url(playbook_mock: Mock, _playbook_server: str) -> str:
    """The URL at which ``playbook_mock`` is served."""
    return _playbook_server


def _fail(error: ModuleNotFoundError) -> NoReturn:
    message = f"the mock needs {error.name}: pip install 'playbook3d-client[mock]'"
    raise pytest.fail.Exception(message, pytrace=False) from None
