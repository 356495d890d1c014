"""The clients of the fixture contract: the core joined with its operations, as ``playbook3d_client._client`` does."""

from fixture_api._operations import CONTRACT
from fixture_api.api import AsyncOperations, Operations
from playbook3d_client._base_client import AsyncClient, BlockingClient


class FixtureClient(BlockingClient, Operations):
    """As ``PlaybookClient``."""

    _contract = CONTRACT


class AsyncFixtureClient(AsyncClient, AsyncOperations):
    """As ``AsyncPlaybookClient``."""

    _contract = CONTRACT
