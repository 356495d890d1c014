"""``make demo``: cancels a run through the client, against the mock, and shows what went over the wire.

The mock is a process of its own, as it would be beside a program under test. Exit status 0 only if the run was
cancelled twice, blocking and async, and a wrong token was rejected.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx

from playbook3d_client import AsyncPlaybookClient, AuthenticationError, PlaybookClient

TEAM = UUID("7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11")
RUN = UUID("c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22")
EXPECTED = "Run successfully canceled."

Hooks = dict[str, list[Callable[..., Any]]]


def show_request(request: httpx.Request) -> None:
    print(f"  > {request.method} {request.url.path}")
    for name, shown in (("x-api-key", "***"), ("authorization", "Bearer ***")):
        if name in request.headers:
            print(f"  > {name}: {shown}")


def show_response(response: httpx.Response) -> None:
    response.read()
    print(f"  < {response.status_code} {response.reason_phrase}")
    print(f"  < {json.dumps(response.json())}")


async def show_request_async(request: httpx.Request) -> None:
    show_request(request)


async def show_response_async(response: httpx.Response) -> None:
    await response.aread()
    show_response(response)


@contextmanager
def running_mock() -> Generator[dict[str, str], None, None]:
    """The settings that the mock prints, as long as it runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "playbook3d_mock", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stdout is not None
            yield dict(process.stdout.readline().strip().split("=", 1) for _ in range(3))
        finally:
            process.terminate()
    print(f"\nThe mock has stopped, with exit status {process.returncode}.")
    if process.returncode:
        raise SystemExit(1)


def cancel(settings: dict[str, str], token: str) -> str | None:
    hooks: Hooks = {"request": [show_request], "response": [show_response]}
    with (
        httpx.Client(event_hooks=hooks, trust_env=False) as http,  # no proxy: the mock is on this machine
        PlaybookClient(
            api_key=settings["PLAYBOOK_API_KEY"],
            token=token,
            base_url=settings["PLAYBOOK_BASE_URL"],
            http_client=http,
        ) as client,
    ):
        result = client.workflows.cancel_run(TEAM, RUN)
        print(f"  {result!r}")
        return result.message or None


async def cancel_async(settings: dict[str, str]) -> str | None:
    hooks: Hooks = {"request": [show_request_async], "response": [show_response_async]}
    async with (
        httpx.AsyncClient(event_hooks=hooks, trust_env=False) as http,  # as above
        AsyncPlaybookClient(
            api_key=settings["PLAYBOOK_API_KEY"],
            token=settings["PLAYBOOK_TOKEN"],
            base_url=settings["PLAYBOOK_BASE_URL"],
            http_client=http,
        ) as client,
    ):
        result = await client.workflows.cancel_run(str(TEAM), str(RUN))
        print(f"  {result!r}")
        return result.message or None


def main() -> int:
    with running_mock() as settings:
        print(f"The mock serves the contract at {settings['PLAYBOOK_BASE_URL']}.")
        print("\nBlocking: client.workflows.cancel_run(team_id, run_id)")
        blocking = cancel(settings, settings["PLAYBOOK_TOKEN"])
        print("\nAsync: await client.workflows.cancel_run(team_id, run_id)")
        asynchronous = asyncio.run(cancel_async(settings))
        print("\nWith a wrong token:")
        try:
            cancel(settings, "a-wrong-token")
            rejected = False
        except AuthenticationError as error:
            print(f"  {type(error).__name__}: {error}")
            rejected = True
    if (blocking, asynchronous, rejected) != (EXPECTED, EXPECTED, True):
        print("This is not what should have happened.", file=sys.stderr)
        return 1
    print("Cancelled twice, rejected once: all as it should be.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
