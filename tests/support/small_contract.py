"""A small contract and a small overlay, for tests of the pipeline's mechanisms."""

import json
from pathlib import Path
from typing import Any, Protocol

from contract.sources import Sources

INFO = {"title": "Small", "version": "1"}
NO_CONTENT = {"204": {"description": "Nothing."}}


def operation(operation_id: str, **fields: Any) -> dict[str, Any]:
    """An operation with the tag ``things`` and no body."""
    return {"operationId": operation_id, "tags": ["things"], "responses": NO_CONTENT, **fields}


def contract(paths: dict[str, Any] | None = None, /, **fields: Any) -> dict[str, Any]:
    """A contract with ``GET /things``, further paths, and other or further fields."""
    things = {"/things": {"get": operation("list_things")}}
    servers = [{"url": "https://api.example"}]
    return {"openapi": "3.1.0", "info": INFO, "servers": servers, "paths": things | (paths or {}), **fields}


def overlay(*actions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An overlay with these actions, or with one that changes the contract's description."""
    default = {"target": "$.info", "update": {"description": "Corrected."}}
    return {"overlay": "1.1.0", "info": INFO, "actions": list(actions) or [default], **fields}


def write(path: Path, document: Any) -> Path:
    """Write a text as it is, and any other document as JSON."""
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def sources(folder: Path, document: Any) -> Sources:
    """The project's sources, with another contract and a small overlay."""
    return Sources(contract=write(folder / "small.yaml", document), overlay=write(folder / "over.yaml", overlay()))


class RunGenerate(Protocol):
    """Runs ``python -m contract generate`` in this process."""

    def __call__(self, sources: Sources, output: Path, *options: str) -> tuple[int, str, str]:
        """Return the exit status, standard output and standard error."""
        ...


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, and its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
