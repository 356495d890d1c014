"""Runs callers' snippets against the mock of a contract: JSON in, the error of each snippet out."""

import json
import sys
from collections.abc import Callable

import httpx

from playbook3d_client import NotFoundError, PlaybookClient, models
from playbook3d_mock import Mock


def run(contract: str, snippets: dict[str, str]) -> dict[str, str]:
    """The error of each snippet; empty if it works."""
    mock = Mock(contract)

    def client(transport: httpx.BaseTransport = mock.transport, **credentials: str) -> PlaybookClient:
        return PlaybookClient(http_client=httpx.Client(transport=transport), **credentials)  # type: ignore[arg-type]

    def with_double(expects: Callable[[httpx.Request], bool]) -> PlaybookClient:
        """A client on a caller's own test double, which knows one request."""

        def respond(request: httpx.Request) -> httpx.Response:
            return httpx.Response(204) if expects(request) else httpx.Response(500, headers={"retry-after": "0"})

        return client(httpx.MockTransport(respond), api_key=mock.api_key, token=mock.token)

    requests: list[httpx.Request] = []

    def fails_once(request: httpx.Request) -> bool:
        requests.append(request)
        return len(requests) > 1

    names = {
        "client": client(api_key=mock.api_key, token=mock.token),
        "with_api_key_only": client(api_key=mock.api_key),
        "without_credentials": client(),
        "with_double": with_double,
        "fails_once": fails_once,
        "models": models,
        "NotFoundError": NotFoundError,
    }
    errors = dict.fromkeys(snippets, "")
    for kind, snippet in snippets.items():
        try:
            exec(snippet, dict(names))  # noqa: S102
        except Exception as error:
            errors[kind] = f"{type(error).__name__}: {error}"
    return errors


if __name__ == "__main__":
    print(json.dumps(run(**json.load(sys.stdin))))
