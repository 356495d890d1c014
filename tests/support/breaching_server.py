"""A server of the tester's own: it answers as the mock does, unless a test changes the response."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from playbook3d_mock import Mock, Reply, Request

KEY, TOKEN = "8f6b1f0e-key-of-the-tester", "eyJhbGciOiJub25lIn0.token-of-the-tester"
CREDENTIALS = {"PLAYBOOK_API_KEY": KEY, "PLAYBOOK_TOKEN": TOKEN}
NIL = b"00000000-0000-0000-0000-000000000000"
TEAM, RUN = "7f1f2d0e-54a5-4b0f-9d37-0c1d6f6a8a11", "c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22"
Response = Reply
REAL_PATH = f"/cancel/{TEAM}/{RUN}".encode()


def _content(member: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {member: {"type": "string"}}}
    return {"description": "JSON.", "content": {"application/json": {"schema": schema}}}


def _uuid(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


#: A contract with one operation, which the suite's own tests do not share with the API.
CONTRACT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Runs", "version": "1"},
    "servers": [{"url": "https://api.example.com"}],
    "components": {
        "securitySchemes": {
            "bearerAuth": {"type": "http", "scheme": "bearer"},
            "apiKeyAuth": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        }
    },
    "paths": {
        "/cancel/{team_id}/{run_id}": {
            "post": {
                "x-idempotent": True,
                "security": [{"bearerAuth": [], "apiKeyAuth": []}],
                "parameters": [_uuid("team_id"), _uuid("run_id")],
                "responses": {
                    "200": _content("message"),
                    **{status: _content("result") for status in ("400", "401", "402", "404", "500")},
                },
            }
        }
    },
}

#: What the server answers, from the request and the response of the mock.
Breach = Callable[[Request, Response], Response]


@contextmanager
def breaching_server(breach: Breach = lambda _, response: response) -> Generator[tuple[str, list[Request]]]:
    """The URL of a server while it runs, and the requests that it receives.

    A response with too long a Content-Length is cut: the connection is closed.
    """
    mock = Mock(CONTRACT, api_key=KEY, token=TOKEN)
    requests: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def parse_request(self) -> bool:
            """Answer any method."""
            if is_valid := super().parse_request():
                setattr(self, f"do_{self.command}", self.answer)
            return is_valid

        def answer(self) -> None:
            path, _, query = self.requestline.split(" ")[1].partition("?")
            fields = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items())
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            request = Request(self.command, path.encode("latin-1"), query.encode("latin-1"), fields, body)
            requests.append(request)
            response = breach(request, mock.handle(request))
            self.send_response(response.status)
            for name, value in response.headers:
                self.send_header(name.decode("latin-1"), value.decode("latin-1"))
                if name == b"content-length":
                    self.close_connection = int(value) > len(response.body) and self.command != "HEAD"
            self.end_headers()
            self.wfile.write(response.body)

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


def json_response(status: int, value: object = None, *headers: tuple[bytes, bytes]) -> Response:
    """A JSON response, by default with the body of an error."""
    return raw_response(status, json.dumps({"result": "No."} if value is None else value).encode(), *headers)


def raw_response(status: int, body: bytes, *headers: tuple[bytes, bytes]) -> Response:
    """A response with the media type of JSON, whatever its body."""
    fields = (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())
    return Response(status, (*fields, *headers), body)


def always(status: int) -> Breach:
    """The same response to everything."""
    return lambda _request, _response: json_response(status)


def unknown_ids(request: Request, response: Response) -> Response:
    """A real server: one run exists, and any other is a 404."""
    return json_response(404) if response.status == 200 and request.raw_path != REAL_PATH else response
