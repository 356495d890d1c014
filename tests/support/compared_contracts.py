"""The report of two small contracts, without generating their clients."""

import json
from pathlib import Path
from typing import Any

from contract.changes import Report, compare


def write_client(folder: Path, document: Any) -> Path:
    """What of a generated client is compared, but for its Python surface; each operation is named by its ID."""
    package = folder / "client"
    for part in (package / "api", package / "models"):
        part.mkdir(parents=True)
        (part / "__init__.py").touch()
    (package / "__init__.py").touch()
    (folder / "openapi.yaml").write_text(json.dumps(document), encoding="utf-8")
    operations = [
        f"Operation(tag='{operation['tags'][0]}', name='{operation['operationId'].replace('-', '_')}', "
        f"method='{method}', path='{path}')\n"
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if "operationId" in operation
    ]
    (package / "_operations.py").write_text("".join(operations), encoding="utf-8")
    return folder


def report_on(folder: Path, before: Any, after: Any) -> Report:
    """The changes from one contract to the other; their files go below the folder."""
    names = [f"{len(list(folder.iterdir()))}-{side}" for side in ("before", "after")]
    return compare(*(write_client(folder / name, each) for name, each in zip(names, (before, after), strict=True)))


def describe(report: Report) -> list[str]:
    """What the report says, each with its impact, without the name of a sole operation."""
    texts = [f"{impact.name.lower()}: {text}" for text, impact in report.felt.items()]
    texts += [f"deprecated: {text}" for text in report.deprecations]
    return [text.replace("`list_things`: ", "").replace("`list_things` ", "") for text in texts]
