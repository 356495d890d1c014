"""Requests to mocks of two contracts: ``runs``, with everything that is supported, and ``minimal``, to be changed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from playbook3d_mock import Mock, Request, Response

CONTRACTS = Path(__file__).with_name("contracts")
KEY, TOKEN = "K+1", "tok.en-42"
TEAM, RUN = "3fa85f64-5717-4562-b3fc-2c963f66afa6", "0b8f7a0e-8d4f-4a53-9a0d-3c4f5a6b7c8d"
STOP = f"/teams/{TEAM}/runs/{RUN}"
STOPPED = {"message": "It was stopped."}
CREDENTIALS = {"X-Key": KEY, "Authorization": f"Bearer {TOKEN}"}
#: Pointers in ``minimal``.
GET = "#/paths/~1items~1{id}/get"
JSON = f"{GET}/responses/200/content/application~1json"

Changes = Mapping[str, Any]


def read_contract(name: str, changes: Changes | None = None) -> Any:
    """A contract with the values at these JSON pointers replaced or added; ``None`` removes one."""
    contract = YAML(typ="safe").load(CONTRACTS / f"{name}.yaml")
    for pointer, value in (changes or {}).items():
        *parents, last = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
        parent = contract
        for token in parents:
            parent = parent[int(token) if isinstance(parent, list) else token]
        if isinstance(parent, list):
            parent[int(last) :] = [value]
        elif value is None:
            del parent[last]
        else:
            parent[last] = value
    return contract


#: Of ``runs``.
SECRETS = {"key": KEY, "key_in_query": KEY, "bearer": TOKEN}


def minimal(changes: Changes | None = None, *, strict: bool = False, **credentials: Any) -> Mock:
    """A mock of ``minimal`` with changes."""
    credentials = credentials or {"api_key": KEY, "token": TOKEN}
    return Mock(read_contract("minimal", changes), strict=strict, **credentials)


RUNS = Mock(read_contract("runs"), credentials=SECRETS)


def request(target: str = STOP, method: str = "POST", *, body: bytes = b"", **headers: Any) -> Request:
    """A request with valid credentials. A header can be ``None`` for none, or a list of several."""
    path, _, query = target.partition("?")
    named: dict[str, Any] = {
        **CREDENTIALS,
        **{name.replace("_", "-").title(): value for name, value in headers.items()},
    }
    pairs: list[tuple[bytes, bytes]] = []
    for name, value in named.items():
        values: list[Any] = value if isinstance(value, list) else [value]
        pairs += [(name.lower().encode(), text.encode("latin-1")) for text in values if text is not None]
    return Request(method, path.encode(), query.encode(), tuple(pairs), body)


def ask(target: str = STOP, method: str = "POST", *, mock: Mock = RUNS, body: bytes = b"", **headers: Any) -> Response:
    """The response to a ``request``; by default a valid one to ``stop_run`` of ``runs``."""
    return mock.handle(request(target, method, body=body, **headers))


def get(target: str = "/items/1", *, mock: Mock = RUNS, body: bytes = b"", **headers: Any) -> Response:
    """The response to a GET."""
    return ask(target, "GET", mock=mock, body=body, **headers)


def content(response: Response) -> Any:
    """The JSON in a response."""
    return json.loads(response.body)


def header(response: Response, name: str) -> str | None:
    """A header of a response."""
    value = dict(response.headers).get(name.encode())
    return None if value is None else value.decode()
