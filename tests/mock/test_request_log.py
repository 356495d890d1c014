"""``--log``: a line for each request."""

import io

import pytest

from playbook3d_mock import Mock
from playbook3d_mock._request_log import request_log
from support.mock_requests import KEY, STOP, TOKEN, ask, get, read_contract

SECRETS = {"key": f"{KEY}-secret", "key_in_query": KEY, "bearer": TOKEN}


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)


def logged(stream: io.StringIO) -> str:
    """What three requests write."""
    mock = Mock(read_contract("runs"), credentials=SECRETS)
    mock.journal.listener = request_log(stream)
    ask(mock=mock, x_key=SECRETS["key"])
    get(f"/nothing?{SECRETS['key']}", mock=mock)
    mock.on("stop_run").reply(503)
    ask(mock=mock, x_key=SECRETS["key"])
    return stream.getvalue()


PLAIN = (
    f"POST {STOP} 200 stop_run\n"
    "GET /nothing?*** 404 -: no path of the contract matches\n"
    f"POST {STOP} 503 stop_run: by script\n"
)


def test_each_request_is_a_line_without_credentials() -> None:
    assert logged(io.StringIO()) == PLAIN


def test_terminal_shows_the_status_in_colour() -> None:
    colors = {" 200 ": " \x1b[32m200\x1b[0m ", " 404 ": " \x1b[33m404\x1b[0m ", " 503 ": " \x1b[31m503\x1b[0m "}
    expected = PLAIN
    for plain, colored in colors.items():
        expected = expected.replace(plain, colored)
    assert logged(Terminal()) == expected


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert logged(Terminal()) == PLAIN


def test_closed_stream_does_not_fail_the_request() -> None:
    mock = Mock(read_contract("runs"), credentials=SECRETS)
    stream = io.StringIO()
    mock.journal.listener = request_log(stream)
    stream.close()
    assert ask(mock=mock, x_key=SECRETS["key"]).status == 200
