"""``make fuzz``: sends mutated requests to the mock of a contract, in process and over sockets.

    python tests/fuzz_mock.py [CONTRACT] [--requests 20000] [--socket-requests 3000] [--seed 0]

It starts from valid requests, and mutates their bytes. One process serves all of them: none may crash or hang it, or
get a 5xx that it did not ask for. 501 is right for an unknown method, and for a response without a valid example. The
seed repeats a run. Exit status 1 if something was found.
"""

import argparse
import faulthandler
import re
import socket
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import requests
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from playbook3d_conformance.openapi import CONTRACT, AnyCase, AnyOperation, read_operations, read_schema
from playbook3d_mock import Mock, Request

_CASES = 3
_HANG_SECONDS = 5.0
_ODD = (
    b"%zz", b"%ff", b"%2F", b"%00", b"\x00", b"\r\n", b"..", b"//", b"\xff\xfe", b'"', b"{", b"[", b"[" * 2000, b"null",
    b"NaN", b"1e999", b"9" * 5000, b"\\ud800", b"a" * 70_000, b"; q=9", b"multipart/form-data", b"*/*", b"code=500",
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Send the requests; returns the exit status."""
    parser = argparse.ArgumentParser(description="Send mutated requests to the mock of a contract.")
    parser.add_argument("contract", nargs="?", type=Path, default=CONTRACT)
    parser.add_argument("--requests", type=int, default=20_000, help="in process (default: %(default)s)")
    parser.add_argument("--socket-requests", type=int, default=3_000, help="over sockets (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="repeats a run (default: %(default)s)")
    options = parser.parse_args(arguments)
    mock, random = Mock(options.contract), Random(options.seed)  # noqa: S311 - to be repeated
    valid = list(_valid_requests(options.contract, mock))
    found = _fuzz_in_process(mock, valid, options.requests, random)
    found += _fuzz_sockets(mock, valid, options.socket_requests, random)
    for problem, number in found.most_common():
        print(f"{number} times: {problem}")
    sent = f"{options.requests} requests in process, {options.socket_requests} over sockets"
    print(f"{options.contract}: {sent}, seed {options.seed}: {'problems' if found else 'no problem'}")
    return 1 if found else 0


def _valid_requests(contract: Path, mock: Mock) -> Iterator[Request]:
    """Some valid requests of each operation, with credentials."""
    schema = read_schema(contract)
    credentials = _credential_headers(schema.raw_schema, mock)
    for operation in read_operations(schema):
        for case in _draw(operation):
            sent = requests.Request(**case.as_transport_kwargs(base_url="http://mock", headers=credentials)).prepare()
            url = urlsplit(sent.url or "")
            body: Any = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
            pairs = [(name.lower().encode(), str(value).encode("utf-8")) for name, value in sent.headers.items()]
            headers = (*((name, value) for name, value in pairs if name != b"content-length"), (b"host", b"mock"))
            yield Request(sent.method or "", url.path.encode(), url.query.encode(), headers, body)


def _draw(operation: AnyOperation) -> list[AnyCase]:
    cases: list[AnyCase] = []
    strategy = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    checks: Any = list(HealthCheck)
    profile = settings(max_examples=_CASES, database=None, derandomize=True, suppress_health_check=checks)
    profile(given(strategy)(lambda case: cases.append(case)))()
    return cases


def _credential_headers(document: Any, mock: Mock) -> dict[str, str]:
    """The header fields of all security schemes; those in the query and in cookies are left out."""
    headers: dict[str, str] = {}
    for name, scheme in document.get("components", {}).get("securitySchemes", {}).items():
        credential = mock.credentials.get(name, "")
        if scheme["type"] == "apiKey":
            headers |= {scheme["name"]: credential} if scheme["in"] == "header" else {}
        elif scheme.get("scheme", "").lower() == "basic":
            headers["Authorization"] = f"Basic {b64encode(credential.encode()).decode()}"
        else:
            headers["Authorization"] = f"Bearer {credential}"
    return headers


def _fuzz_in_process(mock: Mock, valid: list[Request], count: int, random: Random) -> Counter[str]:
    found: Counter[str] = Counter()
    statuses: Counter[int] = Counter()
    for _ in range(count):
        request = _mutate(random.choice(valid), random)
        # A hang in compiled code cannot be interrupted.
        faulthandler.dump_traceback_later(60, exit=True, file=sys.__stderr__ or sys.stderr)
        start = perf_counter()
        try:
            response = mock.handle(request)
        except Exception as error:
            found[f"{request.method} {request.raw_path[:80]!r}: {type(error).__name__}: {error}"] += 1
        else:
            statuses[response.status] += 1
            verdict = mock.engine.judge(request)
            is_wanted = bool(verdict.applied) or verdict.problem is None  # an operation may document nothing but 5xx
            if _is_failure(response.status, response.body) and not is_wanted:
                found[f"{request.method} {request.raw_path[:80]!r} answered {response.status}"] += 1
        if perf_counter() - start > _HANG_SECONDS:
            found[f"{request.method} {request.raw_path[:80]!r} took more than {_HANG_SECONDS:g} s"] += 1
    faulthandler.cancel_dump_traceback_later()
    print("In process:", ", ".join(f"{number} times {status}" for status, number in sorted(statuses.items())))
    return found


def _fuzz_sockets(mock: Mock, valid: list[Request], count: int, random: Random) -> Counter[str]:
    messages = [_mutate_bytes(_message(_mutate(random.choice(valid), random)), random) for _ in range(count)]
    with mock.serve(request_timeout=0.5) as url, ThreadPoolExecutor(16) as pool:
        port = urlsplit(url).port or 0
        found = Counter(filter(None, pool.map(lambda message: _send(port, message), messages)))
        alive = _exchange(port, _message(valid[0]))
    if not alive.startswith(b"HTTP/1.1 "):
        found["the mock answers no valid request any more"] += 1
    return found


def _send(port: int, message: bytes) -> str:
    """What is wrong with the response to a message; empty if nothing is."""
    try:
        response = _exchange(port, message)
    except TimeoutError:
        return f"no response to {message[:80]!r}"
    except ConnectionError:
        return ""
    match = re.match(rb"HTTP/1\.1 ([0-9]{3}) ", response)
    if response and not match:
        return f"{message[:80]!r} answered {response[:80]!r}"
    is_preferred = b"preference-applied: code=5" in response.lower()
    if match and not is_preferred and _is_failure(int(match[1]), response):
        return f"{message[:80]!r} answered {match[1].decode()}"
    return ""


def _is_failure(status: int, body: bytes) -> bool:
    """Whether a response is a 5xx that says neither what the mock lacks nor that the method is unknown."""
    return status >= 500 and b"has no valid response" not in body and b"the method is unknown" not in body


def _exchange(port: int, message: bytes) -> bytes:
    """What is sent back to a message, until the connection is closed, or nothing more comes."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=_HANG_SECONDS) as connection:
        try:
            connection.sendall(message)
            while part := connection.recv(65536):
                received += part
        except TimeoutError:  # a mutated message may leave the connection open
            if not received:
                raise
    return received


def _message(request: Request) -> bytes:
    target = request.raw_path + (b"?" + request.query if request.query else b"")
    fields = [b"%s: %s" % field for field in request.headers if field[0] != b"connection"]
    framing = [b"content-length: %d" % len(request.body), b"connection: close"]
    head = [b"%s %s HTTP/1.1" % (request.method.encode("utf-8", "replace"), target), *fields, *framing]
    return b"\r\n".join(head) + b"\r\n\r\n" + request.body


def _mutate(request: Request, random: Random) -> Request:
    """A request with one to three parts mutated."""
    method, path, query, headers, body = (
        request.method,
        request.raw_path,
        request.query,
        list(request.headers),
        request.body,
    )
    for _ in range(random.randint(1, 3)):
        match random.choice(("method", "path", "query", "header", "headers", "body", "body", "prefer")):
            case "method":
                method = random.choice(("GET", "POST", "HEAD", "OPTIONS", "DELETE", "post", "", "X" * 100, "\xe9"))
            case "path":
                path = _mutate_bytes(path, random)
            case "query":
                query = _mutate_bytes(query or b"a=b", random)
            case "header" if headers:
                index = random.randrange(len(headers))
                headers[index] = (headers[index][0], _mutate_bytes(headers[index][1], random))
            case "headers" if headers:
                random.choice((headers.append, headers.remove))(random.choice(headers))
            case "prefer":
                headers.append((b"prefer", random.choice((b"code=400", b"code=500", b"code=503", b"code=x"))))
            case _:
                body = _mutate_bytes(body or b"{}", random)
    return Request(method, path, query, tuple(headers), body)


def _mutate_bytes(data: bytes, random: Random) -> bytes:
    """Bytes with a part inserted, removed, repeated or changed."""
    start = random.randint(0, len(data))
    end = random.randint(start, min(len(data), start + random.choice((1, 8, 100_000))))
    match random.choice(("insert", "remove", "repeat", "change", "random")):
        case "insert":
            return data[:start] + random.choice(_ODD) + data[start:]
        case "remove":
            return data[:start] + data[end:]
        case "repeat":
            return data[:end] + data[start:]
        case "change":
            return data[:start] + bytes(byte ^ (1 << random.randrange(8)) for byte in data[start:end]) + data[end:]
        case _:
            return data[:start] + random.randbytes(random.randint(1, 20)) + data[end:]


if __name__ == "__main__":
    sys.exit(main())
