"""Rows of counts: what a hundred calls are on the wire, and the memory that many calls keep."""

import asyncio
import gc
import sys
from collections.abc import Iterator

import httpx

from benchmarks.contenders import ASYNCHRONOUS, BLOCKING, CLIENT, KEY, RUN, TEAM, TOKEN
from benchmarks.loopback import RESULT, loopback_server
from benchmarks.measuring import Figure, count
from playbook3d_client import PlaybookClient


def figures(scale: float) -> Iterator[Figure]:
    """All rows; ``scale`` multiplies the calls whose memory is counted."""
    with loopback_server() as url:
        with BLOCKING[CLIENT](url) as call:
            for _ in range(100):
                call()
        yield from _traffic("100 calls", url)
    with loopback_server() as url:
        asyncio.run(_hundred(url))
        yield from _traffic("100 async calls", url)
    yield _growth(max(500, round(50_000 * scale)))


async def _hundred(url: str) -> None:
    async with ASYNCHRONOUS[CLIENT](url) as call:
        for _ in range(100):
            await call()


def _traffic(calls: str, url: str) -> Iterator[Figure]:
    own = httpx.get(url).headers  # itself a request on a connection of its own
    for name, bound in (("requests", 100), ("connections", 1)):
        yield Figure(f"{name} of {calls}", processor=count(int(own[name]) - 1), at_most=bound)


def _growth(calls: int) -> Figure:
    """How much more memory is in use after many calls, when each of Python's blocks counts as the largest, 512 bytes.

    Counting blocks costs nothing, where tracemalloc would take four times as long.
    """
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=RESULT))
    with httpx.Client(transport=transport) as http:
        client = PlaybookClient(api_key=KEY, token=TOKEN, http_client=http)
        blocks: list[int] = []
        for times in (5_000, calls):
            for _ in range(times):
                client.workflows.cancel_run(TEAM, RUN)
            gc.collect()
            blocks.append(sys.getallocatedblocks())
    kept = max(0.0, 512 * (blocks[1] - blocks[0]) / calls)
    return Figure(f"memory kept of each of {calls:,} calls", processor=count(kept), at_most=1, unit="bytes")
