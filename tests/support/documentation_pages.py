"""Documentation pages with small contracts, for tests of the pipeline."""

import json
from typing import Any

from support.small_contract import contract, operation


def document(path: str = "/things", method: str = "get", /, **fields: Any) -> dict[str, Any]:
    """A contract with one operation; ``operation`` overrides it, further fields override those of the contract."""
    own = fields.pop("operation", None) or operation(f"{method}_{path.strip('/')}")
    return contract({}, **fields) | {"paths": {path: {method: own}}}


def page(header: str, body: Any, fence: str = "````") -> str:
    """A page with a fence; a body that is not a text is written as JSON, which is YAML, too."""
    text = body if isinstance(body, str) else json.dumps(body, indent=2) + "\n"
    return f"# A page\n\nSome text.\n\n{fence}{header}\n{text}{fence}\n"


def operation_page(path: str = "/things", method: str = "get", /, **fields: Any) -> str:
    """A page with one operation."""
    return page(f"yaml {method} {path}", document(path, method, **fields))
