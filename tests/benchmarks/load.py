"""Load on a server in another process: a few connections that are kept, each with one request at a time."""

import os
import re
import selectors
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.measuring import Cost

CONNECTIONS = 16


def cost_of_request(url: str, request: bytes, process: int, seconds: float) -> Cost:
    """What a request costs a server, by so many seconds of load; ``process`` is the server's."""
    address = urlsplit(url)
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        missing: dict[socket.socket, int] = {}
        size = 0
        for _ in range(CONNECTIONS):
            connection = stack.enter_context(socket.create_connection((address.hostname, address.port)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            size = _exchange(connection, request)
            selector.register(connection, selectors.EVENT_READ)
            missing[connection] = size
        processor, start, done = _processor_time(process), time.perf_counter(), 0
        for connection in missing:
            connection.send(request)
        while time.perf_counter() < start + seconds:
            for key, _ in selector.select():
                ready = key.fileobj
                assert isinstance(ready, socket.socket)
                missing[ready] -= len(ready.recv(65536))
                if not missing[ready]:
                    done += 1
                    missing[ready] = size
                    ready.send(request)
        wall, spent = time.perf_counter() - start, _processor_time(process)
    return Cost(None if processor is None or spent is None else spent - processor, wall).per(done)


def _exchange(connection: socket.socket, request: bytes) -> int:
    """Send a request, and return the size of the whole response, which is to be 200."""
    connection.sendall(request)
    received = b""
    while True:
        received += connection.recv(65536)
        head, separator, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)^content-length: *(\d+)", head, re.MULTILINE)
        if separator and length and len(body) == int(length[1]):
            assert head.startswith(b"HTTP/1.1 200 "), head
            return len(received)


def _processor_time(process: int) -> float | None:
    """The seconds of processor time that a process has taken; ``None`` where there is no /proc."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
