"""The family of httpx whose clients the tests use: ``HTTP_FAMILY=httpx2`` in the environment, or httpx."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING or os.environ.get("HTTP_FAMILY", "httpx") == "httpx":
    import httpx
else:
    import httpx2 as httpx

__all__ = ["httpx"]
