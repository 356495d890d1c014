"""The reports of a run: written to a temporary folder, and searched for secrets before they are kept."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from playbook3d_conformance.server.secret_scan import contains_secret, files_with_secrets

_FILES = {"junit": "junit.xml", "har": "requests.har", "html": "html"}


def report_settings(folder: Path) -> dict[str, Any]:
    """The section of Schemathesis's configuration for reports in a folder."""
    return {name: {"enabled": True, "path": str(folder / file)} for name, file in _FILES.items()}


def find_secrets(folder: Path, output: str, secrets: Collection[str]) -> list[str]:
    """Where secrets are: in files of a folder, or in the output."""
    return [*files_with_secrets(folder, secrets), *(["the output"] if contains_secret(output, secrets) else [])]
