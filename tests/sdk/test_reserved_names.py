"""Tags and operations with a name that the clients already have get an underscore."""

import importlib
from pathlib import Path
from typing import Any

import pytest

from contract.output import generate
from playbook3d_api.api import AsyncOperations, Operations
from playbook3d_client import AsyncPlaybookClient, PlaybookClient, RawResponse
from playbook3d_client._base_client import AsyncClient, BlockingClient
from support import fixture_client
from support.http_family import httpx
from support.small_contract import contract, operation, sources, write

NAMES = sorted(
    name
    for name in {*dir(PlaybookClient), *dir(AsyncPlaybookClient)} - {*dir(Operations), *dir(AsyncOperations)}
    if not name.startswith("_")
)

OPERATIONS = {name: f"ping_{name}" for name in NAMES} | {"things": "with_raw_response"}
RESPONSES = {"200": {"description": "Done.", "content": {"text/plain": {"schema": {"type": "string"}}}}}
PATHS = {f"/{tag}": {"get": operation(name, tags=[tag], responses=RESPONSES)} for tag, name in OPERATIONS.items()}
SETTINGS = {"project_name_override": "reserved", "package_name_override": "reserved_api", "post_hooks": []}


@pytest.fixture(scope="module")
def client_types(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """A blocking and an async client of the contract above, joined as ``playbook3d_client._client`` does."""
    folder = tmp_path_factory.mktemp("reserved")
    settings = write(folder / "settings.yaml", SETTINGS)
    runtime = Path(fixture_client.__file__).parent / "fixture" / "runtime.py"
    generate(sources(folder, contract(PATHS))._replace(settings=settings, runtime=runtime), folder / "generated")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder / "generated")
        api: Any = importlib.import_module("reserved_api.api")
        attributes = {"_contract": importlib.import_module("reserved_api._operations").CONTRACT}
    return (
        type("Client", (BlockingClient, api.Operations), attributes),
        type("AsyncClient", (AsyncClient, api.AsyncOperations), attributes),
    )


@pytest.fixture
def client(client_types: tuple[Any, Any]) -> Any:
    """A blocking client whose server responds with the path of the request."""
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=request.url.path))
    return client_types[0](http_client=httpx.Client(transport=transport))


@pytest.mark.parametrize("name", NAMES)
def test_tag_with_a_reserved_name_gets_an_underscore(client_types: tuple[Any, Any], client: Any, name: str) -> None:
    assert getattr(getattr(client, f"{name}_"), f"ping_{name}")() == f"/{name}"
    for client_type in client_types:
        assert f"{name}_" in dir(client_type)
        assert name not in vars(client_type.__bases__[1])  # the generated operations


def test_operation_with_raw_response_gets_an_underscore(client: Any) -> None:
    assert client.things.with_raw_response_() == "/things"
    response = client.things.with_raw_response.with_raw_response_()
    assert isinstance(response, RawResponse)
    assert response.parse() == "/things"
