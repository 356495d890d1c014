"""A server of documentation pages, which may be slow, broken or hostile."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import NamedTuple


class Reply(NamedTuple):
    """What the server answers: the chunks one by one, and then the end of the connection.

    With the status 0, the chunks are all of the response: status line, headers and body.
    """

    chunks: Iterable[bytes] = ()
    status: int = 200
    headers: Mapping[str, str] = {"Content-Type": "text/markdown"}


def redirect(target: str) -> Reply:
    """A redirect."""
    return Reply(status=302, headers={"Location": target})


class DocumentationServer:
    """A running server: its pages by path, which a test may change."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.pages: dict[str, str | bytes | Reply] = {}
        self.requested: list[str] = []
        self.stopped = Event()
        self.waiting = Event()

    def index(self, *links: str) -> str:
        """Serve an ``llms.txt`` with these links, and return its URL."""
        self.pages["/llms.txt"] = "# Docs\n\n" + "".join(f"- [Title]({link}): text\n" for link in links)
        return self.url + "/llms.txt"

    def never_complete(self, start: bytes = b"#") -> Iterator[bytes]:
        """A body, or a response, of which the start arrives, and the rest never."""
        yield start
        self.waiting.set()
        self.stopped.wait()


@contextmanager
def documentation_server() -> Generator[DocumentationServer]:
    """A server without pages, while it runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.requested.append(self.path)
            page = served.pages.get(self.path, Reply(status=404))
            reply = page if isinstance(page, Reply) else Reply([page.encode() if isinstance(page, str) else page])
            try:
                if reply.status:
                    self.send_response(reply.status)
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                for chunk in reply.chunks:
                    self.wfile.write(chunk)
            except OSError:  # the client has gone
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002, the name is of the standard library
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = DocumentationServer(server.server_port)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield served
        finally:
            served.stopped.set()
            server.shutdown()
            thread.join()
