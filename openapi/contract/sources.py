"""The sources of ``generated/``, and what a refresh writes."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Sources(NamedTuple):
    """The source files of ``generated/``."""

    contract: Path = ROOT / "openapi" / "playbook.yaml"
    overlay: Path = ROOT / "overrides" / "overlay.yaml"
    settings: Path = ROOT / "overrides" / "generator.yaml"
    templates: Path = ROOT / "overrides" / "templates"
    runtime: Path = ROOT / "overrides" / "runtime.py"
    client: Path = ROOT / "overrides" / "playbook3d_client"

    @property
    def effective(self) -> str:
        """What messages call the effective contract."""
        return f"{self.contract} with {self.overlay.name} applied"


class Targets(NamedTuple):
    """What a refresh writes."""

    pages: Path = ROOT / "openapi" / "pages"
    contract: Path = ROOT / "openapi" / "playbook.yaml"
