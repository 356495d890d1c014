"""Many calls at once: one outcome for each id, bounded, and all of them told."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from support.command_line import OWNER, THING, command

STOP = ("stop-thing", OWNER)
IDS = [str(UUID(int=number)) for number in range(1, 8)]


def answering(status: Callable[[str], int]) -> Any:
    """A server that answers the call for an id with a status of its own."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status(request.url.path.split("/")[4]), json={"message": "Said."})

    return answer


def test_last_path_parameter_repeats() -> None:
    done = command(*STOP, *IDS)
    assert done.status == 0
    assert sorted(done.stdout.splitlines()) == [f"{each}: Stopped." for each in IDS]
    assert done.stderr == "7 done.\n"


def test_ids_come_from_standard_input() -> None:
    done = command(*STOP, "-", "--json", stdin="\n".join([IDS[0], "", f"  {IDS[1]}\r", IDS[0]]).encode())
    assert Counter(line["id"] for line in done.lines()) == {IDS[0]: 2, IDS[1]: 1}
    assert len(done.requests) == 3


def test_no_ids_are_no_failure() -> None:
    done = command(*STOP, "-")
    assert (done.status, done.stdout, done.requests) == (0, "", [])
    assert done.stderr == "Standard input had no ids.\n0 done.\n"


def test_json_is_a_line_for_each_id() -> None:
    done = command(
        *STOP, *IDS[:2], "--json", "--keep-going", handler=answering(lambda each: 404 if each == IDS[0] else 200)
    )
    failed, succeeded = sorted(done.lines(), key=lambda line: str(line["id"]))
    assert succeeded == {"id": IDS[1], "state": "done", "result": {"message": "Said."}}
    assert (failed["id"], failed["state"], failed["error"]["type"]) == (IDS[0], "failed", "NotFoundError")
    assert '"summary": {"done": 1, "failed": 1, "unknown": 0, "not_started": 0}' in done.stderr


def test_invalid_ids_are_told_before_anything_is_sent() -> None:
    done = command(*STOP, IDS[0], "me", IDS[1], "you")
    assert (done.status, done.stdout, done.requests) == (2, "", [])
    assert "thing_id must be a UUID, not 'me'" in done.stderr
    assert "not 'you'" in done.stderr
    assert "2 of 4 calls are invalid: nothing was sent." in done.stderr


def test_many_invalid_ids_are_cut() -> None:
    stderr = command(*STOP, *(f"bad-{number}" for number in range(50))).stderr
    assert (stderr.count("must be a UUID"), "50 of 50" in stderr) == (10, True)


def test_no_call_is_started_after_a_failure() -> None:
    done = command(*STOP, *IDS, "--concurrency", "1", handler=answering(lambda each: 404 if each == IDS[1] else 200))
    assert done.status == 1
    assert len(done.requests) == 2
    assert done.stdout == f"{IDS[0]}: Said.\n"
    assert "1 done, 1 failed, 5 not started." in done.stderr
    assert [each for each in IDS[2:] if each in done.stderr] == []


def test_json_lists_what_was_not_started() -> None:
    done = command(*STOP, *IDS, "--concurrency", "1", "--json", handler=answering(lambda _: 404))
    assert [line["id"] for line in done.lines() if line["state"] == "not started"] == IDS[1:]


@pytest.mark.parametrize("depth", [900, 5000])  # too deep to be printed, or to be read
@pytest.mark.parametrize("status", [200, 404])
def test_response_that_is_nested_deeply_has_an_outcome(status: int, depth: int) -> None:
    deep = '{"message": "Said.", "n": ' + "[" * depth + "]" * depth + "}"

    def answer(request: httpx.Request) -> httpx.Response:
        content = deep if IDS[2] in request.url.path else '{"message": "Said."}'
        return httpx.Response(status, headers={"content-type": "application/json"}, content=content)

    done = command(*STOP, *IDS, "--json", "--keep-going", handler=answer)
    states = {line["id"]: line["state"] for line in done.lines()}
    assert sorted(states) == IDS
    assert {states[each] for each in IDS if each != IDS[2]} == {"done" if status == 200 else "failed"}
    assert done.status in (0, 1)


def test_any_error_of_a_call_is_its_outcome() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if IDS[2] in request.url.path:
            raise RuntimeError("of the transport")
        return httpx.Response(200, json={"message": "Said."})

    done = command(*STOP, *IDS, "--keep-going", handler=answer)
    assert done.status == 1
    assert "6 done, 1 failed." in done.stderr


def test_keep_going_makes_every_call() -> None:
    done = command(*STOP, *IDS, "--keep-going", handler=answering(lambda each: 200 if each == IDS[3] else 404))
    assert (done.status, len(done.requests)) == (1, 7)
    assert done.stderr.count(": failed: stop_thing answered 404") == 6
    assert done.stderr.count("hint: ") == 1
    assert "1 done, 6 failed." in done.stderr


def test_exit_status_is_the_worst_of_the_batch() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if IDS[2] in request.url.path:
            raise httpx.ConnectError("refused")
        return httpx.Response(404 if IDS[4] in request.url.path else 200, json={"message": "Said."})

    assert command(*STOP, *IDS, "--keep-going", "--max-retries", "0", handler=answer).status == 3


@pytest.mark.parametrize("concurrency", [1, 3, 16])
def test_concurrency_is_bounded(concurrency: int) -> None:
    in_flight = most = 0

    async def slow() -> httpx.Response:
        nonlocal in_flight, most
        in_flight += 1
        most = max(most, in_flight)
        for _ in range(20):
            await asyncio.sleep(0)
        in_flight -= 1
        return httpx.Response(200, json={"message": "Said."})

    assert command(*STOP, *IDS, "--concurrency", str(concurrency), handler=lambda _: slow()).status == 0
    assert most == min(concurrency, len(IDS))


def test_single_call_is_no_batch() -> None:
    assert (command(*STOP, THING).stdout, command(*STOP, THING).stderr) == ("Stopped.\n", "")


def test_result_of_several_lines_is_indented() -> None:
    thing = {"id": THING, "state": "queued"}
    done = command("get-thing", "a", "b", handler=lambda _: httpx.Response(200, json=thing))
    assert re.search(r'^a: \{\n    "id": ".*",\n    "state": "queued"\n  \}$', done.stdout, flags=re.MULTILINE)
