"""Ways to cancel a run: the client in its forms, and what people write without it.

Each is a context manager that takes the server's URL, and gives a function that makes one call.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from importlib.util import find_spec
from typing import Any
from uuid import UUID

import httpx
import requests

from playbook3d_api import AuthenticatedClient
from playbook3d_api.api.workflows import cancel_run
from playbook3d_client import AsyncPlaybookClient, PlaybookClient

KEY, TOKEN = "key-5b1c9f7e", "token-9d2f4a6c"
TEAM, RUN = UUID("7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11"), UUID("c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22")
PATH = f"/cancel/{TEAM}/{RUN}"
HEADERS = {"x-api-key": KEY, "Authorization": f"Bearer {TOKEN}"}

Blocking = Callable[[str], AbstractContextManager[Callable[[], object]]]
Asynchronous = Callable[[str], AbstractAsyncContextManager[Callable[[], Awaitable[object]]]]

HANDWRITTEN = "hand-written httpx"
CLIENT = "the client"
STYLE = "the client, generated style"
STOCK = "stock generated functions"
ONCE = "requests, connection and token each time"
HTTPX = "the client over an httpx client of yours"
HTTPX2 = "the client over an httpx2 client of yours"
PYREQWEST = "the client over pyreqwest's transport"


@contextmanager
def _handwritten(url: str) -> Generator[Callable[[], object]]:
    with httpx.Client() as http:
        yield lambda: http.post(url + PATH, headers=HEADERS).raise_for_status().json()["message"]


@contextmanager
def _client(url: str, http_client: Any = None) -> Generator[Callable[[], object]]:
    with PlaybookClient(api_key=KEY, token=TOKEN, base_url=url, http_client=http_client) as client:
        yield lambda: client.workflows.cancel_run(TEAM, RUN)


@contextmanager
def _httpx(url: str) -> Generator[Callable[[], object]]:
    with httpx.Client() as http, _client(url, http) as call:
        yield call


@contextmanager
def _style(url: str) -> Generator[Callable[[], object]]:
    with PlaybookClient(api_key=KEY, token=TOKEN, base_url=url) as client:
        yield lambda: cancel_run.sync(TEAM, RUN, client=client.generated)


@contextmanager
def _stock(url: str) -> Generator[Callable[[], object]]:
    with AuthenticatedClient(base_url=url, token=TOKEN, headers={"x-api-key": KEY}) as client:
        yield lambda: cancel_run.sync(TEAM, RUN, client=client)


@contextmanager
def _once(url: str) -> Generator[Callable[[], object]]:
    """What the vendor's own package does."""

    def call() -> object:
        fetched = requests.get(f"{url}/token-wrapper/get-tokens/{KEY}", timeout=30)
        headers = {"x-api-key": KEY, "Authorization": f"Bearer {fetched.json()['access_token']}"}
        response = requests.post(url + PATH, headers=headers, timeout=30)
        response.raise_for_status()
        return response.json()["message"]

    yield call


@asynccontextmanager
async def _async_handwritten(url: str) -> AsyncGenerator[Callable[[], Awaitable[object]]]:
    async with httpx.AsyncClient(timeout=60) as http:

        async def call() -> object:
            return (await http.post(url + PATH, headers=HEADERS)).raise_for_status().json()["message"]

        yield call


@asynccontextmanager
async def _async_client(url: str, http_client: Any = None) -> AsyncGenerator[Callable[[], Awaitable[object]]]:
    async with AsyncPlaybookClient(api_key=KEY, token=TOKEN, base_url=url, http_client=http_client) as client:
        yield lambda: client.workflows.cancel_run(TEAM, RUN)


@asynccontextmanager
async def _async_httpx(url: str) -> AsyncGenerator[Callable[[], Awaitable[object]]]:
    async with httpx.AsyncClient(timeout=60) as http, _async_client(url, http) as call:
        yield call


@asynccontextmanager
async def _async_httpx2(url: str) -> AsyncGenerator[Callable[[], Awaitable[object]]]:
    import httpx2

    async with httpx2.AsyncClient(timeout=60) as http, _async_client(url, http) as call:
        yield call


@asynccontextmanager
async def _async_pyreqwest(url: str) -> AsyncGenerator[Callable[[], Awaitable[object]]]:
    from pyreqwest.compatibility.httpx import HttpxTransport

    async with httpx.AsyncClient(transport=HttpxTransport(), timeout=60) as http, _async_client(url, http) as call:
        yield call


@asynccontextmanager
async def _async_style(url: str) -> AsyncGenerator[Callable[[], Awaitable[object]]]:
    async with AsyncPlaybookClient(api_key=KEY, token=TOKEN, base_url=url) as client:
        yield lambda: cancel_run.asyncio(TEAM, RUN, client=client.generated)


@asynccontextmanager
async def _async_stock(url: str) -> AsyncGenerator[Callable[[], Awaitable[object]]]:
    async with AuthenticatedClient(base_url=url, token=TOKEN, headers={"x-api-key": KEY}) as client:
        yield lambda: cancel_run.asyncio(TEAM, RUN, client=client)


BLOCKING: dict[str, Blocking] = {
    HANDWRITTEN: _handwritten,
    CLIENT: _client,
    HTTPX: _httpx,
    STYLE: _style,
    STOCK: _stock,
    ONCE: _once,
}
ASYNCHRONOUS: dict[str, Asynchronous] = {
    HANDWRITTEN: _async_handwritten,
    CLIENT: _async_client,
    HTTPX: _async_httpx,
    STYLE: _async_style,
    STOCK: _async_stock,
}
# Where they are installed.
if find_spec("httpx2"):
    ASYNCHRONOUS[HTTPX2] = _async_httpx2
if find_spec("pyreqwest"):
    ASYNCHRONOUS[PYREQWEST] = _async_pyreqwest
