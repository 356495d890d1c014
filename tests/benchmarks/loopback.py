"""A server on loopback that answers each request alike, in a process of its own: ``python -m benchmarks.loopback``."""

import asyncio
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

RESULT = b'{"message": "Run successfully canceled."}'
TOKEN = b'{"access_token": "token-9d2f4a6c"}'


@contextmanager
def loopback_server(delay: float = 0.0) -> Generator[str]:
    """The URL of a server that takes so many seconds for a request. It ends when its standard input does."""
    command = [sys.executable, "-m", "benchmarks.loopback", str(delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()


class Constant(asyncio.Protocol):
    """Answers a GET with a token and the rest with a result, and counts requests and connections in its headers."""

    requests = connections = 0
    delay = 0.0  # seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._rest = transport, b""
        Constant.connections += 1

    def data_received(self, data: bytes) -> None:
        *heads, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for head in heads:
            Constant.requests += 1
            body = TOKEN if head.startswith(b"GET ") else RESULT
            counts = f"requests: {self.requests}\r\nconnections: {self.connections}"
            content = f"content-type: application/json\r\ncontent-length: {len(body)}"
            response = f"HTTP/1.1 200 OK\r\n{counts}\r\n{content}\r\n\r\n".encode() + body
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, self._transport.write, response)
            else:
                self._transport.write(response)


async def serve() -> None:
    """Print a URL of loopback, and serve there until standard input ends."""
    listening = await asyncio.get_running_loop().create_server(Constant, "127.0.0.1", 0, backlog=2000)
    print("http://{}:{}".format(*listening.sockets[0].getsockname()), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    Constant.delay = float(sys.argv[1])
    asyncio.run(serve())
