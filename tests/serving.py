"""A server of the tester's own, which keeps the contract but for what a test has it do otherwise."""

import atexit
import json
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

from conformance.subject import EFFECTIVE
from playbook3d_mock import Mock, Request, Response
from playbook3d_mock._transports import asgi_application, serve

KEY, TOKEN = "8f6b1f0e-key-of-the-tester", "eyJhbGciOiJub25lIn0.token-of-the-tester"
NIL = b"00000000-0000-0000-0000-000000000000"
CREDENTIALS = {"PLAYBOOK_API_KEY": KEY, "PLAYBOOK_TOKEN": TOKEN}

Breach = Callable[[Request, Response], Response]


class Server:
    """Answers as the mock does, unless its breach makes something else of the answer; keeps what it was sent."""

    def __init__(self, breach: Breach | None = None) -> None:
        self._mock = Mock(EFFECTIVE, api_key=KEY, token=TOKEN)
        self._breach = breach
        self.requests: list[Request] = []

    def handle(self, request: Request) -> Response:
        """The answer to a request."""
        self.requests.append(request)
        reply = self._mock.handle(request)
        return self._breach(request, reply) if self._breach else reply

    @contextmanager
    def served(self, *, alone: bool = False) -> Generator[str]:
        """Its URL. All but those that are to be ``alone`` share a socket: to open and close one takes a while."""
        with ExitStack() as stack:
            if alone:
                yield stack.enter_context(_listening(self))
            else:
                _Switch.to = self
                yield _shared()


class _Switch:
    """Has whichever server is served now answer."""

    to: Server

    def handle(self, request: Request) -> Response:
        return self.to.handle(request)


def _listening(server: Any) -> Any:
    return serve(asgi_application(server), "127.0.0.1", 0)


@cache
def _shared() -> str:
    stack = ExitStack()
    atexit.register(stack.close)
    return str(stack.enter_context(_listening(_Switch())))


def reply(status: int, value: object = None, *, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Response:
    """An answer in JSON."""
    return raw(status, json.dumps({"result": "No."} if value is None else value).encode(), headers=headers)


def raw(status: int, body: bytes, *, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Response:
    """An answer that is called JSON, whatever it is."""
    fields = (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())
    return Response(status, (*fields, *headers), body)


def always(status: int) -> Breach:
    """The same answer to everything."""
    return lambda _request, _answer: reply(status)
