"""A server of the tester's own, which answers as the mock does unless a test changes the response."""

import json
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from playbook3d_conformance.server.options import read_options
from playbook3d_conformance.server.run import run
from playbook3d_mock import Mock, Request, Response

#: What the server answers, from the request and the response of the mock.
Breach = Callable[[Request, Response], Response]

CONTRACT = Path(__file__).with_name("contracts") / "cancel.yaml"
KEY, TOKEN = "8f6b1f0e-key-of-the-tester", "eyJhbGciOiJub25lIn0.token-of-the-tester"
CREDENTIALS = {"PLAYBOOK_API_KEY": KEY, "PLAYBOOK_TOKEN": TOKEN}
NIL = b"00000000-0000-0000-0000-000000000000"
TEAM, RUN = "7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11", "c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22"
IDS = ("--id", f"team_id={TEAM}", "--id", f"run_id={RUN.upper()}")
QUICK = ("--rate", "1000/s", "--examples", "1")
REAL_PATH = f"/cancel/{TEAM}/{RUN}".encode()


@contextmanager
def breaching_server(
    breach: Breach, contract: Any = CONTRACT, **credentials: Any
) -> Generator[tuple[str, list[Request]]]:
    """The URL of a server while it runs, and the requests that it receives.

    A response that is shorter than its Content-Length is cut: the connection is closed.
    """
    mock = Mock(contract, **credentials or {"api_key": KEY, "token": TOKEN})
    requests: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def parse_request(self) -> bool:
            """Answer any method."""
            if is_valid := super().parse_request():
                setattr(self, f"do_{self.command}", self.answer)
            return is_valid

        def answer(self) -> None:
            path, _, query = self.requestline.encode("latin-1").split(b" ")[1].partition(b"?")
            fields = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items())
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            request = Request(self.command, path, query, fields, body)
            requests.append(request)
            response = breach(request, mock.handle(request))
            self.send_response(response.status)
            for name, value in response.headers:
                self.send_header(name.decode("latin-1"), value.decode("latin-1"))
            self.end_headers()
            self.wfile.write(response.body)
            self.close_connection = response.body == CUT.body

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Print nothing."""

    class Server(ThreadingHTTPServer):
        def finish_request(self, request: Any, client_address: Any) -> None:
            with suppress(ConnectionError):  # of clients that were ended
                super().finish_request(request, client_address)

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", requests
        finally:
            server.shutdown()
            thread.join()


def conformance(
    *arguments: str, environment: Mapping[str, str] = CREDENTIALS, clock: Callable[[], float] = time.monotonic
) -> int:
    """The exit status of the suite, from its command line and the environment."""
    return run(read_options(arguments), environment, clock)


class Finished(NamedTuple):
    """A run of the suite that has ended: its exit status, and what was sent."""

    status: int
    requests: list[Request]
    reports: Path


def run_suite(
    reports: Path,
    breach: Breach = lambda _, response: response,
    options: Sequence[str] = (),
    *,
    contract: Path | Mapping[str, Any] = CONTRACT,
    clock: Callable[[], float] = time.monotonic,
) -> Finished:
    """Test a breaching server."""
    if not isinstance(contract, Path):
        (reports / "contract.json").write_text(json.dumps(contract), encoding="utf-8")
        contract = reports / "contract.json"
    where = ("--spec", str(contract), "--reports", str(reports))
    with breaching_server(breach, contract) as (url, requests):
        status = conformance("--base-url", url, *where, *QUICK, *options, clock=clock)
        return Finished(status, requests, reports)


def json_response(status: int, value: object = None, *headers: tuple[bytes, bytes]) -> Response:
    """A JSON response, by default with the body of an error."""
    return raw_response(status, json.dumps({"result": "No."} if value is None else value).encode(), *headers)


def raw_response(status: int, body: bytes, *headers: tuple[bytes, bytes]) -> Response:
    """A response with the media type of JSON, whatever its body."""
    fields = (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())
    return Response(status, (*fields, *headers), body)


CUT = Response(200, ((b"content-type", b"application/json"), (b"content-length", b"1000")), b"{")


def instead_of(status: int, other: Response) -> Breach:
    """Another response in place of those with a status."""
    return lambda _, response: other if response.status == status else response


def always(status: int) -> Breach:
    """The same response to everything."""
    return lambda *_: json_response(status)


def unknown_ids(request: Request, response: Response) -> Response:
    """A real server: one run exists, and any other is a 404."""
    return json_response(404) if response.status == 200 and request.raw_path != REAL_PATH else response
