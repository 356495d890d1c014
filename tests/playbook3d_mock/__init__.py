"""A mock of the Playbook API, made from its OpenAPI contract: for tests, without a network or with one.

    mock = Mock()
    with httpx.Client(transport=mock.transport, base_url="https://api.playbook3d.com") as client: ...
    with mock.serve() as url: ...

`python -m playbook3d_mock` serves it from a shell. It needs the extra: `pip install 'playbook3d-client[mock]'`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._adapters import MockTransport
    from ._contract import ContractError
    from ._engine import Engine, Operation, Verdict
    from ._mock import Mock
    from ._replies import Reply
    from ._request import Request

__all__ = ["ContractError", "Engine", "Mock", "MockTransport", "Operation", "Reply", "Request", "Verdict"]

_HOMES = {
    "ContractError": "_contract",
    "Engine": "_engine",
    "Mock": "_mock",
    "MockTransport": "_adapters",
    "Operation": "_engine",
    "Reply": "_replies",
    "Request": "_request",
    "Verdict": "_engine",
}


def __getattr__(name: str) -> Any:
    # Imported on demand, so that `python -m playbook3d_mock` can say what is missing where the extra is.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        message = f"the mock needs {error.name}: pip install 'playbook3d-client[mock]'"
        raise ModuleNotFoundError(message, name=error.name) from error
