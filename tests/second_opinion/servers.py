"""The two servers, and what a request to one of them comes to."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from support import prism

#: A context manager that serves the contract, and gives the URL.
Serve = Callable[[], AbstractContextManager[str]]

NO_RESPONSE = "no response"
_TIMEOUT = 4.0
_MAX_RESTARTS = 60


class Outcome(NamedTuple):
    """What a request came to: the kind of request, what it was in detail, and the result in words."""

    request: str
    detail: str
    result: str


class RawRequest(NamedTuple):
    """A request as it is sent; ``kind`` and ``detail`` are those of its outcome."""

    kind: str
    detail: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""


def prism_server(contract: Path) -> Serve:
    """Prism, which serves a contract."""

    @contextmanager
    def serve() -> Generator[str]:
        with prism.serve(contract) as server:
            yield server.url

    return serve


def raw_outcomes(serve: Serve, requests: Iterable[RawRequest]) -> Iterator[Outcome]:
    """Send requests as they are, each over a connection of its own. A server that does not respond is started again."""
    restarts = 0
    with ExitStack() as stack:
        url = stack.enter_context(serve())
        for request in requests:
            result = _send(url, request)
            if result == NO_RESPONSE:
                restarts += 1
                if restarts > _MAX_RESTARTS:
                    raise prism.PrismUnavailableError(f"a server did not respond to {restarts} requests")
                stack.close()
                url = stack.enter_context(serve())
            yield Outcome(request.kind, request.detail, result)


def _send(url: str, request: RawRequest) -> str:
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=_TIMEOUT)
    try:
        connection.request(request.method, request.target, request.body or None, request.headers)
        response = connection.getresponse()
        response.read()
    except (OSError, HTTPException):  # the server timed out, or died
        return NO_RESPONSE
    finally:
        connection.close()
    is_incomplete = response.status == 405 and not response.headers["allow"]
    return f"{response.status} without Allow" if is_incomplete else str(response.status)
