"""A 429 slows the whole batch: no request is sent while the pause lasts."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from playbook3d_cli._pace import Pace
from support.command_line import OWNER, command

IDS = [str(UUID(int=number)) for number in range(1, 6)]
REQUEST = httpx.Request("GET", "https://api.example")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def pauses(*responses: httpx.Response, between: float = 0.0) -> list[float]:
    """The pauses that begin with responses, so many seconds after the end of the pause before."""
    begun: list[float] = []
    clock = Clock()
    pace = Pace(begun.append, clock)
    for response in responses:
        clock.now += pace.seconds_left + between
        asyncio.run(pace.after_response(response))
    return begun


def busy(retry_after: str | None = None) -> httpx.Response:
    return httpx.Response(429, headers={} if retry_after is None else {"retry-after": retry_after})


def test_retry_after_is_the_pause() -> None:
    assert pauses(busy("7"), busy("0.5")) == [7.0, 0.5]


def test_backoff_grows_from_one_429_to_the_next() -> None:
    assert pauses(*(busy() for _ in range(6))) == [0.5, 1, 2, 4, 8, 8]


def test_backoff_begins_anew_after_another_status() -> None:
    assert pauses(busy(), busy(), httpx.Response(200), busy()) == [0.5, 1, 0.5]


def test_long_retry_after_is_cut() -> None:
    assert pauses(busy("3600")) == [120]


def test_several_429_at_once_are_one_pause() -> None:
    begun: list[float] = []
    clock = Clock()
    pace = Pace(begun.append, clock)
    for response in (busy(), busy(), busy(), busy("3"), busy("2")):
        asyncio.run(pace.after_response(response))
    assert begun == [0.5, 3]
    assert pace.seconds_left == 3
    clock.now += 3
    assert pace.seconds_left == 0


def test_request_waits_for_the_end_of_the_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.now += seconds

    monkeypatch.setattr(asyncio, "sleep", sleep)
    pace = Pace(lambda _: None, clock)

    async def requests() -> None:
        await pace.before_request(REQUEST)
        await pace.after_response(busy("7"))
        await pace.before_request(REQUEST)

    asyncio.run(requests())
    assert slept == [7]


def test_no_call_of_a_batch_is_started_during_the_pause() -> None:
    times: list[float] = []
    resumed = asyncio.Event()

    async def answer() -> httpx.Response:
        times.append(asyncio.get_running_loop().time())
        match len(times):
            case 1:
                return busy("0.2")
            case 2:  # in flight when the pause begins, until it ends
                await resumed.wait()
            case _:
                resumed.set()
        return httpx.Response(200, json={"message": "Stopped."})

    done = command("stop-thing", OWNER, *IDS, "--concurrency", "2", handler=lambda _: answer())
    assert done.status == 0
    assert len(times) == len(IDS) + 1
    assert min(times[2:]) - times[0] >= 0.2
    assert "Too many requests (429): all calls wait 0.2 s." in done.stderr


def test_pause_holds_back_the_retry_of_another_call() -> None:
    order: list[str] = []
    times: dict[str, Any] = {}

    async def answer(request: httpx.Request) -> httpx.Response:
        each = request.url.path.split("/")[4]
        order.append(each)
        now = asyncio.get_running_loop().time()
        if order == [IDS[0]]:
            return httpx.Response(503, headers={"retry-after": "0.01"})
        if each == IDS[1] and order.count(each) == 1:
            times["busy"] = now
            return busy("0.3")
        times.setdefault("next", now)
        return httpx.Response(200, json={"message": "Stopped."})

    assert command("stop-thing", OWNER, *IDS[:2], handler=answer).status == 0
    assert times["next"] - times["busy"] >= 0.3
