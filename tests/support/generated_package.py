"""A client that is generated for one test, and imported under a name of its own."""

import importlib
import sys
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from contract.output import generate
from playbook3d_client._base_client import BlockingClient
from support import fixture_client
from support.small_contract import sources, write

_NUMBERS = count()


class GeneratedPackage:
    """The modules of a generated package, and a client of it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def module(self, name: str) -> Any:
        """A module of the package."""
        return importlib.import_module(f"{self._name}.{name}")

    def client(self, handler: Any) -> Any:
        """A blocking client whose requests are answered by ``handler``."""
        attributes = {"_contract": self.module("_operations").CONTRACT}
        client_type: Any = type("Client", (BlockingClient, self.module("api").Operations), attributes)
        return client_type(http_client=httpx.Client(transport=httpx.MockTransport(handler)))


@contextmanager
def generated_package(folder: Path, document: Any) -> Generator[GeneratedPackage]:
    """The package that a contract gives, importable as long as the context lasts."""
    name = f"generated_{next(_NUMBERS)}"
    settings = {
        "project_name_override": "generated",
        "package_name_override": name,
        "post_hooks": [],
        "use_path_prefixes_for_title_model_names": False,
    }
    runtime = Path(fixture_client.__file__).parent / "fixture" / "runtime.py"  # of the types that the core knows
    source = sources(folder, document)._replace(settings=write(folder / "settings.yaml", settings), runtime=runtime)
    generate(source, folder / "generated")
    sys.path.insert(0, str(folder / "generated"))
    try:
        yield GeneratedPackage(name)
    finally:
        sys.path.remove(str(folder / "generated"))
