"""In a terminal: colours, a progress bar, Ctrl-C from the keyboard."""

import os
from uuid import UUID

import pytest

from support.command_line import OWNER, THING, Gate, Server, terminal

CANCEL = ("cancel-run", OWNER)
IDS = [str(UUID(int=number)) for number in range(1, 7)]
RED = "\x1b[1;31m"

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals here")


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_errors_have_colour_unless_it_is_unwanted(server: Server, variables: dict[str, str], coloured: bool) -> None:
    server.mock.on("cancel_run").reply(404)
    with terminal(*CANCEL, THING, url=server.url, **variables) as shown:
        assert shown.wait() == 1
    assert "cancel_run answered 404" in shown.shown
    assert (RED in shown.shown) == coloured


def test_batch_has_a_progress_bar(server: Server) -> None:
    with terminal(*CANCEL, *IDS, url=server.url) as shown:
        assert shown.wait() == 0
    assert "6/6" in shown.shown
    assert [each for each in IDS if f"{each}: Run successfully canceled." not in shown.shown] == []
    assert shown.shown.rstrip().endswith("6 done.")


def test_ctrl_c_of_the_keyboard_stops_the_batch(server: Server, gate: Gate) -> None:
    with terminal(*CANCEL, *IDS, "--concurrency", "1", url=server.url) as shown:
        assert gate.arrived.wait(60)
        shown.type("\x03")
        shown.read_until("calls in flight (1)")
        gate.released.set()
        assert shown.wait() == 130
    assert "1 done, 5 not started." in shown.shown


def test_ids_may_be_typed(server: Server) -> None:
    with terminal(*CANCEL, "-", url=server.url) as shown:
        shown.read_until("Reading ids from the terminal, one per line; Ctrl-D ends.")
        shown.type(f"{IDS[0]}\n\x04")
        assert shown.wait() == 0
    assert "1 done." in shown.shown
