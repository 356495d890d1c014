"""A contract that names no server, or a relative one, requires ``base_url=``."""

import asyncio
import importlib
from pathlib import Path
from typing import Any

import pytest

from contract.output import generate
from playbook3d_client import ConfigurationError
from playbook3d_client._base_client import AsyncClient, BlockingClient
from support import fixture_client
from support.http_family import httpx
from support.small_contract import contract, operation, sources, write

RESPONSES = {"200": {"description": "Done.", "content": {"text/plain": {"schema": {"type": "string"}}}}}
HOSTED = {"servers": [{"url": "https://hosted.example/v2"}]}


def client_types(folder: Path, package: str, **fields: Any) -> tuple[Any, Any]:
    """A blocking and an async client of a contract with other fields, joined as ``playbook3d_client._client`` does."""
    names = {"project_name_override": package, "package_name_override": package, "post_hooks": []}
    runtime = Path(fixture_client.__file__).parent / "fixture" / "runtime.py"
    source = sources(folder, contract(**fields))._replace(
        settings=write(folder / "settings.yaml", names), runtime=runtime
    )
    generate(source, folder / "generated")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder / "generated")
        api: Any = importlib.import_module(f"{package}.api")
        attributes = {"_contract": importlib.import_module(f"{package}._operations").CONTRACT}
    return (
        type("Client", (BlockingClient, api.Operations), attributes),
        type("AsyncClient", (AsyncClient, api.AsyncOperations), attributes),
    )


def echo(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text=str(request.url))


@pytest.fixture(scope="module")
def without_server(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    paths = {"/a": {"get": operation("get_a", responses=RESPONSES)}}
    return client_types(tmp_path_factory.mktemp("none"), "serverless_api", paths=paths, servers=[])


@pytest.fixture(scope="module")
def with_one_server(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    hosted, other = (operation(name, responses=RESPONSES) for name in ("get_hosted", "get_other"))
    paths = {"/hosted": {"get": hosted | HOSTED}, "/other": {"get": other}}
    return client_types(tmp_path_factory.mktemp("one"), "partly_hosted_api", paths=paths, servers=[{"url": "/v1"}])


@pytest.mark.parametrize("style", [0, 1], ids=["blocking", "async"])
def test_base_url_is_required_at_once_if_nothing_has_a_server(
    without_server: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch, style: int
) -> None:
    message = r"^The contract of the API names no server: give base_url=https://…, or set PLAYBOOK_BASE_URL\.$"
    with pytest.raises(ConfigurationError, match=message):
        without_server[style]()
    monkeypatch.setenv("PLAYBOOK_BASE_URL", "https://variable.example")
    assert without_server[style]().base_url == "https://variable.example"


def test_calls_go_to_the_given_url(without_server: tuple[Any, Any]) -> None:
    transport = httpx.MockTransport(echo)
    client = without_server[0](base_url="https://given.example/v1", http_client=httpx.Client(transport=transport))
    assert client.things.get_a() == "https://given.example/v1/a"
    module = importlib.import_module("serverless_api.api.things.get_a")
    assert module.sync(client=client.generated) == "https://given.example/v1/a"

    async def call() -> Any:
        async with httpx.AsyncClient(transport=transport) as http_client:
            return await without_server[1](base_url="https://given.example", http_client=http_client).things.get_a()

    assert asyncio.run(call()) == "https://given.example/a"


def test_base_url_is_required_by_the_call_that_needs_it(with_one_server: tuple[Any, Any]) -> None:
    with httpx.Client(transport=httpx.MockTransport(echo)) as http_client:
        client = with_one_server[0](http_client=http_client)
        assert client.things.get_hosted() == "https://hosted.example/v2/hosted"
        with pytest.raises(ConfigurationError, match=r"^get_other: The contract of the API names no server: give base"):
            client.things.get_other()
        assert client.with_options(base_url="https://given.example").things.get_other() == "https://given.example/other"
